"""Every admin page of every model: open for whom it is meant, whatever is asked of it."""

import uuid
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success
from django_q.signing import SignedPackage

from agents.models import AgentProfile, Conversation, Turn
from audit.models import AuditEntry
from memory.models import Memory
from resync_site.models import ApiToken
from resync_site.tokens import digest, new_key
from tests.agents.test_profiles import GOOD
from tests.audit.conftest import pending  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
READ_ONLY = {Memory, AuditEntry, Conversation, Turn}  # for admins, too
HOSTILE = "<script>alert('x')</script>"
ODD_WORDS = [
    "\0", "'\"\\%_;--", HOSTILE, "𝔘 ﷽\u202e", "x" * 5000, "a " * 300, "%", "\x1b[2J",
]  # fmt: skip
ODD_LISTS = [
    "o=99", "o=-1.x", "o=", "p=-1", "p=999999", "p=x", "p=1e9", "all=", "e=1",
    "nonsense__exact=1", "id__in=x", "pk__gt=", "created_at__gte=then", "_popup=1",
    "created_at__year=99999", "created_at__year=x", "_to_field=id", "_to_field=x",
    "status=nothing", "severity=x", "rating=x", "state__exact=x", "index=x", "doubted=x",
    "user__password__startswith=a", "is_staff__exact=x", "agent_id=%00", "agent_id=%FF",
    "status__exact=%00", "_facets=True", "created_at__day=31&created_at__month=2",
]  # fmt: skip
ODD_KEYS = ["0", "abc", "_00", "9" * 40, "-1", "None", "a_2Fb", str(uuid.UUID(int=0))]
ODD_CHOICES = [[], ["0"], ["abc"], ["9" * 40], [str(uuid.UUID(int=0))], ["\0"]]


def task(kind, **facts):
    now = timezone.now()
    return kind.objects.create(
        id=uuid.uuid4().hex, name=HOSTILE, func="audit.tasks.tick", started=now,
        stopped=now, args=(), kwargs={}, **facts,
    )  # fmt: skip


@pytest.fixture
def rows(pending, operator):
    """One row of each model; its texts are hostile wherever it has any."""
    entry = pending(
        memory={"question": HOSTILE, "answer": HOSTILE, "user": operator},
        reason=HOSTILE,
    )
    conversation = Conversation.objects.create(
        user=operator, agent_id="tws-analyzer", title=HOSTILE
    )
    return {
        User: operator,
        Group: Group.objects.get(name="Operators"),
        Schedule: Schedule.objects.create(
            name=HOSTILE,
            func="audit.tasks.tick",
            schedule_type=Schedule.ONCE,
            next_run=timezone.now() + timedelta(days=1),
        ),
        Success: task(Success, success=True, result="done"),
        Failure: task(Failure, success=False, result=f"{HOSTILE} : Traceback"),
        OrmQ: OrmQ.objects.create(
            key="resync",
            payload=SignedPackage.dumps({"id": "1", "name": HOSTILE, "func": "f"}),
            lock=timezone.now(),
        ),
        ApiToken: ApiToken.objects.create(
            user=operator, label=HOSTILE, digest=digest(new_key())
        ),
        AuditEntry: entry,
        Memory: entry.memory,
        AgentProfile: AgentProfile.objects.create(**{**GOOD, "name": HOSTILE}),
        Conversation: conversation,
        Turn: Turn.objects.create(
            conversation=conversation, number=1, question=HOSTILE, answer=HOSTILE
        ),
    }


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def browser(admin_user):
    return signed_in(admin_user)


def page(model, name, *args) -> str:
    options = model._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_{name}", args=args)


def pages_of(model, row) -> dict[str, str]:
    return {
        "changelist": page(model, "changelist"),
        "add": page(model, "add"),
        "change": page(model, "change", row.pk),
        "history": page(model, "history", row.pk),
        "delete": page(model, "delete", row.pk),
    }


def test_each_model_has_a_row_here(rows):
    assert set(rows) == set(MODELS)


@each_model
def test_every_page_opens_for_an_admin_and_shows_no_markup_of_others(
    browser, rows, model
):
    for name, url in pages_of(model, rows[model]).items():
        answer = browser.get(url)
        closed = name in {"add", "delete"} and model in READ_ONLY
        assert answer.status_code in ({403} if closed else {200, 403}), name
        assert HOSTILE not in answer.content.decode()
        if name in {"changelist", "change", "history"}:
            assert answer.status_code == 200, name


@each_model
def test_a_list_can_be_asked_anything(browser, rows, model):
    for word in ODD_WORDS:
        answer = browser.get(page(model, "changelist"), {"q": word})
        assert answer.status_code in {200, 302}, word
    for query in ODD_LISTS:
        answer = browser.get(f"{page(model, 'changelist')}?{query}")
        assert answer.status_code in {200, 302, 400}, query


@each_model
def test_a_row_that_is_not_there_is_no_fault(browser, rows, model):
    for key in ODD_KEYS:
        for name in ("change", "history", "delete"):
            answer = browser.get(page(model, name, key))
            assert answer.status_code in {302, 403, 404}, (name, key)


@each_model
def test_an_action_on_nothing_does_nothing(browser, rows, model):
    count = model.objects.count()

    for action in ("delete_selected", "approve", "resubmit_task", "nonsense", ""):
        for chosen in ODD_CHOICES:
            form = {"action": action, "_selected_action": chosen, "index": "0"}
            answer = browser.post(page(model, "changelist"), form)
            assert answer.status_code in {200, 302}, (action, chosen)
    assert model.objects.count() == count


def test_what_does_not_fit_is_left_out_and_said(browser, rows, caplog):
    answer = browser.get(
        page(Memory, "changelist"), {"created_at__year": "99999"}, follow=True
    )

    assert answer.redirect_chain == [(page(Memory, "changelist"), 302)]
    assert "A filter or choice does not fit" in answer.content.decode()
    assert "year 99999 is out of range" in caplog.text


def test_a_fault_of_a_list_is_not_forgiven(browser, monkeypatch):
    def broken(self, request):
        raise ValueError("ours")

    monkeypatch.setattr(admin.site._registry[Memory].__class__, "get_queryset", broken)

    with pytest.raises(ValueError, match="ours"):
        browser.get(page(Memory, "changelist"))


@each_model
def test_an_empty_form_is_given_back_or_refused(browser, rows, model):
    before = list(model.objects.order_by("pk").values())

    for url in (page(model, "add"), page(model, "change", rows[model].pk)):
        assert browser.post(url, {}).status_code in {200, 302, 403}
    assert list(model.objects.order_by("pk").values()) == before


@each_model
def test_operators_see_no_admin(rows, operator, model):
    browser = signed_in(operator)

    assert browser.get(reverse("admin:index")).status_code == 302
    for name, url in pages_of(model, rows[model]).items():
        answer = browser.get(url)
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/admin/login/")


@each_model
def test_reviewers_see_the_desk_and_nothing_else(rows, reviewer, model):
    browser = signed_in(reviewer)
    visible = {"changelist", "change", "history"} if model is AuditEntry else set()
    before = list(model.objects.order_by("pk").values())

    for name, url in pages_of(model, rows[model]).items():
        status = 200 if name in visible else 403
        assert browser.get(url).status_code == status, name
        if name != "changelist":  # the desk's own page shows itself, and does nothing
            assert browser.post(url, {"post": "yes"}).status_code in {403, status}
    browser.post(
        page(model, "changelist"),
        {
            "action": "delete_selected",
            "_selected_action": [rows[model].pk],
            "post": "y",
        },
    )
    assert list(model.objects.order_by("pk").values()) == before


def test_the_index_shows_reviewers_only_the_desk(rows, reviewer):
    shown = signed_in(reviewer).get(reverse("admin:index"))

    assert [app["app_label"] for app in shown.context["app_list"]] == ["audit"]


@each_model
def test_a_member_of_staff_without_a_group_may_do_nothing(rows, member, model):
    clerk = member("clerk", "Operators", is_staff=True)
    clerk.groups.clear()
    browser = signed_in(clerk)

    for name, url in pages_of(model, rows[model]).items():
        assert browser.get(url).status_code == 403, name


def test_a_user_with_tokens_and_decisions_can_be_looked_at_before_deletion(
    browser, rows, reviewer
):
    from audit import review

    review.approve(rows[AuditEntry].pk, by=reviewer)

    answer = browser.get(page(User, "delete", reviewer.pk))
    posted = browser.post(page(User, "delete", reviewer.pk), {"post": "yes"})

    assert (answer.status_code, posted.status_code) == (200, 200)
    assert "Cannot delete user" in posted.content.decode()
    assert User.objects.filter(pk=reviewer.pk).exists()
