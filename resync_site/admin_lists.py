"""A list of the admin that is asked for what cannot be shows itself without that, and says so."""

import logging

from django.contrib import messages
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)


class ForgivingLists(MiddlewareMixin):
    """Django hands filters and chosen rows to the database unread: year 99999, row “abc”.

    They come from addresses and forms that were changed by hand.
    """

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        is_unfit = isinstance(exception, ValueError | DataError)
        if not (is_unfit and _is_list(request) and (request.GET or request.POST)):
            return None
        logger.warning(
            "a list of the admin was asked for what cannot be",
            exc_info=exception,
            extra={"action": "list_refused"},
        )
        messages.error(request, _("A filter or choice does not fit; it was left out."))
        return HttpResponseRedirect(request.path)


def _is_list(request: HttpRequest) -> bool:
    match = request.resolver_match
    return (
        match is not None
        and match.app_name == "admin"
        and str(match.url_name).endswith("_changelist")
    )
