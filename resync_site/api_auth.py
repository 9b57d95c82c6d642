"""Who calls the REST API: a signed-in browser or a script with a token."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.utils import check_csrf

from resync_site.tokens import user_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BEARER = "Bearer "


class SignedIn:
    """Ninja's auth callback: the user, None (401) or an HttpError 403.

    It runs in a thread when the view is async, so it may ask the database.
    """

    csrf = True  # read by ninja's page /api/docs, which then sends the token, too

    def __init__(self, permission: str = "") -> None:
        self.permission = permission

    def __call__(self, request: HttpRequest) -> AbstractBaseUser | None:
        user = caller(request)
        if user is None:
            return None
        if self.permission and not _may(user, self.permission):
            raise HttpError(403, f"Your user needs the right {self.permission}.")
        return user


def caller(request: HttpRequest) -> AbstractBaseUser | None:
    """The user behind a token or a session; a session that writes needs its CSRF token.

    Raises:
        HttpError: 403, the CSRF token is missing or wrong.
    """
    header = request.headers.get("Authorization", "")
    if header.startswith(BEARER):
        return user_of(header.removeprefix(BEARER).strip())
    user = request.user
    if isinstance(user, AnonymousUser) or not user.is_active:
        return None
    if request.method not in SAFE_METHODS and check_csrf(request) is not None:
        raise HttpError(403, "The X-CSRFToken header is missing or wrong.")
    return user


def _may(user: Any, permission: str) -> bool:  # noqa: ANN401  any user model
    return bool(user.has_perm(permission))
