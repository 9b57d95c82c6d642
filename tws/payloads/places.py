"""Workstations and resources."""

from datetime import datetime

from msgspec import Struct, structs

LINKED_STATES = frozenset({"LINKED", "FULLY_LINKED"})
# Only dynamic agents are set on- and offline; a pool is as good as its members, and of a
# remote engine the job manager tells whether it answers.
SET_ONLINE = frozenset({"AGENT"})


class Workstation(Struct, frozen=True, kw_only=True, gc=False):
    """A workstation in the plan."""

    id: str
    name: str
    folder: str = "/"
    key: str = ""
    type: str = ""
    host_type: str = ""
    states: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    limit: int | None = None
    fence: int | None = None
    ignore: bool = False
    description: str = ""
    node: str = ""
    os: str = ""
    domain: str = ""
    host: str = ""
    version: str = ""
    agent_id: str = ""
    time_zone: str = ""
    run_number: int | None = None
    time_started: datetime | None = None
    archived: bool = False
    tells_online: bool = True  # this engine shows by ONLINE which ones are

    unusable: list[str] = []

    @property
    def is_master(self) -> bool:
        return "MASTER" in self.states or self.host_type == "MASTER"

    @property
    def linked(self) -> bool:
        """The master has nobody to link to."""
        return self.is_master or not LINKED_STATES.isdisjoint(self.states)

    @property
    def jobman_up(self) -> bool:
        return "JOBMAN_UP" in self.states

    @property
    def online(self) -> bool:
        shown = self.type in SET_ONLINE and self.tells_online
        return not shown or "ONLINE" in self.states


def told_online(places: list[Workstation]) -> list[Workstation]:
    """The same ones; where none of several says that it is online, that means nothing."""
    agents = [place for place in places if place.type in SET_ONLINE]
    if len(agents) < 2 or any("ONLINE" in place.states for place in agents):
        return places
    return [structs.replace(place, tells_online=False) for place in places]


class WorkstationHealth(Struct, frozen=True, kw_only=True, gc=False):
    """The outcome of the engine's own health check."""

    healthy: bool
    detail: str = ""
    code: str = ""


class ResourceHolder(Struct, frozen=True, kw_only=True, gc=False):
    """A job or job stream that has units of a resource."""

    job_id: str = ""
    job: str = ""
    job_key: str = ""
    stream_id: str = ""
    stream: str = ""
    quantity: int | None = None
    shared: bool = False


class Resource(Struct, frozen=True, kw_only=True, gc=False):
    """A resource in the plan, and who has it."""

    id: str
    name: str
    folder: str = "/"
    key: str = ""
    workstation: str = ""
    description: str = ""
    status: str = ""  # AVAILABLE | NOT_AVAILABLE | UNDECIDED
    quantity: int | None = None
    available: int | None = None  # negative after a forced release
    in_use: int | None = None
    holders: list[ResourceHolder] = []
    archived: bool = False

    unusable: list[str] = []
