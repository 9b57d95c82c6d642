"""Settings are checked at start, and a wrong one names itself."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PROD = {
    "DJANGO_SETTINGS_MODULE": "resync_site.settings.prod",
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "resync.example.org",
    "DATABASE_URL": "postgres://nobody@127.0.0.1/none",
}


def manage(*arguments, **env):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWS_TIMEOUT", "soon"),
        ("TWS_CACHE_TTL", "nan"),
        ("AUDIT_FLAG_THRESHOLD", "95"),
        ("AUDIT_QUARANTINE_THRESHOLD", "-1"),
        ("TWS_VERIFY_TLS", "perhaps"),
        ("LLM_BASE_URL", "localhost:11434"),
        ("EMBEDDINGS_DIM", "3.5"),
        ("DATABASE_URL", "mysql://here/x"),
        ("REDIS_URL", "localhost:6379"),
        ("LOG_LEVEL", "loud"),
        ("DJANGO_SETTINGS_MODULE", "resync_site.settings.test_"),
    ],
)
def test_a_wrong_setting_names_itself_in_one_line(name, value):
    result = manage("check", **{name: value})

    assert result.returncode == 1
    assert name in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_wrong_address_is_told_without_its_password():
    result = manage("check", REDIS_URL="http://me:s3cret@cache:6379")

    assert "REDIS_URL is 'cache:6379'" in result.stderr
    assert "s3cret" not in result.stderr


def test_defect_15_false_is_false():
    program = "from resync_site.settings.environment import flag; print(flag('X', default=True))"
    for word in ("False", "false", "0", "no", "off"):
        out = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT, env={**os.environ, "X": word}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert out.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_production_refuses_to_start_without(name):
    result = manage("check", **{**PROD, name: ""})

    assert result.returncode == 1
    assert name in result.stderr


def test_in_production_a_load_balancer_may_ask_without_tls():
    program = (
        "import django; django.setup(); from django.test import Client;"
        "ask = lambda path: Client(headers={'host': 'resync.example.org'}).get(path);"
        "print(ask('/healthz').status_code, ask('/accounts/login/').status_code)"
    )

    out = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, env={**os.environ, **PROD}, capture_output=True, text=True, timeout=50,
    )  # fmt: skip

    assert out.stdout.split() == ["200", "301"], out.stderr


def test_a_deployment_is_clean_and_unverified_tls_is_not():
    clean = manage("check", "--deploy", "--fail-level", "WARNING", **PROD)
    assert clean.returncode == 0, clean.stderr

    unverified = manage("check", "--deploy", **{**PROD, "TWS_VERIFY_TLS": "false"})
    assert unverified.returncode == 1
    assert "tws.E001" in unverified.stderr


def test_every_setting_has_a_line_in_the_example():
    example = (ROOT / ".env.example").read_text()
    read = set()
    for source in (ROOT / "resync_site" / "settings").glob("*.py"):
        read |= set(
            re.findall(
                r'\b(?:text|flag|number|whole|one_of|url|several|required)\(\s*"([A-Z_]+)"',
                source.read_text(),
            )
        )

    assert read
    missing = {name for name in read if not re.search(rf"^# {name}=", example, re.M)}
    assert missing == set()
