"""manage.py brings the database where it is needed, and fails in one line."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from resync_site.command_line import needs_database

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    "arguments",
    ["migrate", "shell", "check --database default", "check --database=default",
     "showmigrations", "audit_memories --json", "makemigrations"],
)  # fmt: skip
def test_a_command_that_asks_the_database_has_it(arguments: str) -> None:
    assert needs_database(["manage.py", *arguments.split()])


@pytest.mark.parametrize(
    "arguments",
    ["", "help", "migrate --help", "check", "check --deploy", "test", "up", "db status",
     "tws_simulator", "collectstatic --noinput", "--version"],
)  # fmt: skip
def test_other_commands_start_nothing(arguments: str) -> None:
    assert not needs_database(["manage.py", *arguments.split()])


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "RESYNC_READ_DOTENV": "0", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_wrong_setting_is_one_line_that_names_it(tmp_path: Path) -> None:
    answer = manage("migrate", RESYNC_DATA_DIR=str(tmp_path), TWS_TIMEOUT="soon")

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "TWS_TIMEOUT is 'soon': use a number from 0.1 to 600.\n"


def test_a_failure_is_one_json_document_where_json_was_asked_for() -> None:
    answer = manage("purge", "--json", TWS_TIMEOUT="soon")

    assert answer.returncode == 1
    assert json.loads(answer.stdout) == {
        "error": "failed",
        "detail": answer.stderr.strip(),
    }


def test_an_unreachable_database_is_one_line_that_names_it(tmp_path: Path) -> None:
    answer = manage("migrate", DATABASE_URL="postgres://u:s3cret@127.0.0.1:9/name")

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("Cannot use the database name at 127.0.0.1:9: ")
    assert len(answer.stderr.splitlines()) == 1
    assert "s3cret" not in answer.stderr


def test_a_database_without_tables_is_one_line_that_says_migrate(
    tmp_path: Path,
) -> None:
    answer = manage("changepassword", "anybody", RESYNC_DATA_DIR=str(tmp_path))

    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1
    assert "run `manage.py migrate`" in answer.stderr


def test_a_command_leaves_the_database_as_it_found_it(tmp_path: Path) -> None:
    environment = {"RESYNC_DATA_DIR": str(tmp_path)}
    assert manage("migrate", "auth", "zero", "--plan", **environment).returncode == 0
    assert "is not running" in manage("db", "status", **environment).stdout

    try:
        assert manage("db", "start", **environment).returncode == 0
        assert manage("showmigrations", "auth", **environment).returncode == 0
        assert (
            '"running": true' in manage("db", "status", "--json", **environment).stdout
        )
    finally:
        stopped = manage("db", "stop", **environment)
    assert stopped.returncode == 0


def test_there_is_no_embedded_database_beside_ones_own() -> None:
    answer = manage("db", "status", DATABASE_URL="postgres://u@127.0.0.1:9/name")

    assert (answer.returncode, answer.stdout) == (1, "")
    assert "DATABASE_URL is set" in answer.stderr


@pytest.mark.parametrize("name", ["manage.py", "requirements/install.py"])
def test_an_old_python_can_read_that_it_is_too_old(name: str) -> None:
    ast.parse((ROOT / name).read_text(), feature_version=(3, 7))
