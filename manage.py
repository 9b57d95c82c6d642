#!/usr/bin/env python
"""Run an administrative task; without DATABASE_URL the embedded PostgreSQL is there for it."""

import sys


def main() -> int:
    # Said before anything is imported that an old Python could not even read.
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.stderr.write(
            "Resync needs Python 3.11 or newer; this is %d.%d (%s).\n"  # noqa: UP031
            % (sys.version_info[0], sys.version_info[1], sys.executable)
        )
        return 1
    try:
        from resync_site.command_line import run

        return run(sys.argv)
    except KeyboardInterrupt:  # while it was still loading
        return 130


if __name__ == "__main__":
    sys.exit(main())
