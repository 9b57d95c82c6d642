"""What the plan's pages cost the server, at 100 000 jobs and for a chain of 200."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from asgiref.sync import async_to_sync
from django.contrib.auth.models import Group, User
from django.template.loader import render_to_string
from django.test import AsyncClient, override_settings

from tests.bench.bench_diagnosis import another_process
from tests.tws.plan_pages import reader_of, urlconf
from tws.drawing import graph_of, picture
from tws.reader import PlanReader

JOBS = 100_000
ROUNDS = 30
WHILE_READING = 12
DEEP = "/plan/?parts=1&status=WAITING&page=1000"

Get = Callable[[], Awaitable[Any]]


async def milliseconds(get: Get) -> float:
    began = time.perf_counter()
    response = await get()
    assert response.status_code == 200, response.content
    return (time.perf_counter() - began) * 1000


async def beside_sign_in(get: Get, sign_in: Get, rounds: int) -> tuple[float, float]:
    """The median times of a page and of the plainest one, in turns."""
    times = [
        (await milliseconds(get), await milliseconds(sign_in)) for _ in range(rounds)
    ]
    return median(one for one, _ in times), median(other for _, other in times)


async def processor_time(get: Get) -> float:
    """Of all threads, however busy the machine is with other things."""
    began = time.process_time()
    for _ in range(ROUNDS):
        await get()
    return (time.process_time() - began) / ROUNDS * 1000


async def _measured(reader: PlanReader, user: User) -> dict[str, float]:
    client = AsyncClient()
    await client.aforce_login(user)

    def page(address: str) -> Get:
        return lambda: client.get(address)

    plan, sign_in = page("/plan/"), page("/accounts/login/")
    await milliseconds(sign_in)
    found = {"first paint, nothing known, ms": await milliseconds(plan)}
    reading = asyncio.ensure_future(reader.incidents())
    while_reading = await beside_sign_in(plan, sign_in, WHILE_READING)
    found["first paint while the plan is read, ms"] = while_reading[0]
    found["sign-in page meanwhile, ms"] = while_reading[1]
    await reading
    await milliseconds(page("/plan/?parts=1"))
    completing = await beside_sign_in(plan, sign_in, WHILE_READING)
    found["first paint while the dependencies are read, ms"] = completing[0]
    found["sign-in page at that time, ms"] = completing[1]
    await reader._watch._loader.aclose()  # it would go on for minutes
    known = await beside_sign_in(plan, sign_in, ROUNDS)
    found["first paint, plan known, ms"] = known[0]
    found["sign-in page, ms"] = known[1]
    found["first paint / sign-in page"] = known[0] / known[1]
    found["first paint, processor time, ms"] = await processor_time(plan)
    found["page 1000 of what waits, first time, ms"] = await milliseconds(page(DEEP))
    found["page 1000 of what waits, again, ms"] = await milliseconds(page(DEEP))
    found |= await _searches(reader)
    tiles = page("/plan/?parts=tiles")
    found["one part fetched, processor time, ms"] = await processor_time(tiles)
    began = time.perf_counter()
    await reader.incidents(renew=True)
    found["one look at the whole plan, s"] = time.perf_counter() - began
    told = await reader.incidents(1)
    name = quote(told.data["incidents"][0]["members"][0], safe="")
    job = f"/plan/job/?name={name}"
    found["job page, first paint, nothing known, ms"] = await milliseconds(page(job))
    found["job page, all its parts, ms"] = await milliseconds(page(f"{job}&parts=1"))
    found["job page, first paint, all known, ms"] = await milliseconds(page(job))
    found["job page, processor time, ms"] = await processor_time(page(job))
    return found


async def _searches(reader: PlanReader) -> dict[str, float]:
    """In the copy of the plan, which counts exactly; each pattern is a new one."""
    times = []
    for letter in "ABCDEFGHIJKL":
        began = time.perf_counter()
        await reader.find(f"{letter}", status="WAITING")
        times.append((time.perf_counter() - began) * 1000)
    return {
        "search by pattern and status, ms": median(times),
        "search by pattern and status, longest, ms": max(times),
    }


async def _with_reader(url: str, user: User) -> dict[str, float]:
    reader = reader_of(url, ttl=600.0, timeout=60.0)
    try:
        with override_settings(ROOT_URLCONF=urlconf(lambda: reader)):
            return await _measured(reader, user)
    finally:
        await reader.aclose()


def bench_pages_of_a_big_plan() -> dict[str, float]:
    """Server time of the pages over 100 000 jobs; the simulator is another process."""
    user = User.objects.create_user(f"bench-{uuid4().hex[:8]}")
    user.groups.add(Group.objects.get(name="Operators"))
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.001)  # as the web process does
    try:
        with another_process(JOBS) as url:
            return async_to_sync(_with_reader)(url, user)
    finally:
        sys.setswitchinterval(usual)
        user.delete()


def bench_pages_picture() -> dict[str, float]:
    """A chain of 200 and a fan of 200: laid out, and written as SVG."""
    found = {}
    for name, chain in (("chain", _chain(200)), ("fan", _fan(200))):
        roots = [{"kind": "job_failed", "object": chain[-1]["object"]}]
        graph = graph_of(chain, roots, {})
        drawn = picture(graph)
        found[f"{name} of 200: boxes drawn"] = float(len(drawn.boxes))
        found[f"{name} of 200: laid out, ms"] = _timed(lambda g=graph: picture(g))
        found[f"{name} of 200: written as SVG, ms"] = _timed(
            lambda d=drawn: render_to_string("tws/picture.html", {"picture": d})
        )
    return found


def _timed(call: Callable[[], object]) -> float:
    call()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return median(times) * 1000


def _step(number: int, of: int | None) -> dict[str, Any]:
    return {
        "object": f"/AGT#/FIN/CHAIN.STEP_{number:03d}",
        "status": "HOLD",
        "relation": "target" if of is None else "predecessor",
        "of": "" if of is None else f"/AGT#/FIN/CHAIN.STEP_{of:03d}",
    }


def _chain(length: int) -> list[dict[str, Any]]:
    return [_step(n, n - 1 if n else None) for n in range(length)]


def _fan(width: int) -> list[dict[str, Any]]:
    return [_step(n, 0 if n else None) for n in range(width)]
