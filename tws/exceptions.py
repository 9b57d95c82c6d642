"""What can go wrong between this program and TWS.

The branch answers the one question of a caller: is it worth trying again?

TwsError
  TwsNotConfigured     no; the settings name no server, or name it wrongly
  TwsBadName           no; the name was refused before any request
  TwsUnavailable       yes, later
    TwsTimeout
    TwsTlsError        only once the certificate or the settings are put right
  TwsRejected          no; the server understood and declined
    TwsUnauthorized    401
    TwsForbidden       403
    TwsNotFound        404
    TwsBadFilter       400
    TwsEngineError     500, mostly with a message code of the vendor
  TwsPayloadError      no; the answer could not be understood
"""

from datetime import datetime


class TwsError(Exception):
    """The root. ``str()`` is a whole text, safe to show: what happened, what to do."""

    retryable = False

    def __init__(self, message: str, *, code: str = "", action: str = "") -> None:
        super().__init__(message, code, action)
        self.message = message
        self.code = code
        self.action = action

    def __str__(self) -> str:
        return f"{self.message} {self.action}".rstrip()


class TwsNotConfigured(TwsError):
    """The settings name no server, or name it wrongly."""


class TwsBadName(TwsError):
    """A name or id that cannot belong to any object; nothing was sent."""


class TwsUnavailable(TwsError):
    """No answer, or a gateway that stands in for one; later it may work.

    ``retry_at`` is set while the circuit breaker holds calls back.
    """

    retryable = True

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        action: str = "",
        retry_at: datetime | None = None,
    ) -> None:
        super().__init__(message, code=code, action=action)
        self.retry_at = retry_at


class TwsTimeout(TwsUnavailable):
    """The server was silent for too long."""


class TwsTlsError(TwsUnavailable):
    """No secure connection: the certificate or the protocol does not fit."""

    retryable = False


class TwsRejected(TwsError):
    """The server understood the request and declined it."""

    # Others may be granted: what can be told without this answer is worth telling.
    concerns_one_call = True


class TwsUnauthorized(TwsRejected):
    """401: the credentials are missing, wrong or expired."""

    concerns_one_call = False


class TwsForbidden(TwsRejected):
    """403: the user is known, but may not read this."""


class TwsNotFound(TwsRejected):
    """404: no such object in the plan, or no such call in this release."""


class TwsBadFilter(TwsRejected):
    """400: the server did not accept the filter."""


class TwsEngineError(TwsRejected):
    """500: the engine reported a fault or refused the state of an object.

    ``retryable`` is true for the few codes that pass by themselves (a deadlock in its
    database, say).
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        action: str = "",
        retryable: bool = False,
    ) -> None:
        super().__init__(message, code=code, action=action)
        self.retryable = retryable
        self.concerns_one_call = not retryable


class TwsPayloadError(TwsError):
    """The answer could not be understood: HTML, cut JSON, a field of a wrong type."""
