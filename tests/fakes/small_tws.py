"""A TWS of a few objects that tells them as little as a release may, on a real socket."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tests.fakes.http import FakeHttp, Reply, Request, fake_http

Record = dict[str, Any]

SCHEDULED = "2026-03-04T18:00:00Z"
V2 = "/twsd/api/v2"
UP = ["LINKED", "JOBMAN_UP", "IS_INITED", "ONLINE"]


def stream(name: str, status: str = "EXEC", **fields: Any) -> Record:
    return {
        "flowNodeType": "JOBSTREAM",
        "id": f"id-{name}",
        "name": name,
        "folder": "/",
        "workstation": "/AGT1",
        "schedTime": SCHEDULED,
        "compositeStatus": {"status": status},
        "dependenciesStats": counted(fields.get("dependencies", [])),
        "limit": -1,
        "priority": 10,
        **fields,
    }


def job(name: str, status: str = "HOLD", *needs: Record, **fields: Any) -> Record:
    """A job of the stream PAY on AGT1, unless the fields say otherwise."""
    return {
        "flowNodeType": "JOB",
        "id": f"id-{name}",
        "name": name,
        "folder": "/",
        "workstation": "/AGT1",
        "jobStreamId": "id-PAY",
        "jobStreamName": "PAY",
        "jobStreamWorkstation": "/AGT1",
        "schedTime": SCHEDULED,
        "lastRunCompositeStatus": {"status": status},
        "jobruns": [{"id": f"run-{name}", "compositeStatus": {"status": status}}],
        "dependencies": list(needs),
        "dependenciesStats": counted(needs),
        "priority": 10,
        **fields,
    }


def workstation(name: str = "AGT1", **fields: Any) -> Record:
    return {
        "id": f"id-{name}",
        "name": name,
        "folder": "/",
        "type": "AGENT",
        "activeStates": UP,
        "limit": 20,
        "fence": 0,
        **fields,
    }


def follows(target: str, **fields: Any) -> Record:
    return {
        "dependencyType": "INTERNAL",
        "id": f"on-{target}",
        "jobId": f"id-{target}",
        "dependencyStatus": "UNSATISFIED",
        **fields,
    }


def follows_by_name(stream_name: str, job_name: str = "", **fields: Any) -> Record:
    """A dependency that names what it is on, and gives no id of it."""
    named = {"jobName": job_name} if job_name else {}
    return {
        "dependencyType": "EXTERNAL_JOB" if job_name else "EXTERNAL_JOBSTREAM",
        "id": f"on-{stream_name}",
        "dependencyStatus": "UNSATISFIED",
        "jobStreamName": stream_name,
        "jobStreamWorkstation": "/AGT1",
        "jobStreamFolder": "/",
        "jobStreamSchedTime": SCHEDULED,
        **named,
        **fields,
    }


def counted(needs: Sequence[Record]) -> Record:
    kinds = [need["dependencyType"] for need in needs]
    return {
        "numberOfDependencies": len(needs),
        "numberOfUnresolvedDependencies": len(needs),
        "numberOfResourceDependencies": kinds.count("RESOURCE"),
    }


class SmallTws:
    """Lists everything it has, whatever the filter; ``page`` is the most it gives at once.

    ``declines`` maps what an address ends in to the status that is answered there;
    ``only_whole`` names the fields that lists leave out.
    """

    def __init__(
        self,
        *objects: Record,
        declines: Mapping[str, int] | None = None,
        page: int = 10_000,
        only_whole: Sequence[str] = ("dependencies",),
    ) -> None:
        self.declines = declines or {}
        self.page = page
        self.hidden = {*only_whole}
        self.lists: dict[str, list[Record]] = {
            kind: [one for one in objects if _kind(one) == kind]
            for kind in ("job", "jobstream", "workstation", "resource")
        }

    def __call__(self, request: Request) -> Reply:
        for ending, status in self.declines.items():
            if request.path.endswith(ending):
                return Reply.json({"messages": ["not for you"]}, status)
        if request.path == f"{V2}/engine/info":
            return Reply.json({"displayVersion": "10.2.5"})
        if request.path.endswith("/joblog"):
            return Reply.text("starting\nno space left on device\n")
        found = re.fullmatch(rf"{V2}/plan/(\w+)(?:/([^/]+)(?:/(\w+))?)?", request.path)
        if found is None or found[1] not in self.lists:
            return Reply.json({}, 404)
        return self._plan(request, *found.groups())

    def _plan(
        self, request: Request, kind: str, item: str | None, way: str | None
    ) -> Reply:
        objects = self.lists[kind]
        if item is None:
            return self._listed(objects, request)
        if item == "count":
            return Reply.json({"count": len(objects)})
        one = next((one for one in objects if one["id"] == item), None)
        if one is None:
            return Reply.json({}, 404)
        if way == "predecessors":
            return Reply.json({"results": list(self._before(one))})
        if way == "successors":
            return Reply.json({"results": list(self._after(one))})
        return Reply.json(one)

    def _listed(self, objects: list[Record], request: Request) -> Reply:
        first = int(request.params["offset"])
        last = first + min(int(request.params["limit"]), self.page)
        shown = [
            {key: value for key, value in one.items() if key not in self.hidden}
            for one in objects[first:last]
        ]
        body: Record = {"results": shown, "count": len(objects)}
        if last < len(objects):
            body["next"] = f"https://localhost:31116{request.path}?offset={last}"
        return Reply.json(body)

    def _before(self, one: Record) -> Iterator[Record]:
        for need in one.get("dependencies", ()):
            for other in self.lists["job"]:
                if other["id"] == need.get("jobId"):
                    yield other
                    yield from self._before(other)

    def _after(self, one: Record) -> Iterator[Record]:
        for other in self.lists["job"]:
            if any(need.get("jobId") == one["id"] for need in other["dependencies"]):
                yield other
                yield from self._after(other)


def _kind(record: Record) -> str:
    if "flowNodeType" in record:
        return str(record["flowNodeType"]).lower()
    return "resource" if "quantity" in record else "workstation"


@contextmanager
def small_tws(*objects: Record, **how: Any) -> Iterator[FakeHttp]:
    """Streams, jobs, workstations and resources, served as ``how`` says."""
    with fake_http(SmallTws(*objects, **how)) as server:
        yield server
