"""What a diagnosis is worth and what it costs: truth, calls, time, memory, lag."""

import asyncio
import gc
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import mean, quantiles

import psutil

from tests.tws.modelled import plan_of
from tws.diagnosis import Diagnosis, diagnose
from tws.diagnosis.states import FINISHED, state_of
from tws.exceptions import TwsBadName
from tws.forecast import Forecast
from tws.found import Found
from tws.impact import impact
from tws.incidents import incidents
from tws.loader import PlanLoader
from tws.plan import Plan
from tws.reader import reader_from_settings
from tws.simulator import serve
from tws.simulator.model import Follow, Job, Join, Stream
from tws.simulator.scenarios import SCENARIOS
from tws.simulator.scenarios.base import Told
from tws.simulator.v1 import estimated_end

SEEDS = range(1, 6)
SIZES = (None, 200)  # jobs; None is what the scenario itself tells
BIG = 100_000
LIVE = 100_000
TARGETS = 2_000
LATENCY = 0.05
# What the project promises for one diagnosis, and for the loop while a plan is loaded.
MOST_SECONDS = 0.020
MOST_BYTES = 400e6


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def p99(values: list[float]) -> float:
    return quantiles(values, n=100)[-1]


# --- Truth -------------------------------------------------------------------------


def bench_truth() -> dict[str, float]:
    """Every target of every scenario, with and without substatus, in seeds and sizes."""
    tally = Tally()
    for name in sorted(SCENARIOS):
        for jobs in SIZES:
            if jobs is None or SCENARIOS[name].crowded:
                for seed in SEEDS:
                    fills = seed % 2 == 0
                    told = SCENARIOS[name].begin(seed, jobs=jobs, fills_substatus=fills)
                    tally.take(f"{name}, seed {seed}, {jobs or 'own'} jobs", told)
    return tally.figures()


class Tally:
    """Counts what was right."""

    def __init__(self) -> None:
        self.exact: list[bool] = []
        self.passed: list[bool] = []
        self.true_steps: list[bool] = []
        self.errors: list[float] = []
        self.seconds: list[float] = []

    def take(self, where: str, told: Told) -> None:
        plan, now = plan_of(told)
        keys = {item.key: item.id for item in plan}
        for target in told.targets:
            began = time.process_time()
            found = diagnose(plan, keys[target.name], now)
            self.seconds.append(time.process_time() - began)
            roots = [(root.kind, root.object) for root in found.roots]
            right = target.is_met_by(roots)
            self.exact.append(right)
            if not right:
                print(f"  miss: {where}: {target.name}: {roots}")
            objects = {step.object for step in found.chain}
            self.passed += [name in objects for name in target.chain_through]
            self.true_steps += steps_that_are_true(found, told)
        self.errors += ends_that_differ(plan, told)

    def figures(self) -> dict[str, float]:
        return {
            "targets": len(self.exact),
            "exact root sets": mean(self.exact),
            "chain: recall of what it must pass": mean(self.passed),
            "chain: precision of its steps": mean(self.true_steps),
            "impact: jobs whose end was compared": len(self.errors),
            "impact: mean difference of an end / the end": mean(self.errors),
            "diagnose, ms": mean(self.seconds) * 1e3,
        }


def steps_that_are_true(found: Diagnosis, told: Told) -> Iterator[bool]:
    """Whether the engine's own plan knows of each tie between jobs and streams."""
    model = told.living.plan
    nodes: dict[str, list[Job | Stream]] = defaultdict(list)  # one key, two days
    for node in (*model.jobs, *model.streams):
        nodes[node.key].append(node)
    for step in found.chain:
        if nodes[step.of] and nodes[step.object]:
            ties = {before for one in nodes[step.of] for before in tied_to(one)}
            holds = step.relation.startswith("holds ")
            yield holds or not ties.isdisjoint(nodes[step.object])


def tied_to(node: Job | Stream) -> list[Job | Stream]:
    found: list[Job | Stream | None] = []
    for dep in node.deps:
        if isinstance(dep, Follow):
            found.append(dep.on)
        elif isinstance(dep, Join):
            found += [member.on for member in dep.members]
    found += [node.stream] if isinstance(node, Job) else node.jobs
    return [one for one in found if one is not None]


def ends_that_differ(plan: Plan, told: Told) -> Iterator[float]:
    """Against the simulator's own estimate, as a part of it.

    That one knows no joins that come free early, and runs even what has been cancelled
    or only waits to be confirmed.
    """
    model, now = told.living.plan, told.living.now
    if told.distortions or any(
        isinstance(dep, Join) for job in model.jobs for dep in job.deps
    ):
        return
    if any(job.cancel_pending or job.status == "PEND" for job in model.jobs):
        return
    forecast = Forecast(plan, told_time(now))
    ends: dict[Job, float] = {}
    for job in model.jobs:
        node = plan.jobs.get(job.id)
        if node is not None and not job.noop and state_of(node) not in FINISHED:
            expected = estimated_end(job, now, ends) - now
            yield abs(forecast.end(node) - expected) / max(60.0, expected)


def told_time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


# --- One diagnosis over HTTP -------------------------------------------------------


def bench_diagnosis_by_calls() -> dict[str, float]:
    """Nothing cached, each call takes 50 ms: every target of every scenario once."""
    calls: list[float] = []
    seconds: list[float] = []
    for name in sorted(SCENARIOS):
        with serve(name, speed=0, latency=LATENCY) as simulator:
            for target in simulator.scenario.targets:
                asked = len(simulator.requests)
                took = asyncio.run(_diagnosed(simulator.url, target.name))
                if took is not None:
                    seconds.append(took)
                    calls.append(len(simulator.requests) - asked)
    return {
        "targets": len(calls),
        "calls: mean": mean(calls),
        "calls: p95": p95(calls),
        "calls: most": max(calls),
        "targets within 10 calls": mean(count <= 10 for count in calls),
        "seconds: p95": p95(seconds),
        "targets within 0.5 s": mean(took <= 0.5 for took in seconds),
        "in latencies of one call: p95": p95(seconds) / LATENCY,
    }


async def _diagnosed(url: str, name: str) -> float | None:
    reader = reader_from_settings(url=url)
    try:
        began = time.perf_counter()
        found = await reader.diagnose(name)
        took = time.perf_counter() - began
    except TwsBadName:
        return None
    finally:
        await reader.aclose()
    return took if isinstance(found, Found) else None


# --- A big plan in memory ----------------------------------------------------------


def bench_big_plan() -> dict[str, float]:
    """100 000 jobs in 10 000 streams with 300 000 dependencies, all in the graph."""
    told = SCENARIOS["night"].begin(1, jobs=BIG)
    gc.collect()
    before = psutil.Process().memory_info().rss
    plan, now = plan_of(told)
    gc.collect()
    grown = psutil.Process().memory_info().rss - before
    chance = random.Random(1)
    items = [item.id for item in plan]
    waiting = [job.id for job in plan.jobs.values() if job.status == "HOLD"]
    any_target = _timed(plan, now, chance.sample(items, TARGETS))
    blocked = _timed(plan, now, chance.sample(waiting, TARGETS))
    base = Forecast(plan, now)
    impacts = []
    for item in chance.sample(waiting, TARGETS // 4):
        began = time.process_time()
        impact(plan, item, now, base=base)
        impacts.append(time.process_time() - began)
    began = time.process_time()
    causes = incidents(plan, now)
    survey = time.process_time() - began
    return {
        "jobs": len(plan.jobs),
        "job streams": len(plan.streams),
        "dependencies": sum(len(item.needs) for item in plan),
        "memory, MB": grown / 1e6,
        "memory / 400 MB": grown / MOST_BYTES,
        "diagnose any object: p95, ms": p95(any_target) * 1e3,
        "diagnose any object: p95 / 20 ms": p95(any_target) / MOST_SECONDS,
        "diagnose a job in HOLD: p95, ms": p95(blocked) * 1e3,
        "diagnose a job in HOLD: p95 / 20 ms": p95(blocked) / MOST_SECONDS,
        "impact of a job in HOLD: p95, ms": p95(impacts) * 1e3,
        "incidents": len(causes),
        "incidents of the whole plan, seconds": survey,
    }


def _timed(plan: Plan, now, items: list[str]) -> list[float]:
    seconds = []
    for item in items:
        began = time.process_time()
        diagnose(plan, item, now)
        seconds.append(time.process_time() - began)
    return seconds


# --- Loading over HTTP -------------------------------------------------------------

SERVER = """
import sys, time
from tws.simulator import serve
with serve("night", speed=0, jobs=int(sys.argv[1])) as simulator:
    print(simulator.url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(jobs: int) -> Iterator[str]:
    """A simulator that does not share our event loop's processor lock."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(jobs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield server.stdout.readline().strip()
    finally:
        server.stdin.close()
        server.wait(20)


def bench_loading() -> dict[str, float]:
    """The loop's lag while the lists of a big plan are read, and beside it at rest."""
    with another_process(LIVE) as url:
        return asyncio.run(_load(url))


async def _load(url: str) -> dict[str, float]:
    reader = reader_from_settings(url=url)
    loader = PlanLoader(reader.client)
    rest = await _lags_while(asyncio.sleep(2))
    slices = await _lags_while(_plain_work(4.0))
    began = time.perf_counter()
    lags = await _lags_while(loader.load())
    loaded = time.perf_counter() - began
    began = time.perf_counter()
    again = await _lags_while(loader.refresh())
    refreshed = time.perf_counter() - began
    await loader.aclose()
    await reader.aclose()
    plan = loader.plan
    assert plan is not None
    return {
        "jobs": len(plan.jobs),
        "seconds": loaded,
        "jobs per second": len(plan.jobs) / loaded,
        "loop lag at rest: p99, ms": p99(rest) * 1e3,
        "loop lag beside slices of 5 ms of plain work: p99, ms": p99(slices) * 1e3,
        "loop lag while loading: p99, ms": p99(lags) * 1e3,
        "loop lag while loading / beside the slices": p99(lags) / p99(slices),
        "loop lag while loading: p99 / 20 ms": p99(lags) / MOST_SECONDS,
        "loop lag while refreshing: p99, ms": p99(again) * 1e3,
        "refresh / load, seconds": refreshed / loaded,
    }


async def _plain_work(seconds: float) -> None:
    """What any work in slices costs the loop on this machine, busy as it is."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        turn = time.thread_time() + 0.005
        while time.thread_time() < turn:
            sum(range(1000))
        await asyncio.sleep(0)


async def _lags_while(work) -> list[float]:
    loop, lags = asyncio.get_running_loop(), []

    async def watch() -> None:
        while True:
            before = loop.time()
            await asyncio.sleep(0.002)
            lags.append(loop.time() - before - 0.002)

    watching = asyncio.create_task(watch())
    await work
    watching.cancel()
    return lags
