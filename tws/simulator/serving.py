"""Starting a simulator: for the command, and for tests in a `with` block."""

import difflib
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tws.simulator import tls as certificates
from tws.simulator.api import Api
from tws.simulator.clock import Clock
from tws.simulator.faults import Fault
from tws.simulator.living import LivingPlan
from tws.simulator.scenarios import SCENARIOS, Scenario
from tws.simulator.scenarios.base import Told
from tws.simulator.server import Login, Seen, Server


class UnknownScenario(Exception):
    """There is no such scenario."""


class Simulator:
    """The handle on a running server."""

    def __init__(
        self, server: Server, told: Told, host: str, ca_path: Path | None
    ) -> None:
        self.server = server
        self.scenario = told
        self.ca_path = ca_path
        shown = f"[{host}]" if ":" in host else host
        self.url = f"{server.scheme}://{shown}:{server.port}/twsd"

    @property
    def plan(self) -> LivingPlan:
        return self.scenario.living

    @property
    def requests(self) -> list[Seen]:
        """What was asked: (method, path, query, headers without secrets)."""
        return self.server.requests

    def fault(
        self,
        kind: str,
        *,
        times: int | None = None,
        path: str = "",
        seconds: float = 10.0,
    ) -> Fault:
        """Spoil the next requests; see `tws.simulator.faults`."""
        return self.server.faults.order(kind, times=times, path=path, seconds=seconds)

    def clear_faults(self) -> None:
        self.server.faults.clear()


def find_scenario(name: str) -> Scenario:
    """Find a scenario by name.

    Raises:
        UnknownScenario: with the nearest names.
    """
    if name in SCENARIOS:
        return SCENARIOS[name]
    near = [known for known in SCENARIOS if name and name in known]
    near = near or difflib.get_close_matches(name, SCENARIOS, 3, 0.4)
    shown = ", ".join((near or sorted(SCENARIOS))[:3])
    msg = f"There is no scenario {name!r:.60}. Nearest: {shown}. --list shows all."
    raise UnknownScenario(msg)


@contextmanager
def serve(
    scenario: str = "night",
    *,
    port: int = 0,
    seed: int = 1,
    jobs: int | None = None,
    tls: bool = False,
    speed: float = 1.0,
    latency: float = 0.0,
    host: str = "127.0.0.1",
    start: float | None = None,
    mirror_delay: float = 0.0,
    substatus: bool = True,
    login: Login | None = None,
) -> Iterator[Simulator]:
    """Serve a scenario from a thread until the block ends.

    Args:
        scenario: a key of SCENARIOS.
        port: 0 takes a free one.
        seed: the same seed makes the same plan.
        jobs: fill the plan up to so many jobs.
        tls: serve https with a certificate made now; trust the handle's ca_path.
        speed: virtual seconds per second; 0 stops time.
        latency: seconds that every answer is held back.
        host: the address to listen on.
        start: the virtual now, in seconds since the epoch; ours by default.
        mirror_delay: seconds that answers lag behind the plan.
        substatus: False leaves the substatus empty, as some engines do.
        login: whom to let in; everybody by default.
    """
    told = find_scenario(scenario).begin(
        seed,
        clock=Clock(speed, start),
        jobs=jobs,
        mirror_delay=mirror_delay,
        fills_substatus=substatus,
    )
    server = Server(Api(told.living, told.distortions), login or Login(), latency)
    with _certificate(host) if tls else nullcontext((None, None)) as (context, ca_path):
        server.start(host, port, context)
        try:
            yield Simulator(server, told, host, ca_path)
        finally:
            server.stop()


@contextmanager
def _certificate(host: str) -> Iterator[tuple[ssl.SSLContext, Path]]:
    with tempfile.TemporaryDirectory(prefix="tws-simulator-") as folder:
        yield certificates.make(Path(folder), host)
