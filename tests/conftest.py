"""What every test may ask for: the database, and the cast of three people."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection, transaction
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

# What post_migrate has made, and would have to make again after each test.
KEPT = {"auth_permission", "django_content_type"}
PASSWORD = "correct horse battery staple"

# How long an example takes depends on how busy the machine is, and tells nothing.
settings.register_profile(
    "resync", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("resync")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, database_server: None
) -> None:
    """Have the server before the test database is made on it."""


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The test database as a DATABASE_URL, for programs that a test starts."""
    where = connection.settings_dict
    options = where["OPTIONS"]
    login = quote(where["USER"])
    if where["PASSWORD"]:
        login += ":" + quote(where["PASSWORD"], safe="")
    query = urlencode(
        {
            "host": where["HOST"] or options.get("host", ""),
            "port": where["PORT"] or options.get("port", 5432),
        }
    )
    return f"postgres://{login}@/{where['NAME']}?{query}"


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: Any
) -> Iterator[dict[str, list[Permission]]]:
    """What the migrations gave to the groups, read before a test flushes it away."""
    with django_db_blocker.unblock():
        rights = {
            group.name: list(group.permissions.select_related("content_type"))
            for group in Group.objects.all()
        }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: _empty())
        yield rights
    # The threads behind ``agents.db.db`` keep their connections for as long as they
    # live, and a database that is in use cannot be dropped.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _empty() -> None:
    """Remove all rows, many times faster than TRUNCATE, which makes new files.

    As there, what another process is writing is waited for, and goes along.
    """
    found = connection.introspection.django_table_names(include_views=False)
    tables = [connection.ops.quote_name(name) for name in found if name not in KEPT]
    tables.sort()  # memory_memory leaves something in memory_rejectedtext
    deletions = "; ".join(f"DELETE FROM {table}" for table in tables)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL resync.purge = 'on'")  # decisions, too
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(deletions)


@pytest.fixture(scope="session")
def group_rights(
    django_db_setup: dict[str, list[Permission]],
) -> dict[str, list[Permission]]:
    """The rights of each group."""
    return django_db_setup


@pytest.fixture
def member(db: None, group_rights: dict[str, list[Permission]]) -> Callable[..., User]:
    """Makes a user with exactly the rights that the migrations give to a group."""

    def make(username: str, group_name: str, **fields: bool) -> User:
        user = User.objects.create_user(username, password=PASSWORD, **fields)
        group, _ = Group.objects.get_or_create(name=group_name)
        group.permissions.set(
            Permission.objects.get(
                codename=right.codename,
                content_type__app_label=right.content_type.app_label,
                content_type__model=right.content_type.model,
            )
            for right in group_rights[group_name]
        )
        user.groups.add(group)
        return user

    return make


@pytest.fixture
def operator(member: Callable[..., User]) -> User:
    """May chat and see the plan."""
    return member("operator", "Operators")


@pytest.fixture
def reviewer(member: Callable[..., User]) -> User:
    """May also decide at the review desk."""
    return member("reviewer", "Reviewers", is_staff=True)


@pytest.fixture
def admin_user(db: None) -> User:
    """May do everything."""
    return User.objects.create_superuser("admin", password=PASSWORD)
