"""The file .env: what each way to write a line means, and a refusal that names the line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from resync_site.dotenv import settings_of_file

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("resync_site", "agents", "tws", "memory", "audit", "templates")


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Reads what a test writes into a file."""
    monkeypatch.setenv("RESYNC_READ_DOTENV", "1")
    path = tmp_path / ".env"

    def read(content: str | bytes) -> dict[str, str]:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return settings_of_file(path)

    return read


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("X=a", "a"),
        ("X = a", "a"),
        ("  X\t=  a  ", "a"),
        ("export X=a", "a"),
        ("export   X = a", "a"),
        ("X=", ""),
        ("X=''", ""),
        ("X='a b'", "a b"),
        ('X="a b"', "a b"),
        ('X = "a" # why', "a"),
        ("X='a # b'# why", "a # b"),
        (r'X="say \"a\" \\ \n"', r'say "a" \ \n'),
        (r"X='C:\new'", r"C:\new"),
        ("X=a # why", "a"),
        ("X=a\t# why", "a"),
        ("X=a#b", "a#b"),
        ("X=#a", "#a"),
        ("X= # why", ""),
        ("X=a b", "a b"),
        ("X=a=b==", "a=b=="),
        ("X=it's", "it's"),
        ("X=postgres://u:p%23@h/n?a=b&c=d", "postgres://u:p%23@h/n?a=b&c=d"),
        ("X=é\u2028ü", "é\u2028ü"),
        ("\n\n# X=b\n   # c\nX=a\n", "a"),
        ("X=a\nX=a", "a"),
    ],
)
def test_a_line_means_what_it_means_in_a_shell(written, line, value):
    assert written(line) == {"X": value}


def test_windows_writes_it_with_a_mark_and_other_ends_of_lines(written):
    assert written(b"\xef\xbb\xbfX=a\r\nY='b'\r\n\r\n") == {"X": "a", "Y": "b"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("TWS_PASSWORD s3cret", "is no setting: write NAME=value"),
        ("TWS_PASSWORD: s3cret", "is no setting: write NAME=value"),
        ("TWS PASSWORD=s3cret", "is no setting: write NAME=value"),
        ("1X=s3cret", "is no setting: write NAME=value"),
        ("=s3cret", "is no setting: write NAME=value"),
        ("X='s3cret", "has a quote that does not end"),
        ('X="s3cret" more', "has a quote that does not end"),
        ("X='s3'cret'", "has a quote that does not end"),
        ("TWS_USER=me  TWS_PASSWORD=s3cret", "holds two settings"),
        ("X=s3cret\0", "holds a character"),
        ("Y=b\nY=s3cret", "sets Y once more, to something else"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_not_repeated(written, line, problem):
    with pytest.raises(ImproperlyConfigured) as refusal:
        written(f"# a comment\n{line}\nZ=c\n")

    sentence = str(refusal.value)
    assert f".env, line {2 + line.count(chr(10))} {problem}" in sentence
    assert "s3cret" not in sentence
    assert "\n" not in sentence


def test_a_file_that_is_no_text_says_so(written):
    with pytest.raises(ImproperlyConfigured, match=r"\.env is not UTF-8 text"):
        written(b"X=\xff\xfe")


def test_a_folder_in_its_place_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("RESYNC_READ_DOTENV", "1")
    (tmp_path / ".env").mkdir()

    with pytest.raises(ImproperlyConfigured, match=r"\.env cannot be read: Is a dir"):
        settings_of_file(tmp_path / ".env")


def test_a_link_to_nothing_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("RESYNC_READ_DOTENV", "1")
    (tmp_path / ".env").symlink_to(tmp_path / "gone")

    with pytest.raises(ImproperlyConfigured, match=r"cannot be read: No such file"):
        settings_of_file(tmp_path / ".env")


def test_without_a_file_there_is_nothing_to_read(tmp_path, monkeypatch):
    monkeypatch.setenv("RESYNC_READ_DOTENV", "1")

    assert settings_of_file(tmp_path / ".env") == {}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the product, whose .env is a test's to write."""
    folder = tmp_path_factory.mktemp("checkout")
    leave = shutil.ignore_patterns("__pycache__", "minilm")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    shutil.copy(ROOT / "manage.py", folder)
    return folder


def manage(checkout, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=checkout,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("command", ["check", "tws_ping", "up", "db status", "migrate"])
def test_a_bad_line_stops_every_command_with_one_sentence(checkout, command):
    (checkout / ".env").write_text("TWS_URL https://mdm:31116/twsd\n")

    answer = manage(checkout, *command.split())

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"{checkout}/.env, line 1 is no setting: write NAME=value,"
        " or begin the line with #.\n"
    )


def test_the_environment_wins_over_the_file(checkout):
    (checkout / ".env").write_text("TWS_TIMEOUT = soon\n")

    assert "TWS_TIMEOUT is 'soon'" in manage(checkout, "check").stderr
    assert manage(checkout, "check", TWS_TIMEOUT="5").returncode == 0


def test_the_file_may_choose_the_settings(checkout):
    (checkout / ".env").write_text("DJANGO_SETTINGS_MODULE=resync_site.settings.prod\n")

    assert "SECRET_KEY is not set" in manage(checkout, "check").stderr


def test_a_slip_in_a_name_is_told_with_what_was_meant(checkout):
    (checkout / ".env").write_text(
        "LLM_URL=http://localhost:11434/v1\nTWS_FLAVOUR=mild\nOTHER=1\ntws_timeout=5\n"
    )

    answer = manage(checkout, "check", TWS_USERNAME="me", TWS_TISDIR="/opt/ibm/TWS")

    assert answer.returncode == 0
    for name, hint in {
        "LLM_URL": "Did you mean LLM_BASE_URL?",
        "TWS_FLAVOUR": "The settings are listed in .env.example.",
        "TWS_USERNAME": "Did you mean TWS_USER?",
        "tws_timeout": "Did you mean TWS_TIMEOUT?",
    }.items():
        assert f"{name} is set, and no setting has that name." in answer.stderr
        assert f"HINT: {hint}" in answer.stderr
    assert answer.stderr.count("resync.W001") == 4


@pytest.mark.parametrize("command", ["tws_ping", "diagnose X"])
def test_who_looks_for_the_plan_is_told_of_a_slip(checkout, command):
    (checkout / ".env").unlink(missing_ok=True)

    answer = manage(
        checkout, *command.split(), TWS_URLS="x", TWS_URL="http://127.0.0.1:9/twsd"
    )

    assert "Did you mean TWS_URL?" in answer.stderr
