"""Several things at once on one target: each must be cured before it can run."""

from tws.simulator.model import Stream, Workstation
from tws.simulator.scenarios.base import FINE, Story, abend, root, scenario


def _stream(story: Story, station: Workstation, name: str = "COMBINED") -> Stream:
    return story.draft.stream(name, station, folder="/MIX/", at=-story.minutes(40, 60))


@scenario("both-limits", "The stream and the workstation are both full")
def both_limits(story: Story) -> None:
    """The stream may run one job and does; so does the workstation, for another."""
    draft = story.draft
    station, other = draft.workstation("AGT_ONE", limit=1), draft.workstation("AGT_TWO")
    elsewhere = _stream(story, station, "ELSEWHERE")
    draft.job(elsewhere, "ELS_LONG", 150, fate=FINE)
    stream = _stream(story, station)
    stream.limit = 1
    draft.job(stream, "CMB_LONG", 150, on=other, fate=FINE, priority=50)
    target = draft.job(stream, "CMB_NEXT", 5)
    draft.restrict(target, start=-10)  # when both have long been full
    story.expect(
        target, root("workstation_limit", station), root("stream_limit", stream)
    )


@scenario("fence-and-unlinked", "A fence on a workstation that is down")
def fence_and_unlinked(story: Story) -> None:
    """Linking it is not enough."""
    draft = story.draft
    station = draft.workstation("AGT_BOTH", fence=50)
    station.states.discard("LINKED")
    target = draft.job(_stream(story, station), "CMB_RUN", 5)
    story.expect(target, root("workstation_down", station), root("fence", station))


@scenario("resource-and-unlinked", "A resource with quantity zero, and a lost link")
def resource_and_unlinked(story: Story) -> None:
    """The job is READY and lacks both."""
    draft = story.draft
    station = draft.workstation("AGT_BOTH")
    station.states.discard("LINKED")
    slots = draft.resource("SLOTS", station, 0)
    target = draft.job(_stream(story, station), "CMB_RUN", 5)
    draft.need_resource(target, slots)
    story.expect(
        target, root("workstation_down", station), root("resource_busy", slots)
    )


@scenario("two-prompts", "A prompt of the stream and one of the job")
def two_prompts(story: Story) -> None:
    """The second has not even been asked yet."""
    draft = story.draft
    stream = _stream(story, draft.workstation("AGT_ASK"))
    target = draft.job(stream, "CMB_RUN", 5)
    first = draft.prompt("Begin the month's end? (y/n)", "MONTH_BEGIN")
    second = draft.prompt("Is the ledger closed? (y/n)", "LEDGER_CLOSED")
    draft.need_prompt(stream, first)
    draft.need_prompt(target, second)
    story.expect(target, root("prompt_open", first), root("prompt_open", second))


@scenario("prompt-shared", "One prompt holds two predecessors")
def prompt_shared(story: Story) -> None:
    """One answer frees both, and the target behind them."""
    draft = story.draft
    stream = _stream(story, draft.workstation("AGT_ASK"))
    prompt = draft.prompt("Is the ledger closed? (y/n)", "LEDGER_CLOSED")
    pair = [draft.job(stream, f"CMB_{n}", 5) for n in "AB"]
    for job in pair:
        draft.need_prompt(job, prompt)
    target = draft.job(stream, "CMB_SUM", 5, after=pair)
    story.expect(target, root("prompt_open", prompt))


@scenario("held-and-failure", "A held stream that also waits for a failed job")
def held_and_failure(story: Story) -> None:
    """Releasing the stream is not enough, nor is the rerun."""
    draft = story.draft
    station = draft.workstation("AGT_HOLD")
    source, stream = _stream(story, station, "SOURCE"), _stream(story, station)
    failed = draft.job(source, "SRC_RUN", 5, fate=abend(8))
    stream.priority = 0
    target = draft.job(stream, "CMB_RUN", 5, after=[failed])
    story.expect(target, root("priority_zero", stream), root("job_failed", failed))


@scenario("failed-in-two-streams", "A stream and a job dependency, both unmet")
def failed_in_two_streams(story: Story) -> None:
    """The stream follows one failed job, the target another."""
    draft = story.draft
    station = draft.workstation("AGT_FAIL")
    one, two = _stream(story, station, "ONE"), _stream(story, station, "TWO")
    first = draft.job(one, "ONE_RUN", 5, fate=abend(8))
    second = draft.job(two, "TWO_RUN", 5, fate=abend(4))
    stream = _stream(story, station)
    draft.follow(stream, first)
    target = draft.job(stream, "CMB_RUN", 5, after=[second])
    story.expect(target, root("job_failed", first), root("job_failed", second))


@scenario("file-and-time", "A missing file, and a time that has not come")
def file_and_time(story: Story) -> None:
    """The file is the stream's, the time is the job's."""
    draft = story.draft
    station = draft.workstation("AGT_WAIT")
    stream = _stream(story, station)
    missing = draft.file("/data/mix/in.csv", station)
    draft.need_file(stream, missing)
    target = draft.job(stream, "CMB_RUN", 5)
    draft.restrict(target, start=story.minutes(40, 200))
    story.expect(
        target, root("file_missing", missing), root("time_not_reached", target)
    )


@scenario("failure-and-unlinked", "Behind a failed job, on a workstation that is down")
def failure_and_unlinked(story: Story) -> None:
    """Once the failed job is through, the target could not be launched either."""
    draft = story.draft
    station, lost = draft.workstation("AGT_HERE"), draft.workstation("AGT_LOST")
    lost.states.discard("LINKED")
    stream = _stream(story, station)
    failed = draft.job(stream, "CMB_FAILED", 5, fate=abend(8))
    target = draft.job(stream, "CMB_RUN", 5, on=lost, after=[failed])
    story.expect(target, root("job_failed", failed), root("workstation_down", lost))


@scenario("confirm-and-prompt", "A confirmation and a prompt in one chain")
def confirm_and_prompt(story: Story) -> None:
    """The target's prompt is asked only after the predecessor is confirmed."""
    draft = story.draft
    stream = _stream(story, draft.workstation("AGT_ASK"))
    done = draft.job(stream, "CMB_MANUAL", 5, confirm=True, fate=FINE)
    target = draft.job(stream, "CMB_RUN", 5, after=[done])
    prompt = draft.prompt("Is the ledger closed? (y/n)", "LEDGER_CLOSED")
    draft.need_prompt(target, prompt)
    story.expect(
        target, root("confirmation_pending", done), root("prompt_open", prompt)
    )
