"""What the server may answer, and its refusals with their message codes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(slots=True)
class Answer:
    """Status, body and headers of one response."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
    more: Callable[[], bytes | None] | None = None  # what came since; none at the end


class Refusal(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.answer = refusal(status, message)
        for name, value in headers.items():
            self.answer.headers[name.replace("_", "-")] = value


def json_answer(value: Any, status: int = 200) -> Answer:  # noqa: ANN401
    return Answer(status, msgspec.json.encode(value))


def refusal(status: int, message: str) -> Answer:
    """Write an error body the way the product's clients read it."""
    return json_answer(
        {
            "exceptionName": "com.ibm.tws.conn.exception.ConnException",
            "messages": [message],
        },
        status,
    )


def not_found(name: str) -> Refusal:
    return Refusal(404, f'AWSJDB101E The object "{name}" was not found.')


def bad_filter(reason: object) -> Refusal:
    return Refusal(
        400,
        "OQL_FILTER_SYNTAX_ERROR The parameters specified for the filters are not "
        f"valid: {reason}.",
    )


def wrapped(operation: str, inner: str) -> Answer:
    """Refuse the way the engine does: HTTP 500 around its own message."""
    return refusal(
        500,
        f'AWSJSY404E The Symphony plan operation "{operation}" could not be completed '
        f"because of the following error: {inner}",
    )


WRONG_STATE = (
    "AWSBIN076E The operation cannot be performed. The job or the current instance "
    "of the job is in an incorrect state"
)
