"""Who gets in, and who must leave again."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from websockets.exceptions import InvalidStatus

from agents.doorkeeper import Doorkeeper, NotAllowed, check_origin
from tests.fakes.people import signed_in
from tests.fakes.tab import open_tab


async def closed_at_once(host: str, session: str = "", **options) -> int:
    """The close code of a socket that says nothing else."""
    async with open_tab(host, session, **options) as tab:
        code = await tab.closed()
    assert tab.frames == []
    return code


async def test_without_a_session_the_socket_is_closed_with_4401(chat):
    assert await closed_at_once(chat.host) == 4401


async def test_with_a_made_up_session_the_socket_is_closed_with_4401(chat):
    assert await closed_at_once(chat.host, "x" * 32) == 4401


@pytest.fixture
def outsider(db) -> str:
    return signed_in(User.objects.create_user("outsider"))


async def test_without_the_right_to_chat_the_socket_is_closed_with_4403(chat, outsider):
    assert await closed_at_once(chat.host, outsider) == 4403


@pytest.fixture
def expired(session) -> str:
    Session.objects.update(expire_date=timezone.now())
    return session


async def test_with_an_expired_session_the_socket_is_closed_with_4401(chat, expired):
    assert await closed_at_once(chat.host, expired) == 4401


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param(None, id="missing"),
        pytest.param("null", id="null"),
        pytest.param("http://evil.example", id="other host"),
        pytest.param("http://127.0.0.1:1", id="other port"),
        pytest.param("http://127.0.0.1", id="no port"),
        pytest.param("http://127.0.0.1.evil.example:{port}", id="prefix"),
        pytest.param("file://127.0.0.1:{port}", id="other scheme"),
    ],
)
async def test_another_origin_is_closed_with_4403(chat, session, origin):
    origin = origin and origin.format(port=chat.port)

    assert await closed_at_once(chat.host, session, origin=origin) == 4403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST"])
async def test_a_page_of_this_machine_may_call_it_by_another_name(chat, session, name):
    origin = f"http://{name}:{chat.port}"
    async with open_tab(chat.host, session, origin=origin) as tab:
        assert (await tab.hear())["type"] == "info"


async def test_an_unknown_agent_is_told_and_closed_with_4404(chat, session):
    async with open_tab(chat.host, session, path="/ws/nobody/") as tab:
        code = await tab.closed()

    (error,) = tab.frames
    assert code == 4404
    assert (error["type"], error["code"]) == ("error", "unknown_agent")
    assert "tws-analyzer" in error["message"]
    assert error["seq"] == 1


@pytest.mark.parametrize(
    "path",
    [
        "/ws/",
        "/ws/a/b/",
        "/ws/a%2Fb/",
        "/ws/a%22b/",
        "/ws/a'b/",
        "/ws/..%2f..%2fadmin/",
        "/ws/%00/",
        "/ws/%ff%fe/",
        "/ws/tws-analyzer",
        "/ws/tws-analyzer/%0a",
        "/ws/" + "a" * 65 + "/",
        "/elsewhere/",
    ],
)
async def test_an_id_that_no_route_matches_is_404(chat, session, path):
    with pytest.raises(InvalidStatus) as refused:
        async with open_tab(chat.host, session, path=path):
            pass

    assert refused.value.response.status_code == 404


def log_out(user: User, session: str) -> None:
    Session.objects.filter(pk=session).delete()


def let_expire(user: User, session: str) -> None:
    Session.objects.filter(pk=session).update(expire_date=timezone.now())


def deactivate(user: User, session: str) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def change_password(user: User, session: str) -> None:
    user.set_password("another")
    user.save()


def take_the_right_away(user: User, session: str) -> None:
    user.groups.clear()


def delete(user: User, session: str) -> None:
    user.delete()


@pytest.mark.parametrize(
    ("what_happens", "code"),
    [
        (log_out, 4401),
        (let_expire, 4401),
        (deactivate, 4401),
        (change_password, 4401),
        (delete, 4401),
        (take_the_right_away, 4403),
    ],
)
async def test_whoever_may_no_longer_chat_is_closed_soon(
    watchful_chat, operator, session, stranger, what_happens, code
):
    async with (
        open_tab(watchful_chat.host, session) as tab,
        open_tab(watchful_chat.host, stranger) as other,
    ):
        await tab.hear()
        await other.hear()
        await sync_to_async(what_happens)(operator, session)

        assert await tab.closed(patience=3) == code
        await other.say(type="ping")
        assert (await other.hear())["type"] == "pong"


@pytest.fixture
def watchful_chat(chat_servers, database_url):
    """Looks again each second, where the product takes its time."""
    return chat_servers("daphne", database_url, CHAT_LOOK_AGAIN_SECONDS="1")


async def test_whoever_says_nothing_for_long_is_closed(
    chat_servers, database_url, session
):
    chat = chat_servers(
        "daphne", database_url, CHAT_LOOK_AGAIN_SECONDS="1", CHAT_IDLE_SECONDS="2"
    )
    async with (
        open_tab(chat.host, session) as tab,
        open_tab(chat.host, session) as other,
    ):
        await tab.hear()
        await other.hear()
        for _ in range(3):
            await other.say(type="ping")
            assert (await other.hear())["type"] == "pong"
            await asyncio.sleep(1)

        assert await tab.closed(patience=3) == 4408
        await other.say(type="ping")
        assert (await other.hear())["type"] == "pong"


def test_the_product_looks_again_within_thirty_seconds():
    door = Doorkeeper()

    assert door.look_again_seconds + door.fresh_seconds < 30


def scope(host: str, origin: str, scheme: str = "ws", **headers: str):
    sent = {"host": host, "origin": origin, **headers}
    pairs = [
        (name.replace("_", "-").encode(), value.encode())
        for name, value in sent.items()
    ]
    return {"scheme": scheme, "headers": pairs}


@pytest.mark.parametrize(
    ("host", "origin", "scheme"),
    [
        ("resync.example.com", "https://resync.example.com", "ws"),
        ("resync.example.com", "https://resync.example.com", "wss"),
        ("resync.example.com:443", "https://resync.example.com", "wss"),
        ("resync.example.com:8000", "http://resync.example.com:8000", "ws"),
        ("[::1]:8000", "http://[::1]:8000", "ws"),
        ("elsewhere", "https://trusted.example.com", "ws"),
        ("elsewhere", "https://a.wild.example.com", "ws"),
    ],
)
def test_our_own_pages_are_let_in(settings, host, origin, scheme):
    settings.ALLOWED_HOSTS = ["resync.example.com", "[::1]"]
    settings.CSRF_TRUSTED_ORIGINS = [
        "https://trusted.example.com",
        "https://*.wild.example.com",
    ]

    check_origin(scope(host, origin, scheme))


@pytest.mark.parametrize(
    ("host", "origin", "scheme"),
    [
        ("resync.example.com", "http://resync.example.com", "wss"),
        ("evil.example", "https://evil.example", "ws"),
        ("resync.example.com", "https://sub.resync.example.com", "ws"),
        ("resync.example.com:8000", "http://resync.example.com", "ws"),
        ("elsewhere", "http://trusted.example.com", "ws"),
        ("elsewhere", "https://awild.example.com", "ws"),
        ("", "", "ws"),
        ("", "http://", "ws"),
        ("resync.example.com", "https://[::1", "ws"),
        ("resync.example.com:8000", "http://resync.example.com:8000x", "ws"),
    ],
)
def test_foreign_pages_are_not(settings, host, origin, scheme):
    settings.ALLOWED_HOSTS = ["resync.example.com"]
    settings.CSRF_TRUSTED_ORIGINS = [
        "https://trusted.example.com",
        "https://*.wild.example.com",
    ]

    with pytest.raises(NotAllowed):
        check_origin(scope(host, origin, scheme))


def test_a_proxy_that_ends_tls_says_so(settings):
    settings.ALLOWED_HOSTS = ["resync.example.com"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    host, page = "resync.example.com", "http://resync.example.com"

    check_origin(scope(host, page, x_forwarded_proto="http"))
    with pytest.raises(NotAllowed):
        check_origin(scope(host, page, x_forwarded_proto="https"))
