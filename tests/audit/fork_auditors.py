"""Starts auditor processes that are forked ready: ``fork_auditors COUNT FOLDER ARGS…``.

Each runs ``manage.py audit_memories ARGS…`` as a process of its own. Its report goes to
FOLDER/<pid>. To start eight interpreters would take longer than what they are to do.
"""

import os
import sys
from pathlib import Path

import django
from django.core.management import call_command


def main(count: int, folder: Path, arguments: list[str]) -> None:
    django.setup()
    import openai.resources.chat  # noqa: F401  # what the judge's client imports late

    children = []
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            _audit(folder / str(os.getpid()), arguments)
        children.append(pid)
    print(*children, flush=True)
    for pid in children:
        os.waitpid(pid, 0)


def _audit(report: Path, arguments: list[str]) -> None:
    try:
        with report.open("w") as output:
            call_command("audit_memories", *arguments, stdout=output)
    finally:
        sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
