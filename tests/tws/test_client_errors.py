"""Each way in which TWS can fail has its own error, and its own sentence."""

import pytest

from tests.fakes.http import Reply, fake_http, self_signed, server_tls
from tws.client import TwsClient
from tws.config import make_config
from tws.exceptions import (
    TwsBadFilter,
    TwsEngineError,
    TwsError,
    TwsForbidden,
    TwsNotFound,
    TwsPayloadError,
    TwsRejected,
    TwsTimeout,
    TwsTlsError,
    TwsUnauthorized,
    TwsUnavailable,
)
from tws.oql import field

RUN_ID = "ca15f24a-0e6b-3f1b-9251-854d8d0d3639"


async def fails(
    reply: Reply, call: str = "jobs", *arguments: str, **more: object
) -> TwsError:
    with fake_http(lambda _: reply) as server:
        config = make_config([server.url], **({"user": "bob"} | more))
        async with TwsClient(config) as tws:
            with pytest.raises(TwsError) as caught:
                await getattr(tws, call)(*arguments)
    return caught.value


def said(code: str, status: int = 500) -> Reply:
    return Reply.json({"messages": [f"{code} Something happened."]}, status)


@pytest.mark.parametrize(
    ("reply", "kind", "happened", "to_do"),
    [
        (Reply.json({}, 401), TwsUnauthorized, "password of user bob", "TWS_PASSWORD"),
        (Reply.json({}, 403), TwsForbidden, "User bob may not read", "display access"),
        (Reply.html(403), TwsForbidden, "User bob may not read", "display access"),
        (
            Reply.json({"messages": ["OQL_FILTER_SYNTAX_ERROR near 'x'"]}, 400),
            TwsBadFilter,
            "did not accept the filter (400): “OQL_FILTER_SYNTAX_ERROR near 'x'”",
            "Check the names",
        ),
        (Reply.html(404), TwsNotFound, "no API of TWS at http://", "10.1 FP1"),
        (
            said("AWSJDB101E", 404),
            TwsNotFound,
            "(404): “AWSJDB101E Something happened.”",
            "TWS_URL should look like",
        ),
        (
            said("AWSJDB101E"),
            TwsNotFound,
            "does not have the list of jobs (500): “AWSJDB101E",
            "left the plan",
        ),
        (said("AWSJCS005E"), TwsForbidden, "may not read", "display access"),
        (
            said("AWSJDB801E"),
            TwsEngineError,
            "AWSJDB801E: The database of the engine reported an error. “AWSJDB801E Som",
            "database administrator: log full, lock list full, or the database is down."
            " (Troubleshooting Guide)",
        ),
        (
            said("AWSJSY404E The inner is AWSBIN076E"),
            TwsEngineError,
            "AWSBIN076E: The job is in a state",
            "Read its status again",
        ),
        (
            said("AWSBHT999E"),
            TwsEngineError,
            "AWSBHT999E: A message of Batchman.",
            "Look AWSBHT999E up",
        ),
        (Reply(500, b"oops"), TwsEngineError, "failed inside (500)", "messages.log"),
        (Reply.html(500), TwsEngineError, "failed inside (500).", "messages.log"),
        (Reply.html(503), TwsUnavailable, "TWS behind it does not (503)", "starting"),
        (Reply.html(), TwsPayloadError, "an HTML page instead of", "the console"),
        (
            Reply(body=b'{"count": 3, "results": [{"id": "1", "na'),
            TwsPayloadError,
            "breaks off after 40 bytes",
            "proxy",
        ),
        (Reply(), TwsPayloadError, "is empty", "Try again"),
        (Reply(body=b"Hello!"), TwsPayloadError, "begins with 'Hello!'", "proxy"),
        (
            Reply(302, headers={"Location": "https://sso.example.com/login"}),
            TwsRejected,
            "sends us on to https://sso.example.com/login (302)",
            "final address",
        ),
        (Reply.json({}, 415), TwsRejected, "declined to give the list of jobs", "log"),
        (Reply(cut=-1), TwsUnavailable, "closed the connection before", "proxy"),
        (
            Reply(body=b'{"results": []}', cut=5),
            TwsUnavailable,
            "closed the connection before",
            "https://",
        ),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
async def test_what_happened_and_what_to_do(reply, kind, happened, to_do):
    error = await fails(reply)

    assert type(error) is kind
    assert happened in error.message
    assert to_do in error.action
    assert str(error) == f"{error.message} {error.action}"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"user": "bob"}, "user bob"),
        ({"user": "", "api_key": "ey"}, "API key"),
        ({"user": ""}, "wants to know who asks"),
    ],
)
async def test_a_401_speaks_of_the_credentials_that_were_used(more, words):
    error = await fails(Reply.json({}, 401), **more)

    assert words in error.message


@pytest.mark.parametrize(
    ("more", "who", "to_do"),
    [
        ({"user": "bob"}, "User bob", "display access"),
        ({"user": "", "api_key": "ey"}, "The owner of the API key", "display access"),
        ({"user": ""}, "A caller without a user", "Set TWS_USER"),
    ],
)
async def test_a_403_speaks_of_who_has_asked(more, who, to_do):
    error = await fails(Reply.json({}, 403), **more)

    assert error.message.startswith(f"{who} may not read")
    assert to_do in error.action


@pytest.mark.parametrize(
    ("code", "retryable"), [("AWSJDB803E", True), ("AWSJDB801E", False)]
)
async def test_a_fault_that_passes_by_itself_is_told_from_one_that_stays(
    code, retryable
):
    error = await fails(said(code))

    assert (error.code, error.retryable) == (code, retryable)


async def test_a_missing_log_is_normal_and_says_so():
    error = await fails(Reply.json({}, 404), "job_log", RUN_ID)

    assert isinstance(error, TwsNotFound)
    assert "a job that never started has none" in str(error)


async def test_what_the_server_says_is_shown_as_one_short_clean_line():
    text = "AWSX\x1b[31m red \x00 \u202e evil\n" + "long " * 500

    error = await fails(Reply.json({"messages": [text]}, 400))

    assert "\n" not in error.message
    assert not {"\x1b", "\x00", "\u202e"} & set(error.message)
    assert len(error.message) < 400


@pytest.mark.parametrize(
    "body",
    [
        {"messages": ["AWSJDB803E a"]},
        {"listMessages": ["AWSJDB803E a"]},
        {"message": "AWSJDB803E a"},
        {"exceptionName": "com.ibm.X", "messages": ["x", "AWSJDB803E a"]},
        {"error": "AWSJDB803E a"},
        ["AWSJDB803E a"],
        "AWSJDB803E a",
    ],
)
async def test_the_code_is_found_in_every_shape_of_an_error(body):
    error = await fails(Reply.json(body, 500))

    assert error.code == "AWSJDB803E"


async def test_silence_is_its_own_error():
    error = await fails(Reply(delay=2), timeout=0.3)

    assert type(error) is TwsTimeout
    assert "TWS gave no answer within 0.3 s. Try again" in str(error)


class TestTls:
    """A real handshake with certificates made now."""

    async def refused(self, certificate, **more):
        reply = Reply.json({"count": 0, "results": []})
        with fake_http(lambda _: reply, server_tls(certificate)) as server:
            async with TwsClient(make_config([server.url], **more)) as tws:
                with pytest.raises(TwsTlsError) as caught:
                    await tws.jobs()
        assert server.requests == []
        return str(caught.value)

    async def test_a_self_signed_certificate(self, tmp_path):
        error = await self.refused(self_signed(tmp_path))

        assert "is self-signed" in error
        assert "TWS_CA_BUNDLE; TWS_VERIFY_TLS=false goes without" in error

    async def test_an_expired_certificate(self, tmp_path):
        old = self_signed(tmp_path, days=-1)

        assert "has expired" in await self.refused(old, ca_bundle=str(old))

    async def test_a_certificate_for_another_name(self, tmp_path):
        other = self_signed(tmp_path, name="127.0.0.2")

        assert "is for another name" in await self.refused(other, ca_bundle=str(other))

    async def test_a_port_without_tls(self):
        with fake_http(lambda _: Reply()) as server:
            url = server.url.replace("http:", "https:")
            async with TwsClient(make_config([url])) as tws:
                with pytest.raises(TwsTlsError, match="does not seem to speak TLS"):
                    await tws.jobs()

    async def test_a_bundle_that_is_not_there(self, tmp_path):
        missing = str(tmp_path / "no.pem")
        config = make_config(["https://mdm"], ca_bundle=missing)

        with pytest.raises(TwsTlsError, match="TWS_CA_BUNDLE names"):
            TwsClient(config)

    async def test_the_right_bundle_makes_the_connection_verified(self, tmp_path):
        certificate = self_signed(tmp_path)
        reply = Reply.json({"displayVersion": "10.2.5", "count": 0, "results": []})
        with fake_http(lambda _: reply, server_tls(certificate)) as server:
            config = make_config([server.url], ca_bundle=str(certificate))
            async with TwsClient(config) as tws:
                ping = await tws.ping()

        assert ping.tls == "TLSv1.3, verified"

    async def test_unverified_is_possible_and_shows(self, tmp_path):
        reply = Reply.json({"displayVersion": "10.2.5", "count": 0, "results": []})
        with fake_http(lambda _: reply, server_tls(self_signed(tmp_path))) as server:
            config = make_config([server.url], verify_tls=False)
            async with TwsClient(config) as tws:
                ping = await tws.ping()

        assert ping.tls == "TLSv1.3, not verified"


async def test_a_filter_error_keeps_what_was_asked_a_name():
    """The name travels as one value, whatever it looks like."""
    name = "X' OR name LIKE '@"
    with fake_http(lambda _: Reply.json({"results": []})) as server:
        async with TwsClient(make_config([server.url])) as tws:
            await tws.jobs(oql=field("name") == name)

    assert server.requests[0].params["oql"] == "name = 'X'' OR name LIKE ''@'"
