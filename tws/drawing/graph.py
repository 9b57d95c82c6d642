"""What is drawn of a diagnosis: its objects, and which of them waits for which."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

MOST_STREAMS = 3


@dataclass(frozen=True, slots=True)
class Knot:
    """One object, or several that are drawn as one."""

    id: str
    status: str = ""
    relation: str = ""  # what it is to the one that waits for it
    is_root: bool = False
    is_target: bool = False
    waiting: int = 0  # so many jobs of this stream wait behind the target
    stands_for: tuple[str, ...] = ()  # the names of those that are drawn as one
    position: int = 0  # as the diagnosis tells it, from target to root

    @property
    def count(self) -> int:
        return len(self.stands_for) or 1

    @property
    def is_plain(self) -> bool:
        return not (self.is_root or self.is_target or self.waiting)


@dataclass(frozen=True, slots=True)
class Tie:
    """``below`` waits for ``above``."""

    above: str
    below: str
    relation: str = ""


@dataclass(frozen=True)
class Graph:
    """Objects by id, and the ties between them, each once."""

    knots: Mapping[str, Knot]
    ties: tuple[Tie, ...]

    @cached_property
    def above(self) -> Mapping[str, tuple[str, ...]]:
        """What each one waits for."""
        found: dict[str, list[str]] = defaultdict(list)
        for tie in self.ties:
            found[tie.below].append(tie.above)
        return {knot: tuple(found[knot]) for knot in self.knots}

    @cached_property
    def below(self) -> Mapping[str, tuple[str, ...]]:
        """What waits for each one."""
        found: dict[str, list[str]] = defaultdict(list)
        for tie in self.ties:
            found[tie.above].append(tie.below)
        return {knot: tuple(found[knot]) for knot in self.knots}


def graph_of(
    chain: Iterable[Mapping[str, Any]],
    roots: Iterable[Mapping[str, Any]],
    impact: Mapping[str, Any],
) -> Graph:
    """From the JSON of a diagnosis. A chain may meet an object on several ways."""
    knots: dict[str, Knot] = {}
    ties: dict[tuple[str, str], Tie] = {}
    target = ""
    for number, step in enumerate(chain):
        name, of = step["object"], step.get("of", "")
        is_target = not of and not target
        target = target or name
        knot = Knot(
            name, step["status"], step["relation"], is_target=is_target, position=number
        )
        knots.setdefault(name, knot)
        if of and of != name:
            ties.setdefault((name, of), Tie(name, of, step["relation"]))
    for root in roots:
        if root["kind"] != "none":
            _mark(knots, ties, root["object"], target)
    for stream in _waiting(impact):
        below = f"waiting:{stream['object']}"
        knots[below] = Knot(
            below, waiting=stream["total"], stands_for=stream["names"], position=-1
        )
        ties[target, below] = Tie(target, below)
    known = [tie for tie in ties.values() if {tie.above, tie.below} <= knots.keys()]
    return Graph(knots, tuple(known))


def _mark(
    knots: dict[str, Knot], ties: dict[tuple[str, str], Tie], name: str, target: str
) -> None:
    """A root that is on no way hangs at the target."""
    if name not in knots:
        knots[name] = Knot(name, relation="root", position=len(knots))
        if target:
            ties[name, target] = Tie(name, target, "root")
    knots[name] = replace(knots[name], is_root=True)


def _waiting(impact: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The streams behind the target: the largest, and the rest as one."""
    waiting = impact.get("waiting") or {}
    streams = waiting.get("streams") or []
    shown = [
        {**stream, "names": (stream["object"],)} for stream in streams[:MOST_STREAMS]
    ]
    rest = streams[MOST_STREAMS:]
    left = waiting.get("total", 0) - sum(stream["total"] for stream in shown)
    if rest and left > 0:
        names = tuple(stream["object"] for stream in rest)
        shown.append({"object": "", "total": left, "names": names})
    return shown
