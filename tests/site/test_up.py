"""The parts of `make run`: what it prints, where it listens, whom it makes, what it ends."""

import io
import os
import socket
import stat
import sys
import time
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User

from resync_site import addresses, demo, processes
from resync_site.console import LONGEST_LINE, Console, Lines
from resync_site.exceptions import UpFailed
from resync_site.stopping import StopSignals
from resync_site.supervisor import Program, Supervisor
from resync_site.up import Tail


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET / 200", "GET / 200"),
        ("a\tb", "a    b"),
        ("\x1b[2J\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07 \x9b31m\x08", "]0;title 31m"),
        ("x" * (LONGEST_LINE + 9), "x" * LONGEST_LINE),
    ],
)
def test_a_line_of_a_child_cannot_steer_the_terminal(text: str, shown: str) -> None:
    stream = io.StringIO()

    Console(stream).line("web", text)

    assert stream.getvalue() == f"web    | {shown}\n"


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal, plain = Terminal(), Terminal()

    Console(terminal).line("web", "hello")
    monkeypatch.setenv("NO_COLOR", "1")
    Console(plain).line("web", "hello")

    assert terminal.getvalue() == "\x1b[36mweb    |\x1b[0m hello\n"
    assert plain.getvalue() == "web    | hello\n"


def test_lines_are_joined_from_pieces_and_an_endless_one_is_cut() -> None:
    lines = Lines()

    assert lines.feed("aç".encode()[:2]) == []
    assert lines.feed("ç".encode()[1:] + b"\r\nb") == ["aç"]
    assert lines.end() == ["b"]
    assert len(lines.feed(b"x" * 100_000)) == 1
    assert lines.end() == []


def test_a_followed_file_may_begin_anew(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("old\n")
    tail = Tail(path)

    with path.open("a") as file:
        file.write("new\nhal")
    assert tail.new_lines() == ["new"]
    path.write_text("f\n")
    assert tail.new_lines() == ["half"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_on_loopback_only_local_names_are_allowed(host: str) -> None:
    assert addresses.allowed_hosts(host) == ["localhost", "127.0.0.1", "[::1]"]


def test_beyond_loopback_the_names_of_the_machine_are_allowed_and_no_others() -> None:
    assert "resync.example" in addresses.allowed_hosts("resync.example")
    everywhere = addresses.allowed_hosts("0.0.0.0")
    assert {"localhost", socket.gethostname()} <= set(everywhere)
    assert "*" not in everywhere


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),
        ("::", "http://[::1]:8000/"),
        ("resync.example", "http://resync.example:8000/"),
    ],
)
def test_the_printed_address_can_be_opened(host: str, url: str) -> None:
    assert addresses.url(host, 8000) == url


def test_a_host_that_is_not_of_this_machine_is_refused() -> None:
    with pytest.raises(UpFailed, match=r"Cannot listen on 192\.0\.2\.1, port 8000: "):
        addresses.refuse_taken("192.0.2.1", 8000, patience=0)


@pytest.mark.django_db
def test_demo_users_have_the_rights_of_their_names(tmp_path: Path) -> None:
    passwords = demo.make_users(tmp_path)

    people = {user.username: user for user in User.objects.all()}
    assert people.keys() == passwords.keys() == {"operator", "reviewer", "admin"}
    assert all(people[name].check_password(word) for name, word in passwords.items())
    assert people["operator"].has_perm("agents.use_chat")
    assert not people["operator"].is_staff
    assert people["reviewer"].is_staff
    assert people["admin"].is_superuser


@pytest.mark.django_db
def test_where_anybody_exists_no_demo_users_are_made(
    tmp_path: Path, operator: User
) -> None:
    assert demo.make_users(tmp_path) == {}
    assert list(User.objects.all()) == [operator]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_passwords_never_go_into_a_file_that_was_there(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("")
    (tmp_path / demo.FILE_NAME).symlink_to(other)

    demo.make_users(tmp_path)

    facts = (tmp_path / demo.FILE_NAME).lstat()
    assert (stat.S_ISREG(facts.st_mode), stat.S_IMODE(facts.st_mode)) == (True, 0o600)
    assert other.read_text() == ""


def people() -> dict[str, str]:
    return dict(User.objects.values_list("username", "password"))


def in_another_database(data_dir: Path) -> dict[str, str]:
    """Make the demo users where there are none, as in a database that is new."""
    User.objects.all().delete()
    return demo.make_users(data_dir)


def back_in(before: dict[str, str]) -> None:
    for name, stored in before.items():
        User.objects.filter(username=name).update(password=stored)


def told(data_dir: Path) -> str:
    return (data_dir / demo.FILE_NAME).read_text()


@pytest.mark.django_db
def test_the_passwords_of_another_database_are_kept(tmp_path: Path) -> None:
    first = demo.make_users(tmp_path)
    before = people()

    second = in_another_database(tmp_path)

    assert (
        told(tmp_path).split()
        == " ".join(demo.line(*item) for item in second.items()).split()
    )
    assert demo.known_users(tmp_path) == ["operator", "reviewer", "admin"]
    back_in(before)
    assert demo.known_users(tmp_path) == ["operator", "reviewer", "admin"]
    assert all(password in told(tmp_path) for password in first.values())
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.django_db
def test_a_password_that_was_changed_is_claimed_no_longer(tmp_path: Path) -> None:
    passwords = demo.make_users(tmp_path)
    User.objects.filter(username="reviewer").update(is_active=False)
    User.objects.filter(username="admin").update(password=make_password("mine"))

    assert demo.known_users(tmp_path) == ["operator"]
    User.objects.all().delete()
    assert demo.known_users(tmp_path) == []
    assert not (tmp_path / demo.FILE_NAME).exists()
    [kept] = tmp_path.iterdir()
    assert passwords["operator"] in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.django_db
def test_the_file_is_there_only_when_the_users_are(tmp_path: Path) -> None:
    Group.objects.all().delete()

    with pytest.raises(Group.DoesNotExist):
        demo.make_users(tmp_path)

    assert not User.objects.exists()
    assert not (tmp_path / demo.FILE_NAME).exists()


@pytest.mark.django_db
def test_passwords_of_a_run_that_was_killed_too_early_are_found(tmp_path: Path) -> None:
    demo.make_users(tmp_path)
    (tmp_path / demo.FILE_NAME).rename(tmp_path / demo.UNFINISHED)

    assert len(demo.known_users(tmp_path)) == 3
    assert (tmp_path / demo.FILE_NAME).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"  operator  password: \n"])
def test_a_file_that_tells_nothing_is_no_hindrance(
    tmp_path: Path, operator: User, content: bytes
) -> None:
    (tmp_path / demo.FILE_NAME).write_bytes(content)
    (tmp_path / "demo-users-x.txt").mkdir()

    assert demo.known_users(tmp_path) == []


STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgid(0, 0)
print("ready", os.getpid(), flush=True)
time.sleep(60)
"""
HEEDLESS = """
import os, time
if os.fork() == 0:
    time.sleep(60)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


def program(name: str, code: str, mark: str) -> Program:
    environment = {**os.environ, "MARK": mark}
    return Program(name, (sys.executable, "-c", code), environment, Path.cwd())


@pytest.mark.parametrize("code", [STUBBORN, HEEDLESS], ids=["stubborn", "heedless"])
def test_the_family_of_a_child_is_ended_by_force(
    tmp_path: Path, output: io.StringIO, code: str
) -> None:
    signals = StopSignals()
    supervisor = Supervisor(Console(output), signals)
    supervisor.start(program("web", code, str(tmp_path)))
    while "ready" not in output.getvalue():
        supervisor.watch(0.1)
    family = processes.with_environment(f"MARK={tmp_path}")
    assert len(family) == 2

    began = time.monotonic()
    supervisor.stop()

    assert not any(map(processes.is_alive, family))
    assert time.monotonic() - began < 7


def test_an_end_tells_the_last_words_and_the_status(output: io.StringIO) -> None:
    supervisor = Supervisor(Console(output), StopSignals())
    supervisor.start(program("web", "print('why'); raise SystemExit(3)", "end"))

    def watch() -> None:
        while True:
            supervisor.watch(0.1)

    try:
        with pytest.raises(UpFailed, match=r"^web ended by itself with status 3; "):
            watch()
    finally:
        supervisor.stop()

    assert output.getvalue() == "web    | why\n"


def test_a_program_that_does_not_exist_says_so(output: io.StringIO) -> None:
    supervisor = Supervisor(Console(output), StopSignals())

    with pytest.raises(UpFailed, match=r"^web cannot be started: .*No such file"):
        supervisor.start(Program("web", ("/nonexistent",), {}, Path.cwd()))
    supervisor.stop()
