"""The contract's own validator sees what is wrong, and lets pass what is right."""

import json

import pytest

from tests.contract import answer_problems, request_problems

JOB = "/twsd/api/v2/plan/job"
ONE = f"{JOB}/ca15f24a-0e6b-3f1b-9251-854d8d0d3639"


@pytest.mark.parametrize(
    "call",
    [
        ("GET", JOB, "limit=500&offset=0&oql=name%20%3D%20'X'", {"scope": "WHOLE"}),
        ("GET", f"{JOB}/count", "grouping_filters=status"),
        ("GET", f"{JOB}/run/abc/joblog", "from_line=1&to_line=10"),
        ("GET", "/twsd/api/v2/engine/info", "", {"Accept-Language": "en"}),
        ("POST", "/twsd/plan/current/criticaljob/query", "", {"How-Many": "5"}, b"{}"),
    ],
    ids=lambda call: call[1].rsplit("/", 1)[-1],
)
def test_a_request_of_the_api_has_no_problem(call):
    assert request_problems(*call) == []


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (("GET", f"{JOB}s"), "no path"),
        (("PUT", f"{ONE}/action/cancel"), "no path"),
        (("PUT", ONE), "another method"),
        (("GET", JOB, "status=ABEND"), "query status is not in the contract"),
        (("GET", JOB, "limit=ten"), "limit=ten should be an integer"),
        (("GET", JOB, "", {"scope": "ALL"}), "'ALL' is not one of"),
        (("GET", JOB, "", {"X-Extra": "1"}), "header x-extra is not in the contract"),
        (("GET", JOB, "", {}, b"{}"), "no body here"),
    ],
)
def test_a_request_that_the_api_does_not_know_is_named(call, problem):
    assert problem in " ".join(request_problems(*call))


@pytest.mark.parametrize(
    ("job", "problem"),
    [
        ({"status": "ABEND"}, "'status' was unexpected"),
        ({"priority": "10"}, "$.priority: '10' is not of type 'integer'"),
        ({"schedTime": "tonight"}, "is not a 'date-time'"),
        ({"jobDefinition": {"estimatedDuration": "21 min"}}, "is not a 'duration'"),
        ({"lastRunCommonStatus": "FINE"}, "'FINE' is not one of"),
        ({"dependencies": [{"satisfied": True}]}, "'dependencyType' is a required"),
        ({"dependencies": [{"dependencyType": "FILE", "jobId": "x"}]}, "'jobId' was"),
        ({"dependencies": [{"dependencyType": "INTERNAL", "jobId": "1"}]}, "a 'uuid'"),
    ],
)
def test_an_answer_that_the_api_would_not_give_is_named(job, problem):
    assert problem in " ".join(answer_problems(ONE, json.dumps(job).encode()))


def test_predecessors_are_jobs_and_job_streams():
    body = {
        "count": 2,
        "results": [
            {"flowNodeType": "JOB", "jobruns": []},
            {"flowNodeType": "JOBSTREAM", "originalJobStreamName": "S", "limit": -1},
        ],
    }

    problems = answer_problems(f"{ONE}/predecessors", json.dumps(body).encode())

    assert problems == []
