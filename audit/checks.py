"""Settings under which the audit would go wrong, refused before it begins."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

E_POOL = "resync.E001"
E_RETRY = "audit.E002"
E_THRESHOLDS = "audit.E003"


def pooled_databases(databases: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [
        alias
        for alias, config in databases.items()
        if config.get("OPTIONS", {}).get("pool")
    ]


@register()
def pool_only_in_the_web_process(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """A pool that is inherited over a fork hands out other processes' rows."""
    if settings.IS_WEB_PROCESS:
        return []
    return [
        Error(
            f"The database {alias} pools connections outside of the web process.",
            hint="Remove OPTIONS['pool']: a process that forks would share sockets.",
            id=E_POOL,
        )
        for alias in pooled_databases(settings.DATABASES)
    ]


@register()
def tasks_end_before_they_are_retried(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The retry clock of a task starts when it is fetched, not when it begins."""
    q: Mapping[str, Any] = settings.Q_CLUSTER
    rounds = math.ceil((q["queue_limit"] + q["bulk"]) / q["workers"]) + 1
    needed = q["timeout"] * rounds
    if q["retry"] > needed:
        return []
    return [
        Error(
            f"Q_CLUSTER['retry'] is {q['retry']} s: tasks would run twice.",
            hint=f"It must be more than {needed} s: timeout x {rounds}, because a"
            " fetched task waits for those before it.",
            id=E_RETRY,
        )
    ]


@register()
def quarantine_is_the_stronger_doubt(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    if settings.AUDIT_FLAG_THRESHOLD <= settings.AUDIT_QUARANTINE_THRESHOLD:
        return []
    return [
        Error(
            "AUDIT_FLAG_THRESHOLD is above AUDIT_QUARANTINE_THRESHOLD.",
            hint="A memory is flagged from the lower confidence on and quarantined"
            " from the higher one on.",
            id=E_THRESHOLDS,
        )
    ]
