"""What repeats itself, what recovers by itself, and what one plan leaves to the next."""

from tws.simulator.model import Definition, Fate, Job, Stream
from tws.simulator.scenarios.base import (
    ENDLESS,
    FINE,
    MINUTE,
    Story,
    abend,
    root,
    scenario,
)

STUCK = Fate(ends=False)  # this once


def _stream(story: Story, name: str = "METERS") -> Stream:
    draft = story.draft
    station = draft.workstation(f"AGT_{name[:8]}")
    return draft.stream(name, station, folder="/GRID/", at=-story.minutes(60, 70))


def _every(story: Story, *fates: Fate, minutes: float, end: float = 300) -> Job:
    """A job that starts each so many minutes, and its follower."""
    draft, meters = story.draft, _stream(story)
    turns = draft.job(
        meters,
        "MTR_POLL",
        4,
        every=minutes * MINUTE,
        every_end=draft.time(end),
        fate=fates,
    )
    draft.job(meters, "MTR_CLOSE", 5, after=[turns], fate=FINE)
    return turns


# --- every ---------------------------------------------------------------------------


@scenario("every-between", "A job that repeats itself waits for its next turn")
def every_between(story: Story) -> None:
    """It ran and runs again by itself; its follower waits until it repeats no more."""
    turns = _every(story, FINE, minutes=90)
    story.expect(turns, root("time_not_reached", turns))
    after = turns.stream.jobs[1]
    story.expect(after, root("time_not_reached", turns), through=[turns])


@scenario("every-running", "A job that repeats itself runs")
def every_running(story: Story) -> None:
    """Some turns are done; the one of now holds the follower."""
    turns = _every(story, FINE, FINE, FINE, STUCK, minutes=18)
    story.expect(turns.stream.jobs[1], root("job_running", turns), through=[turns])


@scenario("every-failed", "A turn of a job that repeats itself failed")
def every_failed(story: Story) -> None:
    """The turns before went well; after the failure there are no more."""
    turns = _every(story, FINE, FINE, Fate("ABEND", 8), minutes=15)
    failed = root("job_failed", turns)
    story.expect(turns, failed)
    story.expect(turns.stream.jobs[1], failed, through=[turns])


@scenario("every-over", "A job that repeated itself is done")
def every_over(story: Story) -> None:
    """Its last turn has ended, and its follower ran."""
    turns = _every(story, *(5 * [FINE]), minutes=12, end=-20)
    story.expect(turns, root("none", turns))
    story.expect(turns.stream.jobs[1], root("none", turns.stream.jobs[1]))


# --- recovery ------------------------------------------------------------------------


def _failing(story: Story, *fates: Fate, recovery: str, **more: object) -> Job:
    draft, meters = story.draft, _stream(story)
    definition = Definition(
        "/opt/batch/grid/load.sh",
        "gridusr",
        recovery=recovery,
        **more,  # type: ignore[arg-type]
    )
    failed = draft.job(meters, "MTR_LOAD", 5, fate=fates, definition=definition)
    draft.job(meters, "MTR_CLOSE", 5, after=[failed], fate=FINE)
    return failed


@scenario("recovery-rerun-asks", "Rerun in vain, the product asks")
def recovery_rerun_asks(story: Story) -> None:
    """Its option is RERUN without a prompt: after the second failure comes one."""
    failed = _failing(story, Fate("ABEND", 7), Fate("ABEND", 9), recovery="RERUN")
    asked = root("prompt_open", f"{failed.name} failed again. May it be rerun? (y/n)")
    story.expect(failed, asked)
    story.expect(failed.stream.jobs[1], asked, through=[failed])


@scenario("recovery-rerun-later", "It failed, and will be rerun later")
def recovery_rerun_later(story: Story) -> None:
    """Its definition repeats it every two hours: until then it has failed."""
    failed = _failing(
        story, abend(9), recovery="RERUN", repeat_every=7200.0, repeat_for=3
    )
    story.expect(failed.stream.jobs[1], root("job_failed", failed), through=[failed])


@scenario("recovery-rerun-helped", "Rerun three times, then it went well")
def recovery_rerun_helped(story: Story) -> None:
    """Two failures, and a third run that succeeded."""
    bad = Fate("ABEND", 3)
    failed = _failing(
        story, bad, bad, FINE, recovery="RERUN", repeat_every=300.0, repeat_for=3
    )
    after = failed.stream.jobs[1]
    story.expect(failed, root("none", failed))
    story.expect(after, root("none", after))


@scenario("recovery-job-runs", "A recovery job runs after the failure")
def recovery_job_runs(story: Story) -> None:
    """When it is done the failed job is rerun; so far it has failed."""
    failed = _failing(story, abend(9), recovery="RERUN", recovery_job="MTR_REPAIR")
    failed.recovery_fate = ENDLESS
    story.expect(failed.stream.jobs[1], root("job_failed", failed), through=[failed])


@scenario("recovery-job-failed", "The recovery job failed too")
def recovery_job_failed(story: Story) -> None:
    """Nothing waits for the recovery job: the failure itself is the cause."""
    failed = _failing(story, abend(9), recovery="CONTINUE", recovery_job="MTR_REPAIR")
    failed.recovery_fate = abend(1)
    story.expect(failed.stream.jobs[1], root("job_failed", failed), through=[failed])


@scenario("recovery-job-helped", "The recovery job went well, and the job its rerun")
def recovery_job_helped(story: Story) -> None:
    """One failure, a recovery, a rerun: all is well."""
    failed = _failing(
        story, Fate("ABEND", 9), FINE, recovery="RERUN", recovery_job="MTR_REPAIR"
    )
    after = failed.stream.jobs[1]
    story.expect(failed, root("none", failed))
    story.expect(after, root("none", after))


# --- durations -----------------------------------------------------------------------


@scenario("killed-too-long", "Killed when its longest duration was over")
def killed_too_long(story: Story) -> None:
    """Onmaxdur kill: the engine ended it, and it counts as failed."""
    draft, meters = story.draft, _stream(story)
    failed = draft.job(meters, "MTR_LOAD", 5, fate=ENDLESS)
    draft.restrict(failed, max_duration=1200.0, on_max="kill")
    after = draft.job(meters, "MTR_CLOSE", 5, after=[failed])
    story.expect(after, root("job_failed", failed), through=[failed])


@scenario("ended-too-soon", "It ended before its shortest duration")
def ended_too_soon(story: Story) -> None:
    """Onmindur abend: return code 0, and failed all the same."""
    draft, meters = story.draft, _stream(story)
    failed = draft.job(meters, "MTR_LOAD", 5, fate=FINE)
    draft.restrict(failed, min_duration=900.0, on_min="abend")
    after = draft.job(meters, "MTR_CLOSE", 5, after=[failed])
    story.expect(failed, root("job_failed", failed))
    story.expect(after, root("job_failed", failed), through=[failed])


@scenario("ended-too-soon-confirm", "It ended too soon and waits to be confirmed")
def ended_too_soon_confirm(story: Story) -> None:
    """Onmindur confirm: somebody must say whether that was right."""
    draft, meters = story.draft, _stream(story)
    ended = draft.job(meters, "MTR_LOAD", 5, fate=FINE)
    draft.restrict(ended, min_duration=900.0, on_min="confirmed")
    after = draft.job(meters, "MTR_CLOSE", 5, after=[ended])
    story.expect(after, root("confirmation_pending", ended), through=[ended])


# --- one plan and the next -----------------------------------------------------------


@scenario("plan-new", "A failure of yesterday holds today's work")
def plan_new(story: Story) -> None:
    """The plan was renewed: the failed stream came along, what is done is gone."""
    draft, meters, other = story.draft, _stream(story), _stream(story, "TARIFFS")
    done = draft.job(other, "TRF_READ", 5, fate=FINE)
    failed = draft.job(meters, "MTR_LOAD", 5, after=[done], fate=abend(8))
    target = draft.job(meters, "MTR_CLOSE", 5, after=[failed])
    story.then(lambda living: living.rollover.daily.clear())
    story.then(lambda living: living.roll_over())
    story.expect(target, root("job_failed", failed), through=[failed])


@scenario("submitted", "A job submitted by hand waits for the plan")
def submitted(story: Story) -> None:
    """Nobody planned it; it follows a job that failed."""
    draft, meters = story.draft, _stream(story)
    failed = draft.job(meters, "MTR_LOAD", 5, fate=abend(8))
    station = meters.workstation
    story.then(
        lambda living: living.submit("JOBS", station.key, "MTR_AGAIN", after=failed.id)
    )
    target = f"{station.key}#/JOBS.MTR_AGAIN"
    story.expect(target, root("job_failed", failed), through=[failed])


@scenario("rollover-failed", "The plan could not be renewed", crowded=False)
def rollover_failed(story: Story) -> None:
    """MAKEPLAN of FINAL failed: the next plan is not there, and this one has an end."""
    draft = story.draft
    final = draft.stream("FINAL", draft.master, at=-30)
    start = draft.job(final, "STARTAPPSERVER", 1, fate=FINE)
    make = draft.job(
        final,
        "MAKEPLAN",
        4,
        after=[start],
        fate=abend(
            1,
            "AWSJPL017E The production plan cannot be created because a previous "
            "action on the production plan did not complete successfully.",
        ),
    )
    switch = draft.job(final, "SWITCHPLAN", 2, after=[make])
    reports = draft.stream("FINALPOSTREPORTS", draft.master)
    draft.follow(reports, switch)
    check = draft.job(reports, "CHECKSYNC", 2)
    failed = root("job_failed", make)
    story.expect(switch, failed, through=[make])
    story.expect(check, failed, through=[reports, switch, make])
    story.expect(final, failed)
