"""Every page of the admin opens, and an API token is shown once."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from resync_site.models import ApiToken
from resync_site.tokens import user_of

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def browser(admin_user):
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_list_opens_and_can_be_searched(browser, model):
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    assert browser.get(page).status_code == 200
    if admin.site._registry[model].search_fields:
        assert browser.get(page, {"q": "x"}).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_form_opens_or_is_refused(browser, model):
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")

    assert browser.get(page).status_code in {200, 403}


def test_a_token_is_shown_once_and_only_its_digest_is_kept(browser, operator):
    made = browser.post(
        reverse("admin:resync_site_apitoken_add"),
        {"user": operator.pk, "label": "nightly report"},
        follow=True,
    )

    [shown] = [
        str(message) for message in made.context["messages"] if "rsy_" in str(message)
    ]
    key = shown.split("The token is ")[1].split(".")[0]
    assert user_of(key) == operator
    assert key not in str(ApiToken.objects.values())
    again = browser.get(reverse("admin:resync_site_apitoken_changelist"))
    assert key not in again.content.decode()
