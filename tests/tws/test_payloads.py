"""What TWS says becomes one spelling, one clock, one unit; what is broken is named."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract import CONTRACT, answer_problems
from tws import decoding, statuses
from tws.exceptions import TwsPayloadError
from tws.knowledge import STATUSES
from tws.normalise.values import moment, span
from tws.payloads import Job, JobStream, Workstation, object_key

ID = "ca15f24a-0e6b-3f1b-9251-854d8d0d3639"
START = datetime(2026, 3, 4, 18, 5, 11, tzinfo=UTC)


def run(number: int = 1, **fields: object) -> dict[str, object]:
    return {
        "id": f"run-{number}",
        "jobNumber": number,
        "compositeStatus": {"canceled": False, "status": "ABEND"},
        "commonStatus": "ERROR",
        "returnCode": 8,
        "actualWorkstation": "/AGT_PAY",
        "timeInfo": {
            "estimatedDuration": "PT21M",
            "actualStartTime": "2026-03-04T18:05:11Z",
            "elapsedTime": "PT7M29S",
            "actualEndTime": "2026-03-04T18:12:40Z",
        },
        "submittedTime": "2026-03-04T18:05:09Z",
        "lastInRerunChain": True,
        **fields,
    }


def job(**fields: object) -> dict[str, object]:
    """A failed job as the vendor's own documents show one."""
    return {
        "flowNodeType": "JOB",
        "id": ID,
        "folder": "/HR/",
        "name": "PAY_CALC",
        "workstation": "/AGT_PAY",
        "jobStreamId": "b7cf7a36",
        "jobStreamName": "PAYROLL",
        "jobStreamWorkstation": "/AGT_PAY",
        "position": 3,
        "key": "/AGT_PAY#/HR/PAYROLL.PAY_CALC",
        "jobStatusFlags": {"jobLate": True, "needMessage": False},
        "jobOptions": {"critical": True},
        "lastRunCompositeStatus": {"canceled": False, "status": "ABEND"},
        "lastRunCommonStatus": "ERROR",
        "jobDefinition": {
            "task": {
                "UNIX": {
                    "taskString": "/apps/pay/bin/calc.sh",
                    "isCommand": "false",
                    "userName": "payusr",
                }
            },
            "isCommand": False,
            "estimatedDuration": "PT21M",
            "userLogins": ["payusr"],
            "recoveryOption": "STOP",
        },
        "priority": 10,
        "origPriority": 10,
        "jobruns": [run()],
        "schedTime": "2026-03-04T18:00:00Z",
        "timeRestrictions": {
            "deadlineTime": "2026-03-04T20:00:00Z",
            "lateAction": "continue",
            "deadlineSatisfied": False,
        },
        "dependencies": [],
        "dependenciesStats": {
            "numberOfDependencies": 3,
            "numberOfUnresolvedDependencies": 1,
        },
        "criticalStart": "2026-03-04T18:50:00Z",
        **fields,
    }


def read(**fields: object) -> Job:
    return decoding.job(json.dumps(job(**fields)).encode())


def listed(*items: object) -> bytes:
    return json.dumps({"count": len(items), "results": list(items)}).encode()


def test_the_sample_of_these_tests_is_the_vendors():
    body = json.dumps(job()).encode()

    assert answer_problems(f"/twsd/api/v2/plan/job/{ID}", body) == []


def test_a_job_is_read_with_its_last_run():
    found = read()

    assert object_key(found) == "/AGT_PAY#/HR/PAYROLL.PAY_CALC"
    assert (found.status, found.common_status, found.return_code) == (
        "ABEND",
        "ERROR",
        8,
    )
    assert (found.started, found.elapsed_seconds) == (START, 449.0)
    assert found.estimated_seconds == 1260.0
    assert found.deadline == datetime(2026, 3, 4, 20, tzinfo=UTC)
    assert (found.task, found.task_type, found.user) == (
        "/apps/pay/bin/calc.sh",
        "UNIX",
        "payusr",
    )
    assert (found.dependency_count, found.unresolved) == (3, 1)
    assert (found.late, found.critical, found.failed) == (True, True, True)
    assert found.unusable == []


def test_an_almost_empty_job_has_a_status_and_a_key():
    found = decoding.job(b'{"id": "1", "name": "J"}')

    assert (found.status, found.key, found.return_code) == ("UNKNOWN", "#/.J", None)


def test_unknown_fields_and_new_statuses_are_no_trouble():
    found = read(brandNew={"a": [1]}, lastRunCompositeStatus={"status": "DREAMING"})

    assert found.status == "DREAMING"
    assert found.unusable == []


def test_nulls_count_as_missing():
    found = read(jobruns=None, dependencies=[None], priority=None, jobDefinition=None)

    assert (found.runs, found.dependencies, found.priority) == ([], [], None)
    assert found.unusable == []


def test_the_newest_run_is_the_last_whatever_the_order():
    def attempt(number: int, minute: int, *, last: bool) -> dict[str, object]:
        time = f"2026-03-04T18:{minute:02}:00Z"
        return run(number, submittedTime=time, lastInRerunChain=last)

    runs = [
        attempt(3, 40, last=True),
        attempt(1, 10, last=False),
        attempt(2, 20, last=False),
    ]

    assert [r.job_number for r in read(jobruns=runs).runs] == [1, 2, 3]


# --- Times and durations --------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-04T18:05:11Z",
        "2026-03-04T18:05:11",  # without a zone it is UTC
        "2026-03-04T18:05:11.000Z",
        "2026-03-04T18:05:11.000+0000",
        "2026-03-04T19:05:11+01:00",
        "2026-03-04T13:35:11-04:30",
        1772647511000,
    ],
)
def test_a_time_is_the_same_moment_however_it_is_written(text):
    found = read(schedTime=text).scheduled

    assert found == START
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tonight", "schedTime is no time that can be read"),
        ("1970-01-01T00:00:00Z", "schedTime is in 1970, which cannot be right"),
        ("9999-12-31T23:59:59Z", "schedTime is in 9999, which cannot be right"),
        ("0001-01-01T00:00:00+14:00", "schedTime is no time that can be read"),
        (0, "schedTime is in 1970, which cannot be right"),
        (10**30, "schedTime is no time that can be read"),
        ([], "schedTime should be a text or a number"),
        (True, "schedTime should be a text or a number"),
    ],
)
def test_a_time_that_cannot_be_right_is_left_out_and_named(text, problem):
    found = read(schedTime=text)

    assert found.scheduled is None
    assert found.unusable == [problem]
    assert found.name == "PAY_CALC"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT21M", 1260),
        ("PT4H20S", 14_420),
        ("P1DT2H", 93_600),
        ("P2W", 1_209_600),
        ("PT0.5S", 0.5),
        ("PT0S", 0),
        ("PT1H-30M", 1800),  # as Java writes it
        ("pt1m", 60),
        (1500, 1.5),  # the older API counts milliseconds
        ("", None),
    ],
)
def test_a_duration_is_seconds(text, seconds):
    assert read(repeatInterval=text).repeat_seconds == seconds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PT-5S", "negative"),
        ("-PT5S", "negative"),
        (-1, "negative"),
        ("5 minutes", "no duration"),
        ("P1Y", "no duration"),
        ("P99999999999D", "no duration"),
        (10**400, "no duration"),
    ],
)
def test_a_duration_that_cannot_be_right_is_left_out_and_named(text, words):
    found = read(repeatInterval=text)

    assert found.repeat_seconds is None
    assert "repeatInterval" in found.unusable[0]
    assert words in found.unusable[0]


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2200, 1, 1)),  # noqa: DTZ001 (the zone comes next)
    st.integers(-14 * 60, 14 * 60),
)
def test_every_time_with_a_zone_keeps_its_moment(naive, minutes):
    zoned = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    problems: list[str] = []

    assert moment(zoned.isoformat(), "x", problems) == zoned or problems


@given(st.one_of(st.text(), st.integers(), st.floats(allow_nan=False)))
def test_no_value_crashes_the_reading_of_times(value):
    problems: list[str] = []

    moment(value, "x", problems)
    span(value, "x", problems)


# --- Statuses -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelled", "status"),
    [
        ("ABENDP", "ABENP"),
        ("ABEND P", "ABENP"),
        ("CANCEL", "CANCL"),
        ("CANCEL P", "CANCLP"),
        ("FAILED", "FAIL"),
        ("SUPPRESS", "SUPPR"),
        ("EXEC+", "EXEC"),
        ("EXEC_PLUS", "EXEC"),
        ("INTRO_PLUS", "INTRO"),
        ("R JOB", "EXEC"),
        ("SUCC P", "SUCCP"),
        ("abend", "ABEND"),
        (" hold ", "HOLD"),
        ("", "UNKNOWN"),
        (None, "UNKNOWN"),
        ("X" * 500, "X" * 40),
    ],
)
def test_a_status_has_one_spelling(spelled, status):
    assert statuses.internal(spelled) == status


@pytest.mark.parametrize("kind", ["JobInPlanStatus", "JobStreamInPlanStatus"])
def test_every_status_of_the_contract_is_in_the_table(kind):
    for word in CONTRACT["v2"]["schemas"][kind]["enum"]:
        assert statuses.internal(word) in STATUSES, word


def test_no_spelling_means_two_statuses():
    spellings = [s for status in STATUSES.values() for s in status.spellings]

    assert len(spellings) == len(set(spellings))
    assert not set(spellings) & set(STATUSES)


@pytest.mark.parametrize(
    ("fields", "common"),
    [
        ({"lastRunCommonStatus": "HELD"}, "HELD"),
        ({"lastRunCommonStatus": "SUPPRESS_BY_COND"}, "SUPPRESS"),
        ({"lastRunCommonStatus": None, "jobruns": []}, "ERROR"),
        (
            {
                "lastRunCommonStatus": None,
                "jobruns": [],
                "lastRunCompositeStatus": {"status": "HOLD", "canceled": True},
            },
            "CANCELED",
        ),
    ],
)
def test_the_public_status_is_the_engines_or_the_manuals(fields, common):
    assert read(**fields).common_status == common


# --- Dependencies ---------------------------------------------------------------


def test_each_kind_of_dependency_is_read():
    found = read(
        dependencies=[
            {
                "dependencyType": "INTERNAL",
                "jobId": ID,
                "jobName": "PAY_EXTRACT",
                "satisfied": True,
                "predecessorStatus": {"status": "SUCC"},
            },
            {
                "dependencyType": "EXTERNAL_JOB",
                "dependencyStatus": "UNDECIDED",
                "jobStreamName": "FINAL",
                "jobStreamWorkstation": "/MDM",
                "jobStreamSchedTime": "2026-03-04T21:59:00Z",
                "jobName": "SWITCHPLAN",
                "pending": True,
                "zombie": True,
                "statusConditions": ["SUCC"],
            },
            {
                "dependencyType": "JOIN",
                "joinName": "ANY",
                "joinQuantity": 1,
                "criteria": "AT_LEAST",
                "members": [{"dependencyType": "INTERNAL", "jobId": ID}],
            },
            {
                "dependencyType": "FILE",
                "file": {
                    "name": "/in/a.csv",
                    "workstation": "AGT",
                    "status": "Checking",
                },
                "timeLastChecked": "2026-03-04T18:05:11Z",
            },
            {
                "dependencyType": "RESOURCE",
                "name": "DB",
                "folder": "/R",
                "workstation": "/AGT",
                "quantity": 2,
                "available": 0,
                "totalQuantity": 4,
            },
            {
                "dependencyType": "PROMPT",
                "promptName": "GO",
                "text": "Go on?",
                "number": 7,
                "promptStatus": "ASKED",
            },
            {
                "dependencyType": "INTERNETWORK",
                "networkAgent": "NET",
                "dependency": "REMOTE#S.J",
                "jobInPlanCompositeStatus": {"status": "EXTRN"},
            },
        ]
    ).dependencies

    internal, external, join, file, resource, prompt, remote = found
    assert (internal.satisfied, internal.predecessor_status) == (True, "SUCC")
    assert (external.satisfied, external.pending, external.zombie) == (
        False,
        True,
        True,
    )
    assert (join.join_quantity, join.members[0].job_id) == (1, ID)
    assert (file.file, file.workstation, file.file_last_checked) == (
        "/in/a.csv",
        "/AGT",
        START,
    )
    assert (resource.resource, resource.folder, resource.quantity) == ("DB", "/R/", 2)
    assert (prompt.prompt, prompt.prompt_number, prompt.prompt_status) == (
        "GO",
        7,
        "ASKED",
    )
    assert (remote.network_agent, remote.predecessor_status) == ("NET", "EXTRN")


def test_a_dependency_without_a_verdict_is_as_its_status_says():
    (one, two) = read(
        dependencies=[
            {"dependencyType": "FILE", "dependencyStatus": "SATISFIED"},
            {"dependencyType": "FILE", "dependencyStatus": "UNDECIDED"},
        ]
    ).dependencies

    assert (one.satisfied, two.satisfied) == (True, False)


# --- Broken answers -------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"jobruns": [run(returnCode="8")]},
            "jobruns[0].returnCode should be an integer",
        ),
        ({"jobruns": {}}, "jobruns should be a list"),
        ({"jobruns": [run(), 3]}, "jobruns[1] should be an object"),
        ({"priority": 10.5}, "priority should be an integer"),
        (
            {"jobOptions": {"critical": "false"}},
            "jobOptions.critical should be true or false",
        ),
        ({"dependencies": [{}]}, "dependencies[0].dependencyType is missing"),
        (
            {"dependencies": [{"dependencyType": 5}]},
            "dependencies[0].dependencyType should be a text",
        ),
        (
            {"jobruns": [run(timeInfo={"elapsedTime": "PT-1S"})]},
            "jobruns[0].timeInfo.elapsedTime is negative, which cannot be right",
        ),
        (
            {"dependencies": [{"dependencyType": "FILE", "timeLastChecked": "x"}]},
            "dependencies[0].timeLastChecked is no time that can be read",
        ),
    ],
)
def test_a_broken_field_is_named_and_the_rest_is_kept(fields, problem):
    found = read(**fields)

    assert problem in found.unusable
    assert (found.name, found.status) == ("PAY_CALC", "ABEND")


def test_a_broken_job_does_not_lose_the_list():
    broken = job(priority="high", jobruns=[run(returnCode="x")])

    page = decoding.jobs_page(listed(job(), broken, {"name": "NO_ID"}, 7, None))

    assert [len(item.unusable) for item in page.items] == [0, 2]
    assert [(lost.index, lost.name, lost.problem) for lost in page.unusable] == [
        (2, "NO_ID", "id is missing"),
        (3, "", "it should be an object"),
        (4, "", "it should be an object"),
    ]


def test_a_single_object_that_is_unusable_says_why():
    with pytest.raises(TwsPayloadError, match="understood: id is missing"):
        decoding.job(b'{"name": "J"}')


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty"),
        (b"   ", "is empty"),
        (b"null", "results should be a list"),
        (b'{"results": {}}', "results should be a list"),
        (b'{"results": [', "breaks off after 13 bytes"),
        (b"oops", "begins with 'oops'"),
        (b'{"results": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
    ],
)
def test_what_is_no_list_says_so(body, words):
    with pytest.raises(TwsPayloadError, match=words):
        decoding.jobs_page(body)


def test_text_that_no_database_takes_is_made_harmless():
    body = rb'{"results": [{"id": "1", "name": "a\u0000b\ud800c\udc00d\ud83d\ude00"}]}'

    assert decoding.jobs_page(body).items[0].name == "a\ufffdb\ufffdc\ufffdd\U0001f600"


def test_a_server_that_forgets_utf8_is_still_read():
    body = '{"results": [{"id": "1", "name": "CAFÉ"}]}'.encode("latin-1")

    assert decoding.jobs_page(body).items[0].name == "CAF\ufffd"


def test_a_list_without_an_envelope_is_read():
    body = json.dumps([{"id": "1", "name": "A"}, {"id": "2", "name": "B"}]).encode()

    assert [item.name for item in decoding.jobs_page(body).items] == ["A", "B"]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(list(job())), json_values))
def test_no_lie_about_a_field_crashes_the_reading_of_a_list(lies):
    page = decoding.jobs_page(json.dumps({"results": [job(**lies), job()]}).encode())

    assert len(page.items) + len(page.unusable) == 2
    assert page.items[-1].status == "ABEND"


@given(st.binary())
def test_no_bytes_crash_the_decoder(body):
    try:
        decoding.jobs_page(body)
    except TwsPayloadError as error:
        assert str(error)  # noqa: PT017 (most bytes are no list)


# --- The other objects ------------------------------------------------------------


def test_a_job_stream_is_read_with_the_vendors_spelling():
    body = {
        "id": "1",
        "name": "PAYROLL",
        "folder": "HR",
        "workstation": "AGT",
        "compositeStatus": {"status": "STUCK"},
        "commonStatus": "BLOCKED",
        "limit": -1,
        "jobStreamStats": {"numberOfJob": 6, "numberOfSuccessfullJob": 2},
        "jsDefinitionFlags": {"carriedForward": True},
        "jsStatusFlags": {"lateJobStream": True},
        "timeInfo": {"estimatedDuration": "PT1H"},
    }

    found = decoding.jobstream(json.dumps(body).encode())

    assert found.key == "/AGT#/HR/PAYROLL"
    assert (found.status, found.limit, found.late) == ("STUCK", -1, True)
    assert (found.stats.jobs, found.stats.successful) == (6, 2)
    assert (found.carried_forward, found.estimated_seconds) == (True, 3600.0)


@pytest.mark.parametrize(
    ("states", "more", "expected"),
    [
        (["LINKED", "JOBMAN_UP", "ONLINE"], {"type": "AGENT"}, (True, True, True)),
        (["FULLY_LINKED", "JOBMAN_UP"], {"type": "FTA"}, (True, True, True)),
        (["JOBMAN_UP", "ONLINE"], {"type": "AGENT"}, (False, True, True)),
        (["LINKED"], {"type": "AGENT"}, (True, False, False)),
        (["MASTER", "JOBMAN_UP"], {"type": "MANAGER"}, (True, True, True)),
        ([], {"hostType": "MASTER", "type": "MANAGER"}, (True, False, True)),
        (None, {}, (False, False, True)),
    ],
)
def test_a_workstation_tells_its_state(states, more, expected):
    body = {"id": "1", "name": "AGT", "folder": "/", "activeStates": states, **more}

    found = decoding.workstation(json.dumps(body).encode())

    assert (found.linked, found.jobman_up, found.online) == expected
    assert found.key == "/AGT"


def test_a_resource_is_read_with_its_holders():
    body = {
        "id": "1",
        "name": "DB",
        "workstation": "/AGT",
        "quantity": 2,
        "quantityAvailable": -1,
        "quantityInUse": 3,
        "holders": [{"jobId": ID, "jobKey": "/AGT#/S.J", "quantity": 3}, None],
    }

    found = decoding.resource(json.dumps(body).encode())

    assert (found.key, found.available, found.in_use) == ("/AGT#/DB", -1, 3)
    assert [holder.job_key for holder in found.holders] == ["/AGT#/S.J"]


def test_predecessors_are_jobs_and_job_streams():
    page = decoding.nodes_page(
        listed(
            job(),
            {"flowNodeType": "JOBSTREAM", "id": "2", "name": "S"},
            {"id": "3", "name": "T", "jsStatusFlags": {}},
            {"flowNodeType": "JOB", "id": 4},
        )
    )

    assert [type(item) for item in page.items] == [Job, JobStream, JobStream]
    assert page.unusable[0].problem == "id should be a text"


def test_counts_by_group():
    found = decoding.count(b'{"count": 13, "groupedCount": {"ABEND": 1, "SUCC": 12}}')

    assert (found.total, found.groups) == (13, {"ABEND": 1, "SUCC": 12})


@pytest.mark.parametrize(
    ("item", "key"),
    [
        (Job(id="1", name="J", stream_name="S", workstation="A"), "/A#/S.J"),
        (
            Job(id="1", name="J", stream_name="S", folder="X/Y", workstation="/F/A"),
            "/F/A#/X/Y/S.J",
        ),
        (JobStream(id="1", name="S", folder="/X/", workstation="/A"), "/A#/X/S"),
        (Job(id="1", name="J", key="as the vendor has it"), "as the vendor has it"),
    ],
)
def test_an_object_has_a_key_in_the_trades_form(item, key):
    assert object_key(item) == key


def test_a_workstation_by_hand_needs_only_its_name():
    assert not Workstation(id="1", name="A", type="AGENT").online
