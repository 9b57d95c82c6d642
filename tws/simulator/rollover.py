"""The end of a plan: FINAL makes the next one, and what is not done is carried forward."""

from collections.abc import Sequence
from dataclasses import replace

from tws.simulator.draft import MINUTE, Draft
from tws.simulator.engine import Engine
from tws.simulator.judging import blocks_stream, count
from tws.simulator.model import (
    ACTIVE,
    Dependency,
    Fate,
    FileNeed,
    Follow,
    Job,
    Join,
    NetworkNeed,
    Prompt,
    PromptNeed,
    ResourceNeed,
    Stream,
)
from tws.simulator.plan import Plan

DAY = 86400.0
BEFORE_END = 3 * MINUTE  # FINAL is scheduled a little before the plan ends
SHOWN_BEFORE = 10 * MINUTE
FINAL_STEPS = (("STARTAPPSERVER", 0.2), ("MAKEPLAN", 0.6), ("SWITCHPLAN", 0.2))
REPORT_STEPS = ("CHECKSYNC", "CREATEPOSTREPORTS", "UPDATESTATS")
FINAL = {"FINAL", "FINALPOSTREPORTS"}
PLAIN = Fate(factor=1.0)

Node = Job | Stream


class Rollover:
    """Makes one plan after the other from the streams that are there each day."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        plan = engine.plan
        self.daily = [
            s for s in plan.streams if s.name not in FINAL and _is_of(s, plan)
        ]
        self.days = 0
        self.fails: Fate | None = None  # what becomes of MAKEPLAN, when it is to fail
        engine.at(engine.plan.end - SHOWN_BEFORE, self._schedule_final, None)

    def now(self, *, new_ids: bool = True) -> None:
        """Put the next plan in the place of this one."""
        plan = self.engine.plan
        self.days += 1
        kept = [stream for stream in plan.streams if not _is_done(stream)]
        carried = _nodes(kept)
        left = set(_nodes(plan.streams)).difference(carried)
        for stream in kept:
            stream.carried_forward = True
        for node in carried:
            _forget(node, left)
        plan.begin_next(kept, self.engine.now, DAY, new_ids=new_ids)
        for node in carried:
            count(node)
            self.engine.recheck(node)
        for stream in Copies(plan_draft(self.engine), self.days * DAY).of(self.daily):
            self.engine.admit(stream)
        self._schedule_final(None)
        self._report()

    def _schedule_final(self, _: object) -> None:
        """FINAL stands in the plan that it will end."""
        plan, draft = self.engine.plan, plan_draft(self.engine)
        if any(stream.name == "FINAL" and stream.left for stream in plan.streams):
            return
        at = (plan.end - BEFORE_END - draft.now) / MINUTE
        final = draft.stream("FINAL", draft.master, at=at)
        for name, minutes in FINAL_STEPS:
            draft.job(final, name, minutes, after=final.jobs[-1:], fate=PLAIN)
        if self.fails is not None:
            final.jobs[1].fates = (self.fails,)
        self.engine.after_success[final.jobs[-1]] = [lambda _: self.now()]
        self.engine.admit(final)

    def _report(self) -> None:
        draft = plan_draft(self.engine)
        reports = draft.stream("FINALPOSTREPORTS", draft.master)
        for job in draft.chain(reports, REPORT_STEPS, 2):
            job.fates = (PLAIN,)
        self.engine.admit(reports)


def plan_draft(engine: Engine) -> Draft:
    """Write into the plan of now."""
    return Draft(engine.plan, engine.now, engine.chance)


def _nodes(streams: Sequence[Stream]) -> list[Node]:
    return [*streams, *(job for stream in streams for job in stream.jobs)]


def _is_of(stream: Stream, plan: Plan) -> bool:
    """Whether a stream belongs to the day of a plan."""
    return stream.sched >= plan.start and not stream.carried_forward


def _is_done(stream: Stream) -> bool:
    """Whether a stream is left behind: it ended well, or was cancelled."""
    if any(job.status in ACTIVE for job in stream.jobs):
        return False
    return stream.canceled or not (stream.left or any(map(blocks_stream, stream.jobs)))


def _forget(node: Node, left: set[Node]) -> None:
    """Drop what ties a node to those that are left behind."""
    node.fragment = None
    node.followers = [f for f in node.followers if f.owner not in left]
    kept: list[Dependency] = []
    for dep in node.deps:
        if isinstance(dep, Join):
            gone = [m for m in dep.members if m.on in left]
            dep.members = [m for m in dep.members if m not in gone]
            met = sum(member.satisfied for member in gone)
            dep.quantity = max(0, dep.quantity - met)
            if dep.members and not (dep.satisfied and gone):
                kept.append(dep)
        elif not isinstance(dep, Follow) or dep.on not in left:
            kept.append(dep)
    node.deps = kept


class Copies:
    """New instances of streams, as the plan of another day has them."""

    def __init__(self, draft: Draft, shift: float) -> None:
        self.draft = draft
        self.shift = shift
        self._made: dict[Node, Node] = {}
        self._prompts: dict[Prompt, Prompt] = {}

    def of(self, streams: Sequence[Stream]) -> list[Stream]:
        made = [self._stream(stream) for stream in streams]
        for old, new in list(self._made.items()):
            for dep in old.deps:
                self._copy(new, dep)
        return made

    def _stream(self, old: Stream) -> Stream:
        draft = self.draft
        new = draft.stream(
            old.name,
            old.workstation,
            folder=old.folder,
            at=(old.sched + self.shift - draft.now) / MINUTE,
            priority=old.orig_priority,
            limit=old.limit,
        )
        self._made[old] = new
        self._restrict(old, new)
        for job in old.jobs:
            if job.recovers is None:
                self._job(job, new)
        return new

    def _job(self, old: Job, stream: Stream) -> None:
        new = self.draft.job(
            stream,
            old.name,
            old.estimate / MINUTE,
            on=old.workstation,
            definition=old.definition,
            priority=old.orig_priority,
            critical=old.critical,
            confirm=old.confirm,
            noop=old.noop,
            every=old.every,
            every_end=None if old.every_end is None else old.every_end + self.shift,
        )
        self._made[old] = new
        self._restrict(old, new)

    def _restrict(self, old: Node, new: Node) -> None:
        if old.limits is None:
            return
        limits = replace(old.limits)
        for name in ("start", "latest", "deadline"):
            moment = getattr(limits, name)
            setattr(limits, name, None if moment is None else moment + self.shift)
        new.limits = limits

    def _copy(self, owner: Node, dep: Dependency) -> None:
        draft = self.draft
        match dep:
            case Follow():
                self._follow(owner, dep)
            case Join():
                self._join(owner, dep)
            case PromptNeed():
                self._prompt(owner, dep.prompt)
            case FileNeed():
                draft.need_file(owner, dep.file)
            case ResourceNeed():
                draft.need_resource(owner, dep.resource, dep.quantity)
            case NetworkNeed():
                draft.need_network(owner, dep.agent, dep.text, dep.status)

    def _follow(self, owner: Node, dep: Follow) -> None:
        on = self._made.get(dep.on) if dep.on is not None else None
        if on is not None:
            self.draft.follow(owner, on, statuses=dep.statuses, outputs=dep.outputs)
        elif dep.named is not None:
            self.draft.follow_absent(
                owner, dep.named, pending=dep.pending, zombie=dep.zombie
            )

    def _join(self, owner: Node, dep: Join) -> None:
        members = [
            self._made[member.on]
            for member in dep.members
            if member.on is not None and member.on in self._made
        ]
        if members:
            self.draft.join(owner, dep.name, members, min(dep.quantity, len(members)))

    def _prompt(self, owner: Node, old: Prompt) -> None:
        if old.type == "Restart Prompt":
            return
        if old not in self._prompts:
            self._prompts[old] = self.draft.prompt(old.text, old.name)
        self.draft.need_prompt(owner, self._prompts[old])
