"""Says before the first read what is wrong with the way to TWS."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004

from tws.config import config_from_settings
from tws.exceptions import TwsNotConfigured, TwsTlsError
from tws.tls import make_context

TAG = "tws"
UNVERIFIED = "TWS_VERIFY_TLS is false: whoever answers at TWS_URL is believed."
UNVERIFIED_HINT = (
    "Name the PEM file of the site's own authority in TWS_CA_BUNDLE and remove"
    " TWS_VERIFY_TLS."
)


@register(TAG)
def way_to_tws(
    app_configs: Sequence[AppConfig] | None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """The address and the bundle of authorities can be used."""
    if not settings.TWS_URLS:
        return []
    try:
        config = config_from_settings()
        make_context(config)
    except TwsNotConfigured as error:
        return [Error(error.message, hint=error.action, id="tws.E002")]
    except TwsTlsError as error:
        return [Error(error.message, hint=error.action, id="tws.E003")]
    if config.uses_tls and not config.verify_tls:
        return [Warning(UNVERIFIED, hint=UNVERIFIED_HINT, id="tws.W001")]
    return []


@register(TAG, deploy=True)
def tls_is_verified(
    app_configs: Sequence[AppConfig] | None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """Refuse a deployment that would give its password to anybody."""
    if settings.TWS_VERIFY_TLS:
        return []
    return [Error(UNVERIFIED, hint=UNVERIFIED_HINT, id="tws.E001")]
