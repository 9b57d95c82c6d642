"""The plan for everybody above: what tools, pages and commands ask, answered as JSON."""

from collections.abc import Awaitable, Callable, Hashable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

from django.conf import settings

from tws import status
from tws.cache import AsyncTTLCache, Cached
from tws.client import Ping, TwsClient, client_from_settings
from tws.diagnosis import diagnose
from tws.exceptions import TwsEngineError, TwsPayloadError, TwsUnavailable
from tws.fetching import DEPTH
from tws.found import Ambiguous, Found, NotFound
from tws.impact import Assumption, impact
from tws.lookup import look_up, nearest, search
from tws.objects import MOST_ITEMS, MOST_LOG_LINES, ObjectReads, Told, diagnosed
from tws.oql import field
from tws.paging import gathered
from tws.payloads import Resource, Workstation
from tws.plan.names import Node
from tws.records import (
    item_record,
    match_record,
    resource_record,
    workstation_record,
)
from tws.status import PlanStatus
from tws.watch import PlanWatch, Search
from tws.watch import summary as count

Kind = Literal["any", "job", "stream"]
Answer = Found | Ambiguous | NotFound

MOST_MATCHES = 20
MOST_PLACES = 1000
LOG_TAIL = 60
# Old answers are better than these. Not so with a right that was withdrawn, or an
# object that is gone.
UNREADABLE = (TwsUnavailable, TwsPayloadError, TwsEngineError)
# An object is looked at again because somebody has just done something to it.
FRESH_SECONDS = 10.0
# What is renewed by whoever keeps looking at the plan; the keys of the cache.
OF_THE_WHOLE = frozenset({"status", "incidents", "deadlines"})
NOUNS = {"any": "job or job stream", "job": "job", "stream": "job stream"}


class PlanReader:
    """Reads through one client and remembers for a while.

    While TWS is away it answers with what it last read, and says how old that is; what
    it has never read raises the client's ``TwsError``.
    """

    def __init__(
        self,
        client: TwsClient,
        *,
        ttl: float = 60.0,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.client = client
        self._cache = AsyncTTLCache(ttl, stale_if=UNREADABLE)
        self._ttl = timedelta(seconds=ttl)
        self._fresh = min(ttl, FRESH_SECONDS)
        self._clock = clock or self.now
        self._objects = ObjectReads(client, self._clock)
        self._watch = PlanWatch(client, self._clock)

    async def aclose(self) -> None:
        await self._cache.aclose()
        await self._watch.aclose()
        await self.client.aclose()

    def now(self) -> datetime:
        """The plan's times are by the clock of the server, not by ours."""
        return datetime.now(UTC) + self.client.clock_ahead

    async def ping(self) -> Ping:
        """Never from memory."""
        return await self.client.ping()

    # The plan as a whole.

    async def status(self, *, renew: bool = False) -> PlanStatus:
        cached = await self._cache.get(
            "status", lambda: status.read(self.client), renew=renew
        )
        found = Found(cached.value, cached.value["summary"], *_when(cached))
        return cast("PlanStatus", found.record())

    async def find(
        self,
        pattern: str,
        limit: int = MOST_MATCHES,
        offset: int = 0,
        *,
        status: str = "",
    ) -> Found:
        """Jobs and job streams whose names fit; ``@`` and ``?`` are wildcards.

        ``status`` is one of the public ones, such as ERROR; none means any.
        """
        limit, offset = max(1, min(limit, MOST_ITEMS)), max(0, offset)
        cached = await self._remember(
            ("find", pattern, limit, offset, status),
            lambda: self._search(pattern, limit=limit, offset=offset, status=status),
        )
        jobs, streams, copied_at = cached.value
        data = {
            "pattern": pattern,
            "jobs": [item_record(job, self._clock()) for job in jobs.nodes],
            "jobs_total": jobs.total,
            "streams": [item_record(one, self._clock()) for one in streams.nodes],
            "streams_total": streams.total,
            "offset": offset,
        }
        text = f"{jobs.total} jobs and {streams.total} job streams match {pattern!r}."
        read_at, stale, reason = _when(cached)
        return Found(data, text, copied_at or read_at, stale, reason)

    async def incidents(
        self, limit: int = MOST_MATCHES, offset: int = 0, *, renew: bool = False
    ) -> Found:
        """The plan's trouble by cause, the worst first; keeps a copy of the plan."""
        cached = await self._cache.get("incidents", self._watch.incidents, renew=renew)
        offset = max(0, offset)
        shown = cached.value[offset : offset + max(1, min(limit, MOST_ITEMS))]
        data = {
            "incidents": [incident.record() for incident in shown],
            **count(cached.value),
            "offset": offset,
        }
        text = f"{data['total']} causes hold {data['waiting']} jobs."
        return Found(data, text, *_when(cached))

    async def deadlines(
        self, limit: int = MOST_MATCHES, *, renew: bool = False
    ) -> Found:
        """Deadlines that will be missed, or nearly, if all trouble is cured now."""
        cached = await self._cache.get("deadlines", self._watch.deadlines, renew=renew)
        risks = cached.value
        missed = sum(risk.slack_seconds < 0 for risk in risks)
        data = {
            "deadlines": [risk.record() for risk in risks[: max(1, limit)]],
            "total": len(risks),
            "missed": missed,
        }
        text = f"{missed} deadlines will be missed; {len(risks) - missed} are near."
        return Found(data, text, *_when(cached))

    def outdate_objects(self) -> None:
        """The plan has been looked at anew: so is each object when it is next asked for."""
        self._cache.outdate(but=OF_THE_WHOLE)

    # One job or job stream.

    async def job(self, name: str) -> Answer:
        return await self._one(name, "job", self._objects.job)

    async def stream(self, name: str) -> Answer:
        return await self._one(name, "stream", self._objects.stream)

    async def diagnose(self, name: str) -> Answer:
        """Why it does not run, or failed; ``data`` is the JSON of ``diagnose``.

        While TWS is away, the copy of the plan tells what it knew last.
        """
        try:
            return await self._one(name, "any", self._objects.diagnosis)
        except UNREADABLE as error:
            plan, read_at = self._watch.plan, self._watch.read_at
            nodes = self._watch.find(name)
            if plan is None or read_at is None or len(nodes) != 1:
                raise
            now, item = self._clock(), nodes[0].id
            told = diagnosed(diagnose(plan, item, now), impact(plan, item, now))
            return Found(*told, read_at, stale=True, stale_reason=str(error))

    async def impact(
        self,
        name: str,
        what_if: Assumption = "cured_now",
        *,
        delay_minutes: float = 0.0,
    ) -> Answer:
        """What waits for it, and its deadlines, now and under the assumption."""
        return await self._one(
            name, "any", self._objects.impact, what_if, delay_minutes * 60
        )

    async def predecessors(self, name: str, depth: int = 1) -> Answer:
        depth = max(1, min(depth, DEPTH))
        return await self._one(
            name, "any", self._objects.neighbours, "predecessors", depth
        )

    async def successors(self, name: str, depth: int = 1) -> Answer:
        depth = max(1, min(depth, DEPTH))
        return await self._one(
            name, "any", self._objects.neighbours, "successors", depth
        )

    async def job_log(self, name: str, tail: int = LOG_TAIL) -> Answer:
        """The end of the last run's log, and those of its lines that tell why."""
        tail = max(1, min(tail, MOST_LOG_LINES))
        return await self._one(name, "job", self._objects.log, tail)

    # Places and things.

    async def workstation(self, name: str) -> Found | NotFound:
        cached = await self._cache.get("workstations", self._workstations)
        wanted = name.upper().strip("/")
        for item in cached.value:
            if wanted in {item.name.upper(), item.key.upper().strip("/")}:
                record = workstation_record(item)
                return Found(record, _told_workstation(record), *_when(cached))
        names = [item.name for item in cached.value if wanted[:3] in item.name.upper()]
        return NotFound(name, "workstation", names[:5])

    async def resource(self, name: str) -> Answer:
        bare = name.rpartition("/")[2] if "#" in name else name
        place = name.partition("#")[0] if "#" in name else ""
        cached = await self._remember(
            ("resource", name), lambda: self._resources(bare, place)
        )
        found = cached.value
        if not found:
            return NotFound(name, "resource")
        records = [resource_record(item) for item in found]
        if len(records) > 1:
            shown = [{"object": item["object"]} for item in records[:MOST_MATCHES]]
            return Ambiguous(name, shown, len(records))
        record = records[0]
        text = (
            f"Resource {record['object']}: {record.get('available')} of "
            f"{record.get('quantity')} free, {len(record['holders'])} holders."
        )
        return Found(record, text, *_when(cached))

    # How it is done.

    async def _one(
        self,
        name: str,
        kind: Kind,
        read: Callable[..., Awaitable[Told]],
        *arguments: Hashable,
    ) -> Answer:
        """What ``read`` tells of the one object that has the name."""

        async def load() -> Told | Ambiguous | NotFound:
            found = await self._resolve(name, kind)
            if isinstance(found, Ambiguous | NotFound):
                return found
            return await read(found, *arguments)

        cached = await self._remember((read.__name__, name, kind, *arguments), load)
        if isinstance(cached.value, Ambiguous | NotFound):
            return cached.value
        data, text = cached.value
        return Found(data, text, *_when(cached))

    async def _resolve(self, name: str, kind: Kind) -> Node | Ambiguous | NotFound:
        found = await look_up(
            self.client, name, jobs=kind != "stream", streams=kind != "job"
        )
        if not found.nodes:
            near = await nearest(self.client, name)
            return NotFound(name, NOUNS[kind], near)
        if len(found.nodes) > 1:
            nodes = sorted(found.nodes, key=_newest_first)
            matches = [match_record(node) for node in nodes[:MOST_MATCHES]]
            return Ambiguous(name, matches, max(found.total, len(nodes)))
        return found.nodes[0]

    async def _search(
        self, pattern: str, *, limit: int, offset: int, status: str
    ) -> Search:
        if self._watch.counts_better(pattern, status, within=self._ttl):
            return await self._watch.search(
                pattern, limit=limit, offset=offset, status=status
            )
        jobs, streams = await search(
            self.client, pattern, limit=limit, offset=offset, status=status
        )
        return jobs, streams, None

    async def _workstations(self) -> list[Workstation]:
        return (await gathered(self.client.workstations, MOST_PLACES)).items

    async def _resources(self, name: str, place: str) -> list[Resource]:
        page = await self.client.resources(oql=field("name") == name, limit=MOST_ITEMS)
        if not page.items and name != name.upper():
            return await self._resources(name.upper(), place)
        wanted = place.strip("/")
        return [
            item
            for item in page.items
            if not place or wanted == item.workstation.strip("/")
        ]

    async def _remember(
        self, key: Hashable, load: Callable[[], Awaitable[Any]]
    ) -> Cached[Any]:
        return await self._cache.get(key, load, ttl=self._fresh)


def reader_from_settings(*, url: str | None = None) -> PlanReader:
    return PlanReader(client_from_settings(url=url), ttl=settings.TWS_CACHE_TTL)


def _when(cached: Cached[Any]) -> tuple[datetime, bool, str]:
    return cached.read_at, cached.stale, cached.reason


def _newest_first(node: Node) -> tuple[float, str]:
    return (-(node.scheduled.timestamp() if node.scheduled else 0.0), node.key)


def _told_workstation(record: dict[str, Any]) -> str:
    state = "is ignored" if record["ignored"] else f"is {record['trouble'] or 'well'}"
    return (
        f"Workstation {record['object']} {state}; limit {record['limit']}, "
        f"fence {record['fence']}."
    )
