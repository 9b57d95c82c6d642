"""The REST API as scripts see it, on a real Daphne with the simulated plan."""

import uuid

import pytest

from audit.models import AuditEntry
from memory.models import Memory
from tests.audit.conftest import pending  # noqa: F401  # a fixture
from tests.site.conftest import eventually

pytestmark = pytest.mark.django_db(transaction=True)

CHAT = {"agent": "tws-troubleshooter", "message": "Why is PAYROLL not running?"}
REVIEW = {"memory_id": str(uuid.uuid4()), "action": "approve"}
FOR_OPERATORS = [
    ("GET", "/api/agents", None),
    ("GET", "/api/status", None),
    ("POST", "/api/chat", CHAT),
]
FOR_REVIEWERS = [
    ("GET", "/api/audit/flags", None),
    ("POST", "/api/audit/review", REVIEW),
    ("GET", "/api/audit/metrics", None),
]
FOR_USERS = [
    ("GET", f"/api/health/{part}", None) for part in ("tws", "llm", "memory", "worker")
]


@pytest.mark.parametrize(
    ("method", "path", "body"), FOR_OPERATORS + FOR_REVIEWERS + FOR_USERS
)
def test_nobody_gets_in_without_signing_in(anonymous, method, path, body):
    assert anonymous.request(method, path, json=body).status_code == 401


@pytest.mark.parametrize(("method", "path", "body"), FOR_REVIEWERS)
def test_operators_do_not_review(as_operator, method, path, body):
    headers = {"X-CSRFToken": as_operator.cookies["csrftoken"]}

    assert (
        as_operator.request(method, path, json=body, headers=headers).status_code == 403
    )


@pytest.mark.parametrize(("method", "path", "body"), FOR_OPERATORS + FOR_REVIEWERS)
def test_a_user_without_groups_may_do_nothing(
    site, member, token_of, anonymous, method, path, body
):
    nobody = member("nobody", "Operators")
    nobody.groups.clear()
    headers = {"Authorization": f"Bearer {token_of(nobody)}"}

    assert (
        anonymous.request(method, path, json=body, headers=headers).status_code == 403
    )


def test_a_session_that_writes_needs_its_csrf_token(as_operator):
    assert as_operator.post("/api/chat", json=CHAT).status_code == 403
    assert as_operator.send_json("/api/chat", CHAT).status_code == 200


def test_a_token_speaks_for_its_user_until_it_or_he_is_gone(
    anonymous, operator, token_of
):
    headers = {"Authorization": f"Bearer {token_of(operator)}"}

    assert anonymous.get("/api/agents", headers=headers).status_code == 200
    assert operator.api_tokens.get().last_used_at is not None
    operator.is_active = False
    operator.save()
    assert anonymous.get("/api/agents", headers=headers).status_code == 401
    wrong = {"Authorization": "Bearer rsy_wrong"}
    assert anonymous.get("/api/agents", headers=wrong).status_code == 401


def test_the_shipped_agents_are_told(as_operator):
    agents = eventually(lambda: as_operator.get("/api/agents").json())

    assert [sorted(agent) for agent in agents] == [
        sorted(["id", "name", "role", "goal", "tools", "model_name"])
    ] * len(agents)
    assert {agent["id"] for agent in agents} == {"tws-analyzer", "tws-troubleshooter"}


def test_the_status_tells_its_age(as_operator):
    status = as_operator.get("/api/status").json()

    assert status["counts"]["ERROR"] >= 1
    assert status["age_seconds"] >= 0
    assert status["errors"]
    assert status["workstations"]


def test_a_question_is_answered_and_its_repetition_is_not_asked_again(as_operator):
    client_id = str(uuid.uuid4())
    first = as_operator.send_json("/api/chat", {**CHAT, "client_id": client_id}).json()
    again = as_operator.send_json(
        "/api/chat",
        {**CHAT, "client_id": client_id, "conversation": first["conversation"]},
    ).json()

    assert first["status"] == "ok"
    assert first["mode"] == "computed"
    assert {"turn", "agent", "answer", "tools", "grounding", "sources"} <= set(first)
    assert first["tools"][0]["status"] == "ok"
    assert first["grounding"]["unsupported"] == 0
    assert again["turn"] == first["turn"]
    memory = eventually(lambda: Memory.objects.filter(question=CHAT["message"]).first())
    assert memory.answer == first["answer"]
    assert AuditEntry.objects.get(memory=memory).status == "waiting"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**CHAT, "agent": "nobody"}, 404),
        ({**CHAT, "agent": "../admin"}, 404),
        ({**CHAT, "message": "   "}, 400),
        ({**CHAT, "conversation": str(uuid.uuid4())}, 404),
        ({**CHAT, "conversation": "not-a-uuid"}, 422),
        ({"agent": "tws-analyzer"}, 422),
        ([], 422),
    ],
    ids=["agent", "path", "blank", "conversation", "uuid", "no message", "list"],
)
def test_bad_questions_get_a_clear_answer(as_operator, body, status):
    answer = as_operator.send_json("/api/chat", body)

    assert answer.status_code == status
    assert answer.json()["detail"]


def test_broken_json_is_no_server_error(as_operator):
    headers = {
        "X-CSRFToken": as_operator.cookies["csrftoken"],
        "Content-Type": "application/json",
    }

    assert as_operator.post("/api/chat", content=b"{", headers=headers).status_code in {
        400,
        422,
    }


def test_the_queue_is_told_and_decided_once(as_reviewer, pending):
    entry = pending(memory={"question": "Q1", "answer": "A1"})
    pending(memory={"question": "Q2", "answer": "100% sure"})
    memory_id = str(entry.memory_id)

    flags = as_reviewer.get("/api/audit/flags").json()
    found = as_reviewer.get("/api/audit/flags", params={"query": "100%"}).json()
    assert flags["count"] == 2
    assert flags["results"][0] == {
        "memory_id": memory_id,
        "user_query": "Q1",
        "agent_response": "A1",
        "ia_audit_reason": "The evidence says otherwise.",
        "ia_audit_confidence": 0.9,
        "status": "pending",
        "created_at": flags["results"][0]["created_at"],
        "reviewed_at": None,
        "reviewed_by": None,
    }
    assert [row["user_query"] for row in found["results"]] == ["Q2"]

    body = {"memory_id": memory_id, "action": "reject", "comment": "wrong"}
    first = as_reviewer.send_json("/api/audit/review", body)
    second = as_reviewer.send_json("/api/audit/review", {**body, "action": "approve"})
    assert (first.status_code, first.json()["status"]) == (200, "rejected")
    assert first.json()["reviewed_by"] == "reviewer"
    assert second.status_code == 409
    assert second.json()["reviewed_by"] == "reviewer"
    assert second.json()["reviewed_at"]
    assert Memory.objects.get(pk=memory_id).state == "rejected"
    assert as_reviewer.get("/api/audit/flags?status=all").json()["count"] == 2

    numbers = as_reviewer.get("/api/audit/metrics").json()
    assert (numbers["pending"], numbers["rejected"], numbers["precision"]) == (
        1,
        1,
        1.0,
    )
    assert numbers["oldest_pending_seconds"] >= 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (REVIEW, 404),
        ({**REVIEW, "action": "delete"}, 422),
        ({**REVIEW, "memory_id": "1"}, 422),
    ],
    ids=["unknown", "action", "id"],
)
def test_bad_decisions_get_a_clear_answer(as_reviewer, body, status):
    assert as_reviewer.send_json("/api/audit/review", body).status_code == status


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "offset=-1", "status=nothing"])
def test_bad_pages_are_refused(as_reviewer, query):
    assert as_reviewer.get(f"/api/audit/flags?{query}").status_code == 422


def test_health_tells_each_part(as_operator, anonymous):
    app = anonymous.get("/api/health/app")
    tws = as_operator.get("/api/health/tws")
    llm = as_operator.get("/api/health/llm")
    memory = eventually(
        lambda: (
            (answer := as_operator.get("/api/health/memory")).status_code == 200
            and answer
        ),
        patience=30,
    )
    worker = as_operator.get("/api/health/worker")

    assert [r.json()["status"] for r in (app, tws, llm, memory, worker)] == [
        "ok", "ok", "degraded", "ok", "down",
    ]  # fmt: skip
    assert worker.status_code == 503
    assert set(app.json()) == {"status", "detail", "checked_at", "ms"}
    assert as_operator.get("/api/health/nothing").status_code in {404, 422}


def test_a_load_balancer_needs_no_login(anonymous):
    assert anonymous.get("/healthz").status_code == 200
    assert anonymous.get("/readyz").status_code == 200


def test_metrics_are_for_loopback_and_token_holders(anonymous, operator, token_of):
    forwarded = {"X-Forwarded-For": "203.0.113.9"}

    page = anonymous.get("/api/metrics")
    assert page.status_code == 200
    assert "resync_http_requests_total" in page.text
    assert "resync_audit_entries" in page.text
    assert anonymous.get("/api/metrics", headers=forwarded).status_code == 401
    for key in ("scrape-me", token_of(operator)):
        bearer = {**forwarded, "Authorization": f"Bearer {key}"}
        assert anonymous.get("/api/metrics", headers=bearer).status_code == 200
    wrong = {**forwarded, "Authorization": "Bearer wrong"}
    assert anonymous.get("/api/metrics", headers=wrong).status_code == 401


def test_the_api_is_browsable_without_the_internet(anonymous):
    page = anonymous.get("/api/docs")

    assert page.status_code == 200
    assert "swagger-ui-bundle.js" in page.text
    assert "https://" not in page.text
    schema = anonymous.get("/api/openapi.json").json()
    assert "/api/chat" in schema["paths"]


def test_the_browsable_api_can_send_what_it_shows(as_operator):
    page = as_operator.get("/api/docs").text

    assert 'data-api-csrf="true"' in page
    token = page.partition('data-csrf-token="')[2].partition('"')[0]
    headers = {"X-CSRFToken": token}
    assert as_operator.post("/api/chat", json=CHAT, headers=headers).status_code == 200


def test_every_page_carries_a_strict_policy(anonymous):
    policy = anonymous.get("/accounts/login/").headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_change_of_agents_reaches_the_running_process(as_operator):
    from agents.models import AgentProfile

    eventually(lambda: len(as_operator.get("/api/agents").json()) == 2)
    AgentProfile.objects.get(pk="tws-analyzer").delete()

    def told() -> bool:
        return [a["id"] for a in as_operator.get("/api/agents").json()] == [
            "tws-troubleshooter"
        ]

    assert eventually(told)
