"""What stands between here and TWS, told in Portuguese from the real errors."""

import pytest

from tests.fakes.http import Reply
from tests.portuguese import english_in
from tests.tws.test_client_errors import RUN_ID, fails, said
from tests.tws.test_wording import places
from tws import wording
from tws.breaker import Breaker
from tws.client import TwsClient
from tws.config import make_config
from tws.exceptions import TwsError, TwsUnavailable
from tws.quoting import checked_text, path_segment
from tws.wording.errors import REMEDIES, SENTENCES, TRIED
from tws.wording.forms import Form

REPLIES = {
    "wrong password": (Reply.json({}, 401), "jobs"),
    "forbidden": (Reply.json({}, 403), "workstations"),
    "a filter that is refused": (Reply.json({"messages": ["x1 y1"]}, 400), "jobs"),
    "no such address": (Reply.html(404), "resources"),
    "no such object": (said("AWSJSY101E"), "job", RUN_ID),
    "a log that is gone": (Reply.json({}, 404), "job_log", RUN_ID),
    "a page for people": (Reply.html(200), "jobstreams"),
    "a redirection": (Reply.json({}, 302), "jobs"),
    "a gateway": (Reply.html(502), "jobs"),
    "a failure inside": (Reply.json({"messages": ["x1"]}, 500), "jobs"),
    "declined": (Reply.json({}, 409), "jobs"),
    "nothing": (Reply(200, b""), "jobs"),
    "no JSON": (Reply(200, b"x1 y1"), "jobs"),
    "cut JSON": (Reply(200, b'{"results": ['), "jobs"),
}


def assert_portuguese(error: TwsError) -> None:
    for text in (error.message, error.action, str(error)):
        assert wording.error(text) != text or not text
        assert english_in(wording.error(text)) == [], text


@pytest.mark.parametrize(
    ("reply", "call", "arguments"),
    [(r, c, a) for r, c, *a in REPLIES.values()],
    ids=REPLIES,
)
async def test_what_tws_answers(reply, call, arguments):
    assert_portuguese(await fails(reply, call, *arguments))


async def test_an_api_key_and_no_credentials():
    assert_portuguese(await fails(Reply.json({}, 401), api_key="k1"))
    assert_portuguese(await fails(Reply.json({}, 401), user=""))


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://nowhere.invalid:31116"])
async def test_nobody_there(url):
    async with TwsClient(make_config([url], timeout=2.0)) as tws:
        with pytest.raises(TwsUnavailable) as caught:
            await tws.jobs()

    assert_portuguese(caught.value)


async def test_what_was_tried_in_vain_for_long():
    breaker = Breaker()

    async def fail() -> None:
        raise TwsUnavailable(
            "TWS does not answer.", action="Ask for a part of the plan."
        )

    told = set()
    for _ in range(20):
        with pytest.raises(TwsUnavailable) as caught:
            await breaker.run(fail)
        told.add(wording.error(caught.value.message))
        assert_portuguese(caught.value)
    await breaker.aclose()

    assert any("tentativas; a próxima é em" in text for text in told)


@pytest.mark.parametrize("urls", [[], ["ftp://x1"]])
def test_settings_that_name_no_server(urls):
    with pytest.raises(TwsError) as caught:
        make_config(urls)

    assert_portuguese(caught.value)


@pytest.mark.parametrize("name", ["", "X" * 5_000, "A\\B", "A\x00B"])
def test_names_that_nothing_can_have(name):
    with pytest.raises(TwsError) as caught:
        checked_text(name)

    told = wording.error(caught.value.message)
    assert told != caught.value.message
    assert wording.error(caught.value.action) != caught.value.action


def test_an_id_that_tws_does_not_give():
    with pytest.raises(TwsError) as caught:
        path_segment("a b")

    assert_portuguese(caught.value)


@pytest.mark.parametrize(
    "form", [*SENTENCES, *REMEDIES, *TRIED], ids=lambda f: f.english[:60]
)
def test_both_languages_have_the_same_places(form: Form):
    assert places(form.portuguese) == places(form.english)


def test_half_a_text_is_not_translated():
    text = "TWS does not answer. Ask the mainframe team."

    assert wording.error(text) == text
    assert wording.error("TWS does not answer. The answer of TWS is empty.") == (
        "O TWS não responde. A resposta do TWS está vazia."
    )
