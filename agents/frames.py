"""The words of the socket: what a client may say, and the frames it is told."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents.exceptions import EmptyQuestion
from agents.questions import MOST_BYTES as MAX_FRAME_BYTES
from agents.questions import read_question

LARGEST_SEQ = 2**53 - 1  # the largest whole number that JavaScript keeps exactly

Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """A question; ``conversation`` is None when the client did not name one."""

    question: str
    conversation: UUID | None = None
    client_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """End the running turn."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Tell again what came after frame ``after``, then go on live."""

    conversation: UUID
    after: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Is anybody there?"""


Incoming = Ask | Stop | Resume | Ping


class FrameError(Exception):
    """A frame that cannot be read; ``code`` goes to the client with the message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read_frame(text: str | None, data: bytes | None = None) -> Incoming:
    """Read what a client sent.

    Raises:
        FrameError: with the code ``too_large``, ``bad_frame`` or ``empty``.
    """
    size = len((text or "").encode("utf-8", "replace")) + len(data or b"")
    if size > MAX_FRAME_BYTES:
        raise FrameError(
            "too_large",
            f"The message has {size} bytes; at most {MAX_FRAME_BYTES} are read. "
            "Ask in fewer words.",
        )
    if text is None:
        raise _bad("Binary frames are not understood: send text.")
    if not text.lstrip().startswith("{"):
        return Ask(_question(text))
    return _read_object(_decode(text.strip()))


def _decode(text: str) -> Mapping[str, Any]:
    try:
        # Text that begins with a brace decodes to an object or not at all.
        decoded: dict[str, Any] = json.loads(text)
    except RecursionError:
        raise _bad("The JSON is nested too deeply.") from None
    except ValueError:
        raise _bad("The frame begins like JSON but cannot be read as JSON.") from None
    return decoded


def _read_object(frame: Mapping[str, Any]) -> Incoming:
    kind = frame.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        known = ", ".join(_READERS)
        raise _bad(f"The frame needs a “type” that is one of: {known}.")
    return reader(frame)


def _read_ask(frame: Mapping[str, Any]) -> Ask:
    message = frame.get("message")
    if not isinstance(message, str):
        raise _bad("“message” must be text.")
    return Ask(
        _question(message),
        conversation=_uuid(frame, "conversation"),
        client_id=_uuid(frame, "client_id"),
    )


def _read_resume(frame: Mapping[str, Any]) -> Resume:
    conversation = _uuid(frame, "conversation")
    if conversation is None:
        raise _bad("“conversation” must name the conversation to resume.")
    after = frame.get("after")
    # True and False are whole numbers to Python.
    if not isinstance(after, int) or isinstance(after, bool):
        raise _bad("“after” must be the number of the last frame that was seen.")
    if not 0 <= after <= LARGEST_SEQ:
        raise _bad(f"“after” must lie between 0 and {LARGEST_SEQ}.")
    return Resume(conversation, after)


_READERS: dict[str, Callable[[Mapping[str, Any]], Incoming]] = {
    "message": _read_ask,
    "stop": lambda _: Stop(),
    "resume": _read_resume,
    "ping": lambda _: Ping(),
}


def _uuid(frame: Mapping[str, Any], name: str) -> UUID | None:
    value = frame.get(name)
    if value is None:
        return None
    # UUID() also takes braces, urn: and no dashes at all; one form is enough.
    if isinstance(value, str) and len(value) == 36:
        try:
            return UUID(value)
        except ValueError:
            pass
    raise _bad(f"“{name}” must be a UUID.")


def _question(text: str) -> str:
    try:
        return read_question(text)
    except EmptyQuestion as error:
        raise FrameError("empty", str(error)) from error


def _bad(message: str) -> FrameError:
    return FrameError("bad_frame", message)


def encode(frame: Frame) -> str:
    """One frame as JSON; escapes keep lone surrogates out of the wire's UTF-8."""
    return json.dumps(frame, separators=(",", ":"))
