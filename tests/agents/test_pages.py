"""The pages as the server makes them: who sees what, and nothing inline."""

import json
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

from agents.models import AgentProfile, Conversation, Turn
from agents.wording import texts
from tests.agents.test_rendering import elements

pytestmark = pytest.mark.django_db
XSS = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture(autouse=True)
def profiles():
    for agent_id, name in (("tws-analyzer", "Analyst"), ("tws-troubleshooter", XSS)):
        AgentProfile.objects.create(
            id=agent_id, name=name[:100], role="r", goal=XSS, tools=["tws_status"]
        )


@pytest.fixture
def browser(operator):
    client = Client()
    client.force_login(operator)
    return client


def conversation_of(user, *turns, **fields):
    defaults = {"agent_id": "tws-analyzer", "title": "title"}
    conversation = Conversation.objects.create(user=user, **{**defaults, **fields})
    for number, turn in enumerate(turns, start=1):
        Turn.objects.create(
            conversation=conversation,
            number=number,
            **{"question": "q", "answer": "a", "status": "ok", **turn},
        )
    return conversation


def page_data(response):
    text = response.content.decode()
    return json.loads(
        re.search(r'<script id="page"[^>]*>(.*?)</script>', text, re.DOTALL)[1]
    )


def test_a_stranger_is_sent_to_the_sign_in(client):
    response = client.get("/")

    assert response.status_code == 302
    assert response.url == "/accounts/login/?next=/"


def test_without_the_right_to_chat_the_page_says_so():
    client = Client()
    client.force_login(User.objects.create_user("outsider"))
    response = client.get("/")

    assert response.status_code == 403
    assert "Operators" in response.content.decode()


def test_an_operator_sees_the_agents_and_no_conversation_yet(browser):
    response = browser.get("/")
    page = page_data(response)

    assert response.status_code == 200
    assert page["conversation"] is None
    assert page["after"] == 0
    assert page["turns"] == []
    assert '<option value="tws-analyzer"' in response.content.decode()


def test_the_chosen_agent_is_selected(browser):
    assert page_data(browser.get("/?agent=tws-troubleshooter"))["agent"] == (
        "tws-troubleshooter"
    )
    assert page_data(browser.get("/?agent=nobody"))["agent"] in {
        "tws-analyzer",
        "tws-troubleshooter",
    }


def test_a_conversation_is_shown_with_its_turns(browser, operator):
    conversation = conversation_of(
        operator,
        {"question": "one", "answer": "**bold**", "mode": "llm"},
        {"question": "two", "answer": "so far", "status": "stopped"},
        agent_id="tws-troubleshooter",
        next_seq=42,
    )
    response = browser.get(f"/?c={conversation.id}")
    page = page_data(response)
    text = response.content.decode()

    assert page["agent"] == "tws-troubleshooter"
    assert page["conversation"] == str(conversation.id)
    assert page["after"] == 41
    assert [turn["status"] for turn in page["turns"]] == ["ok", "stopped"]
    assert "<strong>bold</strong>" in text
    assert text.index("one") < text.index("two")


def test_a_running_turn_is_told_again_from_its_beginning(browser, operator):
    conversation = conversation_of(
        operator,
        {
            "status": "running",
            "answer": "half an answer",
            "first_seq": 7,
            "lease_until": "2100-01-01T00:00:00Z",
        },
        next_seq=12,
    )
    response = browser.get(f"/?c={conversation.id}")

    assert page_data(response)["after"] == 6
    assert "half an answer" not in response.content.decode()


def test_a_turn_of_a_dead_process_is_shown_as_interrupted(browser, operator):
    conversation = conversation_of(
        operator,
        {
            "status": "running",
            "answer": "so far",
            "first_seq": 7,
            "lease_until": "2020-01-01T00:00:00Z",
        },
    )
    response = browser.get(f"/?c={conversation.id}")

    assert page_data(response)["turns"][0]["status"] == "interrupted"
    assert "so far" in response.content.decode()


def test_a_conversation_of_another_user_is_not_found(browser, reviewer):
    conversation = conversation_of(reviewer, {"question": "secret"})
    response = browser.get(f"/?c={conversation.id}")

    assert response.status_code == 404
    assert "secret" not in response.content.decode()
    assert str(conversation.id) not in browser.get("/").content.decode()


@pytest.mark.parametrize(
    "wanted",
    ["6f0e0f6c-0c1b-4d8e-9d55-0d3a4b6a9e11", "x", "'; DROP TABLE", "%00", "\u2603"],
)
def test_a_conversation_that_is_not_there_is_not_found(browser, wanted):
    assert browser.get("/", {"c": wanted}).status_code == 404


def test_a_conversation_whose_agent_is_gone_can_be_read(browser, operator):
    conversation = conversation_of(operator, {"question": "old"}, agent_id="gone")
    text = browser.get(f"/?c={conversation.id}").content.decode()

    assert "old" in text
    assert re.search(r"<textarea[^>]* disabled", text)


def test_without_agents_the_page_says_what_to_do(browser):
    AgentProfile.objects.all().delete()

    assert "load_agents" in browser.get("/").content.decode()


def test_text_from_outside_is_never_html(browser, operator):
    conversation = conversation_of(
        operator,
        {
            "question": XSS,
            "answer": XSS,
            "error": XSS,
            "tools": [{"name": XSS, "arguments": {XSS: XSS}, "output": XSS}],
            "sources": [{"question": XSS}],
            "grounding": {"claims": [{"text": XSS}]},
        },
        title=XSS,
    )
    text = browser.get(f"/?c={conversation.id}").content.decode()

    assert "<script>alert" not in text
    assert "img" not in {tag for tag, _ in elements(text)}


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/?c=x"])
def test_nothing_is_inline_and_the_policy_says_so(browser, path):
    response = browser.get(path)
    text = response.content.decode()
    policy = response.headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    for tag, attributes in elements(text):
        assert tag != "style"
        assert not [name for name in attributes if name.startswith("on")]
        assert "style" not in attributes
        if tag == "script":
            assert "src" in attributes or attributes["type"] == "application/json"


def test_the_list_holds_the_newest_conversations_first(browser, operator):
    for number in range(25):
        conversation_of(operator, title=f"talk {number}")
    text = browser.get("/").content.decode()
    shown = re.findall(r"talk (\d+)", text)

    assert shown == [str(number) for number in range(24, 4, -1)]


def test_the_page_asks_the_database_a_constant_number_of_times(
    browser, operator, django_assert_max_num_queries
):
    turns = [{"question": f"q{number}"} for number in range(30)]
    conversation = conversation_of(operator, *turns)

    with django_assert_max_num_queries(11):
        browser.get(f"/?c={conversation.id}")


def test_a_wrong_password_is_told_and_the_name_is_kept(client, operator):
    response = client.post(
        "/accounts/login/", {"username": "operator", "password": "wrong"}
    )
    text = response.content.decode()

    assert 'role="alert"' in text
    assert 'value="operator"' in text


def test_signing_in_leads_where_one_was_going(client, operator):
    response = client.post(
        "/accounts/login/",
        {
            "username": "operator",
            "password": "correct horse battery staple",
            "next": "/?agent=tws-analyzer",
        },
    )

    assert response.url == "/?agent=tws-analyzer"


def test_signing_in_never_leads_elsewhere(client, operator):
    response = client.post(
        "/accounts/login/",
        {
            "username": "operator",
            "password": "correct horse battery staple",
            "next": "https://evil.example/",
        },
    )

    assert response.url == "/"


# Words that are the same in both languages.
SAME = {"HWA {version}", "batchman {state}", "{count} s", "{count} min", "{count} h"}


def test_the_script_speaks_portuguese_too():
    english = texts()
    with translation.override("pt-br"):
        portuguese = texts()

    untranslated = {
        text for name, text in english.items() if portuguese[name] == text
    } - SAME
    assert untranslated == set()
    for name, text in english.items():
        words = re.findall(r"{(\w+)}", text)
        assert sorted(words) == sorted(re.findall(r"{(\w+)}", portuguese[name]))


def test_the_pages_speak_the_readers_language(browser):
    text = browser.get("/", headers={"Accept-Language": "pt-BR"}).content.decode()

    assert '<html lang="pt-br">' in text
    assert "Por que PAYROLL não executa?" in text
    assert "Nova conversa" in text
