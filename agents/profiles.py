"""Agent profiles as JSON: read as a whole or not at all, written the same way."""

import json
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from agents.exceptions import ProfileError
from agents.models import AgentProfile

FIELDS = (
    "id",
    "name",
    "role",
    "goal",
    "backstory",
    "tools",
    "model_name",
    "memory",
    "verbose",
    "enabled",
)
REQUIRED = ("id", "name", "role", "goal", "tools")
FLAGS = ("memory", "verbose", "enabled")
LARGEST_FILE = 1_000_000
SHOWN = 60


def read_file(path: Path) -> list[AgentProfile]:
    """The profiles of a file, checked but not saved.

    Raises:
        ProfileError: one line per problem, each naming its agent and field.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ProfileError(f"{path} is larger than any list of agents.")
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ProfileError(f"{path} is not a text file in UTF-8.") from None
    except OSError as error:
        raise ProfileError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProfileError(f"{path} is not JSON: {error}.") from error
    return read(document)


def read(document: object) -> list[AgentProfile]:
    """The profiles of ``{"agents": [...]}``, checked as a whole."""
    items = document.get("agents") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise ProfileError('The file must hold {"agents": [...]}, a list of agents.')
    problems: list[str] = []
    profiles = [
        _profile(item, number, problems) for number, item in enumerate(items, 1)
    ]
    ids = [profile.pk for profile in profiles]
    twice = sorted({i for i in ids if i and ids.count(i) > 1})
    problems += [f"agent {i}: id: is there twice." for i in twice]
    if problems:
        raise ProfileError("\n".join(problems))
    return profiles


def save(profiles: list[AgentProfile]) -> None:
    """Save all or none; agents that are not among them stay as they are."""
    with transaction.atomic():
        for profile in profiles:
            before = AgentProfile.objects.filter(pk=profile.pk).first()
            if before is not None:
                profile.created_at = before.created_at
            profile.save()


def dump() -> dict[str, list[dict[str, Any]]]:
    """Every profile, as ``read`` takes it."""
    profiles = AgentProfile.objects.order_by("id")
    return {"agents": [{f: getattr(p, f) for f in FIELDS} for p in profiles]}


def _profile(item: object, number: int, problems: list[str]) -> AgentProfile:
    if not isinstance(item, dict):
        problems.append(f"agent number {number}: must be an object.")
        return AgentProfile()
    label = _label(item, number)
    problems += [f"{label}: {problem}" for problem in _shape_problems(item)]
    known = {field: item[field] for field in FIELDS if field in item}
    profile = AgentProfile(**known)
    try:
        profile.full_clean(validate_unique=False)
    except ValidationError as error:
        problems += [
            f"{label}: {field}: {message}"
            for field, messages in error.message_dict.items()
            for message in messages
            if field == NON_FIELD_ERRORS or _is_new(field, item)
        ]
    return profile


def _label(item: dict[str, Any], number: int) -> str:
    given = item.get("id")
    return (
        f"agent {given[:SHOWN]}"
        if isinstance(given, str) and given
        else (f"agent number {number}")
    )


def _shape_problems(item: dict[str, Any]) -> list[str]:
    """What the model's own fields would not see, or would silently put right."""
    unknown = [
        f"{str(field)[:SHOWN]}: there is no such field; the fields are: "
        f"{', '.join(FIELDS)}."
        for field in item
        if field not in FIELDS
    ]
    missing = [f"{field}: is missing." for field in REQUIRED if field not in item]
    # bool("False") is true: only JSON's own true and false are taken.
    flags = [
        f"{field}: must be true or false."
        for field in FLAGS
        if field in item and not isinstance(item[field], bool)
    ]
    texts = [
        f"{field}: must be text."
        for field in FIELDS
        if field in item
        and field not in (*FLAGS, "tools")
        and not isinstance(item[field], str)
    ]
    return [*unknown, *missing, *flags, *texts]


def _is_new(field: str, item: dict[str, Any]) -> bool:
    """Whether ``_shape_problems`` has not spoken of the field already."""
    if field not in item:
        return False
    if field in FLAGS:
        return isinstance(item[field], bool)
    return field == "tools" or isinstance(item[field], str)
