"""Writing a plan down: the few words that scenarios and generators are told in."""

import random
from collections.abc import Sequence
from typing import Any

from tws.simulator.formats import internal_identifier
from tws.simulator.model import (
    MASTER,
    Definition,
    Dependency,
    Fate,
    FileNeed,
    Follow,
    Job,
    Join,
    Named,
    NetworkNeed,
    PlanFile,
    Prompt,
    PromptNeed,
    Resource,
    ResourceNeed,
    Restrictions,
    Stream,
    Workstation,
)
from tws.simulator.plan import Plan

MINUTE = 60.0
HOUR = 3600.0


class Draft:
    """A plan being written. Times are given in minutes from the moment it is shown."""

    def __init__(self, plan: Plan, now: float, chance: random.Random) -> None:
        self.plan = plan
        self.now = now
        self.chance = chance

    @classmethod
    def begin(cls, seed: int, now: float, history: float = 8 * HOUR) -> "Draft":
        """Begin a new plan, with its master."""
        plan = Plan(seed=seed, start=now - history, end=now + 16 * HOUR)
        draft = cls(plan, now, random.Random(seed))  # noqa: S311
        draft.workstation(plan.master, type="MANAGER", states=set(MASTER), limit=50)
        return draft

    @property
    def master(self) -> Workstation:
        return self.plan.workstations[0]

    def time(self, minutes: float) -> float:
        return self.now + minutes * MINUTE

    # --- places and things ----------------------------------------------------

    def workstation(self, name: str, **fields: Any) -> Workstation:
        place = fields.get("folder", "/")
        made = self.plan.new_id("workstation", place, name)
        station = Workstation(name, made, **fields)
        self.plan.workstations.append(station)
        return station

    def pool(self, name: str, *members: Workstation, **fields: Any) -> Workstation:
        return self.workstation(name, type="POOL", members=members, **fields)

    def resource(
        self, name: str, on: Workstation, quantity: int = 1, folder: str = "/"
    ) -> Resource:
        made = Resource(
            name,
            self.plan.new_id("resource", on.key, folder, name),
            on,
            folder,
            quantity,
        )
        self.plan.resources.append(made)
        return made

    def prompt(self, text: str, name: str = "", status: str = "NOT_ASKED") -> Prompt:
        number = self.plan.next_prompt()
        kind = "Predefined Prompt" if name else "Ad Hoc Prompt"
        made = Prompt(
            text,
            number,
            self.plan.new_id("prompt", number),
            name=name,
            status=status,
            type=kind,
        )
        self.plan.prompts.append(made)
        return made

    def file(self, path: str, on: Workstation, *, exists: bool = False) -> PlanFile:
        made = PlanFile(path, on, self.plan.new_id("file", on.key, path), exists)
        self.plan.files.append(made)
        return made

    # --- streams and jobs -----------------------------------------------------

    def stream(
        self,
        name: str,
        on: Workstation,
        *,
        folder: str = "/",
        at: float | None = None,
        **fields: Any,
    ) -> Stream:
        """Write a stream; with `at` it waits for that time, else it may start at once."""
        number = self.plan.next_serial()
        sched = self.plan.start if at is None else self.time(at)
        made = Stream(
            self.plan.new_id("stream", on.key, folder, name, number),
            name,
            on,
            folder=folder,
            sched=sched,
            internal=internal_identifier(number),
            limits=None if at is None else Restrictions(start=sched),
            **fields,
        )
        made.orig_priority = made.orig_priority if made.priority == 0 else made.priority
        self.plan.add_stream(made)
        return made

    def job(
        self,
        stream: Stream,
        name: str,
        minutes: float = 5.0,
        *,
        on: Workstation | None = None,
        after: Sequence[Job | Stream] = (),
        fate: Fate | Sequence[Fate] = (),
        **fields: Any,
    ) -> Job:
        """Write a job that follows others."""
        before = tuple(after)
        position = len(stream.jobs) + 1
        made = Job(
            self.plan.new_id("job", stream.id, position, name),
            name,
            on or stream.workstation,
            stream=stream,
            position=position,
            estimate=minutes * MINUTE,
            fates=(fate,) if isinstance(fate, Fate) else tuple(fate),
            **fields,
        )
        made.definition = fields.get("definition") or Definition(
            task=f"/opt/batch/{stream.name.lower()}/{name.lower()}.sh",
            user=f"{stream.name[:3].lower()}usr",
        )
        made.orig_priority = made.orig_priority if made.priority == 0 else made.priority
        self.plan.add_job(made)
        for node in before:
            self.follow(made, node)
        return made

    def chain(
        self, stream: Stream, names: Sequence[str], minutes: float = 5.0
    ) -> list[Job]:
        """Write jobs of which each follows the one before."""
        jobs: list[Job] = []
        for name in names:
            jobs.append(self.job(stream, name, minutes, after=jobs[-1:]))
        return jobs

    # --- what they wait for ---------------------------------------------------

    def _need(self, owner: Job | Stream, dep: Dependency) -> None:
        owner.deps.append(dep)

    def follow(
        self,
        owner: Job | Stream,
        on: Job | Stream,
        *,
        statuses: Sequence[str] = (),
        outputs: Sequence[str] = (),
    ) -> Follow:
        dep = Follow(owner, on, statuses=tuple(statuses), outputs=tuple(outputs))
        on.followers.append(dep)
        self._need(owner, dep)
        return dep

    def follow_absent(
        self,
        owner: Job | Stream,
        named: Named,
        *,
        pending: bool = False,
        zombie: bool = False,
    ) -> Follow:
        """Follow something that the plan does not hold."""
        dep = Follow(owner, named=named, pending=pending, zombie=zombie)
        self._need(owner, dep)
        return dep

    def join(
        self,
        owner: Job | Stream,
        name: str,
        members: Sequence[Job | Stream],
        quantity: int = 0,
    ) -> Join:
        """Wait for `quantity` of the members; 0 means all of them."""
        dep = Join(owner, name, quantity)
        for node in members:
            member = Follow(owner, node, join=dep)
            node.followers.append(member)
            dep.members.append(member)
        self._need(owner, dep)
        return dep

    def need_prompt(self, owner: Job | Stream, prompt: Prompt) -> None:
        need = PromptNeed(owner, prompt, satisfied=prompt.status == "ANSWERED_YES")
        prompt.needs.append(need)
        self._need(owner, need)

    def need_file(self, owner: Job | Stream, file: PlanFile) -> None:
        need = FileNeed(owner, file, satisfied=file.exists, checked=self.now - 45)
        file.needs.append(need)
        self._need(owner, need)

    def need_resource(
        self, owner: Job | Stream, resource: Resource, quantity: int = 1
    ) -> None:
        self._need(owner, ResourceNeed(owner, resource, quantity))

    def need_network(
        self, owner: Job | Stream, agent: str, text: str, status: str = "EXTRN"
    ) -> None:
        self._need(owner, NetworkNeed(owner, agent, text, status))

    def restrict(self, node: Job | Stream, **minutes: Any) -> Restrictions:
        """Restrict times: start, latest, deadline in minutes from now; the rest as is."""
        limits = node.limits or Restrictions()
        for name, value in minutes.items():
            if name in ("start", "latest", "deadline"):
                value = self.time(value)
            setattr(limits, name, value)
        node.limits = limits
        return limits
