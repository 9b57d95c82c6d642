"""What a scenario is: a plan told in a few words, and the roots that it must have."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tws.simulator.clock import Clock
from tws.simulator.draft import Draft
from tws.simulator.engine import Engine
from tws.simulator.living import LivingPlan
from tws.simulator.model import Fate

Distort = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ExpectedRoot:
    """A root that a diagnosis must find. An empty object fits any."""

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

    def is_met_by(self, found: list[tuple[str, str]]) -> bool:
        """Whether these (kind, object) pairs are the expected roots and no others."""
        left = list(found)
        for root in self.roots:
            match = next((pair for pair in left if root.fits(*pair)), None)
            if match is None:
                return False
            left.remove(match)
        return not left


@dataclass(slots=True)
class Story:
    """A plan being told: the draft, what happens in it, and what to ask about it."""

    draft: Draft
    targets: list[Target] = field(default_factory=list)
    distortions: dict[str, Distort] = field(default_factory=dict)
    settled: list[Callable[[LivingPlan], None]] = field(default_factory=list)
    heals_after: float = 0.0
    failure_rate: float = 0.0

    @property
    def chance(self) -> random.Random:
        return self.draft.chance

    def expect(
        self, name: str, *roots: ExpectedRoot, through: tuple[str, ...] = ()
    ) -> None:
        self.targets.append(Target(name, roots, through))

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
    """A named situation whose roots are known by construction."""

    name: str
    title: str
    description: str
    tell: Callable[[Story], None]
    faithful: bool = True  # False: some payloads break the contract, as bad servers do

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
        story.draft.plan.fills_substatus = fills_substatus
        self.tell(story)
        if jobs is not None:
            from tws.simulator.generate import fill

            fill(story.draft, jobs)
        engine = Engine(story.draft.plan)
        engine.heals_after = story.heals_after
        engine.failure_rate = story.failure_rate
        living = LivingPlan(engine, clock, mirror_delay)
        for stream in list(story.draft.plan.streams):
            engine.admit(stream)
        living.catch_up()
        for happen in story.settled:
            happen(living)
        return Told(
            self.name,
            self.title,
            self.description,
            story.targets,
            living,
            story.distortions,
        )


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    name: str, title: str, description: str, *, faithful: bool = True
) -> Callable[[Callable[[Story], None]], Callable[[Story], None]]:
    """Register the function below as a scenario."""

    def register(tell: Callable[[Story], None]) -> Callable[[Story], None]:
        SCENARIOS[name] = Scenario(name, title, description, tell, faithful)
        return tell

    return register


def abend(code: int = 8, *log: str, factor: float = 0.8) -> Fate:
    """A run that ends in error, and does so again when it is rerun."""
    return Fate("ABEND", code, factor, tuple(log), lasting=True)


ENDLESS = Fate(ends=False, lasting=True)
