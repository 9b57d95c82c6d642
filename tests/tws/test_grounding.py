"""Statements of an answer held against evidence: what is true passes, what is false is caught."""

import json
from pathlib import Path

import pytest

from tws.grounding import check


def job(name, status, **more):
    stream, station, folder = more.pop("at", ("PAYROLL", "AGT_PAY", "HR"))
    return {
        "object": f"/{station}#/{folder}/{stream}.{name}",
        "name": name,
        "stream": stream,
        "workstation": f"/{station}",
        "status": status,
        **more,
    }


BILLING = ("BILLING", "AGT_FIN", "FIN")
EVIDENCE = [
    {
        "tool": "tws_status",
        "arguments": {"pattern": "ONLY_ASKED_FOR"},
        "status": "ok",
        "read_at": "2026-03-04T19:30:00Z",
        "data": {
            "counts": {"ABEND": 1, "HOLD": 2, "SUCC": 1, "EXEC": 1},
            "total": 5,
            "jobs": [
                job(
                    "PAY_CALC",
                    "ABEND",
                    common_status="ERROR",
                    return_code=8,
                    started="2026-03-04T18:05:11Z",
                    ended="2026-03-04T18:12:40Z",
                    elapsed_seconds=449,
                ),
                job("PAY_POST", "HOLD", common_status="WAITING"),
                job("PAY_RPT", "HOLD"),
                job(
                    "BIL_LOAD",
                    "EXEC",
                    at=BILLING,
                    started="2026-03-04T19:00:00Z",
                    elapsed_seconds=1800,
                    estimated_seconds=2400,
                ),
                job(
                    "BIL_EXT",
                    "SUCC",
                    at=BILLING,
                    return_code=0,
                    started="2026-03-04T18:00:00Z",
                    ended="2026-03-04T18:05:00Z",
                ),
            ],
            "workstations": [
                {"object": "/AGT_X", "name": "AGT_X", "linked": False, "limit": 10}
            ],
        },
    }
]

TRUE = [
    "PAY_CALC failed with return code 8 at 18:12.",
    "PAY_POST and PAY_RPT are waiting for PAY_CALC, which is in ABEND (rc 8).",
    "PAYROLL's PAY_CALC abended; rerun it once the input is fixed.",
    "PAY_POST will run when PAY_CALC succeeds.",
    "BIL_LOAD is running since 19:00 on AGT_FIN for 30 minutes (estimate 40 min).",
    "There is 1 failed job: PAY_CALC. Two jobs are in HOLD: PAY_POST, PAY_RPT.",
    "No jobs are suppressed.",
    "Workstation AGT_X is unlinked.",
    "PAY_CALC não terminou com sucesso; falhou com código de retorno 8.",
    "BIL_EXT terminou com sucesso às 18:05. PAY_POST está aguardando PAY_CALC.",
    "If BIL_LOAD fails, PAY_POST will not run.",
    "- PAY_CALC: ABEND (rc 8)\n- PAY_POST: HOLD",
    "Failed jobs:\n- PAY_CALC\n",
    "Há 1 job em ABEND e 2 jobs em HOLD.",
    "PAY_CALC and BIL_LOAD are in ABEND and EXEC, respectively.",
    "It waits for PAY_CALC, its predecessor in job stream PAYROLL on AGT_PAY, which failed.",
    "BIL_LOAD has not failed.",
    "| Job | Status |\n|---|---|\n| PAY_CALC | ABEND |\n| BIL_EXT | SUCC |",
    "Run `conman rr AGT_PAY#PAYROLL.PAY_CALC`, then check that BIL_LOAD has ended.",
    "PAY_CALC failed. It ended at 6:12 pm.",
    "**PAY_CALC** (`ABEND`) holds PAY_POST back.",
    "The failed job PAY_CALC blocks PAY_POST.",
    "O job PAY_CALC falhou (código de retorno 8) e PAY_POST aguarda.",
    "BIL_LOAD está em execução há 30 minutos na estação AGT_FIN.",
    "Is PAY_POST running?",
    "There are 5 jobs.",
    "NOTE: the STATUS is taken from the REST API.",
]
FALSE = {
    "another status": "PAY_CALC succeeded.",
    "another return code": "PAY_CALC failed with return code 12.",
    "held said to run": "PAY_POST is running.",
    "another start": "BIL_LOAD started at 18:00.",
    "another workstation": "BIL_LOAD is running on AGT_PAY.",
    "count too high": "Two jobs failed.",
    "count zero": "No jobs failed.",
    "invented job": "GHOST_JOB is in ABEND.",
    "all are well": "All jobs completed successfully.",
    "link state": "AGT_X is linked.",
    "swapped": "PAY_CALC is in HOLD and PAY_POST is in ABEND.",
    "another duration": "BIL_LOAD has been running for 83 minutes.",
    "another's return code": "BIL_EXT falhou com código de retorno 8.",
    "Portuguese status": "PAY_CALC está executando.",
    "negated truth": "BIL_LOAD is not running.",
    "one of two is wrong": "PAY_CALC and BIL_LOAD failed.",
    "invented plain name": "The job GHOST failed.",
    "Portuguese count": "3 jobs em HOLD.",
    "another end": "PAY_CALC ended at 19:59.",
    "pronoun": "PAY_CALC is in trouble. It succeeded at 18:12.",
    "relative clause": "PAY_POST waits for PAY_CALC, which is running.",
    "time from nowhere": "Everything stopped at 04:44.",
    "name from the call's arguments": "ONLY_ASKED_FOR is in HOLD.",
    "wrong workstation in a key": "AGT_FIN#PAYROLL.PAY_CALC is in ABEND.",
    "list item": "- PAY_CALC: SUCC\n- PAY_POST: HOLD",
    "list under a heading": "Failed jobs:\n- PAY_CALC\n- BIL_LOAD",
    "respectively swapped": "PAY_CALC and BIL_LOAD are in EXEC and ABEND, respectively.",
    "vendor word": "PAY_CALC is in status FAIL.",
    "invented message code": "The log shows AWSBHT001E.",
}


@pytest.mark.parametrize("answer", TRUE)
def test_a_true_answer_raises_no_alarm(answer):
    grounding = check(answer, EVIDENCE, "why is PAY_POST not running?")

    assert [
        c for c in grounding.claims if c.outcome in {"contradicted", "unsupported"}
    ] == []


@pytest.mark.parametrize("answer", FALSE.values(), ids=FALSE.keys())
def test_a_false_answer_is_caught(answer):
    grounding = check(answer, EVIDENCE)

    assert grounding.contradicted or grounding.unsupported


CORPORA = sorted((Path(__file__).parent.parent / "data" / "grounding").glob("*.json"))


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda path: path.stem)
def test_written_answers_are_told_apart(corpus):
    """Answers as a model or a colleague would word them, none of them a template."""
    case = json.loads(corpus.read_text())

    def doubted(answer):
        grounding = check(answer, case["evidence"])
        return bool(grounding.contradicted or grounding.unsupported)

    assert [answer for answer in case["true"] if doubted(answer)] == []
    assert [answer for answer in case["false"] if not doubted(answer)] == []


def test_a_contradiction_names_both_sides():
    [claim] = check("PAY_CALC is in SUCC.", EVIDENCE).contradicted

    assert (claim.kind, claim.subject, claim.stated, claim.found) == (
        "status",
        "PAY_CALC",
        "SUCC",
        "ABEND, ERROR",
    )


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("TURNS ended with return code 8. Before: SUCC rc 0, ABEND rc 4.", "supported"),
        ("TURNS terminou com código 8; antes: SUCC rc 0, ABEND rc 4.", "supported"),
        (
            "TURNS ended with return code 8. Before: SUCC rc 0, SUCC rc 7.",
            "contradicted",
        ),
        ("TURNS ended with return code 0.", "contradicted"),
    ],
)
def test_the_return_codes_of_earlier_runs_are_not_that_of_the_last(answer, outcome):
    told = job("TURNS", "ABEND", return_code=8)
    told["detail"] = "It was run 3 times; before: SUCC rc 0, ABEND rc 4."

    found = check(answer, [{"tool": "t", "status": "ok", "data": told}])
    codes = [one.outcome for one in found.claims if one.kind == "return_code"]

    assert codes[-1] == outcome


def test_names_of_the_question_are_not_inventions():
    assert not check(
        "NIGHTLY_X was not found.", [], "what about NIGHTLY_X?"
    ).unsupported


def test_examples_of_names_are_no_inventions():
    assert not check("Use conman rr WS#STREAM.JOB.", EVIDENCE).unsupported


def test_an_answer_without_a_name_is_about_what_was_asked():
    answer = "It ended at 18:12 with return code {}."

    assert not check(answer.format(8), EVIDENCE, "Why did PAY_CALC fail?").contradicted
    assert check(answer.format(9), EVIDENCE, "Why did PAY_CALC fail?").contradicted


def test_local_and_foreign_clocks_are_the_same_moment():
    evidence = [{"name": "X_1", "status": "SUCC", "end_time": "2026-03-04T18:12:40Z"}]

    assert not check("X_1 ended at 15:12 BRT.", evidence).contradicted
    assert check("X_1 ended at 15:12 UTC.", evidence).contradicted


@pytest.mark.parametrize("value", [10**400, float("nan"), "\ud800", b"x", {1: {2: 3}}])
def test_values_that_no_plan_holds_never_raise(value):
    check(
        "PAY_CALC failed with rc 8. 3 jobs are on hold.",
        [{"name": "PAY_CALC", "return_code": value, "total": value, "status": value}],
    ).as_dict()


def test_evidence_in_other_shapes_is_read_too():
    evidence = [
        {
            "output": json.dumps(
                [{"job": "LOAD_A", "state": "SUCC", "rc": 0, "start": "02:10"}]
            )
        }
    ]

    assert check("LOAD_A failed at 02:10 with rc 4.", evidence).contradicted
    assert not check(
        "LOAD_A ended successfully, rc 0, started at 02:10.", evidence
    ).contradicted


def test_quoted_logs_are_not_statements():
    answer = (
        "The log says:\n```\nERROR: JOB_Z failed rc=99 at 03:33\n```\nPAY_CALC failed."
    )

    assert not check(answer, EVIDENCE).unsupported


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "(" * 60_000,
        "A" * 100_000,
        "PAY_CALC " * 8_000,
        "not " * 20_000,
        "\x00\ud800",
        "1 h " * 9000,
    ],
)
def test_hostile_answers_end_quickly_and_never_raise(answer):
    check(answer, EVIDENCE)


def test_odd_evidence_never_raises():
    deep: object = "x"
    for _ in range(500):
        deep = [deep]
    check(
        "PAY_CALC failed.",
        [{}, None, 3, deep, {"name": None, "status": 4}, {"a": float("nan")}],
    )
