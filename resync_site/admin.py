"""API tokens in the admin: made for a user, shown once, revoked by deletion."""

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from resync_site.models import ApiToken
from resync_site.tokens import digest, new_key

if TYPE_CHECKING:
    TokenAdminBase = admin.ModelAdmin[ApiToken]
else:
    TokenAdminBase = admin.ModelAdmin

admin.site.site_header = _("Resync")
admin.site.site_title = _("Resync")
admin.site.index_title = _("Review, agents and users")


@admin.register(ApiToken)
class ApiTokenAdmin(TokenAdminBase):
    """A token can be made and revoked, never read again."""

    list_display = ("label", "user", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("label", "user__username")
    fields = ("user", "label")
    autocomplete_fields = ("user",)

    def has_change_permission(
        self, request: HttpRequest, obj: ApiToken | None = None
    ) -> bool:
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: ApiToken,
        form: "ModelForm[ApiToken]",
        change: bool,  # noqa: FBT001  Django's signature
    ) -> None:
        key = new_key()
        obj.digest = digest(key)
        super().save_model(request, obj, form, change)
        messages.warning(
            request,
            _("The token is %(key)s. Copy it now: it is not shown again.")
            % {"key": key},
        )
