"""What waits, and by how much deadlines are missed, against a clock that ticks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tws.plans import (
    NOW,
    after,
    after_stream,
    at,
    job,
    join,
    plan,
    starts,
    stream,
)
from tws.forecast import Forecast
from tws.impact import impact, waiting_for
from tws.payloads import TimeRestrictions
from tws.plan import Follows, Join

MINUTE = 60.0
NEVER = 3_000


def due(minutes: float) -> TimeRestrictions:
    return TimeRestrictions(deadline=at(minutes))


def takes(minutes: float) -> dict[str, float]:
    return {"estimated": minutes * MINUTE}


# --- A world that plays the plan minute by minute ----------------------------------


class World:
    """Everything broken is cured at minute 0; then jobs start when they may."""

    def __init__(self, made, forced: dict[str, int]) -> None:
        self.plan = made
        self.forced = forced
        self.ended: dict[str, int] = {}
        self.begun: dict[str, int] = {}

    def play(self) -> dict[str, int]:
        for minute in range(NEVER):
            while self._pass(minute):
                pass
            if len(self.ended) == len(self.plan.jobs) + len(self.plan.streams):
                return self.ended
        raise AssertionError("The world stands still.")

    def _pass(self, minute: int) -> bool:
        before = len(self.ended) + len(self.begun)
        for one in self.plan.jobs.values():
            if one.id not in self.ended:
                self._look_at(one, minute)
        for one in self.plan.streams.values():
            members = [j.id for j in self.plan.jobs.values() if j.stream == one.id]
            over = all(m in self.ended for m in members)
            opened = members or one.status != "HOLD" or self._free(one, minute)
            if one.id not in self.ended and over and opened:
                self.ended[one.id] = minute
        return len(self.ended) + len(self.begun) > before

    def _look_at(self, one, minute: int) -> None:
        if one.id in self.forced:
            if minute >= self.forced[one.id]:
                self.ended[one.id] = minute
            return
        if one.id not in self.begun and self._may_start(one, minute):
            self.begun[one.id] = minute
        if one.id in self.begun:
            spent = (NOW - one.started).total_seconds() / MINUTE if one.started else 0
            left = max(0, (one.estimated or 0) / MINUTE - spent)
            if one.status == "SUCC" or minute >= self.begun[one.id] + left:
                self.ended[one.id] = minute

    def _may_start(self, one, minute: int) -> bool:
        if one.status in {"SUCC", "EXEC", "ABEND"}:
            return True
        group = self.plan.streams[one.stream]
        opened = group.status != "HOLD" or self._free(group, minute)
        return opened and self._free(one, minute)

    def _free(self, item, minute: int) -> bool:
        start = item.times.start
        if start and minute < (start - NOW).total_seconds() / MINUTE:
            return False
        return all(self._met(need) for need in item.needs)

    def _met(self, need) -> bool:
        if isinstance(need, Join):
            return sum(self._met(one) for one in need.members) >= need.needed
        assert isinstance(need, Follows)
        return need.satisfied or need.target in self.ended


# --- Random plans ------------------------------------------------------------------


@st.composite
def plans(draw):
    count = draw(st.integers(2, 12))
    jobs = [_job(draw, number) for number in range(count)]
    streams = []
    for number, name in enumerate(("S0", "S1", "S2")):
        own = [one for one in jobs if one.stream == name]
        begun = any(one.status != "HOLD" for one in own)
        needs = []
        if number and draw(st.booleans()) and not begun:
            needs = [after_stream(f"S{draw(st.integers(0, number - 1))}")]
        over = bool(own) and all(one.status == "SUCC" for one in own)
        status = "SUCC" if over else "EXEC" if begun else "HOLD"
        times = (
            starts(draw(st.integers(0, 40))) if draw(st.integers(0, 3)) == 0 else None
        )
        fields = {"times": times} if times and not begun else {}
        streams.append(stream(name, status, *needs, **fields))
    return plan(*jobs, *streams)


def _job(draw, number: int):
    status = draw(st.sampled_from(("HOLD", "HOLD", "HOLD", "SUCC", "EXEC", "ABEND")))
    earlier = [f"J{n}" for n in range(number)]
    needs = []
    if status == "HOLD" and earlier:
        some = st.lists(st.sampled_from(earlier), max_size=3, unique=True)
        needs = [after(one) for one in draw(some)]
        members = draw(some)
        if len(members) > 1:
            count = draw(st.integers(1, len(members)))
            needs.append(join(count, *(after(one) for one in members)))
    fields = {"estimated": draw(st.integers(0, 30)) * MINUTE}
    if status == "EXEC":
        fields["started"] = at(-draw(st.integers(0, 40)))
    if status == "HOLD" and draw(st.integers(0, 4)) == 0:
        fields["times"] = starts(draw(st.integers(1, 60)))
    group = f"S{min(2, number // 4)}"
    return job(f"J{number}", status, *needs, stream=group, **fields)


@settings(max_examples=150, deadline=None)
@given(plans())
def test_ends_are_those_of_a_clock_that_ticks(made) -> None:
    played = World(made, {}).play()
    forecast = Forecast(made, NOW)

    assert {item.id: round(forecast.end(item) / MINUTE) for item in made} == played


@settings(max_examples=150, deadline=None)
@given(plans(), st.data())
def test_what_if_is_that_of_a_clock_that_ticks(made, data) -> None:
    unfinished = [one.id for one in made.jobs.values() if one.status != "SUCC"]
    if not unfinished:
        return
    target = data.draw(st.sampled_from(unfinished))
    end = Forecast(made, NOW).end(made.jobs[target])
    own = round((made.jobs[target].estimated or 0) / MINUTE)
    forced = {
        "done_now": 0,
        "cancelled": 0,
        "rerun_now": own,
        "delayed": round(end / MINUTE) + 7,
    }

    for assumption, minute in forced.items():
        played = World(made, {target: minute}).play()
        told = impact(
            made, target, NOW, assumption=assumption, delay_seconds=7 * MINUTE
        )
        last = max([played[item] for item in told.waiting.ends], default=minute)
        assert told.expected_end == at(minute), assumption
        assert told.last_end == at(last), assumption


@settings(max_examples=80, deadline=None)
@given(plans())
def test_what_waits_is_what_a_delay_can_put_off(made) -> None:
    """A job is put off by a long delay only if it is told to wait; joins apart."""
    target = next((one for one in made.jobs.values() if one.status != "SUCC"), None)
    if target is None:
        return
    before = World(made, {}).play()
    later = World(made, {target.id: before[target.id] + 500}).play()
    put_off = {item for item in later if later[item] > before[item]} - {target.id}

    assert put_off <= set(waiting_for(made, [target.id]).ends)


# --- By hand -----------------------------------------------------------------------


@pytest.fixture
def night():
    """An ABEND with two streams behind it, one of them due in 30 minutes."""
    return plan(
        job("LOAD", "ABEND", stream="LEDGER", **takes(20)),
        job("POST", "HOLD", after("LOAD"), stream="LEDGER", **takes(15)),
        stream("LEDGER", "STUCK"),
        job("CALC", "HOLD", after("LOAD"), stream="PAY", **takes(10)),
        job(
            "SEND",
            "HOLD",
            after("CALC"),
            stream="PAY",
            critical=True,
            times=due(30),
            **takes(5),
        ),
        job("COLLECT", "HOLD", stream="REPORT", **takes(5)),
        stream("REPORT", "HOLD", after_stream("LEDGER")),
        job("ELSE", "HOLD", stream="PAY", times=due(1), **takes(5)),
    )


def test_what_waits_is_counted_by_stream(night) -> None:
    found = impact(night, "LOAD", NOW).record()

    assert found["waiting"] == {
        "total": 4,
        "streams": [
            {"object": "/A#/PAY", "total": 2, "jobs": ["/A#/PAY.CALC", "/A#/PAY.SEND"]},
            {"object": "/A#/LEDGER", "total": 1, "jobs": ["/A#/LEDGER.POST"]},
            {"object": "/A#/REPORT", "total": 1, "jobs": ["/A#/REPORT.COLLECT"]},
        ],
        "more_streams": 0,
    }


def test_a_deadline_is_missed_by_the_longest_path_to_it(night) -> None:
    risks = impact(night, "LOAD", NOW).risks

    assert [(risk.object, risk.slack_seconds) for risk in risks] == [
        ("/A#/PAY.SEND", -5 * MINUTE)
    ]
    assert risks[0].critical
    assert risks[0].expected_end == at(35)


@pytest.mark.parametrize(
    ("assumption", "slack"),
    [("rerun_now", -5), ("done_now", 15), ("cancelled", 15), ("delayed", -15)],
)
def test_what_if(night, assumption, slack) -> None:
    found = impact(night, "LOAD", NOW, assumption=assumption, delay_seconds=600)

    assert found.risks[0].slack_seconds == slack * MINUTE


def test_of_a_stream_its_own_deadlines_count(night) -> None:
    found = impact(night, "PAY", NOW)

    assert [risk.object for risk in found.risks] == ["/A#/PAY.SEND", "/A#/PAY.ELSE"]


def test_behind_something_that_has_ended_nothing_waits() -> None:
    made = plan(job("A", "SUCC"), job("B", "HOLD", after("A", satisfied=True)))

    assert impact(made, "A", NOW).waiting.jobs == []


def test_a_cycle_ends_the_forecast_all_the_same() -> None:
    made = plan(
        job("A", "HOLD", after("B"), **takes(5)),
        job("B", "HOLD", after("A"), **takes(5)),
    )

    assert Forecast(made, NOW).end(made.jobs["A"]) >= 5 * MINUTE


def test_a_chain_of_ten_thousand_is_no_recursion() -> None:
    chain = [job("J0", "ABEND", **takes(1))]
    chain += [
        job(f"J{n}", "HOLD", after(f"J{n - 1}"), **takes(1)) for n in range(1, 10_000)
    ]
    made = plan(*chain)

    assert Forecast(made, NOW).end(made.jobs["J9999"]) == 10_000 * MINUTE
    assert len(impact(made, "J0", NOW).waiting.jobs) == 9_999


def test_long_lists_are_cut_with_their_totals() -> None:
    made = plan(
        job("F", "ABEND", stream="SX"),
        *(
            job(f"J{n}", "HOLD", after("F"), stream=f"S{n // 7}", times=due(n))
            for n in range(210)
        ),
    )

    found = impact(made, "F", NOW).record()

    assert found["waiting"]["total"] == 210
    assert len(found["waiting"]["streams"]) + found["waiting"]["more_streams"] == 30
    assert len(found["deadlines"]) < found["deadlines_total"] == 210
