"""The web process can be stopped at any time, also while it is still loading."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from resync_site.processes import wait_until
from tests.fakes.people import signed_in
from tests.fakes.server import RunningServer, served
from tests.fakes.tab import open_tab
from tests.site.conftest import AGENTS

NEVER_LOADED = """
from pathlib import Path
from threading import Event
Path(__file__).with_name("begun").touch()
Event().wait()
"""


@pytest.fixture
def loading(tmp_path: Path, database_url: str) -> Iterator[RunningServer]:
    """A web process whose memory is being loaded for ever."""
    mem0 = tmp_path / "mem0"
    mem0.mkdir()
    (mem0 / "__init__.py").write_text(NEVER_LOADED)
    call_command("load_agents", AGENTS, verbosity=0)
    env = {"DATABASE_URL": database_url, "PYTHONPATH": str(tmp_path)}
    with served("daphne", "resync_site.asgi:application", env) as server:
        assert wait_until((mem0 / "begun").exists, 20), server.log
        yield server


@pytest.fixture
def session(operator: User) -> str:
    return signed_in(operator)


async def test_a_stop_does_not_wait_for_what_is_being_loaded(
    loading: RunningServer, session: str
) -> None:
    async with open_tab(loading.host, session) as tab:
        assert (await tab.hear())["type"] == "info"
        loading.process.send_signal(signal.SIGTERM)
        code = await tab.closed()
    loading.end()

    assert code == 1012
    assert loading.process.returncode == 0, loading.log
    assert "Traceback" not in loading.log
