"""The calls of the API, each one a method; how they travel is the client's affair."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TypedDict, TypeVar, Unpack

from tws import decoding, requests
from tws.exceptions import TwsEngineError, TwsNotFound
from tws.oql import PlanFilter, job_filter, stream_filter
from tws.paging import all_pages, each_once, followed
from tws.payloads import (
    Count,
    CriticalJob,
    EngineInfo,
    Issue,
    Job,
    JobStream,
    Page,
    PlanState,
    Resource,
    Workstation,
    WorkstationHealth,
)
from tws.requests import Group, Kind, Oql, ReadRequest, Scope

T = TypeVar("T")

Node = Job | JobStream


class Selected(TypedDict, total=False):
    """Which objects of a list, and how many to a page."""

    oql: Oql | None
    plan_filter: PlanFilter | None
    limit: int
    scope: Scope  # of jobs and job streams


class Listed(Selected, total=False):
    """One page of them."""

    offset: int


class PlanReads(ABC):
    """All that can be read from a plan. Nothing here can change one."""

    @abstractmethod
    async def read(self, request: ReadRequest, decode: Callable[[bytes], T]) -> T:
        """Send the request and decode its answer."""

    # --- The engine -----------------------------------------------------------

    async def engine_info(self) -> EngineInfo:
        return await self.read(requests.engine_info(), decoding.engine_info)

    async def plan_state(self) -> PlanState | None:
        """The plan's dates and its batchman; none on engines that do not tell."""
        try:
            return await self.read(requests.plan_state(), decoding.plan_state)
        except TwsNotFound:
            return None

    async def critical_jobs(self) -> list[CriticalJob]:
        """Jobs watched for their deadline; none on engines without this call."""
        try:
            page = await self.read(requests.critical_jobs(), decoding.critical_jobs)
        except TwsNotFound:
            return []
        return page.items

    # --- Jobs -----------------------------------------------------------------

    async def jobs(self, **asked: Unpack[Listed]) -> Page[Job]:
        return await self._listed("job", decoding.jobs_page, asked)

    def job_pages(self, **asked: Unpack[Selected]) -> AsyncGenerator[Page[Job], None]:
        """All jobs, page by page, each job once; with what was unusable."""
        return each_once(all_pages(lambda offset: self.jobs(**asked, offset=offset)))

    async def job_count(
        self, plan_filter: PlanFilter | None = None, group_by: Sequence[Group] = ()
    ) -> Count:
        request = requests.counting("job", plan_filter or job_filter(), group_by)
        return await self.read(request, decoding.count)

    async def job_issues(
        self, *, oql: Oql | None = None, plan_filter: PlanFilter | None = None
    ) -> list[Issue]:
        """What the engine itself finds wrong."""
        request = requests.job_issues(oql, plan_filter)
        return await self.read(request, decoding.issues)

    async def job(self, job_id: str) -> Job:
        """One job with its dependencies."""
        return await self.read(requests.one("job", job_id), decoding.job)

    async def job_predecessors(self, job_id: str, depth: int = 1) -> list[Node]:
        request = requests.neighbours("job", job_id, "predecessors", depth)
        return await self._nodes(request)

    async def job_successors(self, job_id: str, depth: int = 1) -> list[Node]:
        request = requests.neighbours("job", job_id, "successors", depth)
        return await self._nodes(request)

    # --- Job streams ----------------------------------------------------------

    async def jobstreams(self, **asked: Unpack[Listed]) -> Page[JobStream]:
        return await self._listed("jobstream", decoding.jobstreams_page, asked)

    def jobstream_pages(
        self, **asked: Unpack[Selected]
    ) -> AsyncGenerator[Page[JobStream], None]:
        """All job streams, page by page, each stream once; with what was unusable."""
        return each_once(
            all_pages(lambda offset: self.jobstreams(**asked, offset=offset))
        )

    async def jobstream_count(
        self, plan_filter: PlanFilter | None = None, group_by: Sequence[Group] = ()
    ) -> Count:
        request = requests.counting(
            "jobstream", plan_filter or stream_filter(), group_by
        )
        return await self.read(request, decoding.count)

    async def jobstream(self, stream_id: str) -> JobStream:
        """One job stream with its dependencies."""
        request = requests.one("jobstream", stream_id)
        return await self.read(request, decoding.jobstream)

    async def jobstream_predecessors(
        self, stream_id: str, depth: int = 1
    ) -> list[Node]:
        request = requests.neighbours("jobstream", stream_id, "predecessors", depth)
        return await self._nodes(request)

    async def jobstream_successors(self, stream_id: str, depth: int = 1) -> list[Node]:
        request = requests.neighbours("jobstream", stream_id, "successors", depth)
        return await self._nodes(request)

    # --- Workstations and resources ---------------------------------------------

    async def workstations(self, **asked: Unpack[Listed]) -> Page[Workstation]:
        return await self._listed("workstation", decoding.workstations_page, asked)

    async def workstation(self, workstation_id: str) -> Workstation:
        request = requests.one("workstation", workstation_id)
        return await self.read(request, decoding.workstation)

    async def workstation_health(self, workstation_id: str) -> WorkstationHealth:
        """The engine's own check; what it finds wrong is an answer, not an error."""
        request = requests.workstation_health(workstation_id)
        try:
            await self.read(request, lambda _: None)
        except TwsEngineError as found:
            return WorkstationHealth(
                healthy=False, detail=found.message, code=found.code
            )
        return WorkstationHealth(healthy=True)

    async def resources(self, **asked: Unpack[Listed]) -> Page[Resource]:
        return await self._listed("resource", decoding.resources_page, asked)

    async def resource(self, resource_id: str) -> Resource:
        """One resource with its holders."""
        return await self.read(requests.one("resource", resource_id), decoding.resource)

    # --- Shared -----------------------------------------------------------------

    async def _listed(
        self, kind: Kind, decode: Callable[[bytes], Page[T]], asked: Listed
    ) -> Page[T]:
        page = await self.read(requests.listing(kind, **asked), decode)
        limit = asked.get("limit", requests.PAGE)
        return followed(page, offset=asked.get("offset", 0), limit=limit)

    async def _nodes(self, request: ReadRequest) -> list[Node]:
        page = await self.read(request, decoding.nodes_page)
        return page.items
