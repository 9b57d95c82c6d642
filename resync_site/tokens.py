"""Makes API tokens and finds the user that one belongs to."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.utils import timezone

from resync_site.models import ApiToken

PREFIX = "rsy_"
USE_IS_NOTED_EACH = timedelta(minutes=1)


def new_key() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def digest(key: str) -> str:
    """The key is random and long, so a plain hash keeps it as safe as a slow one."""
    return hashlib.sha256(key.encode()).hexdigest()


def user_of(key: str) -> AbstractBaseUser | None:
    """The active user whose token this is; notes the use at most once a minute."""
    token = ApiToken.objects.select_related("user").filter(digest=digest(key)).first()
    if token is None or not token.user.is_active:
        return None
    now = timezone.now()
    ApiToken.objects.filter(
        Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EACH),
        pk=token.pk,
    ).update(last_used_at=now)
    return token.user
