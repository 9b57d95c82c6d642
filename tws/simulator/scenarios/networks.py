"""Dependencies that lead out of the plan, or in a circle."""

from tws.simulator.model import Named, Stream
from tws.simulator.scenarios.base import FINE, Story, abend, root, scenario


def _stream(story: Story, name: str = "EXCHANGE") -> Stream:
    draft = story.draft
    return draft.stream(
        name,
        draft.workstation(f"AGT_{name[:8]}"),
        folder="/EXT/",
        at=-story.minutes(40, 60),
    )


@scenario("internetwork", "A job of another network")
def internetwork(story: Story) -> None:
    """The network agent has not said that it is done."""
    draft, exchange = story.draft, _stream(story)
    text = "MAINFRM#GLCLOSE.GLJOB9"
    target = draft.job(exchange, "EXC_LOAD", 5)
    draft.need_network(target, "NET_AGT", text)
    after = draft.job(exchange, "EXC_SUM", 5, after=[target])
    story.expect(target, root("internetwork", text))
    story.expect(after, root("internetwork", text), through=[target])


@scenario("internetwork-error", "The other network cannot be asked")
def internetwork_error(story: Story) -> None:
    """The status of the remote job is ERROR: its check failed."""
    draft, exchange = story.draft, _stream(story)
    text = "MAINFRM#GLCLOSE.GLJOB7"
    target = draft.job(exchange, "EXC_LOAD", 5)
    draft.need_network(target, "NET_AGT", text, "ERROR")
    story.expect(target, root("internetwork", text))


@scenario("orphan", "A dependency that can no longer be resolved")
def orphan(story: Story) -> None:
    """Its predecessor has left the plan: [o], zombie."""
    draft, exchange = story.draft, _stream(story)
    target = draft.job(exchange, "EXC_LOAD", 5)
    name = Named("CLOSE", "/AGT_OLD", "/FIN/", "CLS_END")
    draft.follow_absent(target, name, zombie=True)
    story.expect(target, root("orphan_dependency", name))


@scenario("orphan-stream", "A stream that can no longer be followed")
def orphan_stream(story: Story) -> None:
    """The target's stream follows a stream that has left the plan."""
    draft, exchange = story.draft, _stream(story)
    target = draft.job(exchange, "EXC_LOAD", 5)
    name = Named("CLOSE", "/AGT_OLD", "/FIN/")
    draft.follow_absent(exchange, name, zombie=True)
    story.expect(target, root("orphan_dependency", name), through=[exchange])


@scenario("pending-predecessor", "The predecessor is not in the plan yet")
def pending_predecessor(story: Story) -> None:
    """[P]: it comes with an extension of the plan."""
    draft, exchange = story.draft, _stream(story)
    target = draft.job(exchange, "EXC_LOAD", 5)
    name = Named("WEEKLY", "/AGT_WEEK", "/FIN/", "WKL_END")
    draft.follow_absent(target, name, pending=True)
    story.expect(target, root("orphan_dependency", name))


@scenario("unknown-predecessor", "The predecessor is nowhere in the plan")
def unknown_predecessor(story: Story) -> None:
    """The dependency has the id of a job that the plan does not hold, and no flag."""
    draft, exchange = story.draft, _stream(story)
    target = draft.job(exchange, "EXC_LOAD", 5)
    gone = draft.plan.new_id("a job that is not there")
    name = Named("GHOST", "/AGT_GHOST", "/EXT/", "GHO_RUN", job_id=gone)
    draft.follow_absent(target, name)
    story.expect(target, root("orphan_dependency", name))


@scenario("orphan-and-failure", "An orphan beside a failed predecessor")
def orphan_and_failure(story: Story) -> None:
    """Two causes: one must be released, the other rerun."""
    draft, exchange = story.draft, _stream(story)
    failed = draft.job(exchange, "EXC_READ", 5, fate=abend(8))
    target = draft.job(exchange, "EXC_LOAD", 5, after=[failed])
    name = Named("CLOSE", "/AGT_OLD", "/FIN/", "CLS_END")
    draft.follow_absent(target, name, zombie=True)
    story.expect(target, root("job_failed", failed), root("orphan_dependency", name))


@scenario("cycle", "Two jobs wait for each other")
def cycle(story: Story) -> None:
    """Neither can ever start; a third waits behind them."""
    draft, one, two = story.draft, _stream(story, "EGG"), _stream(story, "HEN")
    egg = draft.job(one, "EGG_LAY", 5)
    hen = draft.job(two, "HEN_HATCH", 5, after=[egg])
    draft.follow(egg, hen)
    outside = draft.job(two, "HEN_FEED", 5, after=[hen])
    story.expect(egg, root("unknown", mentions=[egg, hen]))
    story.expect(outside, root("unknown", mentions=[egg, hen]), through=[hen])


@scenario("cycle-streams", "Three streams wait for each other in a circle")
def cycle_streams(story: Story) -> None:
    """The circle goes through stream dependencies and a job."""
    draft = story.draft
    red, green, blue = (_stream(story, name) for name in ("RED", "GREEN", "BLUE"))
    for stream in (red, green, blue):
        draft.job(stream, f"{stream.name}_RUN", 5)
    draft.follow(red, blue)
    draft.follow(green, red)
    draft.follow(blue.jobs[0], green.jobs[0])
    story.expect(green.jobs[0], root("unknown", mentions=[red, green]))


@scenario("cycle-and-failure", "A circle, and a failed job beside it")
def cycle_and_failure(story: Story) -> None:
    """The target waits for both: one cause is a circle, the other a failure."""
    draft, ring = story.draft, _stream(story, "RING")
    left = draft.job(ring, "RNG_LEFT", 5)
    right = draft.job(ring, "RNG_RIGHT", 5, after=[left])
    draft.follow(left, right)
    failed = draft.job(ring, "RNG_FAILED", 5, fate=abend(8))
    draft.job(ring, "RNG_FINE", 5, fate=FINE)
    target = draft.job(ring, "RNG_TARGET", 5, after=[right, failed])
    story.expect(
        target, root("unknown", mentions=[left, right]), root("job_failed", failed)
    )
