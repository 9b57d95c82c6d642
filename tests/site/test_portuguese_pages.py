"""Signing in, error pages and the admin as a Portuguese reader sees them."""

import uuid

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from memory.models import Memory
from tests.fakes.html import read_page
from tests.portuguese import english_on

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
# What Django's admin says of the times of day, and what the memory holds.
DATA = frozenset({"timezonewarning", "readonly"})


@pytest.fixture
def reader(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "pt-BR"
    yield client
    translation.deactivate()  # the middleware leaves it to the next request


def english(response) -> list[str]:
    page = read_page(response.content.decode())
    assert page.one("html").attributes["lang"] == "pt-br"
    return english_on(page, quoted=DATA)


def test_signing_in(reader):
    wrong = {"username": "nobody", "password": "wrong"}

    assert english(reader.get(LOGIN)) == []
    refused = reader.post(LOGIN, wrong)
    assert english(refused) == []
    assert "Entrar" in refused.content.decode()


def test_the_chat(reader, operator):
    reader.force_login(operator)

    assert english(reader.get("/")) == []


def test_what_is_not_there_or_not_allowed(reader, django_user_model):
    nobody = django_user_model.objects.create_user("ninguem")
    reader.force_login(nobody)
    missing = reader.get("/nada/")
    refused = reader.get("/")

    assert (missing.status_code, refused.status_code) == (404, 403)
    assert english(missing) == english(refused) == []


def test_something_broke():
    with translation.override("pt-br"):
        page = read_page(render_to_string("500.html"))

    assert "Algo falhou" in page.text
    assert english_on(page) == []


@pytest.fixture
def memory():
    return Memory.objects.create(
        turn_id=uuid.uuid4(),
        agent_id="analista",
        question="Por que o job parou?",
        answer="Porque falta um arquivo.",
    )


def test_the_memories(reader, admin_user, memory):
    reader.force_login(admin_user)
    listed = reader.get("/admin/memory/memory/")
    one = reader.get(f"/admin/memory/memory/{memory.pk}/change/")

    assert english(listed) == english(one) == []
    assert "Memórias" in listed.content.decode()
    assert "De onde veio" in one.content.decode()


def test_the_first_page_of_the_admin(reader, admin_user):
    reader.force_login(admin_user)

    assert english(reader.get("/admin/")) == []
