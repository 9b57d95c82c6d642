"""The manuals as data: complete, consistent, and with an answer for the unknown."""

import re

import pytest

from tws import knowledge
from tws.knowledge import ACTIONS, CODE, MESSAGES, STATUSES

# interfaces: what a diagnosis may name as a root.
KINDS = """
job_failed confirmation_pending job_running launching prompt_open resource_busy
file_missing time_not_reached latest_start_passed workstation_limit stream_limit fence
priority_zero workstation_down workstation_ignored internetwork suppressed
orphan_dependency plan_stalled waiting_turn none unknown
""".split()
PLACES = {"job", "stream", "workstation", "prompt", "resource", "file"} | {
    "dependency",
    "limit",
    "priority",
}


def test_every_message_says_what_to_do_and_where_it_stands():
    for message in MESSAGES.values():
        assert CODE.fullmatch(message.code), message.code
        assert message.text.endswith("."), message.code
        assert message.action.endswith("."), message.code
        assert message.manual, message.code
        assert message.means in {"", "forbidden", "not_found"}, message.code


def test_every_component_of_a_known_message_has_a_name():
    assert {code[:6] for code in MESSAGES} <= set(knowledge.COMPONENTS)


def test_every_kind_of_root_has_its_action():
    assert set(ACTIONS) == set(KINDS)
    for action in ACTIONS.values():
        places = {p for line in action.conman for p in re.findall(r"{(\w+)}", line)}
        assert places <= PLACES, action.kind


def test_every_status_has_a_meaning_and_a_public_status():
    for status in STATUSES.values():
        assert status.meaning.endswith("."), status.status
        assert status.common.isupper(), status.status


def test_codes_are_found_in_a_log_in_their_order():
    text = "AWSBHT001E bad, AWSBDW002E worse; AWSBHT001E again, XAWSBHT001E, AWSBHT1E"

    assert knowledge.codes_in(text) == ["AWSBHT001E", "AWSBDW002E"]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("AWSBDW002E", "The user that the job runs as is not valid on the agent."),
        ("AWSBDW999E", "A message of Jobman."),
    ],
)
def test_a_message_is_explained_or_its_sender_is(code, text):
    found = knowledge.message(code)

    assert found is not None
    assert (found.code, found.text) == (code, text)


@pytest.mark.parametrize("code", ["", "AWSZZZ001E", "nonsense", "AWSBHT"])
def test_what_is_no_known_code_has_no_explanation(code):
    assert knowledge.message(code) is None


def test_an_unknown_kind_has_no_action():
    assert knowledge.action("nothing") is None
    assert knowledge.action("fence") == ACTIONS["fence"]
