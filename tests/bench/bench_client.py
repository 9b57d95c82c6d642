"""What the client costs, against bare httpx on the same server in the same run."""

import asyncio
import gc
import json
import time
from collections.abc import Awaitable, Callable
from statistics import median

import httpx
from asgiref.sync import async_to_sync

from tests.fakes.fixed_http import fixed_http
from tws import decoding
from tws.cache import AsyncTTLCache
from tws.client import TwsClient
from tws.config import make_config

ROUNDS = 9
CALLS = 200
HITS = 20_000
JOBS = 10_000

Call = Callable[[], Awaitable[object]]

INFO = {"displayVersion": "10.2.5", "timezone": "UTC", "referenceId": "x" * 900}


def job(number: int, *, full: bool) -> dict[str, object]:
    """A job of a list: as short as it can be, or with runs and definition."""
    short = {
        "flowNodeType": "JOB",
        "id": f"{number:08d}-0e6b-3f1b-9251-854d8d0d3639",
        "folder": "/HR/",
        "name": f"PAY_CALC_{number}",
        "workstation": "/AGT_PAY",
        "jobStreamId": f"{number // 10:08d}-2b25-3a8f-9c1c-7e6c1fb3a2d0",
        "jobStreamName": f"PAYROLL_{number // 10}",
        "lastRunCompositeStatus": {"canceled": False, "status": "HOLD"},
        "priority": 10,
    }
    if not full:
        return short
    return {
        **short,
        "jobStreamWorkstation": "/AGT_PAY",
        "key": f"/AGT_PAY#/HR/PAYROLL_{number // 10}.PAY_CALC_{number}",
        "lastRunCommonStatus": "WAITING",
        "jobStatusFlags": {"jobLate": False, "untilGone": False, "needMessage": False},
        "jobOptions": {"critical": False, "requiresConfirmation": False},
        "jobDefinition": {"estimatedDuration": "PT21M", "userLogins": ["payusr"]},
        "jobruns": [
            {
                "id": f"{number:08d}-11c4-3d1b-8b6e-0a6f4a1d9e55",
                "compositeStatus": {"canceled": False, "status": "HOLD"},
                "timeInfo": {"estimatedDuration": "PT21M"},
                "lastInRerunChain": True,
            }
        ],
        "schedTime": "2026-03-04T18:00:00Z",
        "dependenciesStats": {
            "numberOfDependencies": 3,
            "numberOfUnresolvedDependencies": 1,
        },
    }


def listing(jobs: int, *, full: bool) -> bytes:
    results = [job(number, full=full) for number in range(jobs)]
    return json.dumps({"count": jobs, "results": results}).encode()


async def per_second(call: Call, at_once: int) -> float:
    async def some() -> None:
        for _ in range(CALLS // at_once):
            await call()

    began = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(at_once)))
    return (CALLS // at_once) * at_once / (time.perf_counter() - began)


async def _requests(url: str) -> dict[str, float]:
    found = {}
    limits = httpx.Limits(max_connections=20, max_keepalive_connections=20)
    async with (
        httpx.AsyncClient(limits=limits, trust_env=False) as bare,
        TwsClient(make_config([url])) as tws,
    ):

        async def plain() -> None:
            await bare.get(f"{url}/api/v2/engine/info")

        for at_once in (1, 20):
            await per_second(plain, at_once)
            await per_second(tws.engine_info, at_once)
            # In turns, and compared turn by turn, so that noise meets both.
            turns = [
                (
                    await per_second(plain, at_once),
                    await per_second(tws.engine_info, at_once),
                )
                for _ in range(ROUNDS)
            ]
            found |= {
                f"bare httpx, {at_once} at once, requests/s": median(
                    a for a, _ in turns
                ),
                f"client, {at_once} at once, requests/s": median(b for _, b in turns),
                f"client / bare httpx, {at_once} at once": median(
                    b / a for a, b in turns
                ),
            }
    return found


def bench_client_requests() -> dict[str, float]:
    """Requests per second, decoded, in times of bare httpx that only reads."""
    with fixed_http(json.dumps(INFO).encode()) as url:
        return async_to_sync(_requests)(url)


async def _hits() -> float:
    cache = AsyncTTLCache(60)

    async def load() -> int:
        return 1

    await cache.get("key", load)
    began = time.perf_counter()
    for _ in range(HITS):
        await cache.get("key", load)
    return (time.perf_counter() - began) / HITS * 1e6


def bench_client_cache_hit() -> dict[str, float]:
    """What it costs to be told again."""
    return {"cache hit, µs": min(async_to_sync(_hits)() for _ in range(3))}


def bench_client_decode() -> dict[str, float]:
    """Ten thousand jobs from bytes to objects, in times of ``json.loads``."""
    found = {}
    for name, full in (("short", False), ("full", True)):
        body = listing(JOBS, full=full)
        times: dict[str, list[float]] = {"json": [], "ours": []}
        for _ in range(3):
            began = time.perf_counter()
            json.loads(body)
            times["json"].append(time.perf_counter() - began)
            began = time.perf_counter()
            decoding.jobs_page(body)
            times["ours"].append(time.perf_counter() - began)
        plain, ours = min(times["json"]), min(times["ours"])
        found |= {
            f"10 000 {name} jobs, MB": len(body) / 1e6,
            f"10 000 {name} jobs, ms": ours * 1000,
            f"10 000 {name} jobs / json.loads alone": ours / plain,
        }
    return found


async def _late(work: Callable[[], Awaitable[None]]) -> tuple[list[float], float]:
    """How late each tick of the loop came while the work was done."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.002)
            late.append(time.perf_counter() - began - 0.002)

    ticking = asyncio.create_task(tick())
    began = time.perf_counter()
    await work()
    seconds = time.perf_counter() - began
    ticking.cancel()
    return sorted(late), seconds


async def _beside(url: str, pages: int) -> dict[str, float]:
    async with TwsClient(make_config([url])) as tws:

        async def read() -> None:
            for number in range(pages):
                await tws.jobs(limit=500, offset=number * 500)

        await tws.jobs()
        idle, _ = await _late(lambda: asyncio.sleep(1))
        late, seconds = await _late(read)
    return {
        "100 000 jobs in pages of 500, s": seconds,
        "loop lag while reading, median ms": median(late) * 1000,
        "loop lag while reading, 99 of 100 under ms": late[len(late) * 99 // 100]
        * 1000,
        "loop lag while idle, 99 of 100 under ms": idle[len(idle) * 99 // 100] * 1000,
    }


def bench_client_beside_the_loop() -> dict[str, float]:
    """How late the event loop is while a plan of 100 000 jobs is read in pages."""
    gc.collect()
    gc.freeze()  # as the web process does once it has started
    try:
        with fixed_http(listing(500, full=True)) as url:
            return async_to_sync(_beside)(url, 200)
    finally:
        gc.unfreeze()
