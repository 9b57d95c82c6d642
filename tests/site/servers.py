"""Other processes that use an embedded server, and looks at what is left of it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from resync_site import embedded, processes
from resync_site.guardian import Post
from resync_site.place import Place

USER = """
import sys
from pathlib import Path
from resync_site import embedded
with embedded.running(Path(sys.argv[1]), durable=False) as status:
    print(status.pid, flush=True)
    sys.stdin.read()
"""


@dataclass
class User:
    """Another process that uses the server."""

    process: subprocess.Popen[str]
    server: int

    def leave(self) -> None:
        self.process.communicate(timeout=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def users(data_dir: Path, count: int = 1) -> Iterator[list[User]]:
    """So many processes that use the server, all started at once."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", USER, data_dir],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        yield [User(each, int(each.stdout.readline())) for each in started]
    finally:
        for each in started:
            each.kill()
            each.communicate()
        left = not processes.wait_until(lambda: not servers(data_dir), 10)
        assert not left, "a server was left behind"


def servers(data_dir: Path) -> list[int]:
    return processes.working_in(Place.below(data_dir).data, "postgres")


def guardian(data_dir: Path) -> int:
    return Post(Place.below(data_dir)).report()["guardian"]


def sockets(data_dir: Path) -> list[str]:
    folder = Place.below(data_dir).socket_folder
    return sorted(path.name for path in folder.glob(".s.*"))


def connect(data_dir: Path) -> psycopg.Connection[tuple[object, ...]]:
    where = embedded.database_settings(data_dir)
    return psycopg.connect(
        host=where["HOST"],
        port=where["PORT"],
        user=where["USER"],
        dbname=where["NAME"],
        autocommit=True,
    )


def ask(data_dir: Path, question: str) -> object:
    with connect(data_dir) as connection:
        return connection.execute(question).fetchone()[0]


def gone(data_dir: Path) -> bool:
    return not servers(data_dir) and not sockets(data_dir)
