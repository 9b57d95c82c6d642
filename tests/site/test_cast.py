"""The people of the suite have the rights that the migrations give, also after a flush."""

import pytest
from django.contrib.auth.models import User


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", ["first", "after a flush"])
def test_operators_may_chat_and_reviewers_may_also_decide(
    run: str, operator: User, reviewer: User
) -> None:
    assert operator.has_perm("agents.use_chat")
    assert not operator.is_staff
    assert reviewer.has_perm("agents.use_chat")
    assert reviewer.is_staff


@pytest.mark.django_db
def test_the_admin_may_do_everything(admin_user: User) -> None:
    assert admin_user.is_superuser
    assert admin_user.is_staff
