"""Joins and conditions: some of several predecessors, or one in a certain way."""

from tws.simulator.model import Fate, Job, Stream
from tws.simulator.scenarios.base import FINE, Story, abend, root, scenario


def _stream(story: Story, name: str = "MERGE") -> Stream:
    draft = story.draft
    return draft.stream(
        name,
        draft.workstation(f"AGT_{name[:8]}"),
        folder="/DWH/",
        at=-story.minutes(50, 70),
    )


def _twice_blocked(story: Story, stream: Stream, name: str) -> Job:
    """A job with two causes of its own: a failed predecessor and a missing file."""
    draft = story.draft
    failed = draft.job(stream, f"{name}_SRC", 5, fate=abend(6))
    job = draft.job(stream, name, 5, after=[failed])
    draft.need_file(job, draft.file(f"/data/in/{name.lower()}.csv", stream.workstation))
    return job


@scenario("join-all", "A join of all members, one failed")
def join_all(story: Story) -> None:
    """Two members are done; the third is the cause."""
    draft, merge = story.draft, _stream(story)
    done = [draft.job(merge, f"MRG_{n}", 5, fate=FINE) for n in "AB"]
    failed = draft.job(merge, "MRG_C", 5, fate=abend(8))
    target = draft.job(merge, "MRG_ALL", 5)
    draft.join(target, "ALL_PARTS", [*done, failed])
    story.expect(target, root("job_failed", failed), through=[failed])


@scenario("join-any", "A join of any member: the easiest one counts")
def join_any(story: Story) -> None:
    """One member failed; each of the others has two causes. One root frees the target."""
    draft, merge = story.draft, _stream(story)
    failed = draft.job(merge, "MRG_EASY", 5, fate=abend(8))
    hard = [_twice_blocked(story, merge, f"MRG_HARD{n}") for n in (1, 2)]
    target = draft.job(merge, "MRG_ANY", 5)
    draft.join(target, "ANY_PART", [hard[0], failed, hard[1]], quantity=1)
    story.expect(target, root("job_failed", failed), through=[failed])


@scenario("join-two-of-four", "Two of four members are needed, one is done")
def join_two_of_four(story: Story) -> None:
    """One more is needed: the one with a single cause."""
    draft, merge = story.draft, _stream(story)
    done = draft.job(merge, "MRG_DONE", 5, fate=FINE)
    runs = draft.job(merge, "MRG_RUNS", 150, fate=FINE)
    hard = [_twice_blocked(story, merge, f"MRG_HARD{n}") for n in (1, 2)]
    target = draft.job(merge, "MRG_TWO", 5)
    draft.join(target, "TWO_PARTS", [hard[0], done, runs, hard[1]], quantity=2)
    story.expect(target, root("job_running", runs), through=[runs])


@scenario("join-shared-root", "Two of three members wait for the same job")
def join_shared_root(story: Story) -> None:
    """Two members are needed: curing what two share is the smallest way."""
    draft, merge = story.draft, _stream(story)
    shared = draft.job(merge, "MRG_SHARED", 5, fate=abend(8))
    pair = [draft.job(merge, f"MRG_{n}", 5, after=[shared]) for n in "AB"]
    other = draft.job(merge, "MRG_C", 5, fate=abend(9))
    target = draft.job(merge, "MRG_TWO", 5)
    draft.join(target, "TWO_PARTS", [other, *pair], quantity=2)
    story.expect(target, root("job_failed", shared), through=[shared])


@scenario("join-met", "A join that is met, though a member failed")
def join_met(story: Story) -> None:
    """Any member was enough; the failed one is not the cause, a prompt is."""
    draft, merge = story.draft, _stream(story)
    done = draft.job(merge, "MRG_DONE", 5, fate=FINE)
    failed = draft.job(merge, "MRG_FAILED", 5, fate=abend(8))
    target = draft.job(merge, "MRG_GO", 5)
    draft.join(target, "ANY_PART", [failed, done], quantity=1)
    prompt = draft.prompt("Publish the cube? (y/n)", "CUBE_PUBLISH")
    draft.need_prompt(target, prompt)
    story.expect(target, root("prompt_open", prompt))


@scenario("join-and-follow", "A join and a plain predecessor, both unmet")
def join_and_follow(story: Story) -> None:
    """The join needs all of two streams' jobs, the plain one failed."""
    draft, merge, other = story.draft, _stream(story), _stream(story, "REGIONS")
    failed = draft.job(merge, "MRG_FAILED", 5, fate=abend(8))
    late = draft.job(other, "REG_EAST", 170, fate=FINE)
    done = draft.job(other, "REG_WEST", 5, fate=FINE)
    target = draft.job(merge, "MRG_SUM", 5, after=[failed])
    draft.join(target, "REGIONS", [late, done])
    story.expect(target, root("job_failed", failed), root("job_running", late))


@scenario("condition-unmet", "A condition of the predecessor is not met")
def condition_unmet(story: Story) -> None:
    """The target is the repair branch; the predecessor succeeded."""
    draft, merge = story.draft, _stream(story)
    check = draft.job(merge, "MRG_CHECK", 5, fate=FINE)
    repair = draft.job(merge, "MRG_REPAIR", 5)
    draft.follow(repair, check, statuses=("ABEND", "FAIL"))
    story.expect(repair, root("suppressed", repair))


@scenario("condition-output", "No output condition is met")
def condition_output(story: Story) -> None:
    """The predecessor succeeded, but said that there is nothing to do."""
    draft, merge = story.draft, _stream(story)
    count = draft.job(merge, "MRG_COUNT", 5, fate=Fate(outputs=("NOTHING_TO_DO",)))
    load = draft.job(merge, "MRG_LOAD", 5)
    draft.follow(load, count, outputs=("ROWS_FOUND",))
    idle = draft.job(merge, "MRG_IDLE", 1, fate=FINE)
    draft.follow(idle, count, outputs=("NOTHING_TO_DO",))
    story.expect(load, root("suppressed", load))
    story.expect(idle, root("none", idle))


@scenario("suppressed-chain", "Suppression goes on to the followers")
def suppressed_chain(story: Story) -> None:
    """The follower of a suppressed job is suppressed too; the first one is the root."""
    draft, merge = story.draft, _stream(story)
    check = draft.job(merge, "MRG_CHECK", 5, fate=FINE)
    repair = draft.job(merge, "MRG_REPAIR", 5)
    draft.follow(repair, check, statuses=("ABEND",))
    after = draft.job(merge, "MRG_AFTER", 5, after=[repair])
    story.expect(after, root("suppressed", repair), through=[repair])


@scenario("condition-open", "A condition that is not decided yet")
def condition_open(story: Story) -> None:
    """The predecessor still runs; whether its condition is met shows at its end."""
    draft, merge = story.draft, _stream(story)
    check = draft.job(merge, "MRG_CHECK", 160, fate=FINE)
    load = draft.job(merge, "MRG_LOAD", 5)
    draft.follow(load, check, statuses=("SUCC",))
    story.expect(load, root("job_running", check), through=[check])


@scenario("condition-on-failure", "The repair branch runs after a failure")
def condition_on_failure(story: Story) -> None:
    """The predecessor failed, which is what the target waited for: it ran."""
    draft, merge = story.draft, _stream(story)
    check = draft.job(merge, "MRG_CHECK", 5, fate=abend(4))
    repair = draft.job(merge, "MRG_REPAIR", 5, fate=FINE)
    draft.follow(repair, check, statuses=("ABEND",))
    normal = draft.job(merge, "MRG_NORMAL", 5)
    draft.follow(normal, check, statuses=("SUCC",))
    story.expect(repair, root("none", repair))
    story.expect(normal, root("suppressed", normal))
