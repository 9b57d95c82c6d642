"""Addresses of the pages: names and ids travel in the query, never in the path."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from tws.plan.names import is_id, is_job_name

# What a diagnosis calls the things on its way that are no jobs or job streams.
PAGE_OF = {
    "workstation": "plan-workstation",
    "resource": "plan-resource",
}
NO_PAGE = frozenset(
    {
        "prompt",
        "file",
        "the plan",
        "predecessor in another network",
        "predecessor that is not there",
    }
)
ROOTS_WITHOUT_PAGE = frozenset(
    {"prompt_open", "file_missing", "internetwork", "orphan_dependency", "plan_stalled"}
)
ROOTS_AT_PLACES = frozenset(
    {"fence", "workstation_limit", "workstation_down", "workstation_ignored"}
)


def address(page: str, /, **query: str) -> str:
    """The address of a page, with what is not empty of the query."""
    given = {name: value for name, value in query.items() if value}
    if not given:
        return reverse(page)
    return f"{reverse(page)}?{urlencode(given, errors='replace')}"


def name_address(name: str, relation: str = "") -> str:
    """Where an object is told of that is known by its name; "" when nowhere."""
    if relation in NO_PAGE or not name:
        return ""
    if relation in PAGE_OF:
        return address(PAGE_OF[relation], name=name)
    if is_job_name(name):
        return address("plan-job", name=name)
    if "#" in name:
        return address("plan-stream", name=name)
    return address("plan-workstation", name=name)


def root_address(kind: str, name: str) -> str:
    """Where the object of a root is told of; "" when nowhere."""
    if kind in ROOTS_WITHOUT_PAGE:
        return ""
    if kind in ROOTS_AT_PLACES:
        return name_address(name, "workstation")
    if kind == "resource_busy" and not is_job_name(name):
        return name_address(name, "resource")
    return name_address(name)


def record_address(record: Mapping[str, Any]) -> str:
    """Where a job, stream, workstation or resource is told of.

    An id tells apart what runs twice a day; the name finds it once the id is gone.
    """
    name, item = str(record.get("object", "")), str(record.get("id", ""))
    kind = record.get("type")
    if kind in NO_PAGE or kind in {"join", "internetwork"}:
        return ""
    if kind == "resource":
        return name_address(name, "resource")
    page = {"job": "plan-job", "stream": "plan-stream"}.get(str(kind), "plan-job")
    return address(page, name=name, id=item if is_id(item) else "")
