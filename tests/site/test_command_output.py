"""What a script sees of each command: one JSON document, one line, the right status."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from resync_site.processes import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
NOWHERE = "postgres://u:s3cret@127.0.0.1:9/name"
AGENTS = "agents/fixtures/agents.json"
SIMULATED = "TWS_URL is not set: this is the simulator's plan 'night'."
COMMANDS = [
    "up", "ask", "diagnose", "tws_ping", "tws_simulator", "load_agents", "dump_agents",
    "audit_memories", "worker", "db", "sync_schedules", "purge", "index_memories",
]  # fmt: skip
WITH_DATABASE = [
    "ask hello", f"load_agents {AGENTS}", "dump_agents", "audit_memories", "worker",
    "sync_schedules", "purge", "index_memories", "up",
]  # fmt: skip
MISUSES = {
    "nonsense": "There is no command 'nonsense'. See manage.py help.",
    "purg": "There is no command 'purg'. Did you mean purge? See manage.py help.",
    "help nonsense": "There is no command 'nonsense'. See manage.py help.",
    "diagnose": "manage.py diagnose: the following arguments are required: NAME."
    " See manage.py diagnose --help.",
    "purge --older-than soon": "manage.py purge: argument --older-than: 'soon' is not a"
    " whole number of days from 1 to 36500. See manage.py purge --help.",
    "worker --fast": "manage.py worker: unrecognized arguments: --fast."
    " See manage.py worker --help.",
}


def environment(**more: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "RESYNC_READ_DOTENV": "0", **more}


def manage(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment(**more), capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; PYTHON={sys.executable}; {line}"],
        cwd=ROOT, env=environment(**more), capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_an_example(command: str) -> None:
    answer = manage(command, "--help", DATABASE_URL=NOWHERE)

    assert (answer.returncode, answer.stderr) == (0, "")
    words = " ".join(answer.stdout.split())
    assert f"manage.py {command}" in words.lower().partition("example")[2]
    assert "--json" in words


@pytest.mark.parametrize("command", MISUSES)
def test_a_misuse_is_one_line_and_status_2(command: str) -> None:
    answer = manage(*command.split(), DATABASE_URL=NOWHERE)

    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == MISUSES[command] + "\n"


def test_a_misuse_is_a_document_where_one_was_asked_for() -> None:
    answer = manage("purge", "--json", "--older-than", "soon", DATABASE_URL=NOWHERE)

    assert answer.returncode == 2
    assert json.loads(answer.stdout) == {
        "error": "usage",
        "detail": answer.stderr.rstrip("\n"),
    }


@pytest.mark.parametrize("command", WITH_DATABASE)
def test_without_its_database_a_command_says_so_once(
    command: str, tmp_path: Path
) -> None:
    answer = manage(
        *command.split(), "--json", DATABASE_URL=NOWHERE, RESYNC_DATA_DIR=str(tmp_path)
    )

    assert answer.returncode == 1
    failure = json.loads(answer.stdout)
    assert failure["error"] == "failed"
    assert "127.0.0.1" in failure["detail"]
    *before, last = answer.stderr.splitlines()
    assert last == failure["detail"]
    assert before == ([SIMULATED] if command.startswith("ask") else [])
    assert "s3cret" not in answer.stdout


@pytest.mark.parametrize("arguments", ["help", "diffsettings --all"])
def test_a_reader_that_goes_away_is_no_error(arguments: str) -> None:
    answer = shell(f"$PYTHON manage.py {arguments} | true")

    assert (answer.returncode, answer.stderr) == (141, "")


def test_a_document_that_nobody_reads_is_no_error(database_url: str) -> None:
    answer = shell("$PYTHON manage.py purge --json | true", DATABASE_URL=database_url)

    assert (answer.returncode, answer.stderr) == (141, "")


def test_a_closed_output_is_no_error(database_url: str) -> None:
    answer = shell(
        "$PYTHON manage.py purge --json <&- >&- 2>&-", DATABASE_URL=database_url
    )

    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_is_one_line() -> None:
    answer = shell("$PYTHON manage.py help >/dev/full")

    assert answer.returncode == 1
    assert answer.stderr == (
        "Cannot write what there is to say: No space left on device.\n"
    )


def test_an_interruption_while_it_loads_is_quiet() -> None:
    program = subprocess.Popen(
        [sys.executable, "-X", "importtime", "manage.py", "check"],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    for line in program.stderr:
        if "django.utils" in line:
            program.send_signal(signal.SIGINT)
            break
    rest = program.stderr.read()
    program.stdout.close()
    program.stderr.close()

    assert program.wait(30) == 130
    assert "Traceback" not in rest


def test_the_worker_tells_a_script_that_it_works(
    database_url: str, tmp_path: Path
) -> None:
    output = tmp_path / "output"
    with output.open("w") as stdout:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--json"],
            cwd=ROOT, env=environment(DATABASE_URL=database_url),
            stdout=stdout, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        assert wait_until(lambda: output.read_text().endswith("\n"), 40)
        worker.send_signal(signal.SIGINT)
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.wait()

    facts = json.loads(output.read_text())
    assert (facts["pid"], facts["workers"]) == (worker.pid, 2)
    assert "Audit: tick" in facts["schedules"]
