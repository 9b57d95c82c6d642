"""What a scenario is: a plan told in a few words, and the roots that it must have."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tws.simulator.clock import Clock
from tws.simulator.draft import MINUTE, Draft
from tws.simulator.engine import Engine
from tws.simulator.generate import fill
from tws.simulator.living import LivingPlan
from tws.simulator.model import (
    Fate,
    Job,
    Named,
    PlanFile,
    Prompt,
    Resource,
    Stream,
    Workstation,
)

Json = dict[str, Any]
Distort = Callable[[Json], Json]
Thing = Job | Stream | Workstation | Resource | Prompt | PlanFile | Named | str


@dataclass(frozen=True, slots=True)
class ExpectedRoot:
    """A root that a diagnosis must find.

    Attributes:
        kind: the kind of root.
        object: what it is about; empty fits any.
        aliases: other names of the object that are as good.
        mentions: what its evidence must name.
    """

    kind: str
    object: str = ""
    aliases: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()

    def fits(self, kind: str, name: str) -> bool:
        names = (self.object, *self.aliases)
        return kind == self.kind and (not self.object or name in names)


@dataclass(frozen=True, slots=True)
class Target:
    """A job or stream to ask for, its exact roots, and whom the chain passes."""

    name: str
    roots: tuple[ExpectedRoot, ...]
    chain_through: tuple[str, ...] = ()

    def is_met_by(self, found: Sequence[tuple[str, str]]) -> bool:
        """Whether these (kind, object) pairs are the expected roots and no others."""
        left = list(found)
        for root in self.roots:
            match = next((pair for pair in left if root.fits(*pair)), None)
            if match is None:
                return False
            left.remove(match)
        return not left


def names_of(thing: Thing) -> tuple[str, ...]:
    """The name that a root gives a thing, and others that are as good."""
    if isinstance(thing, str):
        return (thing,)
    if isinstance(thing, Prompt):
        return (thing.label,)
    if isinstance(thing, PlanFile):
        return (thing.path, f"{thing.workstation.key}#{thing.path}")
    if isinstance(thing, Workstation | Resource):
        return (thing.key, thing.name)
    return (thing.key,)


def root(
    kind: str, thing: Thing = "", *, mentions: Sequence[Thing] = ()
) -> ExpectedRoot:
    """Expect a root of this kind about this thing."""
    name, *aliases = names_of(thing)
    told = tuple(names_of(other)[0] for other in mentions)
    return ExpectedRoot(kind, name, tuple(aliases), told)


@dataclass(slots=True)
class Story:
    """A plan being told: the draft, what happens in it, and what to ask about it."""

    draft: Draft
    targets: list[Target] = field(default_factory=list)
    distortions: dict[str, Distort] = field(default_factory=dict)
    begun: list[Callable[[LivingPlan], None]] = field(default_factory=list)
    settled: list[Callable[[LivingPlan], None]] = field(default_factory=list)
    coming: int = 0  # jobs that will have been added by now
    stops_at: float | None = None  # minutes from now at which batchman stops
    heals_after: float = 0.0
    failure_rate: float = 0.0

    @property
    def chance(self) -> random.Random:
        return self.draft.chance

    def minutes(self, least: float, most: float) -> float:
        """Some minutes, others for each seed."""
        return round(self.chance.uniform(least, most), 1)

    def expect(
        self,
        target: Thing,
        *roots: ExpectedRoot,
        through: Sequence[Job | Stream] = (),
    ) -> None:
        """Ask for a target: exactly these roots, and a chain through these nodes."""
        chain = tuple(node.key for node in through)
        self.targets.append(Target(names_of(target)[0], roots, chain))

    def distort(
        self, thing: Job | Stream | Workstation | Resource, how: Distort
    ) -> None:
        """Let the server lie about a thing."""
        self.distortions[thing.id] = how

    def first(self, what: Callable[[LivingPlan], None]) -> None:
        """Do something to the plan before its past is lived through."""
        self.begun.append(what)

    def then(self, what: Callable[[LivingPlan], None]) -> None:
        """Do something to the plan when its past has been lived through."""
        self.settled.append(what)


@dataclass(frozen=True, slots=True)
class Told:
    """A scenario brought to life."""

    name: str
    title: str
    description: str
    targets: list[Target]
    living: LivingPlan
    distortions: dict[str, Distort]


@dataclass(frozen=True)
class Scenario:
    """A named situation whose roots are known by construction.

    Attributes:
        faithful: False when some payloads break the contract, as bad servers do.
        crowded: False when nothing but the story itself happens in the plan.
    """

    name: str
    title: str
    tell: Callable[[Story], None]
    faithful: bool = True
    crowded: bool = True

    @property
    def description(self) -> str:
        return " ".join((self.tell.__doc__ or "").split())

    @cached_property
    def targets(self) -> list[Target]:
        return self.begin().targets

    def begin(
        self,
        seed: int = 1,
        *,
        clock: Clock | None = None,
        jobs: int | None = None,
        mirror_delay: float = 0.0,
        fills_substatus: bool = True,
    ) -> Told:
        """Tell the story and live through its past, up to the clock's start."""
        clock = clock or Clock(speed=0)
        story = Story(Draft.begin(seed, clock.start))
        plan = story.draft.plan
        plan.fills_substatus = fills_substatus
        self.tell(story)
        if self.crowded:
            _neighbours(story)
        if jobs is not None:
            fill(story.draft, jobs - story.coming)
        living = LivingPlan(_engine(story), clock, mirror_delay)
        for happen in story.begun:
            happen(living)
        for stream in list(plan.streams):
            living.engine.admit(stream)
        living.catch_up()
        for happen in story.settled:
            happen(living)
        return Told(
            name=self.name,
            title=self.title,
            description=self.description,
            targets=story.targets,
            living=living,
            distortions=story.distortions,
        )


def _engine(story: Story) -> Engine:
    plan = story.draft.plan
    engine = Engine(plan)
    engine.heals_after = story.heals_after
    engine.failure_rate = story.failure_rate

    def stop(_: object) -> None:
        plan.stopped = True

    if story.stops_at is not None:
        engine.at(story.draft.time(story.stops_at), stop, None)
    return engine


def _neighbours(story: Story) -> None:
    """Work that has nothing to do with the story: some done, some running, some later."""
    draft, chance = story.draft, story.chance
    station = draft.workstation("AGT_WEB", limit=20)
    names = ("SHOP", "STOCK", "MAIL", "CATALOG")
    for name in names[: 2 + chance.randrange(3)]:
        stream = draft.stream(name, station, folder="/WEB/", at=-chance.uniform(20, 40))
        first = draft.job(stream, f"{name}_READ", 5, fate=Fate(factor=1.0))
        runs = draft.job(
            stream, f"{name}_SYNC", 90, after=[first], fate=Fate(factor=1.0)
        )
        draft.job(stream, f"{name}_DONE", 5, after=[runs])


TOLD: dict[str, Scenario] = {}


def scenario(
    name: str, title: str, *, faithful: bool = True, crowded: bool = True
) -> Callable[[Callable[[Story], None]], Callable[[Story], None]]:
    """Register the function below as a scenario; its docstring tells what happens."""

    def register(tell: Callable[[Story], None]) -> Callable[[Story], None]:
        TOLD[name] = Scenario(name, title, tell, faithful, crowded)
        return tell

    return register


def abend(code: int = 8, *log: str, factor: float = 0.8) -> Fate:
    """A run that ends in error, and does so again when it is rerun."""
    return Fate("ABEND", code, factor, tuple(log), lasting=True)


FINE = Fate(factor=1.0)
ENDLESS = Fate(ends=False, lasting=True)
UNLAUNCHABLE = Fate(
    "FAIL",
    0,
    0.0,
    (
        "AWSBDW009E The following operating system error occurred retrieving the "
        "password structure for either the logon user, or the user who owns a file "
        "or external dependency: no such user",
    ),
    lasting=True,
)
NEVER_INTRODUCED = Fate(leaves_intro=False, lasting=True)

__all__ = [
    "ENDLESS",
    "FINE",
    "MINUTE",
    "NEVER_INTRODUCED",
    "TOLD",
    "UNLAUNCHABLE",
    "ExpectedRoot",
    "Scenario",
    "Story",
    "Target",
    "Told",
    "abend",
    "root",
    "scenario",
]
