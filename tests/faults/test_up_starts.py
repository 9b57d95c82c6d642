"""`make run` heals what a killed one left, and says in one line why it cannot start."""

import json
import os
import re
import shlex
import signal
import socket
import stat
from pathlib import Path

import pytest

from resync_site import embedded
from resync_site.processes import is_alive, wait_until
from tests.faults import sites

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


def users(data_dir: Path) -> str:
    return (data_dir / "demo-users.txt").read_text()


def test_the_first_run_prints_each_password_once_and_a_second_keeps_them(
    tmp_path: Path,
) -> None:
    with sites.site(tmp_path) as site:
        printed = [line for line in site.said if "password:" in line]
        assert all(re.fullmatch(r"  \w+  password: \w{16}", line) for line in printed)
        assert [line.split()[0] for line in printed] == [
            "operator",
            "reviewer",
            "admin",
        ]
        assert printed == users(tmp_path).splitlines()
        assert stat.S_IMODE((tmp_path / "demo-users.txt").stat().st_mode) == 0o600
        assert sites.fetch(site.port) == 200
        site.process.terminate()
        assert site.wait() == 0

    with sites.site(tmp_path) as site:
        assert not site.has_said("password:")
        assert site.has_said("Users: operator, reviewer, admin")
        assert printed == users(tmp_path).splitlines()


def test_a_killed_run_is_healed_by_the_next_on_the_same_port(data_dir: Path) -> None:
    with sites.site(data_dir) as first:
        # A stopped process cannot hear that its parent died.
        os.kill(first.child("resync_site.server"), signal.SIGSTOP)
        os.kill(first.up, signal.SIGKILL)
        first.process.wait(10)
        assert not sites.is_free(first.port)

        with sites.site(data_dir, port=first.port) as second:
            assert sites.fetch(second.port) == 200
            second.process.terminate()
            assert second.wait() == 0
            assert second.left_behind() == []


def test_a_second_run_in_the_same_folder_names_the_first(data_dir: Path) -> None:
    with sites.site(data_dir) as first:
        second = sites.run(data_dir, "up", "--port", str(sites.free_port()))

        assert second.returncode == 1
        assert second.stderr == (
            f"Resync already runs on {data_dir} (pid {first.up},"
            f" http://127.0.0.1:{first.port}/). Stop it first, or start another checkout"
            " with PORT=8001 make run.\n"
        )
        assert sites.fetch(first.port) == 200


def test_two_folders_run_side_by_side(data_dir: Path, tmp_path: Path) -> None:
    with sites.site(data_dir) as one, sites.site(tmp_path) as two:
        assert (sites.fetch(one.port), sites.fetch(two.port)) == (200, 200)
        one.process.terminate()
        assert one.wait() == 0
        assert one.left_behind() == []
        assert sites.fetch(two.port) == 200


def test_commands_join_the_running_site_and_its_simulator(data_dir: Path) -> None:
    with sites.site(data_dir) as site:
        for arguments in (["showmigrations", "auth"], ["tws_ping", "--json"]):
            answer = sites.run(data_dir, *arguments)
            assert answer.returncode == 0, answer.stderr
        stopping = sites.run(data_dir, "db", "stop")
        assert (stopping.returncode, sites.fetch(site.port)) == (1, 200)
        assert "still in use" in stopping.stderr


def test_a_taken_port_names_itself_and_another(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        answer = sites.run(data_dir, "up", "--port", str(port))

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"Port {port} on 127.0.0.1 is taken. Choose another: PORT={port + 1} make run\n"
    )
    assert sites.processes_of(data_dir) == []


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", ""])
def test_a_port_that_is_none_is_wrong_usage(data_dir: Path, port: str) -> None:
    answer = sites.run(data_dir, "up", f"--port={port}")

    assert answer.returncode == 2
    assert "argument --port" in answer.stderr


def test_a_data_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    answer = sites.run(tmp_path / "file" / "data", "up")

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"Cannot write to {tmp_path}/file/data: Not a directory. Choose another folder"
        " with RESYNC_DATA_DIR.\n"
    )


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nonsense", "DATABASE_URL must look like postgres://"),
        ("postgres://u:s3cret@host:port/db", "DATABASE_URL must look like postgres://"),
        (
            "postgres://u:s3cret@127.0.0.1:9/db",
            "database db at 127.0.0.1:9: connection",
        ),
        ("postgres://u:s3cret@nowhere.invalid/db", "db at nowhere.invalid:5432: "),
    ],
)
def test_a_broken_database_url_is_one_line_without_the_password(
    tmp_path: Path, address: str, says: str
) -> None:
    port = str(sites.free_port())
    answer = sites.run(tmp_path, "up", "--port", port, DATABASE_URL=address)

    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1
    assert says in answer.stderr
    assert "s3cret" not in answer.stdout + answer.stderr


def test_no_demo_makes_no_users(tmp_path: Path) -> None:
    port = sites.free_port()
    process = sites.start(tmp_path, *sites.manage_up(port), "--no-demo")
    try:
        said = ""
        while "Resync is ready" not in said:
            assert process.poll() is None, said
            said += process.stdout.readline()
        assert "password" not in said
        assert not (tmp_path / "demo-users.txt").exists()
    finally:
        sites.sweep(tmp_path)
        process.communicate()


def test_a_command_that_was_killed_leaves_no_database(tmp_path: Path) -> None:
    process = sites.start(
        tmp_path, sites.PYTHON, "manage.py", "shell", "-c", "while 1: pass"
    )
    try:
        assert wait_until(lambda: embedded.status(tmp_path).running, 30)
        process.kill()
        process.communicate()
        assert wait_until(lambda: sites.processes_of(tmp_path) == [], 5)
    finally:
        sites.sweep(tmp_path)


def test_a_script_is_told_once_in_json_when_everything_is_ready(tmp_path: Path) -> None:
    port = sites.free_port()
    output = tmp_path / "output"
    command = shlex.join([*sites.manage_up(port), "--json"])
    apart = f"exec {command} > {shlex.quote(str(output))}"
    process = sites.start(tmp_path / "data", "sh", "-c", apart)
    try:
        assert wait_until(lambda: output.exists() and output.stat().st_size, 45)
        ready = json.loads(output.read_text())
        assert sites.fetch(port) == 200
        assert all(map(is_alive, ready["processes"].values()))
        process.terminate()
        told = process.stdout.read()
        assert process.wait(10) == 0
    finally:
        sites.sweep(tmp_path / "data")
        process.stdout.close()

    assert ready.pop("seconds") > 0
    assert set(ready.pop("processes")) == {"web", "worker", "tws"}
    assert ready.pop("simulator").startswith("http://127.0.0.1:")
    assert set(ready.pop("users")) == {"operator", "reviewer", "admin"}
    assert ready == {
        "address": f"http://127.0.0.1:{port}/",
        "pid": process.pid,
        "data_dir": str(tmp_path / "data"),
    }
    assert json.loads(output.read_text())  # and nothing came after it
    assert "Everything is stopped." in told
