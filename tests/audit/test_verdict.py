"""Reading a judge's reply: the corpus, its prefixes, hostile texts, generated texts."""

import json
import math
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.verdict import MAX_REASON, MAX_TEXT, Verdict, read_verdict

CORPUS = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "data" / "verdict-corpus.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
VERDICT = '{"is_incorrect": true, "confidence": 0.9, "reason": "rc 12 is not success"}'
OTHER = '{"is_incorrect": false, "confidence": 0.8, "reason": "matches"}'
READ = Verdict(True, 0.9, "rc 12 is not success")


def case_text(case) -> str:
    if case["text"] is None:
        return "".join(unit * count for unit, count in case["text_gen"])
    return case["text"]


def test_the_corpus_is_whole():
    assert len(CORPUS) == 167


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case["id"])
def test_each_reply_of_the_corpus_is_read_as_labelled(case):
    found = read_verdict(case_text(case))

    if case["expect"] is None:
        assert found is None
        return
    expected = {"reason": found and found.reason, **case["expect"]}
    assert found == Verdict(**expected)


SINGLE = [
    case
    for case in CORPUS
    if case["expect"] is not None and case["text"].count("is_incorrect") == 1
]


@pytest.mark.parametrize("case", SINGLE, ids=lambda case: case["id"])
def test_no_prefix_of_one_object_is_a_verdict_before_the_object_ends(case):
    text = case["text"]
    whole = read_verdict(text)

    closes = text.rindex("}", 0, text.rindex("}") + 1)
    first_close = next(
        end for end in range(len(text) + 1) if read_verdict(text[:end]) is not None
    )
    assert text[:first_close].endswith("}")
    assert first_close <= closes + 1
    for end in range(first_close, len(text) + 1):
        assert read_verdict(text[:end]) in (whole, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"Use {{ to open. {VERDICT}", READ, id="stray brace before"),
        pytest.param(f"{VERDICT} and then {{", READ, id="stray brace after"),
        pytest.param(
            VERDICT.replace('"', "“", 1).replace('"', "”", 1),
            READ,
            id="curly quotes around a key",
        ),
        pytest.param(
            'Format: {"is_incorrect": true/false, "confidence": 0.0-1.0}\n' + VERDICT,
            READ,
            id="the template, then the verdict",
        ),
        pytest.param(
            f"<think>a<think>b</think>{OTHER}</think>{VERDICT}",
            READ,
            id="thoughts within thoughts",
        ),
        pytest.param(f"{VERDICT}<think>{OTHER}", READ, id="thoughts after, not ended"),
        pytest.param(f"<think>{OTHER}", None, id="a draft in thoughts not ended"),
        pytest.param(f"<reasoning>{OTHER}</reasoning>{VERDICT}", READ, id="reasoning"),
        pytest.param(
            json.dumps(json.dumps(VERDICT)), READ, id="encoded as a string twice"
        ),
        pytest.param(f"Result: {json.dumps(VERDICT)}!", READ, id="a string in prose"),
        pytest.param(
            json.dumps(
                {"choices": [{"message": {"content": f"```json\n{VERDICT}\n```"}}]}
            ),
            READ,
            id="the endpoint's whole body",
        ),
        pytest.param(
            json.dumps({"verdict": json.loads(VERDICT), "log": OTHER}),
            None,
            id="two wrapped ones that differ",
        ),
        pytest.param(
            VERDICT + '{"is_incorrect": fal', None, id="a second one, not ended"
        ),
        pytest.param('{"draft": ' + OTHER, None, id="a draft in an open wrapper"),
        pytest.param(
            '{"is_incorrect": true, "is_incorrect": true, "confidence": 0.9}',
            Verdict(True, 0.9),
            id="said twice, the same",
        ),
        pytest.param(
            '{"is_incorrect": true "confidence": 0.9 "reason": "it printed'
            " {'is_incorrect': False, 'confidence': 1.0}\"}",
            Verdict(True, 0.9, "it printed {'is_incorrect': False, 'confidence': 1.0}"),
            id="another verdict inside of the reason",
        ),
        pytest.param(
            '{"reason": "is_incorrect: true, confidence: 0.9",}',
            None,
            id="both keys only inside of a string",
        ),
        pytest.param(
            '{"is_incorrect": true, "confidence": 0.9, "reason": "says {rc: 12} and',
            None,
            id="cut in the reason, after a brace",
        ),
        pytest.param(
            '{"is_incorrect": true, "confidence": "٠.٩"}', None, id="other digits"
        ),
        pytest.param('{"is_incorrect": true, "confidence": "0_9"}', None, id="0_9"),
        pytest.param('{"is_incorrect": true, "confidence": true}', None, id="true"),
        pytest.param('{"is_incorrect": 2, "confidence": 0.9}', None, id="two"),
        pytest.param('{"is_incorrect": true, "confidence": "150%"}', None, id="150 %"),
        pytest.param(
            '{"is_incorrect": true, "confidence": 85%}', Verdict(True, 0.85), id="85%"
        ),
        pytest.param(
            '{"is_incorrect": true, "confidence": ' + "1" * 400 + "}", None, id="10^400"
        ),
        pytest.param("x" * MAX_TEXT + VERDICT, None, id="over the size cap"),
        pytest.param(
            "x" * (MAX_TEXT - len(VERDICT)) + VERDICT, READ, id="at the size cap"
        ),
    ],
)
def test_more_replies(text, expected):
    assert read_verdict(text) == expected


def test_the_reason_can_be_stored_and_is_bounded():
    reason = "a\x00b\ud800c" + "x" * 2 * MAX_REASON
    text = json.dumps({"is_incorrect": True, "confidence": 1, "reason": reason})

    found = read_verdict(text)

    assert found is not None
    assert found.reason == ("abc" + "x" * MAX_REASON)[:MAX_REASON]
    assert found.reason.encode("utf-8")


HOSTILE = {
    "10 MB of braces": "{" * 10_000_000,
    "braces and commas": "{," * 32_000 + "}",
    "braces and words": "{a " * 21_000 + "}",
    "object starts": '{"a":' * 13_000,
    "deep and closed": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "deep lists": "[" * 65_000,
    "many small objects": "{x}" * 21_000,
    "many small strings": '{"x"}' * 13_000,
    "quotes": "{'" * 32_000 + "}",
    "comments": "{/*" * 21_000 + "}",
    "thoughts": "<think>" * 9_000,
    "half tags": "<think " * 9_000,
    "backslashes": '{"is_incorrect": true, "confidence": 0.9, "reason": "'
    + "\\" * 60_000,
    "escaped starts": '{\\"a\\":' * 9_000,
    "a number of 60 000 digits": '{"is_incorrect": 1, "confidence": '
    + "1" * 60_000
    + "}",
    "the same, not JSON": "{is_incorrect: 1, confidence: " + "1" * 60_000 + "}",
    "the same as a string": '{"is_incorrect": 1, "confidence": "' + "1" * 60_000 + '"}',
    "blanks before the end": "{is_incorrect: 1, confidence: 1, reason: x"
    + " " * 60_000
    + "y}",
    "blanks between": "{is_incorrect: 1" + " " * 60_000 + "confidence: 2}",
    "reasons": "{is_incorrect: 1, confidence: 2, " + "reason: ," * 7_000 + "}",
    "apostrophes": "{'a" + "'b" * 30_000 + "}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_reply_costs_little(text):
    def seconds() -> float:
        began = time.thread_time()
        read_verdict(text)
        return time.thread_time() - began

    assert min(seconds() for _ in range(3)) < 0.05


@pytest.mark.parametrize("value", [None, 7, b"{}", {"is_incorrect": True}, [VERDICT]])
def test_what_is_no_text_is_no_verdict(value):
    assert read_verdict(value) is None


texts = st.text(
    alphabet=st.one_of(
        st.sampled_from("{}[]\",:\\'<>/ \n.019etrufalsinyo_cdk“”%#*"), st.characters()
    ),
    max_size=300,
)
fragments = st.lists(
    st.one_of(
        texts,
        st.sampled_from(
            [VERDICT, OTHER, VERDICT[:40], "<think>", "</think>", "```json\n", "{", "}"]
        ),
    ),
    max_size=8,
).map("".join)


@given(fragments)
@settings(max_examples=400)
def test_it_never_raises_and_never_leaves_the_scale(text):
    found = read_verdict(text)

    if found is not None:
        assert isinstance(found.is_incorrect, bool)
        assert 0 <= found.confidence <= 1
        assert found.reason.encode("utf-8") is not None


@given(
    st.booleans(),
    st.floats(0, 1),
    texts,
    st.sampled_from(
        ["{}", "Sure:\n{}\nDone.", "```json\n{}\n```", '{{"verdict": {}}}']
    ),
)
@settings(max_examples=300)
def test_what_is_written_as_json_is_read_back_and_no_prefix_is_another(
    is_incorrect, confidence, reason, frame
):
    body = json.dumps(
        {"is_incorrect": is_incorrect, "confidence": confidence, "reason": reason}
    )
    text = frame.format(body)

    found = read_verdict(text)

    assert found is not None
    assert (found.is_incorrect, found.confidence) == (is_incorrect, confidence)
    opens = text.index(body)
    for end in range(opens, opens + len(body)):
        assert read_verdict(text[:end]) is None


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_confidence_out_of_scale_is_no_verdict(confidence):
    text = json.dumps({"is_incorrect": True, "confidence": confidence})

    found = read_verdict(text)

    assert (found is not None) == (math.isfinite(confidence) and 0 <= confidence <= 1)
