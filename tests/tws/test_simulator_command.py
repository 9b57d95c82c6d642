"""`manage.py tws_simulator` from outside: one line when ready, gone when told."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.core.management.base import CommandError

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


def handles_its_end(process: subprocess.Popen) -> bool:
    """Whether the process has said what it does when it is told to end."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def test_it_ends_at_once_also_while_it_makes_a_big_plan(tmp_path):
    process = subprocess.Popen(
        command("--port", "0", "--jobs", "400000"),
        env=environment(tmp_path),
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    while process.poll() is None and not handles_its_end(process):
        time.sleep(0.01)
    began = time.monotonic()

    process.terminate()

    assert process.communicate(timeout=10)[0] == b""  # it never came to listen
    assert process.returncode in (0, -signal.SIGTERM)
    assert time.monotonic() - began < 1


def test_its_line_is_json_on_demand(tmp_path):
    with running(tmp_path, "--json", "--tls", "--jobs", "500", "--seed", "7") as (
        _,
        line,
    ):
        facts = json.loads(line)
        assert facts["url"].startswith("https://127.0.0.1:")
        assert facts["jobs"] == 500
        assert (facts["scenario"], facts["seed"]) == ("night", 7)
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

    assert found.returncode == 2
    assert "Nearest: prompt-open" in found.stderr
    assert "--list" in found.stderr
    assert len(found.stderr.splitlines()) == 1


# What is wrong, and what the sentence about it says.
WRONG = [
    (("--port", "http"), "'http' is not a port: 1 to 65535"),
    (("--port", "70000"), "'70000' is not a port"),
    (("--port", "-1"), "'-1' is not a port"),
    (("--jobs", "0"), "'0' is not a number of jobs: 1 to 1000000"),
    (("--jobs", "-1"), "'-1' is not a number of jobs"),
    (("--jobs", "1e3"), "'1e3' is not a number of jobs"),
    (("--jobs", "9" * 5000), "is not a number of jobs"),
    (("--speed", "-1"), "'-1' is not a speed: 0 to 100000"),
    (("--speed", "nan"), "'nan' is not a speed"),
    (("--speed", "inf"), "'inf' is not a speed"),
    (("--speed", "1e300"), "'1e300' is not a speed"),
    (("--speed", "fast"), "'fast' is not a speed"),
    (("--latency", "nan"), "'nan' is not a number of milliseconds"),
    (("--mirror-delay", "soon"), "'soon' is not a number of seconds"),
    (("--seed", "x"), "'x' is not a seed"),
    (("--seed", "1.5"), "'1.5' is not a seed"),
    (("--host", " "), "an address is needed"),
    (("--scenario", ""), "There is no scenario ''"),
    (("--password", "secret"), "--password needs --user"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG)
def test_wrong_usage_is_a_sentence_and_exit_2(arguments, sentence):
    """As ``manage.py`` does it: argparse ends the process, the rest is a CommandError."""
    told = io.StringIO()
    with pytest.raises((SystemExit, CommandError)) as refused, redirect_stderr(told):
        command_of(*arguments)

    error = refused.value
    code = error.code if isinstance(error, SystemExit) else error.returncode
    assert code == 2
    assert sentence in f"{told.getvalue()}{error}"


def command_of(*arguments: str) -> None:
    made = load_command_class("tws", "tws_simulator")
    made._called_from_command_line = True
    parser = made.create_parser("manage.py", "tws_simulator")
    options = vars(parser.parse_args([*arguments]))
    made.handle(**options)


def test_an_address_that_is_not_of_this_machine_is_told_from_a_taken_port():
    with pytest.raises(CommandError, match=r"Choose another --host\.") as refused:
        command_of("--host", "192.0.2.1", "--port", "0", "--scenario", "healthy")

    assert refused.value.returncode == 1


def test_the_scenarios_are_listed(capsys):
    command_of("--list", "--json")
    found = json.loads(capsys.readouterr().out)
    command_of("--list")
    lines = capsys.readouterr().out.splitlines()

    names = [item["name"] for item in found]
    assert names[0] == "night"
    assert len(names) >= 40
    assert all(item["description"] for item in found)
    assert [line.split()[0] for line in lines] == names
    assert all(line.endswith(".") and len(line.split()) > 2 for line in lines)
