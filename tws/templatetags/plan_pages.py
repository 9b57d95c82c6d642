"""How the plan's pages write names, statuses, times and addresses."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django import template
from django.utils import dateformat, timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tws import wording
from tws.diagnosis.wording import span as in_words
from tws.drawing import Knot
from tws.pages import links, words

register = template.Library()

LONGEST = 160
# Characters that hide, or turn the direction of what follows: they are named instead.
NAME_COLUMNS, PLACE_COLUMNS = 27, 32  # so much fits into a box of the picture
MOST_TITLES = 40
ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


@register.filter
def shown(name: object, longest: int = LONGEST) -> str:
    """A name as it is, but that nothing in it can hide."""
    text = str(name)[: longest + 1]
    if not text.isprintable():
        text = "".join(
            f"⟨U+{ord(char):04X}⟩" if unicodedata.category(char) in INVISIBLE else char
            for char in text
        )
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


@register.filter
def last_name(name: object) -> str:
    """``JOB`` of ``/WS#/FOLDER/STREAM.JOB``, ``STREAM`` of ``/WS#/FOLDER/STREAM``."""
    return _parts(str(name))[1]


@register.filter
def place(name: object) -> str:
    """What stands before the last name."""
    return _parts(str(name))[0]


@register.filter
def whereabouts(record: Mapping[str, Any]) -> str:
    """The place of a record, whatever its name looks like."""
    name, own = str(record.get("object", "")), str(record.get("name", ""))
    return name.removesuffix(own).rstrip("./") if own else place(name)


def _parts(name: str) -> tuple[str, str]:
    """``/WS#/FOLDER/STREAM`` and ``JOB``, or ``/WS#/FOLDER`` and ``STREAM``."""
    before, mark, after = name.partition("#")
    if not mark:
        return "", name
    at = after.rfind(".")
    if at > 0:
        return f"{before}#{after[:at]}", after[at + 1 :]
    at = after.rfind("/")
    return f"{before}#{after[: max(at, 0)]}", after[at + 1 :]


@register.filter
def fitting(name: object, columns: int) -> str:
    """Cut in its middle to so many columns, wide letters counted as two."""
    text = shown(name)
    if _columns(text) <= columns:
        return text
    tail = columns // 2
    while _columns(text[-tail:]) > columns // 2:
        tail -= 1
    head = columns - tail - 1
    while _columns(text[:head]) > columns - columns // 2 - 1:
        head -= 1
    return f"{text[:head]}…{text[-tail:]}"


def _columns(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


@register.filter
def moment(value: object) -> str:
    """A time of day in UTC, as the diagnoses tell it; with its date if not today's."""
    when = _when(value)
    if when is None:
        return str(value or "")
    utc = when.astimezone(timezone.get_fixed_timezone(0))
    clock = dateformat.format(utc, "H:i")
    if utc.date() != timezone.now().date():
        clock = f"{dateformat.format(utc, 'j M')} {clock}"
    return format_html('<time datetime="{}">{} UTC</time>', utc.isoformat(), clock)


@register.filter
def ago(value: object) -> str:
    """How long ago; the page's script keeps it right."""
    when = _when(value)
    if when is None:
        return ""
    seconds = max(0, round((timezone.now() - when).total_seconds()))
    return format_html(
        '<time class="ago" datetime="{}" data-age="{}">{}</time>',
        when.isoformat(),
        seconds,
        _("%(span)s ago") % {"span": in_words(seconds)},
    )


@register.filter
def number(value: object) -> str:
    """With thin spaces between the thousands: every language reads that."""
    return f"{value:,}".replace(",", "\u202f") if isinstance(value, int) else str(value)


@register.filter
def span(seconds: object) -> str:
    return in_words(seconds) if isinstance(seconds, int | float) else ""


def _when(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


@register.filter
def look(status: object) -> str:
    return words.look_of(str(status))


@register.filter
def meaning(status: object) -> str:
    return words.meaning_of(str(status))


@register.filter
def cause(kind: object) -> str | Promise:
    return words.CAUSES.get(str(kind), str(kind))


@register.filter
def cause_look(kind: object) -> str:
    return words.LOOK_OF_CAUSE.get(str(kind), "stuck")


@register.filter
def detail(text: object) -> str:
    """What a root says is in the way, in the reader's language."""
    return words.told(wording.detail, text)


@register.filter
def advice(text: object) -> str:
    """What to do about a root, in the reader's language."""
    return words.told(wording.action, text)


@register.filter
def problem(text: object) -> str:
    """What stands between here and TWS, and what to do about it."""
    return words.told(wording.error, text)


@register.filter
def relation(text: object) -> str:
    """What an object on the way is to the one before it."""
    return words.told(wording.relation, text)


@register.filter
def ailment(text: object) -> str:
    """What is wrong with a workstation."""
    return words.told(wording.trouble, text)


@register.filter
def fact_name(text: object) -> str:
    """The name of a piece of evidence: mostly a field of the vendor."""
    return words.told(wording.field, text)


@register.filter
def assumption(name: object) -> str | Promise:
    return words.ASSUMPTIONS.get(str(name), str(name))


@register.filter
def need(kind: object) -> str | Promise:
    return words.NEEDS.get(str(kind), str(kind))


@register.filter
def risk(name: object) -> str | Promise:
    return words.RISKS[str(name)][0] if str(name) in words.RISKS else str(name)


@register.filter
def risk_look(name: object) -> str:
    return words.RISKS[str(name)][1] if str(name) in words.RISKS else "unknown"


@register.simple_tag
def mark(look: str) -> SafeString:
    """The shape that goes with a look; it says nothing that the word does not."""
    return format_html(
        '<svg class="mark {}" viewBox="0 0 16 16" aria-hidden="true">'
        '<use href="#mark-{}"/></svg>',
        look,
        look,
    )


@register.simple_tag
def status(word: object) -> SafeString:
    """A status by its word, its colour and its shape."""
    seen = words.look_of(str(word))
    return format_html(
        '<span class="status {}">{}<span class="word">{}</span></span>',
        seen,
        mark(seen),
        shown(words.told(wording.state, word), 40),
    )


@register.filter
def record_address(record: Mapping[str, Any]) -> str:
    return links.record_address(record)


@register.filter
def name_address(name: object, relation: str = "") -> str:
    return links.name_address(str(name), relation)


@register.filter
def root_address(root: Mapping[str, Any]) -> str:
    return links.root_address(root["kind"], root["object"])


@register.filter
def knot_address(knot: Knot) -> str:
    """Several that are drawn as one have no page."""
    return "" if knot.count > 1 else links.name_address(_only_name(knot), knot.relation)


@register.filter
def members_address(stream: object) -> str:
    """The list of all jobs of a stream."""
    return links.address("plan", q=f"{stream}.@") + "#find"


@register.filter
def jobs_there_address(workstation: object) -> str:
    return links.address("plan", q=f"{workstation}#@.@") + "#find"


@register.filter
def knot_look(knot: Knot) -> str:
    if knot.waiting:
        return "wait"
    return words.look_of(knot.status) if knot.status else "unknown"


@register.filter
def knot_word(knot: Knot) -> str:
    """The first line of a box: its status."""
    if knot.waiting:
        waits = ngettext("%(count)s job waits", "%(count)s jobs wait", knot.waiting)
        return waits % {"count": knot.waiting}
    word = words.told(wording.state, knot.status) or relation(knot.relation)
    return fitting(word, 18)


@register.filter
def knot_name(knot: Knot) -> str:
    if knot.count > 1:
        return _("+%(count)s more") % {"count": knot.count}
    return fitting(last_name(_only_name(knot)), NAME_COLUMNS)


@register.filter
def knot_place(knot: Knot) -> str:
    if knot.count > 1:
        first, last = last_name(knot.stands_for[0]), last_name(knot.stands_for[-1])
        return fitting(f"{first} … {last}", PLACE_COLUMNS)
    return fitting(place(_only_name(knot)) or relation(knot.relation), PLACE_COLUMNS)


@register.filter
def knot_title(knot: Knot) -> str:
    """What shows when a pointer rests on the box: the whole names."""
    names = knot.stands_for or (knot.id,)
    told = [shown(name) for name in names[:MOST_TITLES]]
    if len(names) > MOST_TITLES:
        told.append(_("+%(count)s more") % {"count": len(names) - MOST_TITLES})
    return "\n".join(told)


def _only_name(knot: Knot) -> str:
    return knot.stands_for[0] if knot.stands_for else knot.id


@register.filter
def fact(value: object) -> str:
    """A value of evidence; times as all others on the page."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and ISO_TIME.match(value):
        return moment(value)
    return shown(value, 300)


@register.filter
def question(name: object, about: object) -> str:
    """What to ask the chat about an object."""
    kind = str(about)
    if kind in {"job_failed", "ABEND", "FAIL"}:
        return _("Why did %(name)s fail, and what should I do?") % {"name": name}
    if kind in {"workstation", "resource"} or words.look_of(kind) in {"done", "gone"}:
        return _("What is the state of %(name)s?") % {"name": name}
    if words.look_of(kind) == "active":
        return _("How is %(name)s getting on?") % {"name": name}
    return _("Why does %(name)s not run?") % {"name": name}


@register.simple_tag
def ask_address(chat: str, question: str) -> str:
    """The chat with a question put in, not sent."""
    return f"{chat}?ask={quote(question, safe='', errors='replace')}"
