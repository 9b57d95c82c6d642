"""Standard output and error as a shell may give them: closed, full, or with nobody who reads."""

import errno
import os
import sys

NOBODY_READS = 141  # as of a program that SIGPIPE ended
DISK_TROUBLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def have_streams() -> None:
    """Give a closed stream a place to go, or the next opened file would get its number."""
    for number, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # gets the lowest free number, which is this
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def stop_writing() -> None:
    """Let what is still buffered go nowhere, so that the end is quiet."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
