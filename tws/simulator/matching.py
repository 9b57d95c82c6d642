"""Conditions and plan filters turned into tests on the plan's objects."""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tws.simulator.oql import Both, Comparison, Condition, OqlSyntaxError, Value

Getter = Callable[[Any], Any]
Check = Callable[[Any], bool]
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$")


def compile_condition(condition: Condition, fields: Mapping[str, Getter]) -> Check:
    """Make a test of a condition.

    Raises:
        OqlSyntaxError: a field does not exist.
    """
    if isinstance(condition, Comparison):
        return _compile_test(condition, fields)
    parts = [compile_condition(part, fields) for part in condition.parts]
    if isinstance(condition, Both):
        return lambda item: all(part(item) for part in parts)
    return lambda item: any(part(item) for part in parts)


def field_getter(name: str, fields: Mapping[str, Getter]) -> Getter:
    try:
        return fields[name]
    except KeyError:
        msg = f"the field {name} cannot be used in a filter"
        raise OqlSyntaxError(msg) from None


def _compile_test(test: Comparison, fields: Mapping[str, Getter]) -> Check:
    get = field_getter(test.field, fields)
    if test.operator == "LIKE":
        check = _like(test.values[0])
    elif test.operator == "IN":
        check = _among(test.values)
    else:
        check = _compared(COMPARE[test.operator], test.values[0])
    if test.negated:
        return lambda item: not _any(get(item), check)
    return lambda item: _any(get(item), check)


def _any(value: Any, check: Check) -> bool:  # noqa: ANN401
    """A field of several values matches when one of them does."""
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(check, value))
    return check(value)


def _like(pattern: Value) -> Check:
    match = wildcard(str(pattern))
    return lambda value: isinstance(value, str) and match(value)


def _among(values: tuple[Value, ...]) -> Check:
    checks = [_compared(operator.eq, value) for value in values]
    words = frozenset(value for value in values if isinstance(value, str))

    def check(value: Any) -> bool:  # noqa: ANN401
        if isinstance(value, str):
            return value in words
        return any(check(value) for check in checks)

    return check


def _compared(compare: Callable[[Any, Any], bool], wanted: Value) -> Check:
    def check(value: Any) -> bool:  # noqa: ANN401
        if value is None or wanted is None:
            return compare(value, wanted) if compare in EQUALITY else False
        try:
            return compare(value, _as_type(wanted, value))
        except (TypeError, ValueError):
            return compare is operator.ne

    return check


EQUALITY = (operator.eq, operator.ne)


def _as_type(wanted: Value, value: object) -> object:
    """Read a quoted value as what the field holds: the manual quotes numbers too."""
    if isinstance(value, bool):
        return wanted if isinstance(wanted, bool) else wanted == "true"
    if isinstance(value, int | float) and isinstance(wanted, str):
        return _number(wanted)
    return wanted


def _number(text: str) -> float:
    found = DURATION.match(text)
    if found and text != "PT":
        hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return hours * 3600 + minutes * 60 + seconds
    if "T" in text:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return float(text)


def wildcard(pattern: str) -> Callable[[str], bool]:
    """Compile a pattern in which @ stands for any characters and ? for one.

    The parts between the @ are sought one after the other, so that no pattern, however
    hostile, takes longer than its length times that of the text.
    """
    first, *others = [_part(part) for part in pattern.split("@")]
    if not others:
        return lambda text: first.fullmatch(text) is not None
    *middle, last = others
    ending = len(pattern) - pattern.rindex("@") - 1

    def matches(text: str) -> bool:
        found = first.match(text)
        for part in middle:
            if found is None:
                return False
            found = part.search(text, found.end())
        if found is None or found.end() > len(text) - ending:
            return False
        return last.fullmatch(text, len(text) - ending) is not None

    return matches


def _part(text: str) -> re.Pattern[str]:
    return re.compile(
        "".join("." if char == "?" else re.escape(char) for char in text), re.DOTALL
    )
