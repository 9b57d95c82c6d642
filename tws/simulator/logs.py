"""Job logs in the layout of the product: a header, what the job wrote, a footer."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tws.simulator.model import Job, Run

RULE = "=" * 63
KEPT = 2 * 86400.0  # dynamic agents keep logs for two days
BEFORE_TELLING = 6  # lines that a job writes before it says what is wrong
CHATTER = (
    "Opening connection to {user}@db01:5432/batch",
    "Connected in 0.{n:03d} s",
    "Parameter file /etc/batch/{stream}.conf read",
    "{n} records selected",
    "Checkpoint {n} written",
    "Partition 1 of 4 processed",
    "Partition 2 of 4 processed",
    "Partition 3 of 4 processed",
    "Partition 4 of 4 processed",
    "{n} records written, 0 rejected",
)


def header(job: Job, run: Run) -> list[str]:
    sched = datetime.fromtimestamp(job.stream.sched, UTC).strftime("%H%M %m/%d/%y")
    station = run.workstation.rpartition("/")[2]
    name = f"{station}#{job.stream.name}[({sched}),({job.stream.internal})].{job.name}"
    label = "TASK      " if job.definition.command else "JCLFILE   "
    return [
        RULE,
        f"= JOB       : {name}",
        f"= USER      : {job.definition.user}",
        f"= {label}: {job.definition.task}",
        "= TWSRCMAP  :",
        f"= AGENT     : {station}",
        f"= Job Number: {run.number}",
        f"= {_stamp(run.start or run.submitted)}",
        RULE,
    ]


def footer(run: Run) -> list[str]:
    seconds = int((run.end or 0) - (run.start or 0))
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    elapsed = f"{hours:02d}:{minutes:02d}:{rest:02d}"
    return [
        RULE,
        f"= Exit Status           : {run.code}",
        f"= System Time (Seconds) : {seconds // 40}     "
        f"Elapsed Time (hh:mm:ss) : {elapsed}",
        f"= User Time (Seconds)   : {seconds // 9}",
        f"= Job CPU usage (ms)    : {seconds * 110}",
        "= Job Memory usage (kb) : 18272",
        f"= {_stamp(run.end or 0)}",
        RULE,
    ]


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime(
        "%a %b %d %H:%M:%S UTC %Y"
    )


def content(job: Job, run: Run, now: float) -> list[str]:
    """What the job itself has written by now."""
    chance = random.Random(run.id)  # noqa: S311
    lines = [
        line.format(
            user=job.definition.user,
            stream=job.stream.name.lower(),
            n=chance.randrange(10, 9000),
        )
        for line in CHATTER
    ]
    if run.end is None:
        done = (now - (run.start or now)) / max(job.estimate, 1.0)
        return lines[: 1 + int(min(done, 1.0) * (BEFORE_TELLING - 1))]
    if run.code == 0 and not run.fate.log:
        return lines
    told = run.fate.log or (f"{job.name} ended with return code {run.code}",)
    return [*lines[:BEFORE_TELLING], *told]


@dataclass(frozen=True, slots=True)
class Part:
    """Which lines of a log are asked for, counted from 1."""

    first: int | None = None
    last: int | None = None
    only_content: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Part":
        """Read a query.

        Raises:
            ValueError: what is no number of a line.
        """
        first, last = (
            int(query[name]) if name in query else None
            for name in ("from_line", "to_line")
        )
        if min(first or 0, last or 0) < 0:
            msg = "lines are counted from 1"
            raise ValueError(msg)
        return cls(first, last, query.get("contentOnly", "false") == "true")

    def of_log(self, job: Job, run: Run, now: float) -> bytes:
        log = text(job, run, now, only_content=self.only_content)
        if self.first is None and self.last is None:
            return log
        lines = log.splitlines(keepends=True)
        return b"".join(lines[max((self.first or 1) - 1, 0) : self.last])


class Growing:
    """The log of a job that still runs, as it is written."""

    def __init__(
        self, job: Job, run: Run, part: Part, moment: Callable[[], float]
    ) -> None:
        self._job, self._run, self._part = job, run, part
        self._moment = moment
        self._sent = len(part.of_log(job, run, moment()))

    def more(self) -> bytes | None:
        """What came since; none when the job has ended and all is told."""
        now = self._moment()
        log = self._part.of_log(self._job, self._run, now)[self._sent :]
        if not log and self._run.end is not None:
            return None
        self._sent += len(log)
        return log


def text(job: Job, run: Run, now: float, *, only_content: bool) -> bytes:
    """Write the log of one run."""
    if run.fate.raw_log is not None and run.end is not None:
        body = run.fate.raw_log
    else:
        joined = "\n".join(content(job, run, now)) + "\n"
        body = joined.encode("utf-8", "surrogateescape")
    if only_content:
        return body
    before = "\n".join(header(job, run)) + "\n"
    after = "\n".join(footer(run)) + "\n" if run.end is not None else ""
    return before.encode() + body + after.encode()


def is_kept(run: Run, now: float) -> bool:
    return run.end is None or now - run.end < KEPT
