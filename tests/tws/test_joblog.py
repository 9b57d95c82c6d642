"""A log is text for people: bounded, without what a terminal would act on."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tws.diagnosis.logs import telling
from tws.joblog import BINARY, LONGEST_LINE, MOST_LOOKS, LogWindow, cleaned


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain\nlines\n", "plain\nlines"),
        (b"dos\r\nlines\r\n", "dos\nlines"),
        (b"\x1b[31mred\x1b[0m \x1b]0;title\x07done", "red done"),
        (b"\x1b[2J\x1b[1;1Hhome\x1bM", "home"),
        (b"a\x00b\x07c\x7f", "abc"),
        (b"10%\r50%\r100%\n", "100%"),
        (b"tab\tstays", "tab\tstays"),
        ("año 日本 \U0001f600".encode(), "año 日本 \U0001f600"),
        ("a\u202eb\u200bc\ufeff".encode(), "abc"),
        ("wide".encode("utf-16"), "wide"),
        (b"caf\xe9", "caf\ufffd"),
        (b"", ""),
        (b"\n\n", ""),
    ],
)
def test_what_is_not_text_is_taken_out(raw, text):
    assert cleaned(raw) == (text, False)


def test_binary_lines_are_named_once_and_the_text_around_them_stays():
    noise = bytes(random.Random(1).randrange(128, 256) for _ in range(5000))
    raw = b"start\n" + noise.replace(b"\n", b"") + b"\n" + noise + b"\nend\n"

    text, binary = cleaned(raw)

    assert text == f"start\n{BINARY}\nend"
    assert binary


def test_an_endless_line_is_cut():
    text, _ = cleaned(b"x" * 100_000)

    assert text == "x" * LONGEST_LINE + "…"


def test_an_escape_that_never_ends_costs_no_time():
    text, _ = cleaned(b"\x1b]0;" * 50_000)

    assert len(text) < 300_000


@pytest.mark.parametrize("size", [1, 7, 100, 4096])
@pytest.mark.parametrize("tail", [1, 10, 50])
def test_the_last_lines_are_the_last_whatever_the_pieces(size, tail):
    lines = [f"line {n}" for n in range(1, 1001)]
    raw = ("\n".join(lines) + "\n").encode()
    window = LogWindow(keep_end=True, most_bytes=2000)
    for start in range(0, len(raw), size):
        assert window.feed(raw[start : start + size])

    log = window.log(most_lines=tail)

    assert log.text.split("\n") == lines[-tail:]
    assert (log.from_line, log.to_line) == (1001 - tail, 1000)
    assert log.truncated


def test_the_first_lines_end_the_reading_when_there_is_enough():
    window = LogWindow(keep_end=False, most_bytes=100)
    pieces = iter([b"a" * 60 + b"\n", b"b" * 60 + b"\n", b"c"])

    taken = [window.feed(piece) for piece in pieces]
    log = window.log()

    assert taken[:2] == [True, False]
    assert log.truncated
    assert log.text.startswith("a" * 60 + "\n" + "b")


def test_a_short_log_is_whole_from_either_end():
    for keep_end in (True, False):
        window = LogWindow(keep_end=keep_end)
        window.feed(b"one\ntwo\n")

        log = window.log(most_lines=10)

        assert (log.text, log.from_line, log.to_line, log.truncated) == (
            "one\ntwo",
            1,
            2,
            False,
        )


# --- the telling lines of all of it ---------------------------------------------------

CAUSE = "ORA-01653: unable to extend table GL.POSTINGS"
HEADER = f"""{"=" * 63}
= JOB       : AGT_FIN#ERRORS[(0600 09/24/23),(0AAAAAAAAAAAABQM)].FATAL_ERROR_CHECK
= USER      : failed
= TASK      : <?xml version="1.0"?>
<jsdl:jobDefinition><jsdl:variable name="onError">abort: fatal error</jsdl:variable>
</jsdl:jobDefinition>
= AGENT     : AGT_FIN
= Job Number: 987278608
= Sun Sep 24 17:06:27 CEST 2023
{"=" * 63}
"""
FOOTER = f"""{"=" * 63}
= Exit Status           : 12
= SC STATUS_ERROR: true
= System Time (Seconds) : 0     Elapsed Time (hh:mm:ss) : 00:00:01
= Job Memory usage (kb) : 1272
= Sun Sep 24 15:16:25 CEST 2023
{"=" * 63}
"""


def passed(raw: bytes, size: int = 16_384, **how):
    """What a log tells that comes in pieces, of which little is kept."""
    window = LogWindow(keep_end=True, **how)
    for start in range(0, len(raw), size):
        window.feed(raw[start : start + size])
    return telling(window.log(most_lines=10))


def long_log(cause: str = CAUSE, ending: str = "\n", *, at: int = 6_000) -> str:
    lines = [f"{n} records of the ledger were posted" for n in range(1, 12_001)]
    lines[at - 1] = cause
    return "".join(line + ending for line in lines)


@pytest.mark.parametrize("size", [13, 1000, 65_536])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_cause_in_the_middle_is_found_where_it_stands(size, ending):
    lines = passed(long_log(ending=ending).encode(), size, most_bytes=1_000)

    assert [(line.number, line.text) for line in lines] == [(6_000, CAUSE)]


@pytest.mark.parametrize(
    "raw",
    [
        long_log().encode("utf-16"),
        b"\xfe\xff" + long_log().encode("utf-16-be"),
        long_log(f"\x1b[1;31m{CAUSE}\x1b[0m").encode(),
        long_log(f"  {CAUSE}  ").encode(),
        long_log(f"10%\r50%\r{CAUSE}\r").encode(),
        long_log(f"\x00\x07{CAUSE}").encode(),
    ],
    ids=["utf-16", "big-endian", "ansi", "spaces", "progress", "controls"],
)
@pytest.mark.parametrize("size", [1001, 16_384])
def test_what_a_cause_is_wrapped_in_does_not_hide_it(raw, size):
    lines = passed(raw, size)

    assert [(line.number, line.text) for line in lines] == [(6_000, CAUSE)]


def test_the_utf_16_of_a_windows_program_below_a_plain_header_is_read():
    raw = HEADER.encode() + long_log().encode("utf-16-le") + FOOTER.encode()

    (line,) = passed(raw)

    assert (line.number, line.text) == (6_000 + HEADER.count("\n"), CAUSE)
    shown, binary = cleaned(HEADER.encode() + "plain\nwords\n".encode("utf-16-le"))
    assert "\nplain\nwords" in shown
    assert not binary


def test_a_letter_that_is_cut_in_two_stays_whole():
    raw = long_log("ERRO: não há espaço em disco").encode()

    for size in (997, 998, 999, 1000):
        (line,) = passed(raw, size)
        assert line.text == "ERRO: não há espaço em disco"


def test_the_frame_tells_nothing_but_the_job_may_draw_lines_too():
    assert passed((HEADER + "all is well\n" + FOOTER).encode()) == ()

    (line,) = passed((HEADER + "= ERROR: no money left\n" + FOOTER).encode())

    assert (line.number, line.text) == (11, "= ERROR: no money left")


def test_a_line_without_an_end_is_told_from_where_it_tells():
    raw = b"x" * 2_500_000 + f" {CAUSE} ".encode() + b"y" * 2_500_000

    (line,) = passed(raw)

    assert line.number == 1
    assert CAUSE in line.text
    assert len(line.text) <= 300


def test_lines_are_counted_from_where_the_log_was_asked_from():
    window = LogWindow(keep_end=False, first_line=501)
    window.feed(f"one\n{CAUSE}\n".encode())
    log = window.log()

    assert log.from_line == 501
    assert [line.number for line in telling(log)] == [502]


def test_where_all_lines_complain_the_heavy_one_and_the_last_are_still_found():
    words = random.Random(3)
    lines = [
        f"warning: exit of {words.randbytes(6).hex()}" for _ in range(2 * MOST_LOOKS)
    ]
    lines[MOST_LOOKS + 5_000] = CAUSE
    lines += ["giving up: could not post"]

    found = passed("\n".join(lines).encode())

    assert [(line.number, line.text) for line in found[:2]] == [
        (MOST_LOOKS + 5_001, CAUSE),
        (len(lines), lines[-1]),
    ]
    assert len(found) == 8


def test_of_equals_the_first_and_the_last_are_told():
    names = [f"{a}{b}" for a in "abcdefghij" for b in "abcdefghij"]
    raw = "\n".join(f"ERROR in {name}" for name in names).encode()

    assert [line.text[-2:] for line in passed(raw)] == [*names[:4], *names[-4:]]


def test_a_connection_that_breaks_begins_the_count_again():
    window = LogWindow(keep_end=True)
    window.feed(b"\xff\xfe" + f"one\n{CAUSE}\n".encode("utf-16-le"))
    window.restart()
    window.feed(f"one\ntwo\n{CAUSE}\n".encode())

    assert [line.number for line in telling(window.log())] == [3]


PIECES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [b"\n", b"\r\n", b"\x1b[31m", b"\x1b]0;", b"error", b"=" * 63, b"\xff\xfe"]
        ),
    ),
    max_size=30,
)


@given(PIECES, st.integers(1, 50))
def test_any_bytes_tell_the_same_in_any_pieces(pieces, size):
    raw = b"".join(pieces)

    found = passed(raw, size)

    assert found == passed(raw)
    assert all(1 <= line.number <= raw.count(b"\n") + 1 for line in found)


@given(st.binary(max_size=3000), st.integers(50, 400))
def test_the_memory_of_a_log_is_bounded(noise, size):
    window = LogWindow(keep_end=True, most_bytes=1000)
    for start in range(0, len(noise) * 20, size):
        window.feed((noise * 20)[start : start + size])
        assert len(window._kept) <= 2 * 1000
    assert len(window.log().text) <= 1000
