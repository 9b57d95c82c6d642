"""How the client talks: one pooled connection, said defaults, limits on all."""

import asyncio
import base64
import logging
import threading
import time

import pytest

from tests.fakes.http import Reply, Request, fake_http
from tws.client import TwsClient, client_from_settings
from tws.config import make_config
from tws.exceptions import (
    TwsNotConfigured,
    TwsPayloadError,
    TwsTimeout,
    TwsUnavailable,
)
from tws.requests import ReadRequest

INFO = {"displayVersion": "10.2.5", "fullVersion": "10.2.5.00", "timezone": "UTC"}


def empty(_request: Request) -> Reply:
    return Reply.json({"count": 0, "results": []})


def client(*urls: str, **more: object) -> TwsClient:
    return TwsClient(make_config(list(urls), **more))


async def test_the_first_list_says_all_that_releases_would_default():
    with fake_http(empty) as server:
        async with client(server.url, user="bob", password="pässword") as tws:
            await tws.jobs()

    (request,) = server.requests
    assert (request.method, request.path) == ("GET", "/twsd/api/v2/plan/job")
    assert request.params == {"limit": "500", "offset": "0"}
    assert {
        name: request.headers[name]
        for name in ("include-count", "scope", "accept-language", "accept")
    } == {
        "include-count": "true",
        "scope": "WHOLE_NO_DEPENDENCIES",
        "accept-language": "en",
        "accept": "application/json",
    }
    assert request.headers["authorization"] == (
        "Basic " + base64.b64encode("bob:pässword".encode()).decode()
    )


async def test_an_api_key_is_sent_as_bearer_and_wins_over_a_password():
    with fake_http(empty) as server:
        async with client(
            server.url, user="bob", password="p", api_key="ey.J.x"
        ) as tws:
            await tws.jobs()

    assert server.requests[0].headers["authorization"] == "Bearer ey.J.x"


async def test_credentials_in_the_address_are_used_and_never_shown():
    with fake_http(lambda _: Reply.html()) as server:
        url = server.url.replace("http://", "http://bob:s3cret@")
        async with client(url) as tws:
            with pytest.raises(TwsPayloadError) as caught:
                await tws.engine_info()

    assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert "s3cret" not in f"{caught.value} {tws.config!r}"


async def test_sequential_reads_share_one_connection():
    ports = set()

    def answer(_request: Request) -> Reply:
        ports.add(threading.get_ident())  # the fake has a thread per connection
        return empty(_request)

    with fake_http(answer) as server:
        async with client(server.url) as tws:
            for _ in range(5):
                await tws.jobs()

    assert len(ports) == 1


async def test_cookies_of_the_server_are_not_kept():
    def answer(_request: Request) -> Reply:
        return Reply(
            body=b'{"results": []}', headers={"Set-Cookie": "LtpaToken2=abc; Path=/"}
        )

    with fake_http(answer) as server:
        async with client(server.url) as tws:
            await tws.jobs()
            await tws.jobs()

    assert "cookie" not in server.requests[1].headers


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)

    with fake_http(empty) as server:
        async with client(server.url) as tws:
            page = await tws.jobs()

    assert page.items == []


async def test_a_silent_server_costs_no_more_than_the_time_limit():
    with fake_http(lambda _: Reply(delay=3)) as server:
        async with client(server.url, timeout=0.3) as tws:
            start = time.monotonic()
            with pytest.raises(TwsTimeout, match=r"no answer within 0\.3 s"):
                await tws.engine_info()

    assert time.monotonic() - start < 1
    assert len(server.requests) == 1  # waiting again would not have helped


async def test_an_answer_that_drips_is_cut_off_at_the_time_limit():
    """Each piece comes within the read time-out; only the deadline ends it."""

    async def drip(_reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, client(f"http://127.0.0.1:{port}", timeout=0.5) as tws:
        start = time.monotonic()
        with pytest.raises(TwsTimeout):
            await tws.engine_info()
        assert time.monotonic() - start < 1.5


async def test_a_body_without_end_is_refused_while_it_streams():
    with fake_http(lambda _: Reply(body=b" " * 3_000_000)) as server:
        config = make_config([server.url])
        small = type(config)(urls=config.urls, max_body=1024 * 1024)
        async with TwsClient(small) as tws:
            with pytest.raises(TwsPayloadError, match="larger than 1 MB"):
                await tws.jobs()


async def test_a_compressed_answer_is_not_unpacked():
    packed = Reply(body=b"\x1f\x8b" + b"x" * 20, headers={"Content-Encoding": "gzip"})
    with fake_http(lambda _: packed) as server:
        async with client(server.url) as tws:
            with pytest.raises(TwsPayloadError, match="compressed"):
                await tws.jobs()

    assert server.requests[0].headers["accept-encoding"] == "identity"


async def test_a_large_list_is_decoded_off_the_loop(monkeypatch):
    threads = []

    def decode(body: bytes) -> int:
        threads.append(threading.current_thread())
        return len(body)

    request = ReadRequest("/api/v2/plan/job", "a list")
    sizes = [1000, 300_000]
    with fake_http(lambda _: Reply(body=b" " * sizes.pop(0))) as server:
        async with client(server.url) as tws:
            assert await tws.read(request, decode) == 1000
            assert await tws.read(request, decode) == 300_000

    assert threads[0] is threading.main_thread()
    assert threads[1].name.startswith("tws-decode")


async def test_the_time_of_the_last_good_read_is_kept():
    replies = [Reply.json(INFO), Reply.json({}, 403)]
    with fake_http(lambda _: replies.pop(0)) as server:
        async with client(server.url) as tws:
            assert tws.last_read is None
            await tws.engine_info()
            first = tws.last_read
            with pytest.raises(Exception, match="403"):
                await tws.engine_info()

    assert first is not None
    assert tws.last_read == first


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
async def test_a_request_that_could_change_the_plan_is_never_sent(method):
    path = "/api/v2/plan/job/1/action/cancel"
    with fake_http(empty) as server:
        async with client(server.url) as tws:
            with pytest.raises(ValueError, match="could change the plan"):
                await tws.read(ReadRequest(path, "x", method=method), bytes)

    assert server.requests == []


async def test_a_ping_reads_the_engine_and_one_job():
    def answer(request: Request) -> Reply:
        if request.path.endswith("/engine/info"):
            return Reply.json(INFO)
        return Reply.json({"count": 35, "results": []})

    with fake_http(answer) as server:
        async with client(server.url) as tws:
            ping = await tws.ping()

    assert (ping.version, ping.tls, ping.url, ping.jobs) == (
        "10.2.5",
        "none",
        server.url,
        35,
    )
    assert 0 < ping.ms < 5000
    assert [r.params.get("limit") for r in server.requests] == [None, "1"]


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://mdm:31116/twsd", "https://mdm:31116/twsd"),
        ("https://mdm:31116/twsd/", "https://mdm:31116/twsd"),
        ("https://mdm:31116", "https://mdm:31116/twsd"),
        ("https://mdm:31116/twsd/api/v2", "https://mdm:31116/twsd"),
        ("https://mdm/proxy/twsd", "https://mdm/proxy/twsd"),
        ("http://[::1]:31116/twsd", "http://[::1]:31116/twsd"),
    ],
)
def test_an_address_is_understood_as_people_write_it(url, base):
    assert make_config([url]).urls == (base,)


@pytest.mark.parametrize(
    "url",
    ["mdm:31116", "ftp://mdm/twsd", "https://", "https://mdm:port/twsd", "http//"],
)
def test_an_address_that_cannot_be_one_names_itself(url):
    with pytest.raises(TwsNotConfigured, match="TWS_URL is"):
        make_config([url])


def test_without_an_address_the_simulator_is_named(settings):
    settings.TWS_URLS = []

    with pytest.raises(TwsNotConfigured, match="make run"):
        client_from_settings()


def test_a_key_that_would_break_the_header_is_refused():
    with pytest.raises(TwsNotConfigured, match="TWS_API_KEY"):
        make_config(["http://mdm"], api_key="abc\r\nX-Evil: 1")


async def test_unverified_tls_is_told_when_the_client_is_made(caplog):
    with caplog.at_level(logging.WARNING, "tws.client"):
        await client("https://mdm", verify_tls=False).aclose()

    assert "not verified" in caplog.text


async def test_a_hundred_reads_at_once_are_served_by_a_bounded_pool():
    busy, most = set(), []

    def answer(_request: Request) -> Reply:
        busy.add(threading.get_ident())
        most.append(len(busy))
        return Reply(body=b'{"results": []}', delay=0.002)

    with fake_http(answer) as server:
        async with client(server.url) as tws:
            pages = await asyncio.gather(*(tws.jobs(offset=n) for n in range(100)))

    assert len(pages) == 100
    assert max(most) <= 20


async def test_a_cancelled_read_leaves_the_client_usable():
    replies = [Reply(delay=0.5), Reply.json(INFO)]
    with fake_http(lambda _: replies.pop(0)) as server:
        async with client(server.url) as tws:
            task = asyncio.create_task(tws.engine_info())
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

            info = await tws.engine_info()

    assert info.version == "10.2.5"


async def test_an_error_says_whether_it_is_worth_trying_again():
    with fake_http(lambda _: Reply.html(503)) as server:
        async with client(server.url) as tws:
            with pytest.raises(TwsUnavailable) as caught:
                await tws.engine_info()

    assert caught.value.retryable
