"""The clock decides: too early, too late."""

from tws.simulator.model import Stream
from tws.simulator.scenarios.base import FINE, Story, abend, root, scenario


def _stream(story: Story, name: str = "REPORTS", at: float = -60) -> Stream:
    draft = story.draft
    station = draft.workstation(f"AGT_{name[:8]}")
    return draft.stream(name, station, folder="/MIS/", at=at)


@scenario("time-job", "The job's start time has not come")
def time_job(story: Story) -> None:
    """Its predecessor is done; it will run by itself."""
    draft, reports = story.draft, _stream(story)
    first = draft.job(reports, "REP_READ", 5, fate=FINE)
    target = draft.job(reports, "REP_MAIL", 5, after=[first])
    draft.restrict(target, start=story.minutes(40, 200))
    after = draft.job(reports, "REP_DONE", 5, after=[target])
    story.expect(target, root("time_not_reached", target))
    story.expect(after, root("time_not_reached", target), through=[target])


@scenario("time-stream", "The stream's start time has not come")
def time_stream(story: Story) -> None:
    """The jobs have no time of their own."""
    draft = story.draft
    reports = _stream(story, at=story.minutes(40, 200))
    draft.chain(reports, ("REP_READ", "REP_MAIL"))
    story.expect(reports.jobs[1], root("time_not_reached", reports), through=[reports])
    story.expect(reports, root("time_not_reached", reports))


@scenario("time-and-failure", "Too early, and a predecessor failed")
def time_and_failure(story: Story) -> None:
    """One cause goes away by itself, the other does not."""
    draft, reports = story.draft, _stream(story)
    failed = draft.job(reports, "REP_READ", 5, fate=abend(8))
    target = draft.job(reports, "REP_MAIL", 5, after=[failed])
    draft.restrict(target, start=story.minutes(40, 200))
    story.expect(target, root("job_failed", failed), root("time_not_reached", target))


@scenario("latest-start", "The latest start has passed")
def latest_start(story: Story) -> None:
    """It stays in HOLD ([Until]): the prompt came too late, and it will not run."""
    draft, reports = story.draft, _stream(story)
    slow = draft.job(reports, "REP_SLOW", 45, fate=FINE)
    target = draft.job(reports, "REP_MAIL", 5, after=[slow])
    draft.restrict(target, latest=-30)
    after = draft.job(reports, "REP_DONE", 5, after=[target])
    story.expect(target, root("latest_start_passed", target))
    story.expect(after, root("latest_start_passed", target), through=[target])


@scenario("latest-start-stream", "The stream's latest start has passed")
def latest_start_stream(story: Story) -> None:
    """The stream waited for another too long; its jobs will not run."""
    draft, first, reports = story.draft, _stream(story, "SOURCES"), _stream(story)
    slow = draft.job(first, "SRC_SLOW", 45, fate=FINE)
    draft.follow(reports, slow)
    draft.restrict(reports, latest=-30)
    draft.chain(reports, ("REP_READ", "REP_MAIL"))
    story.expect(
        reports.jobs[0], root("latest_start_passed", reports), through=[reports]
    )


@scenario("latest-start-cancel", "Cancelled at its latest start")
def latest_start_cancel(story: Story) -> None:
    """Onuntil canc: the job is cancelled and its follower freed."""
    draft, reports = story.draft, _stream(story)
    slow = draft.job(reports, "REP_SLOW", 45, fate=FINE)
    target = draft.job(reports, "REP_MAIL", 5, after=[slow])
    draft.restrict(target, latest=-30, late_start="cancel")
    after = draft.job(reports, "REP_DONE", 5, after=[target], fate=FINE)
    story.expect(target, root("latest_start_passed", target))
    story.expect(after, root("none", after))


@scenario("latest-start-continue", "Late, but allowed to run")
def latest_start_continue(story: Story) -> None:
    """Onuntil cont: the latest start passed and it ran all the same."""
    draft, reports = story.draft, _stream(story)
    slow = draft.job(reports, "REP_SLOW", 45, fate=FINE)
    target = draft.job(reports, "REP_MAIL", 5, after=[slow], fate=FINE)
    draft.restrict(target, latest=-30, late_start="continue")
    story.expect(target, root("none", target))


@scenario("late", "Late behind a failed job")
def late(story: Story) -> None:
    """The deadline has passed: late is a consequence, not a cause."""
    draft, reports = story.draft, _stream(story)
    failed = draft.job(reports, "REP_READ", 5, fate=abend(8))
    target = draft.job(reports, "REP_MAIL", 5, after=[failed], critical=True)
    draft.restrict(target, deadline=-10)
    story.expect(target, root("job_failed", failed), through=[failed])
