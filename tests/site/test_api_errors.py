"""Below /api/ whatever goes wrong is JSON with a sentence, never a page."""

import json
import logging

import pytest
from django.test import AsyncClient, Client

from resync_site import health
from resync_site.api_errors import json_errors

pytestmark = pytest.mark.django_db

CHAT = {"agent": "tws-troubleshooter", "message": "Why is PAYROLL not running?"}
NOT_ALLOWED = [
    ("GET", "/api/chat", "POST"),
    ("DELETE", "/api/agents", "GET"),
    ("POST", "/api/health/tws", "GET"),
    ("PUT", "/api/audit/review", "POST"),
]


@pytest.fixture
def script(operator):
    client = Client(raise_request_exception=False)
    client.force_login(operator)
    return client


def refused(answer) -> str:
    """The sentence of an error that is JSON through and through."""
    assert answer["Content-Type"] == "application/json"
    if "Content-Length" in answer:
        assert answer["Content-Length"] == str(len(answer.content))
    detail = json.loads(answer.content)["detail"]
    assert isinstance(detail, str)
    assert not detail.startswith("<")
    return detail


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing", "/api/agents/", "/api/audit/%3Cb%3E", "/api/%FF"]
)
def test_nothing_there_is_said_in_json(script, method, path):
    answer = script.generic(method, path)

    assert answer.status_code == 404
    assert "/api/docs" in refused(answer)
    assert "X-Content-Type-Options" in answer


@pytest.mark.parametrize(("method", "path", "allowed"), NOT_ALLOWED)
def test_a_wrong_method_names_the_right_one(script, method, path, allowed):
    answer = script.generic(method, path)

    assert (answer.status_code, answer["Allow"]) == (405, allowed)
    assert refused(answer) == (
        f"{method} is not possible at this address: use {allowed}."
    )


def chat(script, body, content_type="application/json"):
    return script.post("/api/chat", body, content_type=content_type)


@pytest.mark.parametrize(
    "body", ["{", "{}}", "nonsense", b"\xff\xfe\x00", "[" * 90_000]
)
def test_a_body_that_is_no_json_is_told_so(script, body):
    answer = chat(script, body)

    assert answer.status_code == 400
    assert refused(answer).startswith("The body is not JSON: ")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", "agent=x"),
        ("application/x-www-form-urlencoded", "agent=x&message=y"),
        ("multipart/form-data; boundary=b", "--b\r\n\r\n--b--"),
        ("application/xml", "<agent/>"),
    ],
)
def test_a_body_of_another_kind_is_told_which_is_right(script, content_type, body):
    answer = chat(script, body, content_type)

    assert answer.status_code == 415
    assert refused(answer).startswith("Send JSON (application/json), not ")


@pytest.mark.parametrize("body", ["[]", '"x"', "7", "null", ""])
def test_json_that_is_no_object_is_not_valid(script, body):
    answer = chat(script, body)

    assert answer.status_code == 422
    assert refused(answer) == "The request is not valid."


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded"]
)
def test_a_body_that_is_too_long_is_told_how_long_it_may_be(
    script, settings, content_type
):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = chat(script, json.dumps({**CHAT, "message": "x" * 2000}), content_type)

    assert answer.status_code == 413
    assert refused(answer) == "The body is too long: at most 1000 bytes are read."


def test_an_unknown_host_is_refused_in_json(script, settings):
    settings.ALLOWED_HOSTS = ["resync.example"]

    answer = script.get("/api/agents", headers={"host": "elsewhere.example"})

    assert answer.status_code == 400
    assert refused(answer) == "The request cannot be read."


def break_health(monkeypatch) -> None:
    async def broken(part: str) -> dict[str, object]:
        raise RuntimeError("s3cret reason")

    monkeypatch.setattr(health, "check", broken)


def test_a_fault_of_ours_is_logged_and_not_told(script, monkeypatch, caplog):
    break_health(monkeypatch)

    with caplog.at_level(logging.ERROR):
        answer = script.get("/api/health/app")

    assert answer.status_code == 500
    assert "log" in refused(answer)
    assert b"s3cret" not in answer.content
    assert "s3cret reason" in caplog.text


async def test_the_same_holds_without_threads(monkeypatch):
    break_health(monkeypatch)
    client = AsyncClient(raise_request_exception=False)

    assert "log" in refused(await client.get("/api/health/app"))
    assert "/api/docs" in refused(await client.get("/api/nothing"))


@pytest.mark.parametrize("path", ["/nothing", "/plan/nothing", "/apiary", "/api2/x"])
def test_people_still_get_a_page(script, path):
    answer = script.get(path)

    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_the_browsable_documents_stay_a_page(script):
    assert script.get("/api/docs")["Content-Type"].startswith("text/html")
    assert script.get("/api/openapi.json").status_code == 200


def test_it_is_the_outermost(settings):
    assert settings.MIDDLEWARE[0].endswith(json_errors.__name__)
