"""The manuals as data: complete, consistent, and with an answer for the unknown."""

import pytest

from tws import knowledge
from tws.knowledge import CODE, MESSAGES, STATUSES


def test_every_message_says_what_to_do_and_where_it_stands():
    for message in MESSAGES.values():
        assert CODE.fullmatch(message.code), message.code
        assert message.text.endswith("."), message.code
        assert message.action.endswith("."), message.code
        assert message.manual, message.code
        assert message.means in {"", "forbidden", "not_found"}, message.code


def test_every_component_of_a_known_message_has_a_name():
    assert {code[:6] for code in MESSAGES} <= set(knowledge.COMPONENTS)


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
