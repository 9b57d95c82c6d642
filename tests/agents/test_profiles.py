"""What an agent profile may be, by every way in: save, file, check, admin."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from agents.models import AgentProfile
from agents.tools.names import TOOL_NAMES

pytestmark = pytest.mark.django_db

SHIPPED = Path("agents/fixtures/agents.json")
GOOD = {
    "id": "alpha",
    "name": "Alpha",
    "role": "a tester",
    "goal": "Test.",
    "tools": ["tws_status"],
}


def load(tmp_path, document) -> str:
    path = tmp_path / "agents.json"
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    out = StringIO()
    call_command("load_agents", str(path), stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("tools", "told"),
    [
        (["tws_sttus"], "there is no tool “tws_sttus”; did you mean tws_status"),
        (["TWS_JOB"], "there is no tool “TWS_JOB”; did you mean tws_job"),
        (["zzz"], "there is no tool “zzz”; the tools are: tws_status, "),
        ([], "an agent without tools cannot answer; give at least one of: tws_status"),
        ("tws_status", "must be a list of tool names."),
        ([1], "must be a list of tool names."),
        (None, "must be a list of tool names."),
        ({"tws_status": True}, "must be a list of tool names."),
        (["tws_job", "tws_job"], "“tws_job” is listed twice."),
    ],
)
def test_defect_21_unknown_tool_names_are_refused(tools, told):
    """The older system dropped unknown names and ran agents without any tool."""
    with pytest.raises(ValidationError) as caught:
        AgentProfile(**GOOD | {"tools": tools}).save()

    assert any(told in message for message in caught.value.message_dict["tools"])
    assert not AgentProfile.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "a/b"),
        ("id", 'a"b'),
        ("id", ""),
        ("id", "x" * 65),
        ("name", ""),
        ("name", "a\0b"),
        ("goal", "a\ud800b"),
        ("role", "x" * 201),
        ("enabled", "perhaps"),
    ],
)
def test_a_field_that_cannot_be_is_named_at_save(field, value):
    with pytest.raises(ValidationError) as caught:
        AgentProfile(**GOOD | {field: value}).save()

    assert list(caught.value.message_dict) == [field]


def test_the_shipped_agents_load_and_come_back_the_same(tmp_path):
    out = StringIO()
    call_command("load_agents", str(SHIPPED), stdout=out)
    assert out.getvalue() == "Agents loaded: tws-analyzer, tws-troubleshooter.\n"

    dumped = StringIO()
    call_command("dump_agents", stdout=dumped)

    assert json.loads(dumped.getvalue()) == json.loads(SHIPPED.read_text())
    call_command("load_agents", str(SHIPPED), stdout=StringIO())
    assert AgentProfile.objects.count() == 2
    tools = {tool for agent in AgentProfile.objects.all() for tool in agent.tools}
    assert tools == set(TOOL_NAMES)


def test_loading_as_json(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"agents": [GOOD]}))
    out = StringIO()

    call_command("load_agents", str(path), "--json", stdout=out)

    assert json.loads(out.getvalue()) == {"loaded": ["alpha"]}


@pytest.mark.parametrize(
    ("agents", "told"),
    [
        (
            [GOOD, GOOD | {"id": "b", "tools": ["tws_jb"]}],
            "agent b: tools: there is no",
        ),
        ([GOOD, GOOD | {"id": "b", "tools": []}], "agent b: tools: an agent without"),
        ([GOOD, {"id": "b"}], "agent b: name: is missing."),
        ([GOOD, GOOD], "agent alpha: id: is there twice."),
        ([GOOD, 7], "agent number 2: must be an object."),
        ([GOOD | {"id": "a b"}], "agent a b: id: Enter a valid"),
        ([GOOD | {"id": 7}], "agent number 1: id: must be text."),
        ([GOOD | {"id": ["x"]}], "agent number 1: id: must be text."),
        ([GOOD | {"memory": "False"}], "agent alpha: memory: must be true or false."),
        ([GOOD | {"enabled": 1}], "agent alpha: enabled: must be true or false."),
        (
            [GOOD | {"tool": []}],
            "agent alpha: tool: there is no such field; the fields",
        ),
        ([GOOD | {"goal": None}], "agent alpha: goal: must be text."),
        ([GOOD | {"name": "a\0"}], "agent alpha: name: holds characters that cannot"),
        ([GOOD | {"role": "\ud800"}], "agent alpha: role: holds characters that"),
    ],
)
def test_a_file_is_loaded_as_a_whole_or_not_at_all(tmp_path, agents, told):
    with pytest.raises(CommandError) as caught:
        load(tmp_path, {"agents": agents})

    assert str(caught.value).startswith("Nothing was loaded. ")
    assert told in str(caught.value)
    assert not AgentProfile.objects.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", 'must hold {"agents": [...]}'),
        ('{"agents": {}}', 'must hold {"agents": [...]}'),
        ("\udc80", "is not a text file in UTF-8"),
        ('{"agents": []}' + " " * 1_000_001, "is larger than any list of agents"),
    ],
    ids=["empty", "cut", "deep", "list", "object", "bytes", "huge"],
)
def test_a_file_that_is_none_gets_one_clear_line(tmp_path, text, told):
    path = tmp_path / "agents.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(CommandError) as caught:
        call_command("load_agents", str(path))

    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_failure_is_one_json_document_where_json_was_asked_for(tmp_path):
    out = StringIO()

    with pytest.raises(CommandError) as failure:
        call_command("load_agents", str(tmp_path), "--json", stdout=out)

    told = {"error": "failed", "detail": str(failure.value)}
    assert json.loads(out.getvalue()) == told


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match=r"cannot be read: No such file"):
        call_command("load_agents", str(tmp_path / "none.json"))
    with pytest.raises(CommandError, match=r"cannot be read: Is a directory"):
        call_command("load_agents", str(tmp_path))


def test_an_agent_that_a_file_does_not_name_stays(tmp_path):
    AgentProfile(**GOOD | {"id": "mine"}).save()
    created = AgentProfile.objects.get().created_at

    load(tmp_path, {"agents": [GOOD, GOOD | {"id": "mine", "name": "Changed"}]})

    mine = AgentProfile.objects.get(id="mine")
    assert (mine.name, mine.created_at) == ("Changed", created)
    assert AgentProfile.objects.count() == 2


def test_the_check_finds_what_came_in_past_save():
    AgentProfile(**GOOD).save()
    assert [e for e in run_checks(databases=["default"]) if e.id == "agents.E001"] == []

    AgentProfile.objects.update(tools=["tws_sttus"])

    errors = [e for e in run_checks(databases=["default"]) if e.id == "agents.E001"]
    assert len(errors) == 1
    assert "alpha" in errors[0].msg
    assert "did you mean tws_status" in errors[0].msg


@pytest.mark.parametrize(
    ("base_url", "model", "expected"),
    [
        ("", "", []),
        ("http://x/v1", "m", []),
        ("http://x/v1", "", ["agents.W001"]),
        ("", "m", ["agents.W002"]),
    ],
)
def test_the_check_finds_half_a_model(settings, base_url, model, expected):
    settings.LLM_BASE_URL, settings.LLM_MODEL = base_url, model

    found = [e.id for e in run_checks() if e.id and e.id.startswith("agents.W")]

    assert found == expected


def test_every_admin_page_opens_and_what_happened_is_not_edited(admin_client):
    from django.contrib.auth.models import User

    from agents.models import Conversation, Turn

    AgentProfile(**GOOD).save()
    talk = Conversation.objects.create(user=User.objects.get(), agent_id="alpha")
    turn = Turn.objects.create(
        conversation=talk, number=1, question="Why?", evidence=[{"x": "<script>"}]
    )
    for page in ("agentprofile", "conversation", "turn"):
        assert admin_client.get(f"/admin/agents/{page}/").status_code == 200
        search = admin_client.get(f"/admin/agents/{page}/?q=alpha")
        assert search.status_code == 200
    assert admin_client.get("/admin/agents/turn/add/").status_code == 403
    assert admin_client.get("/admin/agents/conversation/add/").status_code == 403

    seen = admin_client.get(f"/admin/agents/turn/{turn.pk}/change/")
    assert seen.status_code == 200
    assert b"&lt;script&gt;" in seen.content
    post = admin_client.post(f"/admin/agents/turn/{turn.pk}/change/", {"number": 2})
    assert post.status_code == 403


def test_the_admin_says_what_is_wrong_with_a_profile(admin_client):
    page = admin_client.post(
        "/admin/agents/agentprofile/add/", GOOD | {"id": "b c", "tools": []}
    )

    assert page.status_code == 200
    errors = page.context["adminform"].form.errors
    assert sorted(errors) == ["id", "tools"]
    assert "an agent without tools cannot answer" in errors["tools"][0]

    page = admin_client.post("/admin/agents/agentprofile/add/", GOOD)
    assert page.status_code == 302
    assert AgentProfile.objects.get().tools == ["tws_status"]
