"""From the target to everything that holds it back, without recursion."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tws.diagnosis import failure, streams, suppression, waiting, workstations
from tws.diagnosis.running import launching, running
from tws.diagnosis.scope import Assessment, Edge, Option, Ref, Scope
from tws.diagnosis.states import State, state_of
from tws.plan import JobNode

NOTHING = Assessment()


@dataclass(slots=True)
class Walk:
    """The questions met on the way, each assessed once; cycles cost nothing."""

    scope: Scope
    met: dict[Ref, Assessment] = field(default_factory=dict)

    def explore(self, start: Ref) -> None:
        """Assess everything that can be reached from here."""
        open_ = [start]
        while open_:
            ref = open_.pop()
            if ref in self.met:
                continue
            found = self.met[ref] = assess(ref, self.scope)
            open_.extend(
                edge.ref for edge in every_edge(found) if edge.ref not in self.met
            )

    @property
    def chooses(self) -> bool:
        return any(found.choices for found in self.met.values())


def every_edge(found: Assessment) -> list[Edge]:
    """The edges, those of the choices too."""
    if not found.choices:
        return found.edges
    return [
        *found.edges,
        *(edge for option in every_option(found) for edge in option.edges),
    ]


def every_option(found: Assessment) -> list[Option]:
    return [option for choice in found.choices for option in choice.options]


def assess(ref: Ref, scope: Scope) -> Assessment:
    """What this one object waits for."""
    if ref.kind == "start":
        return waiting.stream_start(ref.id, scope)
    if ref.kind == "stream":
        stream = scope.stream(ref.id)
        return streams.completion(stream, scope) if stream else NOTHING
    job = scope.job(ref.id)
    return _job(job, scope) if job else NOTHING


def _job(job: JobNode, scope: Scope) -> Assessment:
    rule = RULES.get(state_of(job))
    return rule(job, scope) if rule else NOTHING


def _failed(job: JobNode, scope: Scope) -> Assessment:
    if job.recovery.endswith("_PROMPT") or job.need_message:
        scope.needs_of(job)  # the open prompt is among them
    return Assessment(roots=[failure.failed(job, scope)])


def _confirming(job: JobNode, scope: Scope) -> Assessment:
    return Assessment(roots=[failure.unconfirmed(job, scope)])


def _running(job: JobNode, scope: Scope) -> Assessment:
    return Assessment(roots=[running(job, scope)])


def _launching(job: JobNode, scope: Scope) -> Assessment:
    down = workstations.unusable(job, scope)
    return Assessment(roots=down or [launching(job, scope)])


def _strange(job: JobNode, scope: Scope) -> Assessment:
    return Assessment(roots=[waiting.strange(job, scope)])


# A finished job holds nothing back, so it has no rule.
RULES: dict[State, Callable[[JobNode, Scope], Assessment]] = {
    State.WAITING: waiting.job,
    State.CANCELING: waiting.canceling,
    State.SUPPRESSED: suppression.hold,
    State.FAILED: _failed,
    State.CONFIRMING: _confirming,
    State.RUNNING: _running,
    State.LAUNCHING: _launching,
    State.UNKNOWN: _strange,
}
