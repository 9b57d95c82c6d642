"""How people name jobs and job streams, and what they may mean by it.

A name is read in several ways, in this order, and the first that finds something counts:
as the whole name, as an id, as ``WORKSTATION#STREAM.JOB`` (with or without folders), as
``STREAM.JOB``, as a pattern with ``@`` and ``?``. So a job that really is called ``A#B.C``
or ``A@`` is found by its name.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from tws.payloads import rooted
from tws.plan.nodes import JobNode, StreamNode

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
WILD = re.compile(r"[@?]")
# The filter for them must fit into an address.
MOST_READINGS = 24

Node = JobNode | StreamNode


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a name, as a job's or a stream's; an empty part fits all."""

    job: str = ""
    stream: str = ""
    folder: str = ""
    workstation: str = ""
    wild: bool = False

    def fits(self, node: Node) -> bool:
        if isinstance(node, JobNode) != bool(self.job):
            return False
        if isinstance(node, JobNode):
            own = (self.job, node.name), (self.stream, node.stream_name)
        else:
            own = (self.stream, node.name), ("", "")
        return (
            all(self._like(given, name) for given, name in own)
            and self.is_in(node.folder)
            and self.is_at(node.workstation, node.key.partition("#")[0])
        )

    def is_in(self, folder: str) -> bool:
        return not self.folder or _folder(folder) == _folder(self.folder)

    def is_at(self, own: str, of_stream: str) -> bool:
        """At the job's own workstation or, as conman shows it, that of its stream."""
        return not self.workstation or any(
            _same_place(self.workstation, place, wild=self.wild)
            for place in (own, of_stream)
        )

    def _like(self, given: str, name: str) -> bool:
        if not given:
            return True
        return matches(given, name) if self.wild else given == name


def readings(text: str) -> list[list[Reading]]:
    """The ways to read a name, in steps; within a step they count the same."""
    steps = [[Reading(job=text), Reading(stream=text)]]
    split = list(islice(_split(text, wild=False), MOST_READINGS))
    if split:
        steps.append(split)
    if WILD.search(text):
        wild = list(islice(_split(text, wild=True), MOST_READINGS))
        whole = [Reading(job=text, wild=True), Reading(stream=text, wild=True)]
        steps.append(wild if "#" in text else [*whole, *wild])
    return steps


def is_id(text: str) -> bool:
    return UUID.fullmatch(text) is not None


def is_job_name(text: str) -> bool:
    """Whether it names a workstation, a stream and a job."""
    return "." in text.partition("#")[2]


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern fits: ``@`` is any text, ``?`` any one character."""
    return compiled(pattern).fullmatch(name) is not None


def select(nodes: Iterable[Node], step: list[Reading]) -> list[Node]:
    """The nodes that one of these readings means."""
    return [node for node in nodes if any(reading.fits(node) for reading in step)]


def _split(text: str, *, wild: bool) -> Iterator[Reading]:
    for place, rest in _cuts(text, "#"):
        if place and rest:
            yield from _below(rest, place, wild=wild)
    if "#" not in text:
        for reading in _below(text, "", wild=wild):
            if reading.job:
                yield reading


def _below(rest: str, place: str, *, wild: bool) -> Iterator[Reading]:
    """``/FOLDER/STREAM.JOB``, in which the names may hold dots and slashes."""
    folders: Iterable[tuple[str, str]] = [("", rest)]
    if rest.startswith("/"):
        folders = ((before, after) for before, after in _cuts(rest, "/") if after)
    for path, name in folders:
        folder = f"{path}/" if rest.startswith("/") else ""
        for stream, job in _cuts(name, "."):
            if stream and job and "/" not in stream:
                yield Reading(job, stream, folder, place, wild)
        if name and "/" not in name:
            yield Reading("", name, folder, place, wild)


def _cuts(text: str, mark: str) -> Iterator[tuple[str, str]]:
    for at, char in enumerate(text):
        if char == mark:
            yield text[:at], text[at + 1 :]


def _folder(path: str) -> str:
    return "/".join(("", *filter(None, path.split("/")), ""))


def _same_place(given: str, place: str, *, wild: bool) -> bool:
    """A workstation given without folder is meant in any."""
    if "/" not in given:
        place = place.rpartition("/")[2]
    else:
        given = rooted(given)
    return matches(given, place) if wild else given == place


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """For whoever has more names to compare than ``matches`` would do."""
    parts = ({"@": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    return re.compile("".join(parts), re.DOTALL)
