"""What somebody looks for in the plan: a pattern, a status, a page of the matches."""

from dataclasses import dataclass, replace
from typing import Literal

from django.http import QueryDict

from tws.exceptions import TwsBadName
from tws.pages.links import address
from tws.pages.words import COMMON
from tws.quoting import checked_text

Kind = Literal["jobs", "streams"]

PER_PAGE = 25
LAST_PAGE = 100_000
EVERYTHING = "@"


@dataclass(frozen=True, slots=True)
class Filter:
    """One search; ``problem`` says why it cannot be made."""

    pattern: str = ""
    status: str = ""
    kind: Kind = "jobs"
    page: int = 1
    problem: str = ""

    @property
    def is_active(self) -> bool:
        return bool(self.pattern or self.status)

    @property
    def offset(self) -> int:
        return (self.page - 1) * PER_PAGE

    @property
    def wanted(self) -> str:
        """The pattern for the reader, which takes plain text as part of a name."""
        return self.pattern or EVERYTHING

    @property
    def jobs_address(self) -> str:
        return self.address(kind="jobs")

    @property
    def streams_address(self) -> str:
        return self.address(kind="streams")

    @property
    def next_address(self) -> str:
        return self.address(page=self.page + 1)

    @property
    def previous_address(self) -> str:
        return self.address(page=self.page - 1)

    def address(self, *, page: int = 1, kind: Kind | None = None) -> str:
        """This search, at another page or for the other kind."""
        made = replace(self, page=page, kind=kind or self.kind)
        number = str(made.page) if made.page > 1 else ""
        shown = made.kind if made.kind != "jobs" else ""
        found = address(
            "plan", q=made.pattern, status=made.status, kind=shown, page=number
        )
        return f"{found}#find"


def read_filter(query: QueryDict) -> Filter:
    """Out of an address; what nobody can have meant is left out."""
    pattern = query.get("q", "").strip()
    status = query.get("status", "").strip().upper()
    kind: Kind = "streams" if query.get("kind") == "streams" else "jobs"
    problem = ""
    if pattern:
        try:
            checked_text(pattern, "pattern")
        except TwsBadName as error:
            pattern, problem = "", str(error)
    if status not in COMMON:
        status = ""
    return Filter(pattern, status, kind, _number(query.get("page", "1")), problem)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        return 1
    return max(1, min(int(text), LAST_PAGE))
