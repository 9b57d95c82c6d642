"""Big plans, shaped like real ones: clusters of streams, long chains, wide fan-outs."""

import random
from dataclasses import dataclass, field

from tws.simulator.draft import Draft
from tws.simulator.model import Definition, Fate, Job, Resource, Stream, Workstation

AREAS = (
    "CARDS",
    "LOANS",
    "FUNDS",
    "TREAS",
    "CLAIMS",
    "STOCK",
    "ORDERS",
    "FLEET",
    "TAX",
    "LEGAL",
    "CRM",
    "PORTAL",
)
STEPS = ("FETCH", "CHECK", "LOAD", "MERGE", "PRICE", "POST", "SEND", "STORE", "AUDIT")
PER_CLUSTER = 500  # jobs
PER_STREAM = 10
PER_MACHINE = 1600  # jobs
PAST, FUTURE = -420.0, 480.0  # minutes from now in which streams are scheduled
UNLUCKY = 4  # every fourth cluster has a stream that fails and stays so
FAILS = Fate(
    "ABEND", 12, 0.5, ("ERROR: duplicate key in target table", "rc=12"), lasting=True
)


@dataclass(slots=True)
class Cluster:
    """Streams of one application: what they share, and what may be followed."""

    number: int
    area: str
    machines: list[Workstation]
    resources: list[Resource]
    gate: Job | None = None
    ended: list[Job] = field(default_factory=list)
    before: Stream | None = None
    streams: int = 0
    unlucky: Stream | None = None


def fill(draft: Draft, total: int) -> None:
    """Add clusters until the plan holds so many jobs."""
    machines = _machines(draft, total)
    shared = {area: _resources(draft, area, machines) for area in AREAS}
    number = 0
    while len(draft.plan.jobs) < total:
        number += 1
        area = AREAS[number % len(AREAS)]
        mine = draft.chance.sample(machines, min(3, len(machines)))
        _add_cluster(draft, Cluster(number, area, mine, shared[area]), total)


def _machines(draft: Draft, total: int) -> list[Workstation]:
    return [
        draft.workstation(
            f"NODE{number:03d}",
            type="FTA" if number % 5 == 0 else "AGENT",
            os="WINDOWS" if number % 7 == 0 else "UNIX",
            limit=60,
        )
        for number in range(1, max(4, total // PER_MACHINE) + 1)
    ]


def _resources(draft: Draft, area: str, machines: list[Workstation]) -> list[Resource]:
    """What all clusters of an area share."""
    where = draft.chance.choice(machines)
    return [draft.resource(f"{area}_DB{n}", where, 4 * n) for n in (1, 2)]


def _add_cluster(draft: Draft, cluster: Cluster, total: int) -> None:
    chance, plan = draft.chance, draft.plan
    target = min(total, len(plan.jobs) + PER_CLUSTER)
    times = sorted(
        chance.uniform(PAST, FUTURE) for _ in range(PER_CLUSTER // PER_STREAM)
    )
    for at in times:
        left = target - len(plan.jobs)
        if left <= 0:
            return
        size = min(left, _size(chance))
        _add_stream(draft, cluster, at, size)
    while len(plan.jobs) < target:
        _add_stream(draft, cluster, FUTURE, min(PER_STREAM, target - len(plan.jobs)))


def _size(chance: random.Random) -> int:
    """Most streams are small; a few are long chains."""
    return chance.randint(50, 90) if chance.random() < 0.01 else chance.randint(3, 16)


def _add_stream(draft: Draft, cluster: Cluster, at: float, size: int) -> None:
    chance = draft.chance
    count = len(draft.plan.streams)
    stream = draft.stream(
        f"{cluster.area}_{count:05d}",
        chance.choice(cluster.machines),
        folder=f"/{cluster.area}/C{cluster.number:03d}/",
        at=at,
    )
    if cluster.before is not None and chance.random() < 0.3:
        draft.follow(stream, cluster.before)
    cluster.before = stream
    cluster.streams += 1
    if cluster.streams == 10 and cluster.number % UNLUCKY == 1:
        cluster.unlucky = stream
    user = f"{cluster.area[:3].lower()}usr"
    for position in range(size):
        _add_job(draft, cluster, stream, position, user)
    cluster.ended.extend(stream.jobs[-2:])
    if cluster.gate is None:
        cluster.gate = stream.jobs[-1]


def _add_job(
    draft: Draft, cluster: Cluster, stream: Stream, position: int, user: str
) -> None:
    chance = draft.chance
    step = STEPS[position % len(STEPS)]
    name = f"{step}_{position:02d}"
    job = draft.job(
        stream,
        name,
        chance.lognormvariate(1.2, 0.7),
        definition=Definition(
            f"/opt/batch/{cluster.area.lower()}/{step.lower()}", user
        ),
        fate=FAILS if stream is cluster.unlucky and position == 1 else (),
    )
    before = stream.jobs[:-1]
    if before:
        draft.follow(job, before[-1])
        if len(before) > 2:
            draft.follow(job, before[chance.randrange(len(before) - 1)])
    elif cluster.gate is not None:
        draft.follow(job, cluster.gate)
    earlier = cluster.ended[-60:-8]
    for _ in range(1 + (chance.random() < 0.35)):
        if earlier:
            draft.follow(job, chance.choice(earlier))
    if chance.random() < 0.1:
        draft.need_resource(job, chance.choice(cluster.resources))
