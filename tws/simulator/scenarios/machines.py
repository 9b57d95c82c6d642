"""Workstations and their limits: down, full, fenced; and a plan that stands still."""

from tws.simulator.model import Job, Stream, Workstation
from tws.simulator.scenarios.base import (
    ENDLESS,
    FINE,
    NEVER_INTRODUCED,
    Story,
    root,
    scenario,
)


def _work(story: Story, station: Workstation, name: str = "NIGHTRUN") -> Stream:
    return story.draft.stream(name, station, folder="/OPS/", at=-story.minutes(25, 40))


def _fill(story: Story, station: Workstation, jobs: int) -> Stream:
    """Jobs that run normally and for long."""
    stream = story.draft.stream("LONGRUN", station, folder="/OPS/", at=-60)
    for number in range(jobs):
        story.draft.job(stream, f"LNG_{number}", 180, fate=FINE)
    return stream


def _pair(story: Story, station: Workstation, priority: int = 10) -> tuple[Job, Job]:
    stream = _work(story, station)
    job = story.draft.job(stream, "NGT_RUN", 6, priority=priority)
    return job, story.draft.job(stream, "NGT_AFTER", 4, after=[job])


@scenario("workstation-limit", "A workstation runs as many jobs as it may")
def workstation_limit(story: Story) -> None:
    """All who fill it run normally."""
    station = story.draft.workstation("AGT_FULL", limit=3)
    _fill(story, station, 3)
    target, after = _pair(story, station)
    story.expect(target, root("workstation_limit", station))
    story.expect(after, root("workstation_limit", station), through=[target])


@scenario("workstation-limit-zero", "A workstation's limit is zero")
def workstation_limit_zero(story: Story) -> None:
    """As after an installation: nothing runs there at all."""
    station = story.draft.workstation("AGT_NEW", limit=0)
    target, _ = _pair(story, station)
    story.expect(target, root("workstation_limit", station))


@scenario("stream-limit", "A stream runs as many jobs as it may")
def stream_limit(story: Story) -> None:
    """The stream's limit is one, and its long job runs normally."""
    draft = story.draft
    station = draft.workstation("AGT_SEQ")
    stream = draft.stream("SEQUENCE", station, folder="/OPS/", at=-60, limit=1)
    draft.job(stream, "SEQ_LONG", 180, fate=FINE, priority=50)
    target = draft.job(stream, "SEQ_NEXT", 5)
    after = draft.job(stream, "SEQ_LAST", 5, after=[target])
    story.expect(target, root("stream_limit", stream))
    story.expect(after, root("stream_limit", stream), through=[target])


@scenario("stream-limit-zero", "A stream's limit is zero")
def stream_limit_zero(story: Story) -> None:
    """Nothing of the stream may run."""
    draft = story.draft
    station = draft.workstation("AGT_SEQ")
    stream = draft.stream("SEQUENCE", station, folder="/OPS/", at=-60, limit=0)
    target = draft.job(stream, "SEQ_FIRST", 5)
    story.expect(target, root("stream_limit", stream))


@scenario("fence", "The fence of the workstation is too high")
def fence(story: Story) -> None:
    """The priority equals the fence: that is too low."""
    station = story.draft.workstation("AGT_FENCE", fence=10)
    target, after = _pair(story, station)
    story.expect(target, root("fence", station))
    story.expect(after, root("fence", station), through=[target])


@scenario("fence-ready", "A fence that the status does not show")
def fence_ready(story: Story) -> None:
    """The engine leaves the job READY; only the numbers tell."""
    story.draft.plan.shows_fence = False
    station = story.draft.workstation("AGT_FENCE", fence=60)
    target, _ = _pair(story, station, priority=30)
    stream = target.stream
    passes = story.draft.job(stream, "NGT_URGENT", 150, fate=FINE, priority=61)
    story.expect(target, root("fence", station))
    story.expect(passes, root("none", passes))


def _down(name: str, title: str, how: str, **fields: str) -> None:
    @scenario(name, title)
    def tell(story: Story) -> None:
        station = story.draft.workstation("AGT_DOWN", **fields)
        target, after = _pair(story, station)
        lost = {"unlinked": "LINKED", "jobman": "JOBMAN_UP", "offline": "ONLINE"}
        station.states.discard(lost[how])
        story.expect(target, root("workstation_down", station))
        story.expect(after, root("workstation_down", station), through=[target])

    tell.__doc__ = "Jobs stay READY until the workstation is back."


_down("unlinked", "The workstation is unlinked", "unlinked")
_down("unlinked-fta", "A fault-tolerant agent is unlinked", "unlinked", type="FTA")
_down("jobman-down", "The workstation is linked, but jobman is down", "jobman")
_down("offline", "The workstation is offline", "offline")


@scenario("predecessor-unlinked", "The predecessor's workstation is unlinked")
def predecessor_unlinked(story: Story) -> None:
    """The target's own workstation is fine."""
    draft = story.draft
    station, lost = draft.workstation("AGT_HERE"), draft.workstation("AGT_THERE")
    lost.states.discard("LINKED")
    stream = _work(story, station)
    before = draft.job(stream, "NGT_REMOTE", 5, on=lost)
    target = draft.job(stream, "NGT_LOCAL", 5, after=[before])
    story.expect(target, root("workstation_down", lost), through=[before])


@scenario("fully-linked", "A fully linked agent is no problem")
def fully_linked(story: Story) -> None:
    """FULLY_LINKED stands in place of LINKED; the limit is the cause."""
    draft = story.draft
    station = draft.workstation("FTA_FULL", type="FTA", limit=1)
    station.states.discard("LINKED")
    station.states.add("FULLY_LINKED")
    _fill(story, station, 1)
    target, _ = _pair(story, station)
    story.expect(target, root("workstation_limit", station))


@scenario("on-master", "The master has no link, and needs none")
def on_master(story: Story) -> None:
    """A job on the master waits for its predecessor."""
    draft = story.draft
    stream = _work(story, draft.master)
    runs = draft.job(stream, "NGT_MASTER", 150, fate=FINE)
    target = draft.job(stream, "NGT_AFTER", 5, after=[runs])
    story.expect(target, root("job_running", runs))
    story.expect(runs, root("none", runs))


@scenario("ignored", "The workstation is ignored")
def ignored(story: Story) -> None:
    """Its definition says so: the engine launches nothing there."""
    draft = story.draft
    station = draft.workstation("AGT_OLD", ignore=True)
    stream = _work(story, station)
    target = draft.job(stream, "NGT_RUN", 6)
    story.expect(target, root("workstation_ignored", station))


@scenario("pool-down", "No member of the pool is up")
def pool_down(story: Story) -> None:
    """The pool is linked; its members are not."""
    draft = story.draft
    members = [draft.workstation(f"AGT_POOL{n}") for n in (1, 2)]
    pool = draft.pool("POOL_DWH", *members)
    for member in members:
        member.states.difference_update(("LINKED", "JOBMAN_UP"))
    pool.states.discard("JOBMAN_UP")
    target, _ = _pair(story, pool)
    story.expect(target, root("workstation_down", pool))


@scenario("pool-limit", "The pool runs as many jobs as it may")
def pool_limit(story: Story) -> None:
    """One member is down, the pool goes on with the other up to its limit."""
    draft = story.draft
    members = [draft.workstation(f"AGT_POOL{n}") for n in (1, 2)]
    members[0].states.discard("LINKED")
    pool = draft.pool("POOL_DWH", *members, limit=2)
    _fill(story, pool, 2)
    target, _ = _pair(story, pool)
    story.expect(target, root("workstation_limit", pool))


@scenario("launching", "A job does not come out of INTRO")
def launching(story: Story) -> None:
    """It was introduced long ago and has not begun; its follower waits."""
    draft = story.draft
    stream = _work(story, draft.workstation("AGT_INTRO"))
    stuck = draft.job(stream, "NGT_INTRO", 6, fate=NEVER_INTRODUCED)
    target = draft.job(stream, "NGT_AFTER", 5, after=[stuck])
    story.expect(target, root("launching", stuck), through=[stuck])
    story.expect(stuck, root("launching", stuck))


@scenario("waiting-turn", "Ready, and about to run")
def waiting_turn(story: Story) -> None:
    """Its dependencies were met this second; the engine has not looked yet."""
    draft = story.draft
    stream = _work(story, draft.workstation("AGT_QUICK"))
    before = draft.job(stream, "NGT_FIRST", 60, fate=ENDLESS)
    target = draft.job(stream, "NGT_SECOND", 5, after=[before])
    story.then(lambda living: living.set_status(before.id, "SUCC", return_code=0))
    story.expect(target, root("waiting_turn", target))


def _still(story: Story) -> tuple[Stream, Stream]:
    draft = story.draft
    station = draft.workstation("AGT_STILL")
    still = draft.stream("STILL", station, folder="/OPS/", at=-90)
    first = draft.job(still, "STL_FIRST", 8, fate=FINE)
    draft.job(still, "STL_SECOND", 8, after=[first])
    other = draft.stream("OTHER", station, folder="/OPS/", at=-60)
    draft.chain(other, ("OTH_A", "OTH_B"))
    return still, other


@scenario("plan-stalled", "Nothing runs in the whole plan", crowded=False)
def plan_stalled(story: Story) -> None:
    """Batchman died with a job READY: all is met, the workstations are up."""
    still, _ = _still(story)
    story.stops_at = -90 + 0.5 / 60
    story.expect(still.jobs[0], root("plan_stalled"))


@scenario("plan-stalled-hold", "Start times pass and nothing happens", crowded=False)
def plan_stalled_hold(story: Story) -> None:
    """Batchman died earlier: what should start stays in HOLD with nothing unmet."""
    still, other = _still(story)
    story.stops_at = -86
    story.expect(still.jobs[1], root("plan_stalled"))
    story.expect(other.jobs[0], root("plan_stalled"))
