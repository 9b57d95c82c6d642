"""The folders of one embedded PostgreSQL, none of which another user could have prepared."""

import hashlib
import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from resync_site.exceptions import EmbeddedDatabaseError

PORT = "5432"  # only part of the socket's name
# A socket's path has 107 bytes on Linux, and "/.s.PGSQL.5432" are 14 of them.
LONGEST_SOCKET_FOLDER = 88
# PostgreSQL splits the setting at commas, libpq the host name too.
PLAIN_PATH = re.compile(r"/[\w/.+~@%-]*", re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where one server keeps its files."""

    folder: Path

    @classmethod
    def below(cls, data_dir: Path) -> "Place":
        # One name for one folder, however it is written: locks and socket depend on it.
        return cls(Path(os.path.realpath(data_dir)) / "postgres")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def unfinished(self) -> Path:
        return self.folder / "data.unfinished"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def postmaster(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def private(self) -> Path:
        """A second folder, for what cannot lie in the first."""
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        # Not from TMPDIR: every process must come to the same folder.
        return Path(f"/tmp/resync-{os.geteuid()}-{digest}")  # noqa: S108

    @property
    def socket_folder(self) -> Path:
        """With the data, or in the private folder when that name is unfit."""
        name = str(self.data)
        fits = len(os.fsencode(name)) <= LONGEST_SOCKET_FOLDER
        if fits and PLAIN_PATH.fullmatch(name):
            return self.data
        return self.private / "socket"

    @property
    def socket(self) -> Path:
        return self.socket_folder / f".s.PGSQL.{PORT}"

    def make_folders(self) -> None:
        """Make what is missing.

        Raises:
            EmbeddedDatabaseError: A folder cannot be made, or is not this user's.
        """
        try:
            self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_own(self.folder)
            if self.socket_folder != self.data:
                make_own(self.private)
        except OSError as error:
            msg = (
                f"Cannot keep the database in {self.folder}: {error.strerror}."
                " Choose another folder with RESYNC_DATA_DIR."
            )
            raise EmbeddedDatabaseError(msg) from error

    def remove_private(self) -> None:
        if self.private.exists() and self.private.lstat().st_uid == os.geteuid():
            shutil.rmtree(self.private, ignore_errors=True)


def make_own(folder: Path) -> None:
    """Make a folder that is closed to others, or check that it is this user's.

    Raises:
        EmbeddedDatabaseError: It belongs to somebody else, or is no folder.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        msg = (
            f"{folder} is not a folder of the user who runs this (uid {os.geteuid()})."
            " Run as its owner, or choose another folder with RESYNC_DATA_DIR."
        )
        raise EmbeddedDatabaseError(msg)
    folder.chmod(0o700)
