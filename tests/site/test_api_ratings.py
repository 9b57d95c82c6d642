"""What an answer was worth, told over REST: by whom it was asked, and nobody else."""

import uuid

import pytest

from agents.models import Turn
from audit.models import AuditEntry, Decision
from memory.models import Memory
from resync_site import api_ratings
from tests.site.conftest import eventually

pytestmark = pytest.mark.django_db(transaction=True)

CHAT = {"agent": "tws-troubleshooter", "message": "Why is PAYROLL not running?"}
NOBODYS = f"/api/turns/{uuid.uuid4()}/rating"


def call(browser, method, path, body=None):
    headers = {"X-CSRFToken": browser.cookies.get("csrftoken", "")}
    return browser.request(method, path, json=body, headers=headers)


@pytest.fixture
def turn(as_operator) -> str:
    """A turn of the operator that is remembered."""
    told = as_operator.send_json("/api/chat", CHAT).json()["turn"]
    eventually(lambda: Memory.objects.filter(turn_id=told).exists())
    return told


@pytest.fixture
def path(turn) -> str:
    return f"/api/turns/{turn}/rating"


def test_an_answer_is_rated_rated_again_and_the_rating_taken_back(
    as_operator, turn, path
):
    conversation = Turn.objects.get(pk=turn).conversation_id
    listed = f"/api/conversations/{conversation}/ratings"
    nothing = {"turn": turn, "rating": None, "comment": "", "rated_at": None}
    assert as_operator.get(listed).json() == {"ratings": [nothing]}

    body = {"rating": 1, "comment": "  It was\n the fence. "}
    wrong = call(as_operator, "PUT", path, body)
    assert wrong.status_code == 200
    said = wrong.json()
    assert (said["turn"], said["rating"], said["comment"]) == (
        turn,
        1,
        "It was the fence.",
    )
    assert as_operator.get(listed).json() == {"ratings": [said]}
    memory = Memory.objects.get(turn_id=turn)
    assert (memory.rating, memory.state) == (1, "quarantined")
    assert AuditEntry.objects.get(memory=memory).priority == 0

    right = call(as_operator, "PUT", path, {"rating": 5}).json()
    assert (right["rating"], right["comment"]) == (5, "")
    assert right["rated_at"] > said["rated_at"]

    gone = call(as_operator, "DELETE", path)
    assert (gone.status_code, gone.json()["rating"]) == (200, None)
    memory.refresh_from_db()
    assert (memory.rating, memory.state) == (None, "active")
    lines = Decision.objects.filter(entry__memory=memory, action="rated")
    assert [line.by.username for line in lines] == ["operator"] * 3


def test_a_script_rates_with_its_users_token(anonymous, operator, token_of, turn, path):
    headers = {"Authorization": f"Bearer {token_of(operator)}"}

    answer = anonymous.put(path, json={"rating": 2}, headers=headers)

    assert (answer.status_code, answer.json()["rating"]) == (200, 2)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_only_who_asked_may_rate(
    anonymous, as_reviewer, as_operator, turn, path, method
):
    body = {"rating": 1} if method == "PUT" else None

    assert anonymous.request(method, path, json=body).status_code == 401
    assert as_operator.request(method, path, json=body).status_code == 403  # no CSRF
    foreign = call(as_reviewer, method, path, body)
    unknown = call(as_reviewer, method, NOBODYS, body)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()
    assert "no such answer" in foreign.json()["detail"]
    assert Memory.objects.get(turn_id=turn).rated_at is None


def test_only_who_asked_may_read_the_ratings(as_reviewer, anonymous, turn):
    conversation = Turn.objects.get(pk=turn).conversation_id
    foreign = f"/api/conversations/{conversation}/ratings"
    unknown = f"/api/conversations/{uuid.uuid4()}/ratings"

    assert anonymous.get(foreign).status_code == 401
    assert as_reviewer.get(foreign).status_code == 404
    assert as_reviewer.get(foreign).json() == as_reviewer.get(unknown).json()


def test_who_may_not_chat_may_not_rate(anonymous, member, token_of, path):
    nobody = member("nobody", "Operators")
    nobody.groups.clear()
    headers = {"Authorization": f"Bearer {token_of(nobody)}"}

    answer = anonymous.put(path, json={"rating": 1}, headers=headers)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"rating": 0},
        {"rating": 6},
        {"rating": "1"},
        {"rating": True},
        {"rating": 1.5},
        {"rating": None},
        {"rating": 1, "comment": "x" * 501},
        {"rating": 1, "comment": 7},
    ],
    ids=str,
)
def test_what_is_no_rating_is_refused(as_operator, turn, path, body):
    answer = call(as_operator, "PUT", path, body)

    assert answer.status_code == 422
    assert answer.json()["problems"]
    assert Memory.objects.get(turn_id=turn).rating is None


def test_what_postgresql_refuses_is_cleaned(as_operator, path):
    answer = call(as_operator, "PUT", path, {"rating": 1, "comment": "a\x00b" * 166})

    assert answer.status_code == 200
    assert answer.json()["comment"] == "ab" * 166


def test_an_id_that_is_none_is_refused(as_operator):
    answer = call(as_operator, "PUT", "/api/turns/1/rating", {"rating": 1})

    assert answer.status_code == 422


def test_what_is_not_remembered_says_so(as_operator, turn, path):
    Turn.objects.filter(pk=turn).update(status="running")
    running = call(as_operator, "PUT", path, {"rating": 1})
    Turn.objects.filter(pk=turn).update(status="failed")
    Memory.objects.filter(turn_id=turn).delete()
    forgotten = call(as_operator, "PUT", path, {"rating": 1})

    assert (running.status_code, forgotten.status_code) == (409, 409)
    assert "still being written" in running.json()["detail"]
    assert "not remembered" in forgotten.json()["detail"]


def test_too_many_ratings_are_put_off(anonymous, member, token_of):
    eager = {"Authorization": f"Bearer {token_of(member('eager', 'Operators'))}"}
    answers = [
        anonymous.delete(NOBODYS, headers=eager) for _ in range(api_ratings.BURST + 5)
    ]

    assert {answer.status_code for answer in answers} == {404, 429}
    late = next(answer for answer in answers if answer.status_code == 429)
    assert int(late.headers["Retry-After"]) >= 1
    assert "Too many ratings" in late.json()["detail"]
