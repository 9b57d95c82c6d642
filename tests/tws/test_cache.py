"""Fetched once however many ask; old rather than none; never what is forbidden."""

import asyncio
import gc
import logging
from datetime import UTC, datetime

import pytest

from tests.fakes.http import Reply, fake_http
from tws.cache import AsyncTTLCache
from tws.client import TwsClient
from tws.config import make_config
from tws.exceptions import TwsForbidden, TwsUnavailable


class Source:
    """Counts how often it is asked, and fails when told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self) -> int:
        self.asked += 1
        number = self.asked
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return number


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock) -> AsyncTTLCache:
    return AsyncTTLCache(60, stale_if=TwsUnavailable, clock=clock)


async def test_a_value_is_loaded_once_and_kept_for_its_time(cache, clock):
    source = Source()

    first = await cache.get("k", source)
    clock.now += 59
    second = await cache.get("k", source)
    clock.now += 2
    third = await cache.get("k", source)

    assert (first.value, second.value, third.value) == (1, 1, 2)
    assert first.read_at == second.read_at
    assert (datetime.now(UTC) - third.read_at).total_seconds() < 5
    assert third.age_seconds < 5


async def test_a_hundred_at_once_make_one_request():
    with fake_http(lambda _: Reply.json({"results": []}, delay=0.1)) as server:
        async with TwsClient(make_config([server.url])) as tws:
            cache = AsyncTTLCache(60)
            found = await asyncio.gather(
                *(cache.get("jobs", tws.jobs) for _ in range(100))
            )

    assert len(server.requests) == 1
    assert len({id(cached.value) for cached in found}) == 1


async def test_the_first_may_leave_without_the_others_losing_their_answer(cache):
    source = Source()
    source.gate.clear()
    first = asyncio.create_task(cache.get("k", source))
    others = [asyncio.create_task(cache.get("k", source)) for _ in range(9)]
    await asyncio.sleep(0)

    first.cancel()
    await asyncio.sleep(0)
    source.gate.set()

    assert {(await other).value for other in others} == {1}
    assert first.cancelled()
    assert source.asked == 1


async def test_errors_are_told_to_all_and_not_kept(cache):
    source = Source()
    source.error = TwsUnavailable("down")

    outcomes = await asyncio.gather(
        *(cache.get("k", source) for _ in range(5)), return_exceptions=True
    )
    source.error = None

    assert [str(outcome) for outcome in outcomes] == ["down"] * 5
    assert source.asked == 1
    assert (await cache.get("k", source)).value == 2


async def test_an_old_value_serves_with_its_age_while_the_source_is_down(cache, clock):
    source = Source()
    fresh = await cache.get("k", source)
    source.error = TwsUnavailable("down")
    clock.now += 61

    old = await cache.get("k", source)
    again = await cache.get("k", source)

    assert (old.value, old.read_at, old.stale) == (1, fresh.read_at, True)
    assert again == old
    assert source.asked == 2  # the second one did not wait for the source
    assert not fresh.stale


async def test_the_source_is_tried_again_soon_and_the_value_is_fresh_again(
    cache, clock
):
    source = Source()
    await cache.get("k", source)
    source.error = TwsUnavailable("down")
    clock.now += 61
    await cache.get("k", source)
    source.error = None
    clock.now += 6

    recovered = await cache.get("k", source)

    assert (recovered.value, recovered.stale) == (3, False)


async def test_a_value_that_is_too_old_is_none(clock):
    cache = AsyncTTLCache(60, stale_if=TwsUnavailable, max_stale=100, clock=clock)
    source = Source()
    await cache.get("k", source)
    source.error = TwsUnavailable("down")
    clock.now += 161

    with pytest.raises(TwsUnavailable):
        await cache.get("k", source)


async def test_a_withdrawn_right_is_not_answered_from_memory(cache, clock):
    source = Source()
    await cache.get("k", source)
    clock.now += 61
    source.error = TwsForbidden("no")
    with pytest.raises(TwsForbidden):
        await cache.get("k", source)

    source.error = TwsUnavailable("down")
    with pytest.raises(TwsUnavailable):  # nor afterwards
        await cache.get("k", source)


async def test_the_least_used_goes_first():
    cache = AsyncTTLCache(60, max_entries=2)
    source = Source()
    await cache.get("a", source)
    await cache.get("b", source)
    await cache.get("a", source)
    await cache.get("c", source)

    assert len(cache) == 2
    assert (await cache.get("a", source)).value == 1
    assert (await cache.get("b", source)).value == 4


async def test_without_a_time_nothing_is_kept_but_those_at_once_still_share():
    cache = AsyncTTLCache(0)
    source = Source()

    together = await asyncio.gather(*(cache.get("k", source) for _ in range(3)))
    later = await cache.get("k", source)

    assert [cached.value for cached in together] == [1, 1, 1]
    assert later.value == 2


async def test_a_value_can_have_a_time_of_its_own(cache, clock):
    source = Source()
    await cache.get("k", source, ttl=5)
    clock.now += 6

    assert (await cache.get("k", source)).value == 2


async def test_forgetting(cache):
    source = Source()
    await cache.get("a", source)
    await cache.get("b", source)
    cache.forget("a")
    cache.forget("unknown")

    assert len(cache) == 1
    cache.clear()
    assert len(cache) == 0


async def test_a_failure_that_nobody_waits_for_is_no_noise(cache, caplog):
    source = Source()
    source.gate.clear()
    source.error = TwsUnavailable("down")
    waiting = asyncio.create_task(cache.get("k", source))
    await asyncio.sleep(0)
    waiting.cancel()
    source.gate.set()

    with caplog.at_level(logging.ERROR, "asyncio"):
        await asyncio.sleep(0.05)
        gc.collect()

    assert caplog.text == ""


async def test_closing_stops_what_is_being_loaded(cache):
    source = Source()
    source.gate.clear()
    waiting = asyncio.create_task(cache.get("k", source))
    await asyncio.sleep(0)

    await cache.aclose()

    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_renewal_loads_anew_and_the_others_are_told_what_is_there(cache):
    source = Source()
    await cache.get("k", source)
    source.gate.clear()

    renewal = asyncio.create_task(cache.get("k", source, renew=True))
    await asyncio.sleep(0)
    meanwhile = await cache.get("k", source)
    source.gate.set()

    assert meanwhile.value == 1
    assert (await renewal).value == 2
    assert (await cache.get("k", source)).value == 2


async def test_a_renewal_that_fails_leaves_the_value_marked_as_old(cache):
    source = Source()
    await cache.get("k", source)
    source.error = TwsUnavailable("TWS is away.")

    renewed = await cache.get("k", source, renew=True)

    assert (renewed.value, renewed.stale) == (1, True)


async def test_what_is_outdated_is_loaded_again_or_serves_as_old(cache):
    kept, source, failing = Source(), Source(), Source()
    for key, of in (("kept", kept), ("k", source), ("failing", failing)):
        await cache.get(key, of)

    cache.outdate(but={"kept"})
    failing.error = TwsUnavailable("TWS is away.")

    assert (await cache.get("kept", kept)).value == 1
    assert (await cache.get("k", source)).value == 2
    assert (await cache.get("failing", failing)).stale
