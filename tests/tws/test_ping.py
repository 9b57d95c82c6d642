"""`manage.py tws_ping` tells at a glance; the checks tell before anything is read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks

from tests.fakes.http import Reply, Request, fake_http, self_signed, server_tls
from tws.simulator import serve

ROOT = Path(__file__).resolve().parents[2]


def ping(tmp_path: Path, *arguments: str, **environment: str):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TWS_")}
    return subprocess.run(
        [sys.executable, "manage.py", "tws_ping", *arguments],
        cwd=ROOT,
        env={
            **kept,
            "DJANGO_SETTINGS_MODULE": "resync_site.settings.dev",
            "RESYNC_READ_DOTENV": "0",
            "RESYNC_DATA_DIR": str(tmp_path),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_a_plan_that_can_be_read(tmp_path):
    with serve("night", speed=0) as simulator:
        said = ping(tmp_path, TWS_URL=simulator.url)
        told = ping(tmp_path, "--json", TWS_URL=simulator.url)

    assert (said.returncode, told.returncode) == (0, 0)
    assert said.stdout.startswith(f"TWS 10.2.5 at {simulator.url} answers in ")
    assert "ms, without TLS. It shows " in said.stdout
    facts = json.loads(told.stdout)
    assert facts.pop("ms") > 0
    assert facts == {
        "ok": True,
        "version": "10.2.5",
        "tls": "none",
        "url": simulator.url,
        "jobs": len(simulator.plan.plan.jobs),
    }
    assert {method for method, *_ in simulator.requests} == {"GET"}


@pytest.mark.parametrize(
    ("reply", "kind", "happened", "to_do"),
    [
        (
            Reply.json({}, 401),
            "TwsUnauthorized",
            "password of user bob",
            "TWS_PASSWORD",
        ),
        (Reply.html(), "TwsPayloadError", "an HTML page", "the console"),
        (Reply(delay=3), "TwsTimeout", "no answer within 0.5 s", "TWS_TIMEOUT"),
    ],
)
def test_what_went_wrong_and_what_to_do(tmp_path, reply, kind, happened, to_do):
    with fake_http(lambda _: reply) as server:
        said = ping(
            tmp_path,
            "--json",
            TWS_URL=server.url,
            TWS_USER="bob",
            TWS_PASSWORD="s3cret",
            TWS_TIMEOUT="0.5",
        )

    assert said.returncode == 1
    facts = json.loads(said.stdout)
    assert (facts["ok"], facts["kind"]) == (False, kind)
    assert happened in facts["error"]
    assert to_do in facts["action"]
    (line,) = said.stderr.splitlines()
    assert happened in line
    assert to_do in line
    assert "s3cret" not in said.stdout + said.stderr


def test_the_engine_answers_but_the_plan_may_not_be_seen(tmp_path):
    def answer(request: Request) -> Reply:
        if request.path.endswith("/engine/info"):
            return Reply.json({"displayVersion": "10.2.5"})
        return Reply.json({}, 403)

    with fake_http(answer) as server:
        said = ping(tmp_path, TWS_URL=server.url, TWS_USER="bob")

    assert said.returncode == 1
    assert said.stdout == ""
    assert "User bob may not read the list of jobs (403)" in said.stderr


def test_tls_that_is_not_trusted(tmp_path):
    certificate = self_signed(tmp_path)
    reply = Reply.json({"displayVersion": "10.2.5", "count": 1, "results": []})
    with fake_http(lambda _: reply, server_tls(certificate)) as server:
        refused = ping(tmp_path, TWS_URL=server.url)
        trusted = ping(tmp_path, TWS_URL=server.url, TWS_CA_BUNDLE=str(certificate))
        blind = ping(tmp_path, TWS_URL=server.url, TWS_VERIFY_TLS="no")

    assert refused.returncode == 1
    assert "is self-signed" in refused.stderr
    assert (trusted.returncode, blind.returncode) == (0, 0)
    assert "TLSv1.3, verified" in trusted.stdout
    assert "TLSv1.3, not verified" in blind.stdout


def test_nobody_listens(tmp_path):
    said = ping(tmp_path, TWS_URL="http://127.0.0.1:9")

    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "Nothing listens at http://127.0.0.1:9/twsd" in said.stderr


def test_without_an_address_it_says_how_to_get_a_plan(tmp_path):
    said = ping(tmp_path, TWS_URL="")

    assert said.returncode == 1
    assert "TWS_URL is not set" in said.stderr
    assert "make run" in said.stderr
    assert "Traceback" not in said.stderr


def test_wrong_usage_and_help(tmp_path):
    assert ping(tmp_path, "--yaml").returncode == 2
    helped = ping(tmp_path, "--help")
    assert helped.returncode == 0
    assert "Example: manage.py tws_ping --json" in " ".join(helped.stdout.split())


# --- System checks --------------------------------------------------------------


def found(*, deploy: bool = False) -> dict[str, str]:
    messages = run_checks(tags=["tws"], include_deployment_checks=deploy)
    return {message.id: f"{message.msg} {message.hint}" for message in messages}


@pytest.fixture
def tws(settings):
    settings.TWS_URLS = ["https://mdm:31116/twsd"]
    settings.TWS_VERIFY_TLS = True
    settings.TWS_CA_BUNDLE = ""
    return settings


def test_a_proper_configuration_has_nothing_to_say(tws):
    assert found(deploy=True) == {}


def test_a_deployment_without_verified_tls_is_refused(tws):
    tws.TWS_VERIFY_TLS = False

    assert set(found()) == {"tws.W001"}
    assert set(found(deploy=True)) == {"tws.W001", "tws.E001"}
    assert "TWS_CA_BUNDLE" in found(deploy=True)["tws.E001"]


def test_a_wrong_address_names_itself(tws):
    tws.TWS_URLS = ["mdm:31116"]

    assert "'mdm:31116'" in found()["tws.E002"]


def test_a_bundle_that_is_no_bundle_names_itself(tws, tmp_path):
    tws.TWS_CA_BUNDLE = str(tmp_path / "ca.pem")
    assert "ca.pem" in found()["tws.E003"]

    (tmp_path / "ca.pem").write_text("no certificate")
    assert "ca.pem" in found()["tws.E003"]


def test_the_simulator_needs_no_configuration(tws):
    tws.TWS_URLS = []

    assert found(deploy=True) == {}
