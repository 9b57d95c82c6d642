"""Tells a good answer of TWS from a bad one, and says what a bad one means."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from tws import knowledge
from tws.config import EXAMPLE, TwsConfig
from tws.exceptions import (
    TwsBadFilter,
    TwsEngineError,
    TwsError,
    TwsForbidden,
    TwsNotFound,
    TwsPayloadError,
    TwsRejected,
    TwsUnauthorized,
    TwsUnavailable,
)
from tws.requests import PLAIN_TEXT, ReadRequest
from tws.text import clean_line

GATEWAY = frozenset({502, 503, 504})
WRAPPERS = frozenset({"AWSJSY404E"})  # the code inside tells more
TEXT_KEYS = ("messages", "listMessages", "message", "messageId", "error")
LONGEST_TEXT = 300
CREDENTIALS = "Set TWS_USER and TWS_PASSWORD, or TWS_API_KEY."
HTML = re.compile(rb"\s*<(!doctype|html|head|\?xml|body)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the server, its body read."""

    base: str  # which host gave it
    status: int
    content_type: str
    body: bytes
    location: str = ""
    tls: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class _Complaint:
    """An answer that is an error, and what is needed to explain it."""

    answer: Answer
    request: ReadRequest
    config: TwsConfig
    said: str
    code: str

    @property
    def quoted(self) -> str:
        return f": “{self.said}”" if self.said else ""


def problem(answer: Answer, request: ReadRequest, config: TwsConfig) -> TwsError | None:
    """The error that an answer means; none when it is good."""
    if answer.status == 200:
        return _disguised(answer, request)
    if 300 <= answer.status < 400:
        return _redirect(answer)
    said = _said(answer.body)
    codes = knowledge.codes_in(said)
    code = next((c for c in codes if c not in WRAPPERS), codes[0] if codes else "")
    means = (knowledge.message(code) or knowledge.NOTHING).means
    explain = BY_STATUS.get(answer.status) or BY_MEANING.get(means)
    if explain is None:
        explain = _engine_error if answer.status >= 500 else _declined
    return explain(_Complaint(answer, request, config, said, code))


def gateway_problem(answer: Answer) -> TwsUnavailable:
    msg = f"{answer.base} answers, but TWS behind it does not ({answer.status})."
    action = "It may be starting: try again in a minute. If not, start Liberty there."
    return TwsUnavailable(msg, action=action)


def _disguised(answer: Answer, request: ReadRequest) -> TwsError | None:
    """A page for people, sent with 200: a sign-in form, a proxy, the console."""
    if request.accept == PLAIN_TEXT:  # it streamed by; a log may hold HTML, as text
        is_page = "html" in answer.content_type
    else:
        is_page = HTML.match(answer.body) is not None
    if not is_page:
        return None
    msg = f"{answer.base} answered with an HTML page instead of {request.what}."
    action = (
        "TWS_URL may name the console, or a proxy that wants to be signed in to."
        f" {EXAMPLE}"
    )
    return TwsPayloadError(msg, action=action)


def _redirect(answer: Answer) -> TwsError:
    where = clean_line(answer.location, 100) or "elsewhere"
    msg = f"{answer.base} sends us on to {where} ({answer.status}); this is not TWS."
    return TwsRejected(msg, action=f"Give the final address. {EXAMPLE}")


def _unauthorized(complaint: _Complaint) -> TwsError:
    config = complaint.config
    if config.api_key:
        msg = "TWS refused the API key (401)."
        action = (
            "It is wrong, revoked or expired: make a new one in the console (Manage"
            " API Keys) and set TWS_API_KEY."
        )
    elif config.user:
        msg = f"TWS refused the password of user {config.user} (401)."
        action = "Check TWS_USER and TWS_PASSWORD; the account may be locked."
    else:
        msg = "TWS wants to know who asks (401)."
        action = CREDENTIALS
    return TwsUnauthorized(msg, code=complaint.code, action=action)


def _forbidden(complaint: _Complaint) -> TwsError:
    config = complaint.config
    action = "Ask the administrator of TWS for display access, in a security role."
    if config.user:
        who = f"User {config.user}"
    elif config.api_key:
        who = "The owner of the API key"
    else:
        who, action = "A caller without a user", CREDENTIALS
    msg = f"{who} may not read {complaint.request.what} ({complaint.answer.status}){complaint.quoted}."
    return TwsForbidden(msg, code=complaint.code, action=action)


def _not_found(complaint: _Complaint) -> TwsError:
    answer, request = complaint.answer, complaint.request
    msg = f"TWS does not have {request.what} ({answer.status}){complaint.quoted}."
    action = "It may have left the plan: find it again by its name."
    is_there_in_every_plan = answer.status == 404 and not request.names_an_object
    if is_there_in_every_plan or HTML.match(answer.body):
        msg = f"There is no API of TWS at {answer.base} (404){complaint.quoted}."
        action = f"{EXAMPLE} Version 2 of the API needs release 10.1 FP1 or newer."
    elif request.accept == PLAIN_TEXT:
        action = "Logs are kept for a few days; a job that never started has none."
    return TwsNotFound(msg, code=complaint.code, action=action)


def _bad_filter(complaint: _Complaint) -> TwsError:
    msg = f"TWS did not accept the filter (400){complaint.quoted}."
    action = "Check the names in it; older releases know fewer fields."
    return TwsBadFilter(msg, code=complaint.code, action=action)


def _declined(complaint: _Complaint) -> TwsError:
    answer, what = complaint.answer, complaint.request.what
    msg = f"TWS declined to give {what} ({answer.status}){complaint.quoted}."
    action = f"Look into the log of the server. {EXAMPLE}"
    return TwsRejected(msg, code=complaint.code, action=action)


def _busy(complaint: _Complaint) -> TwsError:
    msg = f"{complaint.answer.base} is asked too often (429){complaint.quoted}."
    return TwsUnavailable(msg, code=complaint.code, action="Try again in a minute.")


def _engine_error(complaint: _Complaint) -> TwsError:
    known = knowledge.message(complaint.code)
    if known is None:
        msg = f"TWS failed inside ({complaint.answer.status}){complaint.quoted}."
        action = "Try again; if it stays so, read messages.log of Liberty there."
        return TwsEngineError(msg, code=complaint.code, action=action)
    return TwsEngineError(
        f"TWS reports {known.code}: {known.text}{complaint.quoted.lstrip(':')}",
        code=known.code,
        action=f"{known.action} ({known.manual})",
        retryable=known.transient,
    )


BY_STATUS: dict[int, Callable[[_Complaint], TwsError]] = {
    400: _bad_filter,
    401: _unauthorized,
    403: _forbidden,
    404: _not_found,
    429: _busy,
}
# Some releases wrap these into a 500.
BY_MEANING: dict[str, Callable[[_Complaint], TwsError]] = {
    "forbidden": _forbidden,
    "not_found": _not_found,
}


def _said(body: bytes) -> str:
    """What the server says, in whichever of its shapes."""
    if HTML.match(body):
        return ""
    text = body[:20_000].decode("utf-8", "replace")
    try:
        fields: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return clean_line(text, LONGEST_TEXT)
    if not isinstance(fields, dict):
        return clean_line(text, LONGEST_TEXT)
    for key in TEXT_KEYS:
        value = fields.get(key)
        parts = value if isinstance(value, list) else [value]
        said = " ".join(part for part in parts if isinstance(part, str))
        if said:
            return clean_line(said, LONGEST_TEXT)
    return clean_line(text, LONGEST_TEXT)
