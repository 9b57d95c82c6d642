"""The one door to ``openai``: any OpenAI-compatible endpoint as a ChatModel.

The client brings authentication, retries and error classes; the lines of a stream are
decoded here, because the client passes wrong shapes on and calls a cut stream whole.
"""

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from agents.llm.dialect import Dialect, as_messages, as_tool
from agents.llm.port import (
    ChatModel,
    Completion,
    Finished,
    LlmError,
    LlmMalformed,
    LlmRefused,
    LlmTimeout,
    LlmTruncated,
    LlmUnavailable,
    Message,
    Mode,
    ModelEvent,
    TextDelta,
    ToolSpec,
)
from agents.llm.reply import Reply
from agents.llm.sse import SseDecoder
from agents.llm.text import clean

if TYPE_CHECKING:
    import httpx2
    import openai
    from openai import AsyncAPIResponse

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 3.0
FIRST_TOKEN_SECONDS = 24.0
IDLE_SECONDS = 20.0
LAST_WORD_SECONDS = 1.0  # for the token count that follows the finish reason
LONGEST_RETRY_AFTER = 2.0
MAX_BODY = 4_000_000


# Per endpoint and model, for the life of the process: a task makes a new client.
_dialects: dict[tuple[str, str], Dialect] = {}


class OpenAIChat:
    """One model of one endpoint; belongs to the event loop that first uses it."""

    mode: Mode = "llm"

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        *,
        max_retries: int = 1,
        first_token: float = FIRST_TOKEN_SECONDS,
        idle: float = IDLE_SECONDS,
    ) -> None:
        self.base_url = base_url
        self.name = model
        self.first_token = first_token
        self.idle = idle
        self._api_key = api_key or "none"  # keyless servers want some key all the same
        self._max_retries = max_retries
        self._client: openai.AsyncOpenAI | None = None

    async def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        max_tokens: int | None = None,
    ) -> AsyncGenerator[ModelEvent, None]:
        reply = Reply()
        body = {"messages": as_messages(messages), "stream": True}
        if tools:
            body["tools"] = [as_tool(tool) for tool in tools]
        async with aclosing(self._chunks(body, max_tokens, reply)) as chunks:
            async for chunk in chunks:
                text = reply.add(chunk)
                if text:
                    yield TextDelta(text)
        reason, calls = reply.finish()
        yield Finished(reason, calls, reply.tokens)

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        json_schema: Mapping[str, Any] | None = None,
    ) -> Completion:
        body: dict[str, Any] = {"messages": as_messages(messages)}
        if json_schema is not None:
            body["json_schema"] = json_schema
        with _translated():
            async with self._opened(body, max_tokens) as response:
                payload = await _read_json(response)
        reply = Reply()
        text = reply.add(payload)
        if not isinstance(payload, dict) or not payload.get("choices"):
            raise LlmMalformed("The model's endpoint sent a reply without an answer.")
        reason, _ = reply.finish()
        return Completion(clean(text), reason, reply.tokens)

    async def ping(self) -> None:
        """Ask the endpoint for its models; not having that list is no failure.

        Raises:
            LlmError: the endpoint cannot be reached or refuses the key.
        """
        with _translated():
            client = self._connected().with_options(max_retries=0, timeout=5.0)
            try:
                async with client.models.with_streaming_response.list():
                    pass
            except _openai().NotFoundError:
                pass

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _chunks(
        self, body: dict[str, Any], max_tokens: int | None, reply: Reply
    ) -> AsyncGenerator[object, None]:
        """The decoded chunks of a stream, each within its time limit."""
        clock = asyncio.get_running_loop().time
        limit = clock() + self.first_token
        with _translated(reply):
            async with self._opened(body, max_tokens, limit=limit) as response:
                _refuse_pages(response)
                async with aclosing(_events(response)) as events:
                    while True:
                        async with asyncio.timeout_at(limit):
                            data = await anext(events, None)
                        if data is None or data == "[DONE]":
                            return
                        yield json.loads(data)
                        if reply.ended:
                            limit = clock() + LAST_WORD_SECONDS
                        elif reply.began:
                            limit = clock() + self.idle

    @asynccontextmanager
    async def _opened(
        self, body: dict[str, Any], max_tokens: int | None, limit: float | None = None
    ) -> AsyncIterator["AsyncAPIResponse[Any]"]:
        """Send the request, in the dialect that the endpoint turns out to speak."""
        known = (self.base_url, self.name)
        dialect: Dialect | None = _dialects.get(known, Dialect())
        while dialect is not None:
            request = dialect.request(self.name, body, max_tokens)
            completions = self._connected().chat.completions
            opening = completions.with_streaming_response.create(**request)
            try:
                async with asyncio.timeout_at(limit):
                    response = await opening.__aenter__()
            except _openai().APIStatusError as error:
                dialect = _next_dialect(
                    dialect, error, asked_json="json_schema" in body
                )
                if dialect is None:
                    raise
                continue
            _dialects[known] = dialect  # only what has worked is remembered
            try:
                yield response
            finally:
                await opening.__aexit__(None, None, None)
            return

    def _connected(self) -> "openai.AsyncOpenAI":
        if self._client is None:
            self._client = self._connect()
        return self._client

    def _connect(self) -> "openai.AsyncOpenAI":
        """Build the client with nothing taken from the environment of the process."""
        import httpx2

        openai_module = _openai()
        longest_read = max(self.first_token, self.idle)
        timeout = httpx2.Timeout(longest_read, connect=CONNECT_SECONDS)
        http = httpx2.AsyncClient(
            trust_env=False,
            timeout=timeout,
            verify=_tls(),
            limits=httpx2.Limits(max_connections=200, max_keepalive_connections=20),
            event_hooks={"response": [_no_long_retry]},
        )
        unset = {
            "OpenAI-Organization": openai_module.Omit(),
            "OpenAI-Project": openai_module.Omit(),
        }
        client: openai.AsyncOpenAI = openai_module.AsyncOpenAI(
            base_url=self.base_url,
            api_key=self._api_key,
            timeout=timeout,
            max_retries=self._max_retries,
            http_client=http,
            default_headers=unset,
        )
        return client


def chat_model_from_settings(model_name: str = "") -> ChatModel:
    """The model of the settings, or the one that computes when there is none."""
    if not settings.LLM_BASE_URL:
        from agents.llm.computed import ComputedModel

        return ComputedModel()
    return OpenAIChat(
        settings.LLM_BASE_URL,
        settings.LLM_API_KEY,
        model_name or settings.LLM_MODEL or "default",
        # Room for a second round and for the computed answer, whatever happens.
        first_token=0.4 * settings.AGENT_TURN_SECONDS,
    )


def judge_model_from_settings() -> ChatModel | None:
    """The auditor's model; None when no endpoint or no model is configured."""
    if not settings.AUDITOR_BASE_URL or not settings.AUDITOR_MODEL:
        return None
    return OpenAIChat(
        settings.AUDITOR_BASE_URL,
        settings.AUDITOR_API_KEY,
        settings.AUDITOR_MODEL,
        max_retries=2,
    )


def warm_up() -> None:
    """Import what is slow to import (a second) before the first question needs it.

    Blocks: for a thread. The client and its transport import more when they are made.
    """
    if settings.LLM_BASE_URL:
        client = OpenAIChat(settings.LLM_BASE_URL, "", "warm-up")._connected()
        _ = client.chat.completions.with_streaming_response


@cache
def _tls() -> ssl.SSLContext:
    """The system's authorities, or those of SSL_CERT_FILE; slow to load, so once."""
    return ssl.create_default_context()


def _openai() -> Any:  # noqa: ANN401  # the module, imported only when a model is used
    import openai

    return openai


async def _no_long_retry(response: "httpx2.Response") -> None:
    """Keep the client from sleeping for as long as a server would like (2 minutes)."""
    wanted = response.headers.get("retry-after", "")
    if wanted and not (wanted.isdigit() and int(wanted) <= LONGEST_RETRY_AFTER):
        response.headers["x-should-retry"] = "false"


def _next_dialect(
    dialect: Dialect, error: "openai.APIStatusError", *, asked_json: bool
) -> Dialect | None:
    if error.status_code in {400, 422}:
        simpler = dialect.after(str(error.body or error.message))
        if simpler is not None:
            return simpler
    if asked_json and error.status_code in {400, 422, 500}:
        return dialect.plainer()
    return None


def _refuse_pages(response: "AsyncAPIResponse[Any]") -> None:
    """A login page or a plain document is no stream, whatever its status says."""
    kind = response.headers.get("content-type", "")
    if "html" in kind or "json" in kind:
        raise LlmMalformed(
            "The model's endpoint answered with a page instead of a stream:"
            " check LLM_BASE_URL."
        )


async def _events(response: "AsyncAPIResponse[Any]") -> AsyncGenerator[str, None]:
    decoder = SseDecoder()
    async for packet in response.iter_bytes():
        for event, data in decoder.feed(packet):
            yield _data(event, data)
    for event, data in decoder.close():
        yield _data(event, data)


def _data(event: str, data: str) -> str:
    if event == "error":
        raise LlmUnavailable("The model's endpoint reported an error while answering.")
    return data


async def _read_json(response: "AsyncAPIResponse[Any]") -> object:
    body = bytearray()
    async for packet in response.iter_bytes():
        body += packet
        if len(body) > MAX_BODY:
            raise LlmMalformed("The model's endpoint sent more than a reply can be.")
    payload: object = json.loads(body.decode("utf-8", "replace"))
    return payload


@contextmanager
def _translated(reply: Reply | None = None) -> Iterator[None]:
    """Turn what the client and the wire raise into errors of the port.

    The causes are dropped on purpose: their text repeats what the server said, and
    servers were seen to repeat the key.
    """
    import httpx2

    foreign = (_openai().OpenAIError, httpx2.HTTPError, httpx2.InvalidURL)
    try:
        yield
    except (*foreign, TimeoutError, ValueError, RecursionError) as error:
        if reply is not None and reply.ended:
            return  # only the token count is missing
        began = reply is not None and reply.began
        raise _ours(error, began=began) from None


def _ours(error: BaseException, *, began: bool) -> LlmError:
    import httpx2

    openai = _openai()
    if isinstance(error, openai.APIStatusError):
        return _status_error(error.status_code)
    if isinstance(
        error, openai.APITimeoutError | httpx2.TimeoutException | TimeoutError
    ):
        return LlmTimeout("The model did not answer in time.")
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError):
        if began:
            return LlmTruncated("The connection to the model was cut.")
        return LlmUnavailable("The model's endpoint cannot be reached.")
    if isinstance(error, UnicodeEncodeError):
        return LlmRefused("The model's key holds characters that no key has.")
    return LlmMalformed("The model's endpoint sent what is no answer.")


def _status_error(status: int) -> LlmError:
    where = f"(HTTP {status})"
    if status in {401, 403}:
        return LlmRefused(
            f"The model's endpoint refused the key {where}: check the API key.",
            status=status,
        )
    if status == 404:
        return LlmRefused(
            f"The model's endpoint knows no such address or model {where}:"
            " check the base URL and the model's name.",
            status=status,
        )
    if status in {408, 409, 425, 429} or status >= 500:
        return LlmUnavailable(
            f"The model's endpoint is overloaded or broken {where}.", status=status
        )
    return LlmRefused(
        f"The model's endpoint refused the request {where}.", status=status
    )
