"""The simulator over HTTP: every address answers as the contract has it, and refuses well."""

import base64
import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from tests.contract import answer_problems
from tws.simulator import Simulator, serve
from tws.simulator.model import Job, Stream
from tws.simulator.scenarios import SCENARIOS
from tws.simulator.server import Login

V2 = "/twsd/api/v2"


class Caller:
    """One keep-alive connection to a simulator."""

    def __init__(self, simulator: Simulator) -> None:
        port = urlsplit(simulator.url).port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)

    def call(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> http.client.HTTPResponse:
        address = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
        self.connection.request(method, address, body, headers or {})
        answer = self.connection.getresponse()
        answer.text = answer.read()
        return answer

    def json(self, path: str, **query: Any) -> Any:
        answer = self.call(V2 + path, **query)
        assert answer.status == 200, answer.text
        return json.loads(answer.text)


@pytest.fixture
def caller(simulator: Simulator) -> Iterator[Caller]:
    with closing_caller(simulator) as calls:
        yield calls


def closing_caller(simulator: Simulator) -> Any:
    calls = Caller(simulator)
    calls.close = calls.connection.close
    return closing(calls)


def job_named(caller: Caller, name: str) -> dict[str, Any]:
    return caller.json("/plan/job", oql=f"name = '{name}'")["results"][0]


# --- every address, over many plans -------------------------------------------------


def addresses(simulator: Simulator) -> Iterator[str]:
    plan = simulator.plan.plan
    yield from ("/engine/info", "/plan/job", "/plan/jobstream", "/plan/workstation")
    yield from ("/plan/resource", "/plan/job/issues", "/plan/job/count")
    yield "/plan/job/count?grouping_filters=status,folder"
    yield "/plan/jobstream/count?grouping_filters=workstation"
    yield from (f"/plan/workstation/{plan.workstations[-1].id}",)
    yield from (f"/plan/resource/{resource.id}" for resource in plan.resources[:2])
    for target in simulator.scenario.targets:
        node = find(simulator, target.name)
        kind = "job" if isinstance(node, Job) else "jobstream"
        yield f"/plan/{kind}/{node.id}"
        yield f"/plan/{kind}/{node.id}/predecessors?depth=9"
        yield f"/plan/{kind}/{node.id}/successors?depth=2"


def find(simulator: Simulator, key: str) -> Job | Stream:
    plan = simulator.plan.plan
    return next(node for node in (*plan.jobs, *plan.streams) if node.key == key)


FAITHFUL = [name for name, item in SCENARIOS.items() if item.faithful]


@pytest.mark.parametrize("name", FAITHFUL)
def test_every_answer_keeps_the_contract(name: str):
    problems = {}
    with serve(name, speed=0, seed=5) as simulator, closing_caller(simulator) as caller:
        for address in addresses(simulator):
            answer = caller.call(V2 + address)
            found = answer_problems(V2 + address.partition("?")[0], answer.text)
            if answer.status != 200 or found:
                problems[address] = (answer.status, found)

    assert problems == {}


def test_every_answer_keeps_the_contract_while_a_night_passes_and_plans_end():
    problems = {}
    with serve("night", speed=0) as simulator, closing_caller(simulator) as caller:
        plan = simulator.plan
        plan.submit("ADHOC", "AGT_FIN", "ONE", "TWO")
        for hours in (3, 6, 6, 3):
            plan.skip(hours * 3600)
            nodes = [f"/plan/job/{job.id}" for job in plan.plan.jobs[-30:]]
            nodes += [f"/plan/jobstream/{item.id}" for item in plan.plan.streams[-9:]]
            for address in (
                *nodes,
                "/plan/job",
                "/plan/jobstream",
                "/plan/workstation",
            ):
                answer = caller.call(V2 + address)
                found = answer_problems(V2 + address, answer.text)
                if answer.status != 200 or found:
                    problems[address] = (answer.status, found)
        info = caller.call("/twsd/engine/info")

    assert problems == {}
    assert answer_problems("/twsd/engine/info", info.text) == []
    assert json.loads(info.text)["synphonyRunNumber"] == 413


def test_turns_and_recovery_are_told_as_the_contract_has_them():
    with (
        serve("every-between", speed=0) as simulator,
        closing_caller(simulator) as caller,
    ):
        job = job_named(caller, "MTR_POLL")
        stream = caller.json(f"/plan/jobstream/{job['jobStreamId']}")
        found = caller.json("/plan/job", oql="jobOptions.every = true")
    with (
        serve("recovery-rerun-later", speed=0) as simulator,
        closing_caller(simulator) as caller,
    ):
        failed = job_named(caller, "MTR_LOAD")

    assert (job["jobOptions"]["every"], job["repeatInterval"]) == (True, "PT1H30M")
    assert [run["rerunType"] for run in job["jobruns"]] == ["REGULAR", "RERUN_EVERY"]
    assert not job["timeRestrictions"]["startTimeSatisfied"]
    assert stream["jsStatusFlags"]["hasEveryJobs"]
    assert found["count"] == 1
    assert failed["jobDefinition"]["recoveryRepeatInterval"] == "PT2H"
    assert failed["jobDefinition"]["recoveryRepeatOccurrences"] == 3


@pytest.mark.parametrize("name", ["night", "late"])
def test_the_answers_of_v1_keep_the_contract(name: str):
    with serve(name, speed=0) as simulator, closing_caller(simulator) as caller:
        info = caller.call("/twsd/engine/info")
        critical = caller.call("/twsd/plan/current/criticaljob/query", "POST", b"{}")

    assert answer_problems("/twsd/engine/info", info.text) == []
    path = "/twsd/plan/current/criticaljob/query"
    assert answer_problems(path, critical.text) == []
    assert json.loads(info.text)["synphonyBatchManStatus"] == "LIVES"
    assert json.loads(critical.text)


def test_critical_jobs_behind_a_failure_are_at_risk(caller):
    body = {"filters": {"criticalJobInPlanFilter": {"alertLevelList": ["HIGH_RISK"]}}}

    answer = caller.call(
        "/twsd/plan/current/criticaljob/query", "POST", json.dumps(body).encode()
    )

    assert [job["key"]["name"] for job in json.loads(answer.text)] == ["PAY_TRANSFER"]


# --- lists ----------------------------------------------------------------------------


def test_a_list_has_no_dependencies_but_a_single_job_has(caller):
    job = job_named(caller, "PAY_CALC")

    assert "dependencies" not in job
    whole = caller.json(f"/plan/job/{job['id']}")
    kinds = [dep["dependencyType"] for dep in whole["dependencies"]]
    assert kinds == ["INTERNAL", "EXTERNAL_JOB"]
    assert whole["dependenciesStats"] == job["dependenciesStats"]


def test_pages_join_to_the_whole_list(caller, simulator):
    found, address = [], f"{V2}/plan/job?limit=7&oql={quote('priority > 0')}"
    while address:
        page = json.loads(caller.call(address).text)
        found += [job["id"] for job in page["results"]]
        link = urlsplit(page.get("next", ""))
        assert link.hostname in (None, "localhost")
        address = f"{link.path}?{link.query}" if link.path else ""

    assert page["count"] == len(found) == len(simulator.plan.plan.jobs)
    assert len(set(found)) == len(found)
    assert "previous" in page


def test_the_count_is_left_out_on_demand(caller):
    answer = caller.call(f"{V2}/plan/job", headers={"Include-Count": "false"}, limit=1)

    assert "count" not in json.loads(answer.text)


def test_the_scope_leaves_out_definitions(caller):
    answer = caller.call(
        f"{V2}/plan/job", headers={"scope": "WHOLE_NO_JOB_DEFINITIONS"}, limit=1
    )

    assert "jobDefinition" not in json.loads(answer.text)["results"][0]
    assert "jobDefinition" in caller.json("/plan/job", limit=1)["results"][0]


def test_counts_by_status_add_up(caller, simulator):
    found = caller.json("/plan/job/count", grouping_filters="status")

    assert sum(found["groupedCount"].values()) == found["count"]
    assert found["groupedCount"]["ERROR"] == 1
    assert found["count"] == len(simulator.plan.plan.jobs)


def test_nobody_gets_more_than_ten_thousand_at_once():
    with (
        serve("healthy", speed=0, jobs=10_050) as simulator,
        closing_caller(simulator) as caller,
    ):
        page = caller.json("/plan/job", limit=20_000)

    assert (page["count"], len(page["results"])) == (10_050, 10_000)


def test_a_list_shows_what_changed_around_a_job(caller, simulator):
    def substatus(name: str) -> str:
        status = job_named(caller, name)["lastRunCompositeStatus"]
        return status.get("substatus", "")

    assert substatus("ARC_MOVE") == "READY_WAITING_FOR_RESOURCES"
    simulator.plan.take_down("AGT_RISK")
    assert substatus("ARC_MOVE") == "READY_WAITING_FOR_AGENT"
    assert substatus("BILL_RELEASE") == "HOLD_WAITING_FOR_PROMPT"
    simulator.plan.answer("TARIFFS_RELEASED", yes=True)
    assert substatus("BILL_RELEASE") == ""
    linked = "activeStates IN ['LINKED'] AND name = 'AGT_RISK'"
    assert caller.json("/plan/workstation", oql=linked)["count"] == 0


# --- the network ------------------------------------------------------------------------


def test_predecessors_are_jobs_and_streams_up_to_the_depth(caller):
    report = job_named(caller, "PAY_TRANSFER")

    near = caller.json(f"/plan/job/{report['id']}/predecessors")
    far = caller.json(f"/plan/job/{report['id']}/predecessors", depth=9)

    assert [node["name"] for node in near["results"]] == ["PAY_CHECK"]
    names = {node["name"] for node in far["results"]}
    assert names == {"PAY_CHECK", "PAY_CALC", "PAY_EXTRACT", *LEDGER}
    assert all("dependencies" in node for node in far["results"])


LEDGER = {"GL_LOAD", "GL_CHECK", "GL_EXTRACT"}


def test_successors_of_a_stream_are_found_two_ways(caller):
    ledger = caller.json("/plan/jobstream", oql="name = 'LEDGER'")["results"][0]

    direct = caller.json(f"/plan/jobstream/{ledger['id']}/successors")["results"]
    asked = f"dependencies.jobStreamId = '{ledger['id']}'"
    searched = caller.json("/plan/jobstream", oql=asked)["results"]

    assert [node["name"] for node in direct] == ["REPORTING"]
    assert [node["name"] for node in searched] == ["REPORTING"]


# --- logs ---------------------------------------------------------------------------------


def test_a_job_log_has_the_products_layout(caller):
    run = job_named(caller, "GL_LOAD")["jobruns"][-1]
    address = f"{V2}/plan/job/run/{run['id']}/joblog"

    answer = caller.call(address)

    lines = answer.text.decode().splitlines()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert lines[0] == lines[8] == lines[-1] == "=" * 63
    assert lines[1].startswith("= JOB       : AGT_FIN#LEDGER[(")
    assert lines[1].endswith(")].GL_LOAD")
    assert "= Exit Status           : 12" in lines
    assert any("SQL0964C" in line for line in lines)
    some = caller.call(address, from_line=2, to_line=3).text.decode().splitlines()
    assert some == lines[1:3]
    bare = caller.call(address, contentOnly="true").text.decode()
    assert "Exit Status" not in bare
    assert "SQL0964C" in bare


def test_a_job_that_has_not_run_has_no_log(caller):
    run = job_named(caller, "PAY_CALC")["jobruns"][-1]

    answer = caller.call(f"{V2}/plan/job/run/{run['id']}/joblog")

    assert answer.status == 404
    assert "AWSJCO126E" in json.loads(answer.text)["messages"][0]


def test_a_part_of_a_log_is_what_the_whole_has_there(caller):
    run = job_named(caller, "GL_LOAD")["jobruns"][-1]
    address = f"{V2}/plan/job/run/{run['id']}/joblog"
    lines = caller.call(address).text.splitlines(keepends=True)

    def part(**query: object) -> bytes:
        return caller.call(address, **query).text

    assert part(from_line=3, to_line=5) == b"".join(lines[2:5])
    assert part(from_line=12) == b"".join(lines[11:])
    assert part(to_line=4) == b"".join(lines[:4])
    assert part(from_line=10_000) == b""
    assert part(contentOnly="true", to_line=1) == lines[9]
    for wrong in ("-1", "x", "1.5"):
        assert caller.call(address, from_line=wrong).status == 400


def test_a_log_is_followed_until_its_job_ends(simulator, caller):
    run = job_named(caller, "RISK_SIMULATE")["jobruns"][-1]
    address = f"{V2}/plan/job/run/{run['id']}/joblog"
    before = caller.call(address).text
    with closing_caller(simulator) as other:
        other.connection.request("GET", f"{address}?follow=true")
        answer = other.connection.getresponse()
        assert answer.read(len(before)) == before

        simulator.plan.set_status("RISK_SIMULATE", "ABEND", return_code=3)
        rest = answer.read()

    assert answer.getheader("Content-Length") is None
    assert b"ended with return code 3" in rest
    assert before + rest == caller.call(address, follow="true").text


def test_the_log_of_a_running_job_grows(simulator, caller):
    run = job_named(caller, "RISK_SIMULATE")["jobruns"][-1]
    address = f"{V2}/plan/job/run/{run['id']}/joblog"
    before = caller.call(address).text

    simulator.plan.skip(900)
    after = caller.call(address).text

    assert after.startswith(before)
    assert len(after) > len(before)


def test_old_logs_are_gone(simulator, caller):
    run = job_named(caller, "GL_LOAD")["jobruns"][-1]

    simulator.plan.skip(49 * 3600)

    assert caller.call(f"{V2}/plan/job/run/{run['id']}/joblog").status == 404


def test_the_log_of_a_job_is_found_by_filter(caller):
    answer = caller.call(f"{V2}/plan/job/joblog", oql="name = 'GL_LOAD'")

    assert b"SQL0964C" in answer.text


@pytest.mark.parametrize(
    ("name", "size", "part"),
    [
        ("log-huge", 5_000_000, b"ORA-01653"),
        ("log-binary", 200_000, b"\x1f\x8b"),
        ("log-ansi", 100, b"\x1b[2J"),
        ("log-orders", 100, b"Ignore all previous instructions"),
    ],
)
def test_difficult_logs_are_served_as_they_are(name: str, size: int, part: bytes):
    with serve(name, speed=0) as simulator, closing_caller(simulator) as caller:
        answer = caller.call(f"{V2}/plan/job/joblog", oql="name = 'HOS_RUN'")

    assert len(answer.text) > size
    assert part in answer.text


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "status", "words"),
    [
        ("/plan/job/no-such-id", {}, 404, "AWSJDB101E"),
        ("/plan/jobstream/x", {}, 404, "AWSJDB101E"),
        ("/plan/job/x/predecessors", {}, 404, "AWSJDB101E"),
        ("/plan/workstation/x", {}, 404, "AWSJDB101E"),
        ("/plan/resource/x", {}, 404, "AWSJDB101E"),
        ("/plan/job/run/x/joblog", {}, 404, "AWSJDB101E"),
        ("/nowhere", {}, 404, "AWSJDB101E"),
        ("/plan/job", {"plan_id": "yesterday"}, 404, "yesterday"),
        ("/plan/job", {"oql": "name ="}, 400, "OQL_FILTER_SYNTAX_ERROR"),
        ("/plan/job", {"oql": "key.name = 'X'"}, 400, "OQL_FILTER_SYNTAX_ERROR"),
        ("/plan/job", {"plan_filter": "a#b#c"}, 400, "OQL_FILTER_SYNTAX_ERROR"),
        ("/plan/job", {"limit": "ten"}, 400, "OQL_FILTER_SYNTAX_ERROR"),
        ("/plan/job/count", {"grouping_filters": "mood"}, 400, "mood"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_code(
    caller, path, query, status, words
):
    answer = caller.call(V2 + path, **query)

    assert answer.status == status
    assert words in json.loads(answer.text)["messages"][0]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/plan/job/{id}/action/cancel", 403),
        ("PUT", "/plan/job/{id}/action/confirm-succ", 403),
        ("PUT", "/plan/job/{id}/action/update-priority?priority=0", 403),
        ("PATCH", "/plan/job/{id}", 403),
        ("POST", "/plan/job/{id}/submit", 403),
        ("POST", "/plan/job", 405),
        ("DELETE", "/plan/job/{id}", 405),
        ("POST", "/plan/job/{id}/action/cancel", 405),
    ],
)
def test_nothing_changes_the_plan_from_outside(caller, simulator, method, path, status):
    job = job_named(caller, "GL_LOAD")
    before = caller.json(f"/plan/job/{job['id']}")

    answer = caller.call(V2 + path.format(id=job["id"]), method, b"{}")

    assert answer.status == status
    assert caller.json(f"/plan/job/{job['id']}") == before
    assert simulator.requests[-2].method == method


def test_an_unlinked_workstation_has_no_health(caller):
    asked = "name IN ['FTA_BRANCH', 'AGT_FIN'] ORDER BY name ASC"
    fine, lost = caller.json("/plan/workstation", oql=asked)["results"]
    address = "/plan/workstation/{}/action/health-status"

    refused = caller.call(V2 + address.format(lost["id"]))

    assert caller.json(address.format(fine["id"]))["id"] == fine["id"]
    assert refused.status == 500
    text = json.loads(refused.text)["messages"][0]
    assert "AWSJSY404E" in text
    assert "AWSBCS043W" in text


# --- who may ask -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("", 401),
        ("Basic " + base64.b64encode(b"tws:secret").decode(), 200),
        ("Basic " + base64.b64encode(b"tws:wrong").decode(), 401),
        ("Basic not-base64", 401),
        ("Bearer key", 200),
        ("Bearer other", 401),
    ],
)
def test_a_login_is_enforced_when_it_is_set(given: str, status: int):
    login = Login("tws", "secret", "key")
    with serve(speed=0, login=login) as simulator, closing_caller(simulator) as caller:
        headers = {"Authorization": given} if given else {}
        answer = caller.call(f"{V2}/engine/info", headers=headers)
        seen = simulator.requests[-1]

    assert answer.status == status
    assert "authorization" not in seen.headers


def test_without_a_login_everybody_is_let_in(caller):
    for given in ("Bearer anything", "Basic eDp5"):
        headers = {"Authorization": given}
        assert caller.call(f"{V2}/engine/info", headers=headers).status == 200


# --- HTTP --------------------------------------------------------------------------------------


def test_one_connection_carries_many_requests(caller, simulator):
    for _ in range(20):
        caller.json("/engine/info")

    assert len(simulator.requests) == 20
    assert simulator.server.connections == 1
    assert simulator.requests[0][:3] == ("GET", f"{V2}/engine/info", {})


def test_slow_answers_do_not_wait_for_each_other():
    with serve(speed=0, latency=0.2) as simulator:
        callers = [Caller(simulator) for _ in range(20)]
        began = time.monotonic()
        for caller in callers:
            caller.connection.request("GET", f"{V2}/engine/info")
        assert {c.connection.getresponse().status for c in callers} == {200}
        assert time.monotonic() - began < 1.0
        for caller in callers:
            caller.connection.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused(simulator, sent: bytes):
    port = urlsplit(simulator.url).port
    with socket.create_connection(("127.0.0.1", port), 5) as plain:
        plain.sendall(sent)
        assert plain.recv(100).startswith(b"HTTP/1.1 400 ")


def test_the_date_is_virtual_time():
    with (
        serve(speed=0, start=1_800_000_000.0) as simulator,
        closing_caller(simulator) as caller,
    ):
        answer = caller.call(f"{V2}/engine/info")

    assert answer.headers["Date"] == "Fri, 15 Jan 2027 08:00:00 GMT"


# --- faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status", "part"),
    [
        ("401", 401, b"AWS"),
        ("403", 403, b"AWSBEI007E"),
        ("404", 404, b"AWSJDB101E"),
        ("400", 400, b"OQL_FILTER_SYNTAX_ERROR"),
        ("500", 500, b"AWSBIN076E"),
        ("500-database", 500, b"AWSJDB803E"),
        ("503", 503, b"<html>"),
        ("html", 200, b"<!DOCTYPE html>"),
        ("not-json", 200, b"OK"),
    ],
)
def test_an_ordered_answer_is_given(caller, simulator, kind, status, part):
    with simulator.fault(kind):
        answer = caller.call(f"{V2}/engine/info")

    assert (answer.status, part in answer.text) == (status, True)
    assert caller.call(f"{V2}/engine/info").status == 200


def test_a_fault_ends_after_its_times_and_only_where_it_fits(caller, simulator):
    simulator.fault("503", times=2, path="/plan/job")

    asked = ["/engine/info", *["/plan/job?limit=1"] * 3]
    statuses = [caller.call(V2 + path).status for path in asked]

    assert statuses == [200, 503, 503, 200]


def test_a_cut_answer_is_whole_to_http_and_broken_as_json(caller, simulator):
    with simulator.fault("truncated"):
        answer = caller.call(f"{V2}/plan/job")

    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


@pytest.mark.parametrize("kind", ["short", "reset"])
def test_a_connection_may_end_in_the_middle(caller, simulator, kind):
    simulator.fault(kind, times=1)

    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        caller.call(f"{V2}/plan/job")


def test_silence_lasts_as_long_as_ordered(caller, simulator):
    simulator.fault("silent", times=1, seconds=0.3)
    began = time.monotonic()

    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        caller.call(f"{V2}/engine/info")

    assert 0.25 < time.monotonic() - began < 2


def test_a_slow_answer_comes_whole(caller, simulator):
    simulator.fault("slow", times=1, seconds=0.3)
    began = time.monotonic()

    assert caller.json("/engine/info")["displayVersion"]
    assert time.monotonic() - began > 0.25


def test_an_unknown_fault_names_those_that_there_are(simulator):
    with pytest.raises(ValueError, match=r"no fault 418; there are 400, 401"):
        simulator.fault("418")


def test_a_server_stops_at_once_though_answers_hang():
    with serve(speed=0) as simulator:
        simulator.fault("silent", seconds=60)
        caller = Caller(simulator)
        caller.connection.request("GET", f"{V2}/engine/info")
        time.sleep(0.1)
        began = time.monotonic()

    assert time.monotonic() - began < 1
    caller.connection.close()


# --- TLS ---------------------------------------------------------------------------------------


def test_https_is_trusted_through_its_own_authority_only():
    with serve(speed=0, tls=True) as simulator:
        port = urlsplit(simulator.url).port
        trusting = ssl.create_default_context(cafile=simulator.ca_path)
        trusting.verify_flags |= ssl.VERIFY_X509_STRICT
        with closing(
            http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=trusting)
        ) as connection:
            connection.request("GET", f"{V2}/engine/info")
            assert connection.getresponse().status == 200
        other = http.client.HTTPSConnection("127.0.0.1", port, timeout=5)
        with closing(other), pytest.raises(ssl.SSLCertVerificationError):
            other.request("GET", "/")

    assert simulator.url.startswith("https://127.0.0.1:")
    assert not simulator.ca_path.exists()
