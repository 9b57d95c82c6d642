"""`manage.py tws_simulator` from outside: one line when ready, gone when told."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def environment(tmp_path: Path) -> dict[str, str]:
    """No database is there, and none must be needed."""
    return {
        **os.environ,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "RESYNC_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "resync_site.settings.test",
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "tws_simulator", *arguments]


@contextmanager
def running(tmp_path: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen, str]]:
    process = subprocess.Popen(
        command("--port", "0", *arguments),
        env=environment(tmp_path),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        env=environment(tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_within_a_second(tmp_path, sent):
    with running(tmp_path, "--scenario", "prompt-open", "--speed", "0") as (
        process,
        line,
    ):
        url = line.split(" at ")[1].split(",")[0]
        with urllib.request.urlopen(f"{url}/api/v2/plan/job?limit=1", timeout=5) as got:
            assert json.load(got)["count"] > 0
        began = time.monotonic()
        process.send_signal(sent)
        assert process.wait(5) == 0
        assert time.monotonic() - began < 1
        assert process.stdout.read() == ""
    assert "scenario prompt-open" in line


def test_it_ends_at_once_also_while_it_makes_a_big_plan(tmp_path):
    process = subprocess.Popen(
        command("--port", "0", "--jobs", "400000"), env=environment(tmp_path), cwd=ROOT
    )
    time.sleep(3)
    began = time.monotonic()

    process.terminate()

    assert process.wait(10) in (0, -signal.SIGTERM)
    assert time.monotonic() - began < 1


def test_its_line_is_json_on_demand(tmp_path):
    with running(tmp_path, "--json", "--tls", "--jobs", "500") as (_, line):
        facts = json.loads(line)
        assert facts["url"].startswith("https://127.0.0.1:")
        assert facts["jobs"] == 500
        assert Path(facts["ca_bundle"]).read_text().startswith("-----BEGIN CERTIFICATE")


def test_a_taken_port_is_one_clear_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        found = run(tmp_path, "--port", port)

    assert found.returncode == 1
    assert found.stdout == ""
    assert port in found.stderr
    assert "Choose another --port" in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_an_unknown_scenario_names_the_nearest(tmp_path):
    found = run(tmp_path, "--scenario", "promt-open")

    assert found.returncode == 1
    assert "Nearest: prompt-open" in found.stderr
    assert len(found.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [("--port", "http"), ("--port", "70000"), ("--jobs", "-1"), ("--speed", "-1")],
)
def test_wrong_usage_is_exit_2(tmp_path, arguments):
    assert run(tmp_path, *arguments).returncode == 2


def test_the_scenarios_are_listed(tmp_path):
    found = run(tmp_path, "--list", "--json")

    names = [item["name"] for item in json.loads(found.stdout)]
    assert names[0] == "night"
    assert len(names) >= 40
    assert all(item["description"] for item in json.loads(found.stdout))
