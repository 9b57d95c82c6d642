"""What the engine does by itself: turns of a job, recovery options, durations."""

from itertools import pairwise

import pytest

from tests.tws.test_simulator_life import broken_rules
from tws.simulator.clock import Clock
from tws.simulator.draft import MINUTE, Draft
from tws.simulator.engine import Engine
from tws.simulator.living import LivingPlan
from tws.simulator.model import Definition, Fate, Job

START = 1_000_000.0
FINE, BAD = Fate(factor=1.0), Fate("ABEND", 8)


class Small:
    """A stream of one job and its follower, from now on."""

    def __init__(self, *fates: Fate, minutes: float = 5, **fields: object) -> None:
        limits = fields.pop("limits", {})
        self.draft = Draft.begin(1, START, history=0)
        stream = self.draft.stream("S", self.draft.workstation("WS"))
        self.job = self.draft.job(stream, "J", minutes, fate=fates, **fields)
        self.after = self.draft.job(stream, "AFTER", 1, after=[self.job], fate=FINE)
        if limits:
            self.draft.restrict(self.job, **limits)
        self.living = LivingPlan(Engine(self.draft.plan), Clock(0, START))
        self.living.engine.admit(stream)

    def wait(self, minutes: float) -> list[tuple[str, str]]:
        """The runs of the job after so many minutes."""
        for _ in range(int(minutes)):
            self.living.skip(MINUTE)
            assert broken_rules(self.living) == []
        return [(run.status, run.kind) for run in self.job.runs]

    def named(self, name: str) -> Job:
        return self.living.job(name)


def recovering(*fates: Fate, recovery: str, **more: object) -> Small:
    definition = Definition("/bin/true", "usr", recovery=recovery, **more)
    return Small(*fates, definition=definition)


# --- turns -----------------------------------------------------------------------------


def test_a_job_with_every_runs_each_so_many_minutes_until_its_end():
    small = Small(
        *(9 * [FINE]), every=20 * MINUTE, every_end=START + 65 * MINUTE, minutes=5
    )

    first = small.wait(15)
    assert first == [("SUCC", "REGULAR")]
    assert (small.job.status, small.after.status) == ("HOLD", "HOLD")
    assert small.job.due - small.job.runs[0].submitted == 20 * MINUTE

    assert small.wait(52) == [("SUCC", "REGULAR"), *(3 * [("SUCC", "RERUN_EVERY")])]
    starts = [run.submitted for run in small.job.runs]
    gaps = [b - a for a, b in pairwise(starts)]
    assert all(abs(gap - 20 * MINUTE) < 10 for gap in gaps)
    assert (small.job.status, small.after.status) == ("SUCC", "SUCC")
    assert small.job.stream.left == 0


def test_a_turn_that_takes_too_long_is_followed_by_the_next_at_once():
    small = Small(
        FINE, FINE, FINE, every=10 * MINUTE, every_end=START + 29 * MINUTE, minutes=14
    )
    small.wait(45)

    first, second = small.job.runs[:2]
    assert 0 < second.submitted - first.end < 10
    assert (small.job.status, len(small.job.runs)) == ("SUCC", 3)


def test_turns_end_at_the_latest_start_too():
    small = Small(
        *(9 * [FINE]), every=10 * MINUTE, every_end=None, limits={"latest": 25}
    )
    small.wait(60)

    assert (small.job.status, len(small.job.runs)) == ("SUCC", 3)
    assert not small.job.until_gone


def test_a_failed_turn_ends_the_turns_until_somebody_reruns_it():
    small = Small(
        FINE, BAD, FINE, FINE, every=10 * MINUTE, every_end=START + 100 * MINUTE
    )
    small.wait(40)
    assert (small.job.status, len(small.job.runs)) == ("ABEND", 2)
    assert small.after.status == "HOLD"

    small.living.rerun("J")
    assert ("SUCC", "RERUN_EVERY") in small.wait(100)
    assert small.job.runs[2].kind == "RERUN"
    assert small.after.status == "SUCC"


def test_a_cancelled_job_takes_no_more_turns():
    small = Small(*(9 * [FINE]), every=10 * MINUTE, every_end=START + 90 * MINUTE)
    small.wait(8)

    small.living.cancel("J")
    small.wait(30)

    assert len(small.job.runs) == 1
    assert small.after.status == "SUCC"


# --- recovery options ----------------------------------------------------------------


def test_stop_stops():
    small = recovering(BAD, recovery="STOP")

    assert small.wait(60) == [("ABEND", "REGULAR")]
    assert small.after.status == "HOLD"
    assert small.job.stream.ended is None


def test_continue_lets_the_rest_run_and_the_stream_succeed():
    small = recovering(BAD, recovery="CONTINUE")

    assert small.wait(15) == [("ABEND", "REGULAR")]
    assert small.after.status == "SUCC"
    assert small.job.stream.ended is not None


def test_rerun_reruns_once_and_then_the_product_asks():
    small = recovering(BAD, BAD, FINE, recovery="RERUN")

    assert small.wait(15) == [("ABEND", "REGULAR"), ("ABEND", "RECOVERY_RERUN")]
    assert small.job.need_message
    (prompt,) = small.living.plan.prompts
    assert (prompt.type, prompt.status) == ("Restart Prompt", "ASKED")

    small.living.answer(prompt.text, yes=True)
    assert small.wait(15)[2:] == [("SUCC", "RECOVERY_RERUN")]
    assert small.after.status == "SUCC"


def test_rerun_is_repeated_as_often_and_as_late_as_it_is_defined():
    small = recovering(
        *(9 * [BAD]), recovery="RERUN", repeat_every=20 * MINUTE, repeat_for=2
    )

    assert len(small.wait(15)) == 1
    assert len(small.wait(100)) == 3
    assert small.living.plan.prompts == []
    assert small.after.status == "HOLD"


@pytest.mark.parametrize("yes", [True, False])
def test_continue_prompt_waits_for_the_answer(yes: bool):
    small = recovering(
        BAD,
        recovery="CONTINUE_PROMPT",
        recovery_prompt="Go on?",
        recovery_prompt_name="GO_ON",
    )
    small.wait(15)
    assert small.after.status == "HOLD"

    small.living.answer("GO_ON", yes=yes)
    small.wait(15)

    assert small.job.status == "ABEND"
    assert small.after.status == ("SUCC" if yes else "HOLD")


@pytest.mark.parametrize(
    ("recovery", "runs", "after"),
    [("STOP", 1, "HOLD"), ("CONTINUE", 1, "SUCC"), ("RERUN", 2, "SUCC")],
)
def test_after_a_recovery_job_the_option_counts(recovery, runs, after):
    small = recovering(BAD, FINE, recovery=recovery, recovery_job="REPAIR")
    small.wait(6)
    repair = small.named("REPAIR")
    assert (repair.stream, repair.runs[0].kind) == (small.job.stream, "RECOVERY")
    assert small.after.status == "HOLD"

    small.wait(20)

    assert (repair.status, len(repair.runs)) == ("SUCC", 1)
    assert (len(small.job.runs), small.after.status) == (runs, after)


def test_a_recovery_job_runs_once_for_each_failure():
    small = recovering(
        BAD, BAD, FINE, recovery="RERUN", repeat_for=3, recovery_job="REPAIR"
    )
    small.wait(60)

    assert len(small.named("REPAIR").runs) == 2
    assert small.after.status == "SUCC"


def test_a_recovery_job_that_fails_stops_the_recovery():
    small = recovering(BAD, FINE, recovery="RERUN", recovery_job="REPAIR")
    small.job.recovery_fate = Fate("ABEND", 1, lasting=True)

    assert small.wait(60) == [("ABEND", "REGULAR")]
    small.living.confirm("REPAIR")
    assert len(small.wait(20)) == 2


def test_what_could_not_be_launched_has_no_recovery_job():
    small = recovering(Fate("FAIL", lasting=True), recovery="STOP", recovery_job="REP")
    small.wait(10)

    with pytest.raises(KeyError):
        small.named("REP")


# --- durations -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "status"), [("kill", "ABEND"), ("continue", "EXEC")]
)
def test_what_runs_too_long_is_marked_and_may_be_killed(action, status):
    small = Small(
        Fate(ends=False), limits={"max_duration": 10 * MINUTE, "on_max": action}
    )
    small.wait(12)

    assert small.job.status == status
    assert small.job.runs[0].overrun


@pytest.mark.parametrize(
    ("action", "status"),
    [("abend", "ABEND"), ("confirmed", "PEND"), ("continue", "SUCC")],
)
def test_what_ends_too_soon_is_marked_and_may_count_as_failed(action, status):
    small = Small(FINE, limits={"min_duration": 10 * MINUTE, "on_min": action})
    small.wait(8)

    assert (small.job.status, small.job.runs[0].code) == (status, 0)
    assert small.job.runs[0].short
