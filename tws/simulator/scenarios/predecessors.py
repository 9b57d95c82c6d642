"""A job waits for another: failed, running, not yet started; near and far."""

from tws.simulator.model import Definition, Fate, Job, Stream
from tws.simulator.scenarios.base import (
    ENDLESS,
    FINE,
    UNLAUNCHABLE,
    Story,
    abend,
    root,
    scenario,
)

FULL = (
    "Copying 38211 files",
    "cp: error writing '/data/stage/part-0113': No space left on device",
    "stage.sh: failed with rc=1",
)


def _stream(story: Story, name: str = "CLOSING") -> Stream:
    draft = story.draft
    station = draft.workstation(f"AGT_{name[:8]}")
    return draft.stream(name, station, folder="/FIN/", at=-story.minutes(50, 70))


@scenario("failed-predecessor", "The predecessor abended")
def failed_predecessor(story: Story) -> None:
    """The job right before the target ended with a return code."""
    draft, closing = story.draft, _stream(story)
    extract = draft.job(closing, "CLS_EXTRACT", 6, fate=FINE)
    stage = draft.job(closing, "CLS_STAGE", 9, after=[extract], fate=abend(1, *FULL))
    book = draft.job(closing, "CLS_BOOK", 12, after=[stage])
    story.expect(book, root("job_failed", stage), through=[stage])
    story.expect(stage, root("job_failed", stage))


def _failed_at_depth(depth: int) -> None:
    @scenario(f"failed-depth-{depth}", f"An ABEND {depth} jobs back")
    def tell(story: Story) -> None:
        draft, closing = story.draft, _stream(story)
        first = draft.job(closing, "CLS_00", 5, fate=FINE)
        failed = draft.job(closing, "CLS_01", 7, after=[first], fate=abend(8))
        chain = [failed]
        for number in range(2, depth + 2):
            chain.append(draft.job(closing, f"CLS_{number:02d}", 5, after=chain[-1:]))
        story.expect(chain[-1], root("job_failed", failed), through=chain[-2::-1])

    tell.__doc__ = "Every job between the failed one and the target just waits."


for _depth in range(2, 7):
    _failed_at_depth(_depth)


@scenario("failed-other-stream", "The predecessor abended in another stream")
def failed_other_stream(story: Story) -> None:
    """An external dependency on one job of a stream that otherwise went on."""
    draft, rates = story.draft, _stream(story, "RATES")
    fetch = draft.job(rates, "RAT_FETCH", 5, fate=FINE)
    load = draft.job(rates, "RAT_LOAD", 5, after=[fetch], fate=abend(16))
    draft.job(rates, "RAT_STATS", 4, after=[fetch], fate=FINE)
    price = _stream(story, "PRICING")
    first = draft.job(price, "PRC_OPEN", 3, fate=FINE)
    target = draft.job(price, "PRC_RUN", 30, after=[first, load])
    story.expect(target, root("job_failed", load), through=[load])


@scenario("failed-other-folder", "Predecessors across folders and workstations")
def failed_other_folder(story: Story) -> None:
    """Streams and workstations lie in nested folders, one stream in the root."""
    draft = story.draft
    north = draft.workstation("AGT1", folder="/EU/NORTH/")
    south = draft.workstation("AGT1", folder="/EU/SOUTH/")
    source = draft.stream("INTAKE", north, folder="/EU/FEEDS/DAILY/", at=-55)
    load = draft.job(source, "LOAD", 8, on=south, fate=abend(4))
    middle = draft.stream("MERGE", south, at=-45)
    merge = draft.job(middle, "LOAD", 8, after=[load])
    last = draft.stream("PUBLISH", north, folder="/WEB/SITE/", at=-40)
    target = draft.job(last, "PUBLISH_ALL", 5, after=[merge])
    story.expect(target, root("job_failed", load), through=[merge, load])


@scenario("failed-three-streams", "A chain through three streams")
def failed_three_streams(story: Story) -> None:
    """Job, stream and job dependencies alternate on the way to the failed job."""
    draft = story.draft
    orders, picking, truck = (
        _stream(story, name) for name in ("ORDERS", "PICKING", "TRUCKS")
    )
    read = draft.job(orders, "ORD_READ", 7, fate=abend(3))
    check = draft.job(orders, "ORD_CHECK", 5, after=[read])
    draft.follow(picking, orders)
    pick = draft.job(picking, "PCK_PLAN", 9)
    pack = draft.job(picking, "PCK_PACK", 9, after=[pick])
    target = draft.job(truck, "TRK_ROUTE", 11, after=[pack])
    story.expect(
        target, root("job_failed", read), through=[pack, pick, picking, orders, read]
    )
    story.expect(check, root("job_failed", read), through=[read])


@scenario("stream-follows-stream", "A stream waits for a whole stream")
def stream_follows_stream(story: Story) -> None:
    """The other stream has one failed job in its middle; the rest of it is done."""
    draft, first, second = (
        story.draft,
        _stream(story, "BATCH1"),
        _stream(story, "BATCH2"),
    )
    opened = draft.job(first, "B1_OPEN", 3, fate=FINE)
    failed = draft.job(first, "B1_WORK", 6, after=[opened], fate=abend(20))
    draft.job(first, "B1_SIDE", 4, after=[opened], fate=FINE)
    draft.follow(second, first)
    target = draft.job(second, "B2_OPEN", 3)
    last = draft.job(second, "B2_CLOSE", 3, after=[target])
    story.expect(target, root("job_failed", failed), through=[second, first, failed])
    story.expect(last, root("job_failed", failed))
    story.expect(second, root("job_failed", failed), through=[first, failed])


@scenario("stream-dependency", "A stream's own dependency holds all its jobs")
def stream_dependency(story: Story) -> None:
    """The target itself depends on nothing; its stream follows a failed job."""
    draft, source, blocked = (
        story.draft,
        _stream(story, "SOURCE"),
        _stream(story, "SINK"),
    )
    failed = draft.job(source, "SRC_DUMP", 6, fate=abend(2))
    draft.follow(blocked, failed)
    for number in range(5):
        draft.job(blocked, f"SNK_{number}", 4)
    target = blocked.jobs[3]
    story.expect(target, root("job_failed", failed), through=[blocked, failed])


@scenario("launch-failed", "The predecessor could not be launched")
def launch_failed(story: Story) -> None:
    """FAIL: the agent could not start it, the user does not exist there."""
    draft, closing = story.draft, _stream(story)
    failed = draft.job(closing, "CLS_NEWUSER", 6, fate=UNLAUNCHABLE)
    target = draft.job(closing, "CLS_AFTER", 5, after=[failed])
    story.expect(target, root("job_failed", failed), through=[failed])
    story.expect(failed, root("job_failed", failed))


@scenario("predecessor-runs", "The predecessor still runs")
def predecessor_runs(story: Story) -> None:
    """It is within its estimate: the target will run by itself."""
    draft, closing = story.draft, _stream(story)
    runs = draft.job(closing, "CLS_LONG", 120, fate=FINE)
    target = draft.job(closing, "CLS_AFTER", 5, after=[runs])
    later = draft.job(closing, "CLS_LAST", 5, after=[target])
    story.expect(target, root("job_running", runs), through=[runs])
    story.expect(later, root("job_running", runs), through=[target, runs])


@scenario("predecessor-overdue", "The predecessor runs far beyond its estimate")
def predecessor_overdue(story: Story) -> None:
    """It should have taken eight minutes, and has a maximum duration too."""
    draft, closing = story.draft, _stream(story)
    runs = draft.job(closing, "CLS_HANG", 8, fate=ENDLESS)
    draft.restrict(runs, max_duration=1200.0)
    target = draft.job(closing, "CLS_AFTER", 5, after=[runs])
    story.expect(target, root("job_running", runs), through=[runs])


@scenario("failed-and-running", "One predecessor failed, another still runs")
def failed_and_running(story: Story) -> None:
    """Both must be over before the target can start."""
    draft, closing = story.draft, _stream(story)
    failed = draft.job(closing, "CLS_FAILED", 6, fate=abend(8))
    runs = draft.job(closing, "CLS_RUNS", 150, fate=FINE)
    target = draft.job(closing, "CLS_BOTH", 5, after=[failed, runs])
    story.expect(target, root("job_failed", failed), root("job_running", runs))


@scenario("two-causes-failed", "Two predecessors failed")
def two_causes_failed(story: Story) -> None:
    """Two branches meet in the target, and each has its own failed job."""
    draft, closing = story.draft, _stream(story)
    start = draft.job(closing, "CLS_START", 3, fate=FINE)
    left = draft.job(closing, "CLS_LEFT", 6, after=[start], fate=abend(8))
    right = draft.job(closing, "CLS_RIGHT", 6, after=[start], fate=abend(12))
    via = draft.job(closing, "CLS_VIA", 4, after=[right])
    target = draft.job(closing, "CLS_MEET", 5, after=[left, via])
    story.expect(target, root("job_failed", left), root("job_failed", right))


@scenario("diamond", "Two ways to one failed job")
def diamond(story: Story) -> None:
    """Both predecessors wait behind the same job: one root, not two."""
    draft, closing = story.draft, _stream(story)
    failed = draft.job(closing, "CLS_TOP", 6, fate=abend(8))
    left = draft.job(closing, "CLS_LEFT", 6, after=[failed])
    right = draft.job(closing, "CLS_RIGHT", 6, after=[failed])
    target = draft.job(closing, "CLS_BOTTOM", 5, after=[left, right])
    story.expect(target, root("job_failed", failed), through=[failed])


@scenario("fan-out", "One ABEND holds 140 jobs")
def fan_out(story: Story) -> None:
    """Everything of the night waits behind one gate."""
    draft, gate = story.draft, _stream(story, "GATE")
    failed = draft.job(gate, "GATE_OPEN", 6, fate=abend(99))
    targets: list[Job] = []
    for number in range(14):
        stream = _stream(story, f"APP{number:02d}")
        first = draft.job(stream, f"A{number:02d}_00", 4, after=[failed])
        chain = [first]
        for step in range(1, 10):
            chain.append(
                draft.job(stream, f"A{number:02d}_{step:02d}", 4, after=chain[-1:])
            )
        targets.append(chain[-1])
    for target in story.chance.sample(targets, 3):
        story.expect(target, root("job_failed", failed))


@scenario("recovery-rerun", "The failed job is rerun by its recovery option")
def recovery_rerun(story: Story) -> None:
    """It failed once, was rerun automatically, and failed again."""
    draft, closing = story.draft, _stream(story)
    failed = draft.job(
        closing,
        "CLS_RETRY",
        5,
        fate=[Fate("ABEND", 7, 0.8), abend(9)],
        definition=Definition(
            "/opt/batch/retry.sh", "finusr", recovery="RERUN", repeat_for=1
        ),
    )
    target = draft.job(closing, "CLS_AFTER", 5, after=[failed])
    story.expect(target, root("job_failed", failed), through=[failed])


@scenario("carried-forward", "A failed job of yesterday's stream")
def carried_forward(story: Story) -> None:
    """Yesterday's instance was carried forward; today's of the same name is fine."""
    draft = story.draft
    station = draft.workstation("AGT_LEDG")
    old = draft.stream(
        "DAYEND", station, folder="/FIN/", at=-1500, carried_forward=True
    )
    failed = draft.job(old, "DAY_POST", 6, fate=abend(8))
    draft.job(old, "DAY_ARCHIVE", 6, after=[failed])
    today = draft.stream("DAYEND", station, folder="/FIN/", at=-60)
    draft.job(today, "DAY_POST", 6, fate=FINE)
    report = draft.stream("DAYREPORT", station, folder="/FIN/", at=-50)
    target = draft.job(report, "RPT_BUILD", 6, after=[failed])
    story.expect(target, root("job_failed", failed), through=[failed])


@scenario("shared-root", "Two targets, one cause")
def shared_root(story: Story) -> None:
    """The stream and two of its jobs wait for the same failed job elsewhere."""
    draft, source, sink = (
        story.draft,
        _stream(story, "MASTERDATA"),
        _stream(story, "SHOPS"),
    )
    failed = draft.job(source, "MDT_SYNC", 6, fate=abend(5))
    draft.job(sink, "SHP_OPEN", 2, fate=FINE)
    one = draft.job(sink, "SHP_ONE", 4, after=[failed])
    two = draft.job(sink, "SHP_TWO", 4, after=[failed])
    story.expect(one, root("job_failed", failed), through=[failed])
    story.expect(two, root("job_failed", failed), through=[failed])
    story.expect(sink, root("job_failed", failed))
