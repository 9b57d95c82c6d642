"""`make run` ends as a whole, whoever ends it, and leaves nothing behind."""

import contextlib
import os
import signal
from pathlib import Path

import pytest

from resync_site.guardian import Post
from resync_site.place import Place
from resync_site.processes import is_alive, wait_until
from tests.faults import sites

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all these runs: each is also a second run on kept data."""
    return tmp_path_factory.mktemp("up")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(data_dir: Path, number: signal.Signals) -> None:
    with sites.site(data_dir) as site:
        site.process.send_signal(number)

        assert site.wait() == 0, site.text
        assert site.left_behind() == []
        assert "Stopping." in site.said
        assert site.said[-1] == "Everything is stopped."


@pytest.mark.parametrize(
    ("number", "whole_group"),
    [(signal.SIGINT, True), (signal.SIGINT, False), (signal.SIGTERM, False)],
    ids=["Ctrl-C in a terminal", "SIGINT to make alone", "SIGTERM to make alone"],
)
def test_a_signal_to_make_ends_everything(
    data_dir: Path, number: signal.Signals, whole_group: bool
) -> None:
    with sites.site(data_dir, make=True) as site:
        if whole_group:
            os.killpg(site.process.pid, number)
        else:
            site.process.send_signal(number)

        site.wait()
        assert wait_until(lambda: site.left_behind() == [], 10), site.left_behind()


def test_a_killed_make_takes_everything_along(data_dir: Path) -> None:
    with sites.site(data_dir, make=True) as site:
        site.process.kill()

        site.wait()
        assert wait_until(lambda: site.left_behind() == [], 10), site.left_behind()


@pytest.mark.parametrize(
    ("words", "name"),
    [("resync_site.server", "web"), ("worker", "worker"), ("tws_simulator", "tws")],
)
def test_the_death_of_a_child_ends_everything(
    data_dir: Path, words: str, name: str
) -> None:
    with sites.site(data_dir) as site:
        os.kill(site.child(words), signal.SIGKILL)

        assert site.wait() == 1
        assert site.left_behind() == []
        assert site.said[-1] == (
            f"{name} was killed by SIGKILL; everything else is stopped too."
        )


@pytest.mark.parametrize("who", ["server", "guardian"])
def test_the_death_of_the_database_ends_everything(data_dir: Path, who: str) -> None:
    with sites.site(data_dir) as site:
        os.kill(Post(Place.below(data_dir)).report()[who], signal.SIGKILL)

        assert site.wait() == 1
        assert site.left_behind() == []
        assert "The database ended by itself" in site.said[-1]


def test_a_killed_up_takes_its_children_along(data_dir: Path) -> None:
    with sites.site(data_dir) as site:
        os.kill(site.up, signal.SIGKILL)

        site.wait()
        assert wait_until(lambda: site.left_behind() == [], 15), site.left_behind()


def test_a_child_that_does_not_listen_is_ended_by_force(data_dir: Path) -> None:
    with sites.site(data_dir) as site:
        os.kill(site.child("resync_site.server"), signal.SIGSTOP)
        site.process.terminate()

        assert site.wait() == 0, site.text
        assert site.left_behind() == []


def healed(worker: int, before: list[int]) -> bool:
    """Whether another process stands in the place of the last of these."""
    now = sites.descendants(worker)
    return before[-1] not in now and len(now) >= len(before)


def test_a_worker_process_that_was_killed_ends_nothing(data_dir: Path) -> None:
    with sites.site(data_dir) as site:
        worker = site.child("worker")
        assert wait_until(lambda: len(sites.descendants(worker)) >= 3, 20)
        before = sites.descendants(worker)
        os.kill(before[-1], signal.SIGKILL)
        assert wait_until(lambda: healed(worker, before), 20)

        assert site.process.poll() is None, site.text
        assert is_alive(worker)
        site.process.terminate()
        assert site.wait() == 0
        assert site.left_behind() == []


def test_a_reader_that_goes_away_ends_everything(data_dir: Path) -> None:
    port = sites.free_port()
    process = sites.start(data_dir, *sites.manage_up(port))
    try:
        while "Resync is ready" not in process.stdout.readline():
            assert process.poll() is None
        process.stdout.close()
        with contextlib.suppress(OSError):  # another line may have told it already
            sites.fetch(port)  # something to tell

        assert process.wait(10) == 0
        assert sites.processes_of(data_dir) == []
    finally:
        sites.sweep(data_dir)
