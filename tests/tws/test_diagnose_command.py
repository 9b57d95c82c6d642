"""``manage.py diagnose``: its output, its exit codes, its streams."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tws.simulator import serve

LOAD = "/AGT_FIN#/FIN/LEDGER.GL_LOAD"


@pytest.fixture
def night(simulator, settings):
    settings.TWS_URLS = [simulator.url]
    return simulator


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("diagnose", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refused(*arguments: str) -> tuple[str, str]:
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("diagnose", *arguments, stdout=out, stderr=io.StringIO())
    assert error.value.returncode == 1
    return out.getvalue(), str(error.value)


def test_json_is_one_document_as_promised(night) -> None:
    out, err = run("PAYROLL", "--json")

    found = json.loads(out)
    assert {"target", "status", "roots", "chain", "impact"} <= found.keys()
    (root,) = found["roots"]
    assert set(root) == {"kind", "object", "detail", "evidence", "action"}
    assert (root["kind"], root["object"]) == ("job_failed", LOAD)
    assert all(
        {"object", "status", "relation"} <= step.keys() for step in found["chain"]
    )
    assert err == ""


def test_people_read_what_why_how_and_what_to_do(night) -> None:
    out, _ = run("PAY_TRANSFER")

    assert out.startswith("/AGT_PAY#/HR/PAYROLL.PAY_TRANSFER is HOLD.\n")
    order = [out.index(part) for part in ("Why", LOAD, "What to do", "at stake")]
    assert order == sorted(order)
    assert f"conman rr {LOAD}" in out
    assert "rc 12" in out or "return code 12" in out
    assert "PAY_TRANSFER (critical) is due" in out


@pytest.mark.parametrize(
    "name",
    ["AGT_FIN#LEDGER.GL_LOAD", "/AGT_FIN#/FIN/LEDGER.GL_LOAD", "LEDGER.GL_LOAD"],
)
def test_a_job_can_be_named_with_its_place(night, name) -> None:
    out, _ = run(name, "--json")

    assert json.loads(out)["target"] == LOAD


def test_a_healthy_job_has_just_the_root_none(night) -> None:
    out, _ = run("PAY_EXTRACT", "--json")

    assert [root["kind"] for root in json.loads(out)["roots"]] == ["none"]


def test_several_matches_are_listed(night) -> None:
    out, line = refused("PAY_@", "--json")

    found = json.loads(out)
    assert found["error"] == "ambiguous"
    assert len(found["matches"]) == 5
    assert {"object", "status", "scheduled"} <= found["matches"][0].keys()
    assert "5 objects match 'PAY_@'" in line

    plain, _ = refused("PAY_@")
    assert len(plain.splitlines()) == 5


def test_an_unknown_name_is_named(night) -> None:
    out, line = refused("NO_SUCH_JOB", "--json")

    assert json.loads(out)["error"] == "not_found"
    assert "'NO_SUCH_JOB'" in line


def test_tws_away_is_a_clear_line_and_no_traceback(night) -> None:
    with night.fault("503"):
        out, line = refused("PAYROLL", "--json")

    assert json.loads(out)["error"] == "TwsUnavailable"
    assert "503" in line
    assert "\n" not in line.strip()


def test_without_tws_url_it_tells_that_this_is_the_simulator(settings) -> None:
    settings.TWS_URLS = []

    out, err = run("PAYROLL", "--json")

    assert json.loads(out)["roots"][0]["object"] == LOAD
    assert "simulator" in err


@pytest.mark.parametrize("scenario", ["name-odd", "cycle", "resource-holder-stuck"])
def test_each_target_of_a_scenario_reads_well(settings, scenario) -> None:
    with serve(scenario, speed=0) as simulator:
        settings.TWS_URLS = [simulator.url]
        for target in simulator.scenario.targets:
            out, _ = run(target.name)

            assert "What to do" in out
            assert "None" not in out
