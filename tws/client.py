"""The one door to TWS: HTTP, TLS, time limits, retries, fail-over. It only ever reads."""

import asyncio
import logging
import random
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from time import monotonic
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote, urlencode

import httpx

from tws import decoding, requests
from tws.answers import GATEWAY, Answer, gateway_problem, problem
from tws.breaker import Breaker
from tws.config import TwsConfig, config_from_settings
from tws.exceptions import (
    TwsPayloadError,
    TwsRejected,
    TwsTimeout,
    TwsUnavailable,
)
from tws.joblog import MOST_LINES, LogWindow
from tws.payloads import JobLog
from tws.reads import PlanReads
from tws.requests import ReadRequest, Scope
from tws.tls import handshake_problem, make_context

logger = logging.getLogger(__name__)

T = TypeVar("T")

ROUNDS = 2  # every host is asked so often
PAUSE_SECONDS = (0.1, 0.4)  # between two rounds
IDLE_SECONDS = 15.0
THREAD_FROM_BYTES = 256 * 1024
LOG_READ_BYTES = 32 * 1024 * 1024
LOG_SLICE = 16 * 1024
BARE: Scope = "WHOLE_NO_JOB_DEFINITIONS_AND_NO_DEPENDENCIES"


@dataclass(frozen=True, slots=True)
class Ping:
    """The proof that the plan can be read."""

    version: str
    ms: float
    tls: str
    url: str
    jobs: int | None = None


class TwsClient(PlanReads):
    """Reads one engine. Made, used and closed within one event loop."""

    def __init__(self, config: TwsConfig, *, breaker: Breaker | None = None) -> None:
        if config.uses_tls and not config.verify_tls:
            logger.warning("TWS certificates are not verified: anybody is believed.")
        self.config = config
        self.last_read: datetime | None = None
        self.clock_ahead = timedelta()  # of the server; the plan's times are its own
        self._breaker = breaker or Breaker()
        self._host = 0
        self._decoder = ThreadPoolExecutor(1, "tws-decode")
        self._headers = _headers(config)
        self._extensions = {"timeout": _timeouts(config).as_dict()}
        self._http = httpx.AsyncClient(
            verify=make_context(config),
            limits=httpx.Limits(
                max_connections=config.max_connections,
                max_keepalive_connections=config.max_connections,
                keepalive_expiry=IDLE_SECONDS,
            ),
            # A session is not needed, and must not outlive a change of rights.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._breaker.aclose()
        await self._http.aclose()
        self._decoder.shutdown(wait=False, cancel_futures=True)

    async def ping(self) -> Ping:
        """Ask who is there, and whether jobs can be seen: who may see those has a plan."""
        start = monotonic()
        version, declined = "", None
        try:
            version = (await self.engine_info()).version
        except TwsRejected as error:
            if not error.concerns_one_call:
                raise
            declined = error
        ms = round((monotonic() - start) * 1000, 1)
        try:
            answer = await self._send(requests.listing("job", limit=1, scope=BARE))
        except TwsRejected as error:
            raise declined or error from None
        page = await self._decoded(answer, decoding.jobs_page)
        return Ping(version, ms, answer.tls or "none", answer.base, page.count)

    async def job_log(
        self,
        run_id: str,
        from_line: int | None = None,
        to_line: int | None = None,
        *,
        tail: int | None = None,
    ) -> JobLog:
        """Lines of a run's log: the first ones, those asked for, or the last ``tail``."""
        first = from_line or 1
        window = LogWindow(keep_end=tail is not None, first_line=first)
        await self._send(requests.job_log(run_id, from_line, to_line), window)
        wanted = tail or (to_line - first + 1 if to_line else MOST_LINES)
        return await self._beside(
            lambda: window.log(most_lines=min(MOST_LINES, wanted))
        )

    async def read(self, request: ReadRequest, decode: Callable[[bytes], T]) -> T:
        return await self._decoded(await self._send(request), decode)

    async def _decoded(self, answer: Answer, decode: Callable[[bytes], T]) -> T:
        if len(answer.body) < THREAD_FROM_BYTES:
            return decode(answer.body)
        return await self._beside(lambda: decode(answer.body))

    async def _beside(self, work: Callable[[], T]) -> T:
        """Do what takes long for the loop on the client's own thread."""
        return await asyncio.get_running_loop().run_in_executor(self._decoder, work)

    async def _send(
        self, request: ReadRequest, window: LogWindow | None = None
    ) -> Answer:
        """One good answer, or the error that tells what to do.

        Raises:
            TwsError: As its own docstring has it.
        """
        if not request.is_read:
            msg = f"{request.method} {request.path} could change the plan."
            raise ValueError(msg)
        answer = await self._breaker.run(lambda: self._in_time(request, window))
        complaint = problem(answer, request, self.config)
        if complaint is not None:
            raise complaint
        self.last_read = datetime.now(UTC)
        self.clock_ahead = _ahead(answer.date, self.last_read)
        return answer

    async def _in_time(self, request: ReadRequest, window: LogWindow | None) -> Answer:
        try:
            async with asyncio.timeout(self.config.timeout):
                return await self._from_any_host(request, window)
        except TimeoutError:
            raise _silence(self.config) from None

    async def _from_any_host(
        self, request: ReadRequest, window: LogWindow | None
    ) -> Answer:
        """Ask the host that answered last, then the others, then all once more."""
        hosts = self.config.urls
        first = self._host
        errors: dict[str, TwsUnavailable] = {}
        for turn in range(ROUNDS * len(hosts)):
            if turn == len(hosts):
                if not any(error.retryable for error in errors.values()):
                    break
                await asyncio.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 (jitter)
            host = (first + turn) % len(hosts)
            try:
                answer = await self._from_host(hosts[host], request, window)
            except TwsTimeout:
                raise
            except TwsUnavailable as error:
                errors[hosts[host]] = error
            else:
                self._host = host
                if errors:
                    _log_hidden(errors.values(), answer.base)
                return answer
        raise _together(list(errors.values()))

    async def _from_host(
        self, base: str, request: ReadRequest, window: LogWindow | None
    ) -> Answer:
        # Made whole here: merging it with a client's defaults costs a tenth of a call.
        query = (
            f"?{urlencode(request.params, quote_via=quote)}" if request.params else ""
        )
        prepared = httpx.Request(
            request.method,
            f"{base}{request.path}{query}",
            headers=[*self._headers, ("Accept", request.accept), *request.headers],
            content=request.body or None,
            extensions=self._extensions,
        )
        with _translated(base, self.config):
            response = await self._http.send(prepared, stream=True)
            try:
                if window is not None and response.status_code == 200:
                    body = await _watched(response, window)
                else:
                    body = await _whole(response, self.config.max_body)
            finally:
                await response.aclose()
        answer = Answer(
            base=base,
            status=response.status_code,
            content_type=response.headers.get("content-type", ""),
            body=body,
            location=response.headers.get("location", ""),
            tls=_tls_state(response, self.config),
            date=response.headers.get("date", ""),
        )
        if answer.status in GATEWAY:
            raise gateway_problem(answer)
        return answer


def client_from_settings(*, url: str | None = None) -> TwsClient:
    """A client for the engine of the settings, or for the one at ``url``.

    Raises:
        TwsNotConfigured: There is no address, or one that cannot be used.
        TwsTlsError: The bundle of authorities cannot be read.
    """
    return TwsClient(config_from_settings(url=url))


# --- HTTP, and what can go wrong in it --------------------------------------------


def _headers(config: TwsConfig) -> list[tuple[str, str]]:
    headers = [
        ("User-Agent", "resync"),
        ("Accept-Language", "en"),
        # What was sent is what is counted: nothing can unpack to more.
        ("Accept-Encoding", "identity"),
    ]
    if config.api_key:
        headers.append(("Authorization", f"Bearer {config.api_key}"))
    elif config.user:
        pair = b64encode(f"{config.user}:{config.password}".encode()).decode()
        headers.append(("Authorization", f"Basic {pair}"))
    return headers


def _timeouts(config: TwsConfig) -> httpx.Timeout:
    connect = min(config.connect_timeout, config.timeout)
    return httpx.Timeout(config.timeout, connect=connect)


def _ahead(date: str, now: datetime) -> timedelta:
    """The header tells whole seconds: less than two are no difference."""
    try:
        ahead = parsedate_to_datetime(date) - now
    except (TypeError, ValueError):
        return timedelta()
    return ahead if abs(ahead) >= timedelta(seconds=2) else timedelta()


async def _whole(response: httpx.Response, most: int) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        msg = "The answer of TWS is compressed, which was not asked for."
        raise TwsPayloadError(msg, action="Have the proxy on the way leave it alone.")
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > most:
            msg = f"The answer of TWS is larger than {most // 2**20} MB."
            raise TwsPayloadError(msg, action="Ask for fewer objects at once.")
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _watched(response: httpx.Response, window: LogWindow) -> bytes:
    """Let a log stream by; of what is not kept, only so much."""
    window.restart()
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        for start in range(0, len(chunk), LOG_SLICE):
            if not window.feed(chunk[start : start + LOG_SLICE]):
                return b""
            await asyncio.sleep(0)  # reading a slice takes its time
        if size > LOG_READ_BYTES:
            window.stop()
            break
    return b""


def _tls_state(response: httpx.Response, config: TwsConfig) -> str:
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("ssl_object") if stream else None
    if connection is None:
        return ""
    trust = "verified" if config.verify_tls else "not verified"
    return f"{connection.version()}, {trust}"


@contextmanager
def _translated(base: str, config: TwsConfig) -> Iterator[None]:
    """Turn the errors of HTTP into ours, here and nowhere else."""
    try:
        yield
    except httpx.ConnectTimeout as exc:
        seconds = min(config.connect_timeout, config.timeout)
        msg = f"{base} did not take a connection within {seconds:g} s."
        action = "Check the address in TWS_URL and the firewalls on the way."
        raise TwsUnavailable(msg, action=action) from exc
    except httpx.TimeoutException as exc:
        raise _silence(config) from exc
    except httpx.TransportError as exc:
        raise _unreachable(exc, base) from exc


def _silence(config: TwsConfig) -> TwsTimeout:
    msg = f"TWS gave no answer within {config.timeout:g} s."
    action = (
        "Try again; if it stays so, look at the load of the master's application"
        " server (Liberty), or raise TWS_TIMEOUT."
    )
    return TwsTimeout(msg, action=action)


def _unreachable(error: httpx.TransportError, base: str) -> TwsUnavailable:
    for cause in _causes(error):
        match cause:
            case ssl.SSLError():
                return handshake_problem(cause, base)
            case socket.gaierror():
                msg = f"The host name in {base} is not known."
                action = "Check TWS_URL, and the name service of this machine."
                return TwsUnavailable(msg, action=action)
            case ConnectionRefusedError():
                msg = f"Nothing listens at {base}: the connection was refused."
                action = (
                    "Check the port in TWS_URL (usually 31116), and that the"
                    " application server (Liberty) runs there."
                )
                return TwsUnavailable(msg, action=action)
    if isinstance(error, httpx.ConnectError):
        msg = f"{base} cannot be reached."
        action = "Check TWS_URL, and the network between here and there."
        return TwsUnavailable(msg, action=action)
    msg = f"{base} closed the connection before its answer was complete."
    action = (
        "Try again; if it stays so, look for a proxy on the way. A port that speaks"
        " TLS needs https:// in TWS_URL."
    )
    return TwsUnavailable(msg, action=action)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _causes(inner)
        error = error.__cause__ or error.__context__


def _log_hidden(errors: Iterable[TwsUnavailable], base: str) -> None:
    """Keep a record of what the caller is not told: another try went well."""
    logger.warning(
        "TWS answered at %s only after this: %s",
        base,
        " ".join(error.message for error in errors),
        extra={"action": "tws_retried"},
    )


def _together(errors: list[TwsUnavailable]) -> TwsUnavailable:
    """One error for all hosts; the first host is the preferred one."""
    first = errors[0]
    if len(errors) == 1:
        return first
    kinds = {type(error) for error in errors}
    kind = kinds.pop() if len(kinds) == 1 else TwsUnavailable
    return kind(" ".join(error.message for error in errors), action=first.action)
