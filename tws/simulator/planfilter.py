"""Plan filters in the manner of conman: /FOLDER/WORKSTATION#/FOLDER/STREAM.JOB."""

from collections.abc import Callable
from typing import Any

from tws.simulator.matching import wildcard
from tws.simulator.model import Job, Resource, Stream, Workstation
from tws.simulator.oql import OqlSyntaxError

Check = Callable[[Any], bool]


def _place(pattern: str) -> Callable[[str, str], bool]:
    """Match a folder and a name; the folder /@/ is any folder, the root too."""
    folder, _, name = pattern.rpartition("/")
    named = wildcard(name or "@")
    if not pattern.startswith("/"):
        return lambda _, text: named(text)
    if folder in ("/@", "@"):
        return lambda _, text: named(text)
    placed = wildcard(f"{folder}/")
    return lambda where, text: named(text) and placed(where)


def compile_filter(text: str, kind: type) -> Check:
    """Make a test of a plan filter for jobs, streams, workstations or resources.

    Raises:
        OqlSyntaxError: the filter cannot be read.
    """
    if not text.strip() or text.count("#") > 1:
        msg = f"the plan filter {text!r} is not valid"
        raise OqlSyntaxError(msg)
    before, hash_sign, after = text.partition("#")
    station = _place(before if hash_sign else "/@/@")
    rest = after if hash_sign else before
    if kind is Workstation:
        alone = _place(before)
        return lambda item: alone(item.folder, item.name)
    if kind is Resource:
        return _resource(station, _place(rest))
    if kind is Stream:
        return _stream(station, _place(rest.partition(".")[0]))
    return _job(station, rest)


Place = Callable[[str, str], bool]


def _resource(station: Place, place: Place) -> Check:
    def check(item: Resource) -> bool:
        where = item.workstation
        return station(where.folder, where.name) and place(item.folder, item.name)

    return check


def _stream(station: Place, place: Place) -> Check:
    def check(item: Stream) -> bool:
        where = item.workstation
        return station(where.folder, where.name) and place(item.folder, item.name)

    return check


def _job(station: Place, rest: str) -> Check:
    stream_part, dot, job_part = rest.partition(".")
    place = _place(stream_part or "@")
    named = wildcard(job_part if dot else "@")

    def check(item: Job) -> bool:
        stream, where = item.stream, item.stream.workstation
        return (
            named(item.name)
            and place(stream.folder, stream.name)
            and station(where.folder, where.name)
        )

    return check
