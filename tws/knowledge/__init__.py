"""What the manuals say of statuses and message codes."""

import re
from importlib import resources
from typing import TypeVar

import msgspec

T = TypeVar("T")

CODE = re.compile(r"\bAW[SK][A-Z]{3}\d{3,4}[EWI]\b")


class Status(msgspec.Struct, frozen=True):
    """An internal status of a job or job stream."""

    status: str
    spellings: list[str]
    common: str
    phase: str  # waiting, ready, launching, running, confirming, succeeded, failed, …
    meaning: str


class Message(msgspec.Struct, frozen=True):
    """A message of the product: its text in short, what it means, what to do."""

    code: str
    text: str
    action: str
    manual: str
    transient: bool = False  # it passes by itself
    means: str = ""  # forbidden | not_found, where the status code does not say so


def _table(name: str, kind: type[T]) -> list[T]:
    text = resources.files(__name__).joinpath(name).read_bytes()
    return msgspec.json.decode(text, type=list[kind])  # type: ignore[valid-type]


STATUSES = {item.status: item for item in _table("statuses.json", Status)}
MESSAGES = {item.code: item for item in _table("messages.json", Message)}
COMPONENTS: dict[str, str] = msgspec.json.decode(
    resources.files(__name__).joinpath("components.json").read_bytes()
)


NOTHING = Message(code="", text="", action="", manual="")


def codes_in(text: str) -> list[str]:
    """The message codes that a text holds, each once, in their order."""
    return list(dict.fromkeys(CODE.findall(text)))


def message(code: str) -> Message | None:
    """What is known of a message code; of an unknown one, which part of TWS sent it."""
    known = MESSAGES.get(code)
    if known or not CODE.fullmatch(code):
        return known
    component = COMPONENTS.get(code[:6])
    if component is None:
        return None
    return Message(
        code=code,
        text=f"A message of {component}.",
        action=f"Look {code} up in Messages and Codes, and in the engine's logs.",
        manual=f"Messages and Codes, {component} ({code[:6]})",
    )
