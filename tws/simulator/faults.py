"""Faults that a test can order: what networks, proxies and engines do on bad days."""

from dataclasses import dataclass, field
from types import TracebackType

from tws.simulator.answers import WRONG_STATE, Answer, refusal, wrapped

LOGIN_PAGE = b"""<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><form action="/ibm_security_logout" method="post">
<h1>Single Sign-On</h1><input name="j_username"><input name="j_password" type="password">
</form></body></html>
"""
ANSWERS = {
    "401": lambda: refusal(401, "AWSJCO075E The user is not authenticated."),
    "403": lambda: refusal(
        403, "AWSBEI007E You are not authorized to run this command."
    ),
    "404": lambda: refusal(404, 'AWSJDB101E The object "object" was not found.'),
    "400": lambda: refusal(
        400,
        "OQL_FILTER_SYNTAX_ERROR The parameters specified for the filters are not valid.",
    ),
    "500": lambda: wrapped("getObject", WRONG_STATE),
    "500-database": lambda: refusal(
        500,
        "AWSJDB803E An internal deadlock or timeout error has occurred while "
        "processing a database transaction.",
    ),
    "502": lambda: Answer(502, b"<html><body>Bad Gateway</body></html>", "text/html"),
    "503": lambda: Answer(
        503, b"<html><body>Service Unavailable</body></html>", "text/html"
    ),
    "504": lambda: Answer(
        504, b"<html><body>Gateway Timeout</body></html>", "text/html"
    ),
    "html": lambda: Answer(200, LOGIN_PAGE, "text/html; charset=utf-8"),
    "not-json": lambda: Answer(200, b"OK"),
    "wrong-shape": lambda: Answer(200, b'{"results": "none", "count": "many"}'),
}
# Faults of the wire: the answer is made, then spoilt while it is sent.
WIRE = frozenset({"silent", "reset", "truncated", "slow", "refused", "short"})
ALIASES = {
    "500-with-code": "500",
    "500-aws": "500",
    "unauthorized": "401",
    "forbidden": "403",
    "drip": "slow",
    "login": "html",
    "slow-drip": "slow",
}


@dataclass(eq=False, slots=True)
class Fault:
    """One ordered fault; leaving its `with` block ends it."""

    kind: str
    times: int | None = None
    path: str = ""
    seconds: float = 10.0
    orders: list["Fault"] = field(default_factory=list, repr=False)

    def end(self) -> None:
        if self in self.orders:
            self.orders.remove(self)

    def __enter__(self) -> "Fault":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()


class Faults:
    """The faults in force; the first that fits a request is used."""

    def __init__(self) -> None:
        self.orders: list[Fault] = []

    def order(
        self,
        kind: str,
        *,
        times: int | None = None,
        path: str = "",
        seconds: float = 10.0,
    ) -> Fault:
        """Spoil requests until it is ended, or so many times.

        Args:
            kind: a key of ANSWERS, or one of WIRE.
            times: how many requests; without it, until the fault is ended.
            path: only requests whose path contains this.
            seconds: how long `silent` and `slow` take.
        """
        kind = ALIASES.get(str(kind), str(kind))
        if kind not in ANSWERS and kind not in WIRE:
            known = ", ".join(sorted([*ANSWERS, *WIRE]))
            msg = f"There is no fault {kind}; there are {known}."
            raise ValueError(msg)
        fault = Fault(kind, times, path, seconds, self.orders)
        self.orders.append(fault)
        return fault

    def take(self, path: str) -> Fault | None:
        """The fault for a request, if any."""
        for fault in self.orders:
            if fault.path in path:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        fault.end()
                return fault
        return None

    def clear(self) -> None:
        self.orders.clear()
