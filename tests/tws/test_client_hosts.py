"""Several hosts, retries, and the breaker that spares a server that is down."""

import asyncio
import re
import time
from datetime import UTC, datetime

import pytest

from tests.fakes.http import Reply, fake_http
from tws import breaker
from tws.breaker import Breaker
from tws.client import TwsClient
from tws.config import make_config
from tws.exceptions import TwsNotFound, TwsUnauthorized, TwsUnavailable
from tws.together import together

GOOD = Reply.json({"displayVersion": "10.2.5"})


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def all_together(*calls):
    async with together() as group:
        tasks = [group.create_task(call) for call in calls]
    return [task.result() for task in tasks]


async def test_the_backup_answers_when_the_primary_is_gone_and_stays_preferred():
    with fake_http(lambda _: GOOD) as primary, fake_http(lambda _: GOOD) as backup:
        primary.stop()
        async with TwsClient(make_config([primary.url, backup.url])) as tws:
            await tws.engine_info()
            primary.start()
            for _ in range(3):
                await tws.engine_info()

    assert len(backup.requests) == 4
    assert primary.requests == []


async def test_the_primary_is_asked_again_when_the_backup_goes():
    with fake_http(lambda _: GOOD) as primary, fake_http(lambda _: GOOD) as backup:
        primary.stop()
        async with TwsClient(make_config([primary.url, backup.url])) as tws:
            await tws.engine_info()
            primary.start()
            backup.stop()
            info = await tws.engine_info()

    assert info.version == "10.2.5"
    assert len(primary.requests) == 1


async def test_when_no_host_answers_each_is_named():
    with fake_http(lambda _: GOOD) as one, fake_http(lambda _: Reply.html(503)) as two:
        one.stop()
        async with TwsClient(make_config([one.url, two.url])) as tws:
            with pytest.raises(TwsUnavailable) as caught:
                await tws.engine_info()

    assert one.url in caught.value.message
    assert two.url in caught.value.message
    assert len(two.requests) == 2


@pytest.mark.parametrize("broken", [Reply.html(502), Reply.html(504), Reply(cut=-1)])
async def test_a_hiccup_is_hidden_by_one_more_try(broken):
    replies = [broken, GOOD]
    with fake_http(lambda _: replies.pop(0)) as server:
        async with TwsClient(make_config([server.url])) as tws:
            info = await tws.engine_info()

    assert info.version == "10.2.5"
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
async def test_an_answer_is_never_asked_for_twice(status):
    with fake_http(lambda _: Reply.json({}, status)) as server:
        async with TwsClient(make_config([server.url])) as tws:
            with pytest.raises(Exception, match=str(status)):
                await tws.engine_info()

    assert len(server.requests) == 1


async def test_tries_are_bounded():
    with fake_http(lambda _: Reply.html(503)) as server:
        async with TwsClient(make_config([server.url])) as tws:
            with pytest.raises(TwsUnavailable):
                await tws.engine_info()

    assert len(server.requests) == 2


async def test_five_failures_in_a_row_spare_the_server_and_say_until_when():
    clock = Clock()
    with fake_http(lambda _: Reply.html(503)) as server:
        config = make_config([server.url])
        async with TwsClient(config, breaker=Breaker(clock=clock)) as tws:
            for _ in range(5):
                with pytest.raises(TwsUnavailable):
                    await tws.engine_info()
            asked = len(server.requests)
            start = time.monotonic()
            with pytest.raises(TwsUnavailable) as caught:
                await tws.engine_info()

    assert time.monotonic() - start < 0.05
    assert len(server.requests) == asked
    sentence = str(caught.value)
    assert "TWS behind it does not (503). It was tried 5 times" in sentence
    assert re.search(r"the next try is in 15 s, at \d\d:\d\d:\d\d UTC", sentence)
    assert 13 < (caught.value.retry_at - datetime.now(UTC)).total_seconds() <= 15


@pytest.mark.parametrize("side_by_side", [asyncio.gather, all_together])
async def test_after_the_pause_one_call_tries_for_all(side_by_side):
    clock = Clock()
    reply = Reply.html(503)
    with fake_http(lambda _: reply) as server:
        config = make_config([server.url])
        async with TwsClient(config, breaker=Breaker(clock=clock)) as tws:
            for _ in range(5):
                with pytest.raises(TwsUnavailable):
                    await tws.engine_info()
            clock.now += 16
            reply = Reply(body=GOOD.body, delay=0.2)
            asked = len(server.requests)

            calls = side_by_side(*(tws.engine_info() for _ in range(10)))
            waiting = asyncio.ensure_future(calls)
            await asyncio.sleep(0.1)
            tried = len(server.requests) - asked
            infos = await waiting

    assert tried == 1
    assert [info.version for info in infos] == ["10.2.5"] * 10


async def test_who_waits_for_a_try_is_told_and_the_try_goes_on(monkeypatch):
    monkeypatch.setattr(breaker, "TRIAL_SECONDS", 0.05)
    clock = Clock()
    reply = Reply.html(503)
    with fake_http(lambda _: reply) as server:
        config = make_config([server.url])
        async with TwsClient(config, breaker=Breaker(clock=clock)) as tws:
            for _ in range(5):
                with pytest.raises(TwsUnavailable):
                    await tws.engine_info()
            clock.now += 16
            reply = Reply(body=GOOD.body, delay=0.3)

            # The first that fails cancels those beside it, also the one that tries.
            with pytest.raises(TwsUnavailable, match="one more try is under way"):
                await all_together(*(tws.engine_info() for _ in range(3)))
            await asyncio.sleep(0.5)

            assert (await tws.engine_info()).version == "10.2.5"


async def test_a_failed_try_after_the_pause_begins_another_pause():
    clock = Clock()
    with fake_http(lambda _: Reply.html(503)) as server:
        config = make_config([server.url])
        async with TwsClient(config, breaker=Breaker(clock=clock)) as tws:
            for _ in range(5):
                with pytest.raises(TwsUnavailable):
                    await tws.engine_info()
            clock.now += 16
            with pytest.raises(TwsUnavailable, match="503"):
                await tws.engine_info()
            asked = len(server.requests)
            with pytest.raises(TwsUnavailable, match="tried 6 times"):
                await tws.engine_info()

    assert len(server.requests) == asked


@pytest.mark.parametrize(
    ("status", "error"), [(401, TwsUnauthorized), (404, TwsNotFound)]
)
async def test_a_server_that_declines_is_not_down(status, error):
    with fake_http(lambda _: Reply.json({}, status)) as server:
        async with TwsClient(make_config([server.url])) as tws:
            for _ in range(8):
                with pytest.raises(error):
                    await tws.engine_info()

    assert len(server.requests) == 8


async def test_silence_counts_for_the_breaker():
    with fake_http(lambda _: Reply(delay=1)) as server:
        async with TwsClient(make_config([server.url], timeout=0.05)) as tws:
            for _ in range(5):
                with pytest.raises(TwsUnavailable, match="no answer"):
                    await tws.engine_info()
            with pytest.raises(TwsUnavailable, match="next try is in"):
                await tws.engine_info()


async def test_a_cancelled_try_after_the_pause_does_not_lock_the_breaker():
    clock = Clock()
    reply = Reply.html(503)
    with fake_http(lambda _: reply) as server:
        config = make_config([server.url])
        async with TwsClient(config, breaker=Breaker(clock=clock)) as tws:
            for _ in range(5):
                with pytest.raises(TwsUnavailable):
                    await tws.engine_info()
            clock.now += 16
            reply = Reply(body=GOOD.body, delay=0.3)
            task = asyncio.create_task(tws.engine_info())
            await asyncio.sleep(0.1)
            task.cancel()
            clock.now += 16
            reply = GOOD

            assert (await tws.engine_info()).version == "10.2.5"
