"""The plan page's socket beside the chat's, as the site itself routes them."""

import pytest
from django.contrib.auth.models import User
from websockets.exceptions import InvalidStatus

from tests.fakes.people import signed_in
from tests.fakes.server import RunningServer
from tests.fakes.tab import open_tab


@pytest.fixture
def session(operator: User) -> str:
    return signed_in(operator)


async def test_the_plan_has_a_socket_and_the_chat_keeps_its_own(
    site: RunningServer, session: str
):
    async with open_tab(site.host, session, path="/plan/live/") as plan:
        told = await plan.until("parts")
    async with open_tab(site.host, session) as chat:
        greeting = await chat.until("info")

    assert told["parts"]["tiles"]
    assert greeting["agent"] == "tws-analyzer"


@pytest.mark.parametrize("path", ["/plan/live", "/plan/live/x/", "/plan/live/%0a"])
async def test_beside_it_there_is_nothing(site: RunningServer, session: str, path: str):
    with pytest.raises(InvalidStatus) as refused:
        async with open_tab(site.host, session, path=path):
            pass

    assert refused.value.response.status_code == 404
