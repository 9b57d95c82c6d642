"""Workstations and resources."""

from datetime import datetime

from msgspec import Struct

LINKED_STATES = frozenset({"LINKED", "FULLY_LINKED"})
# Workstations behind the workload broker, the only ones that are set on- and offline.
BROKER_TYPES = frozenset({"AGENT", "POOL", "D-POOL", "REM-ENG"})


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
        """Only workstations of the broker are ever set offline."""
        return self.type not in BROKER_TYPES or "ONLINE" in self.states


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
