"""Holds counted things against what the evidence has of them."""

import re
from collections.abc import Iterator
from typing import Final

from tws.grounding import keys
from tws.grounding.binding import Bound
from tws.grounding.counts import ALL, LESS, MORE, Count, counts
from tws.grounding.facts import Facts, Record, bare
from tws.grounding.found import Found, Outcome, listed
from tws.grounding.lexicon import FAMILIES, LINK_STATES, fits, is_status, same_matter
from tws.grounding.reality import is_unreal
from tws.grounding.text import Mention

BEHIND: Final = re.compile(
    r"(?i)^\s+(?:are |is |that |still |directly |estão )*(?:wait\w*|blocked|held|depend\w*|stuck"
    r"|queued|aguard\w*|espera\w*)\s+(?:behind|for|on|by|up by|pel[oa]|d[eoa]|o|a|atrás d[eoa])?\s*$"
)
WELL: Final = re.compile(r"(?i)\b(?:fine|well|healthy|ok|okay|up|bem|normais|no ar)\b")
TROUBLE: Final = re.compile(
    r"(?i)\b(?:trouble|problems?|problemas?|issues?|down|fora)\b"
)
OPENING: Final = re.compile(
    r"(?i)^\W*(?:of|among|in|within|dos|das|de|entre|em|na|no|nos|nas)\b[^,]{3,120},"
)
OF_THEM: Final = re.compile(r"(?i)\b(?:of (?:them|these|those)|deles|delas|destes)\b")
OPEN_END: Final = re.compile(
    r"(?i)…|\.\.\.|\betc\b|\b(?:includ\w+|inclu\w+|such as|como|e\.g)\b"
)
THE_PLAN: Final = re.compile(
    r"(?i)\b(?:of|in|on|from|em|no|do|na|da)\s+(?:the\s+|o\s+|todo\s+o\s+)?(?:current\s+)?"
    r"(?:plan|plano|total|todo|all|moment\w*|whole)\b"
)
OTHER_SCOPE: Final = re.compile(
    r"(?i)\b(?:behind|after|wait\w*|aguard\w*|espera\w*|more|mais|other|outr[oa]s|of|on"
    r"|em|na|no|do|da|affect\w*|impact\w*|follow\w*|depend\w*|further|downstream"
    r"|successors?|predecessors?|late|critical|atras\w*|crític\w*|occup\w*|ocup\w*)\b"
)


def counted(bound: Bound, facts: Facts) -> tuple[list[Found], list[Mention]]:
    """What is counted, and the statuses that are told by counting."""
    found: list[Found] = []
    statuses: list[Mention] = []
    for match in ALL.finditer(bound.clause.text):
        found += _all(match, bound, facts)
    for count in counts(bound):
        if count.status is not None:
            statuses.append(count.status)
            if count.status.unreal:
                continue
        before = bound.clause.text[: count.start]
        if is_unreal(bound.clause.text, count.start):
            continue
        count.bound = (
            "more" if MORE.search(before) else "less" if LESS.search(before) else ""
        )
        found += _judge(count, bound, facts)
    return found, statuses


def _judge(count: Count, bound: Bound, facts: Facts) -> list[Found]:
    if count.kind in {"before", "after", "root", "deadline"}:
        return _related(count, bound, facts)
    if count.status is None:
        told = _well_or_not(count, bound, facts)
        return [_plain(count, bound, facts)] if told is None else told
    scope = _scope(count, bound, facts)
    if isinstance(scope, list):
        return [_inside(count, count.status, scope, facts)]
    possible = _possible(count, count.status, facts)
    if _listed(count, bound) == count.stated and not possible:
        possible = {count.stated}
    return [_outcome(count, possible, facts, scoped=scope)]


def _well_or_not(count: Count, bound: Bound, facts: Facts) -> list[Found] | None:
    """``two workstations are in trouble``; None: nothing of the kind is said."""
    rest = bound.clause.text[count.end :]
    if count.kind != "station":
        return None
    if WELL.search(rest):
        up = _table(facts, {"UP", "WELL"})
        return [_outcome(count, up, facts, scoped=False)] if up else []
    if TROUBLE.search(rest):
        bad = {len(_troubled(facts))} | _table(facts, {"DOWN"})
        return [_outcome(count, bad, facts, scoped=False)]
    return None


def _inside(count: Count, status: Mention, scope: list[Record], facts: Facts) -> Found:
    """A number of things within a stream or workstation, or behind a job."""
    known = {s for r in scope for sizes in r.sizes.values() for s in sizes}
    lists = [facts.listed_after[r.id] for r in scope if r.id in facts.listed_after]
    if lists:
        known |= {len(after) for after in lists}
        return _outcome(count, known, facts, scoped=False)
    rows = [r for r in facts.jobs if _within(r, scope)]
    if not rows:
        return _outcome(count, set(), facts, scoped=True)
    return _outcome(count, known | {_fitting(rows, status)}, facts, scoped=False)


def _outcome(
    count: Count,
    possible: set[int],
    facts: Facts,
    *,
    scoped: bool,
) -> Found:
    outcome: Outcome
    possible = possible | _compared(count, possible)
    if count.stated in possible:
        outcome = "supported"
    elif scoped and _somewhere(count.stated, facts):
        outcome = "unchecked"
    else:
        outcome = "contradicted" if possible else "unsupported"
    if outcome == "supported" and count.whole is not None and count.kind == "job":
        outcome = "supported" if count.whole in facts.totals else "unsupported"
    return Found("count", "", count.words, outcome, listed(possible))


def _compared(count: Count, possible: set[int]) -> set[int]:
    """``more than 5 jobs`` is borne out by 6."""
    if count.bound == "more" and any(n > count.stated for n in possible):
        return {count.stated}
    if count.bound == "less" and any(n < count.stated for n in possible):
        return {count.stated}
    return set()


def _somewhere(number: int, facts: Facts) -> bool:
    return float(number) in facts.numbers or number in facts.sizes


def _scope(count: Count, bound: Bound, facts: Facts) -> list[Record] | bool:
    """The things within which is counted; True: within something unknown."""
    text = bound.clause.text
    if OF_THEM.search(text):
        return facts.of(m.value for m in bound.carried) or True
    listed_names = bound.listed_after(count.status.end if count.status else count.end)
    shown_from = listed_names[0].start if listed_names else len(text)
    named = [n for n in bound.clause.names if n.start < shown_from]
    if behind := _behind(count, bound, facts):
        return behind
    within = [
        r
        for r in facts.of(n.value for n in named)
        if not r.is_job and (r.aliases & (facts.stations | facts.streams) or r.sizes)
    ]
    if within:
        return within
    opening = OPENING.match(text)
    if opening and count.start >= opening.end():
        above = facts.of(n.value for n in bound.clause.names if n.end <= opening.end())
        if above:
            return [r for r in above if not r.is_job] or True
    begin, end = _segment(text, count)
    named = [n for n in named if begin <= n.start < end]
    told = count.status.start if count.status else count.end
    done = count.status.end if count.status else count.end
    around = text[begin : count.start] + " "
    around += (
        text[count.end : max(told, count.end)] + " " + text[max(done, count.end) : end]
    )
    around = THE_PLAN.sub(" ", around)
    return bool(named) or bool(OTHER_SCOPE.search(around))


def _behind(count: Count, bound: Bound, facts: Facts) -> list[Record]:
    """``three jobs wait behind X``: the records of X."""
    for name in bound.clause.names:
        if name.start >= count.end and BEHIND.match(
            bound.clause.text[count.end : name.start]
        ):
            return facts.of([name.value])
    return []


def _segment(text: str, count: Count) -> tuple[int, int]:
    """The part of the clause between the commas around what is counted."""
    stops = [m.end() for m in re.finditer(r"[,;:)]\s|\(", text[: count.start])]
    stop = re.search(r"[,;:]\s|\(", text[count.end :])
    return (stops[-1] if stops else 0), count.end + stop.start() if stop else len(text)


def _within(record: Record, scope: list[Record]) -> bool:
    return any(
        alias in record.streams or alias in record.stations
        for place in scope
        for alias in place.aliases
    )


def _listed(count: Count, bound: Bound) -> int:
    return len(bound.shown_after(count.status.end if count.status else count.end))


def _fitting(rows: list[Record], status: Mention) -> int:
    ids = {
        r.id
        for r in rows
        if any(fits(status.value, s) for s in same_matter(status.value, r.statuses))
    }
    others = {r.id for r in rows}
    return len(others - ids) if status.negated else len(ids)


def _possible(count: Count, status: Mention, facts: Facts) -> set[int]:
    """Every number the evidence gives for things in this state."""
    key = (status.value, count.kind, status.negated)
    if key not in facts.possible:
        facts.possible[key] = _work_out(count, status, facts)
    return facts.possible[key]


def _work_out(count: Count, status: Mention, facts: Facts) -> set[int]:
    stated = status.value
    family = FAMILIES.get(stated, frozenset([stated]))
    possible: set[int] = set()
    tables = facts.stream_counts if count.kind == "stream" else facts.counts
    for table in tables:
        mine = {k: n for k, n in table.items() if _names_family(k, stated, family)}
        if mine:
            possible |= {sum(mine.values()), *mine.values()}
        elif any(is_status(key) for key in table):
            possible.add(0)
    rows = [r for r in facts.records if _counts_as(r, count.kind)]
    if rows:
        fitting = _fitting(rows, status)
        if not possible and facts.is_partial:  # a page of them
            possible |= {n for n in facts.totals if n > fitting}
        possible.add(fitting)
    return possible


def _counts_as(record: Record, kind: str) -> bool:
    if kind == "station":
        return bool(record.statuses & LINK_STATES)
    if kind == "prompt":
        return "number" in record.values
    if kind == "stream":
        return not record.is_job and "#" in record.id and bool(record.statuses)
    return record.is_job and bool(record.statuses - LINK_STATES)


def _table(facts: Facts, wanted: set[str]) -> set[int]:
    return {n for table in facts.counts for k, n in table.items() if k in wanted}


def _names_family(key: str, stated: str, family: frozenset[str]) -> bool:
    return (
        key in family
        or stated.upper() in key
        or (stated == "failed" and ("IN_ERROR" in key or "ABEND" in key))
    )


def _plain(count: Count, bound: Bound, facts: Facts) -> Found:
    """``There are 55 jobs``, ``two jobs: A and B``."""
    shown = _listed(count, bound)
    if (
        shown > 1
        and shown != count.stated
        and not (facts.is_partial and count.stated in facts.totals)
        and not OPEN_END.search(bound.clause.text)
    ):
        return Found("count", "", count.words, "contradicted", str(shown))
    known = facts.totals | {shown}
    scope = _scope(count, bound, facts)
    if count.kind == "prompt":
        known = {len({r.id for r in facts.records if "number" in r.values})}
    outcome: Outcome
    if isinstance(scope, list):
        lists = [facts.listed_after[r.id] for r in scope if r.id in facts.listed_after]
        if lists:
            sizes = {s for r in scope for n in r.sizes.values() for s in n}
            sizes |= {len(after) for after in lists}
            return _outcome(count, sizes, facts, scoped=False)
        rows = {r.id for r in facts.jobs if _within(r, scope)}
        mine = {s for r in scope for n in r.sizes.values() for s in n}
        known = {len(rows), *mine, shown} if rows else known | mine
        scope = not rows or count.stated < len(rows)
    if count.whole in known and count.stated <= (count.whole or 0):
        known = known | {count.stated}  # which of them cannot be told from here
    if count.stated in known:
        outcome = "supported"
    elif scope and _somewhere(count.stated, facts):
        outcome = "unchecked"
    else:
        outcome = "unsupported"
    return Found("count", "", count.words, outcome, "")


def _related(count: Count, bound: Bound, facts: Facts) -> list[Found]:
    """``two predecessors``, ``three reasons``, ``both deadlines``."""
    if count.kind == "root":
        known = set(facts.roots)
        if count.stated <= max(known, default=count.stated):
            known.add(count.stated) if count.stated == 1 else None
    elif count.kind == "deadline":
        known = {
            n for t in facts.counts for k, n in t.items() if k.startswith("DEADLINE")
        } | {len(r.roles.get("deadline", ())) for r in facts.near}
    else:
        table = facts.listed_before if count.kind == "before" else facts.listed_after
        wanted = keys.BEFORE if count.kind == "before" else keys.AFTER
        names = [m.value for m in bound.subject_at(count.start)]
        ids = {i for n in names for i in facts.ids(n)}
        known = {len(table[i]) for i in ids if i in table}
        known |= {
            n for r in facts.of(names) for k in wanted for n in r.sizes.get(k, ())
        }
        known |= {
            len(facts.before[i])
            for i in ids
            if i in facts.before and count.kind == "before"
        }
    if not known:
        return []
    outcome: Outcome = "supported" if count.stated in known else "unsupported"
    return [Found("count", "", count.words, outcome, listed(known))]


def _all(match: re.Match[str], bound: Bound, facts: Facts) -> Iterator[Found]:
    text = bound.clause.text
    kind = match.lastgroup or "job"
    if kind == "station" and WELL.search(text[match.end() :]):
        bad = _troubled(facts)
        outcome: Outcome = "contradicted" if bad else "supported"
        yield Found("count", "", match.group(), outcome, listed(bad))
        return
    status = next((s for s in bound.clause.statuses if s.start >= match.end()), None)
    if status is None or status.unreal:
        return
    rows = _all_of(match, kind, bound, facts)
    if not rows:
        return
    recorded = [same_matter(status.value, r.statuses) for r in rows]
    fitting = [any(fits(status.value, s) for s in mine) for mine in recorded if mine]
    if not fitting:
        return
    wrong = any(fitting) if status.negated else not all(fitting)
    others = {s for mine in recorded for s in mine}
    yield Found(
        "count",
        "",
        f"{match.group()} {status.value}",
        "contradicted" if wrong else "supported",
        listed(others),
    )


def _troubled(facts: Facts) -> set[str]:
    bad = {"UNLINKED", "OFFLINE", "DOWN"}
    return {bare(r.id) for r in facts.records if r.statuses & bad}


def _all_of(
    match: re.Match[str], kind: str, bound: Bound, facts: Facts
) -> list[Record]:
    """The things of which "all" speaks."""
    names = [n for n in bound.clause.names if n.end <= match.end()]
    if kind in {"before", "after"}:
        if names and any(n.end > match.start() for n in names):
            return []
        table = facts.listed_before if kind == "before" else facts.listed_after
        owners = {
            i for m in bound.subject_at(match.start()) for i in facts.ids(m.value)
        }
        return facts.of(n for o in owners for n in table.get(o, ()))
    if kind == "station":
        return [r for r in facts.records if r.statuses & LINK_STATES]
    rows = [r for r in facts.jobs if r.statuses - LINK_STATES]
    if names:
        scope = facts.of(n.value for n in names)
        return [r for r in rows if _within(r, scope)]
    after = [n for n in bound.clause.names if n.start >= match.end()]
    return [] if after else rows
