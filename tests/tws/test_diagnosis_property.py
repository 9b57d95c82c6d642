"""Random plans with random causes, against the reference that tries every set."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tws.plans import (
    NOW,
    after,
    after_stream,
    at,
    file,
    holder,
    job,
    join,
    plan,
    prompt,
    remote,
    resource,
    starts,
    stream,
    units,
)
from tests.tws.reference import Play, smaller_set_frees
from tws.diagnosis import diagnose
from tws.payloads import TimeRestrictions

MOST_JOBS = 9
STREAMS = ("S0", "S1", "S2")
# What the reference does not play: it lets everything go on that nothing holds.
PASSING = {"waiting_turn", "plan_stalled"}
STATUSES = ("HOLD", "HOLD", "HOLD", "HOLD", "SUCC", "EXEC", "ABEND", "PEND")


@st.composite
def plans(draw, *, cyclic: bool = False):
    """Jobs J0… in three streams; the last one waits, and is asked about."""
    count = draw(st.integers(2, MOST_JOBS))
    jobs = []
    for number in range(count):
        others = [f"J{n}" for n in range(count if cyclic else number) if n != number]
        status = "HOLD" if number == count - 1 else draw(st.sampled_from(STATUSES))
        needs = _needs(draw, number, others) if status == "HOLD" else []
        jobs.append(
            job(
                f"J{number}",
                status,
                *needs,
                **_times(draw, status),
                stream=_stream_of(draw, number, cyclic=cyclic),
                canceled=status == "HOLD"
                and number < count - 1
                and draw(st.integers(0, 9)) == 0,
            )
        )
    streams = [_stream(draw, name, jobs, cyclic=cyclic) for name in STREAMS]
    held = [
        holder(one.id, 1)
        for one in jobs[:-1]
        if one.status in {"EXEC", "ABEND"} and draw(st.booleans())
    ]
    return plan(*jobs, *streams, resource(0, *held))


def _stream_of(draw, number: int, *, cyclic: bool) -> str:
    """In plans without cycles a stream holds a run of the jobs, in their order."""
    if cyclic:
        return draw(st.sampled_from(STREAMS))
    return STREAMS[min(2, number // 3)]


def _needs(draw, number: int, others: list[str]):
    made = []
    if others:
        for target in draw(st.lists(st.sampled_from(others), max_size=2, unique=True)):
            made.append(after(target))
        members = draw(st.lists(st.sampled_from(others), max_size=4, unique=True))
        if len(members) > 1:
            needed = draw(st.integers(1, len(members)))
            made.append(join(needed, *(after(one) for one in members)))
    extra = draw(st.integers(0, 11))
    causes = {
        0: lambda: prompt(f"P{number % 3}"),
        1: lambda: file(f"/f{number}"),
        2: lambda: remote(f"NET::J{number}"),
        3: lambda: after(f"GONE{number}", zombie=True),
        4: lambda: units(draw(st.integers(1, 2))),
    }
    if extra in causes:
        made.append(causes[extra]())
    return made


def _times(draw, status: str):
    if status == "EXEC":
        far = draw(st.booleans())
        return {"started": at(-300 if far else -5), "estimated": 3600.0}
    kind = draw(st.integers(0, 14))
    if status == "HOLD" and kind == 0:
        return {"times": starts(30)}
    if status == "HOLD" and kind == 1:
        return {"times": TimeRestrictions(latest_start=at(-5))}
    return {"priority": 0} if status == "HOLD" and kind == 2 else {}


def _stream(draw, name: str, jobs, *, cyclic: bool):
    own = [one for one in jobs if one.stream == name]
    if own and all(one.status == "SUCC" or one.canceled for one in own):
        return stream(name, "SUCC")
    if any(one.status != "HOLD" for one in own):
        return stream(name, "EXEC")
    before = [
        one for one in STREAMS if cyclic or STREAMS.index(one) < STREAMS.index(name)
    ]
    needs = []
    if before and draw(st.integers(0, 3)) == 0:
        needs.append(after_stream(draw(st.sampled_from(before))))
    if draw(st.integers(0, 7)) == 0:
        needs.append(prompt(f"P-{name}"))
    return stream(name, "HOLD", *needs)


def found(made, target: str):
    roots = diagnose(made, target, NOW).roots
    return frozenset((root.kind, root.object) for root in roots)


def target_of(made) -> str:
    return f"J{len(made.jobs) - 1}"


PATIENT = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@PATIENT
@given(plans())
def test_the_roots_free_the_target_and_no_smaller_set_does(made) -> None:
    target = target_of(made)
    roots = frozenset(root for root in found(made, target) if root[0] not in PASSING)

    assert Play(made, roots).frees(target)
    assert smaller_set_frees(made, target, len(roots)) is None


@PATIENT
@given(plans(cyclic=True))
def test_with_cycles_the_roots_free_the_target_and_the_cycles_are_needed(made) -> None:
    target = target_of(made)
    roots = {
        (root.kind, root.object): _members(made, root)
        for root in diagnose(made, target, NOW).roots
        if root.kind not in PASSING
    }
    others = {root: members for root, members in roots.items() if not members}

    assert _frees(made, target, roots)
    if roots == others:
        assert smaller_set_frees(made, target, len(roots)) is None
    else:
        assert not _frees(made, target, others)


def _members(made, root) -> frozenset[str]:
    by_key = {item.key: item.id for item in made}
    return frozenset(
        by_key[item.object] for item in root.evidence if item.field == "cycle member"
    )


def _frees(made, target: str, roots) -> bool:
    return Play(made, frozenset(roots), frozenset(filter(None, roots.values()))).frees(
        target
    )
