"""Vectors of the real local model, and of an endpoint with its moods."""

import math
import subprocess
import sys

import pytest

from memory import embedder as embedder_module
from memory.embedder import EndpointEmbedder, LocalEmbedder, embedder_from_settings
from memory.exceptions import (
    MemoryGatewayError,
    MemoryMisconfigured,
    MemoryTimeout,
    MemoryUnavailable,
)
from tests.memory.embeddings_server import embeddings_endpoint


def likeness(one, other):
    return (
        math.sumprod(one, other)
        if hasattr(math, "sumprod")
        else sum(a * b for a, b in zip(one, other, strict=True))
    )


def test_the_local_model_knows_meaning_not_only_words(embedder):
    question = embedder.embed("Why is the payroll stream stuck?")
    meant = embedder.embed("PAYROLL does not proceed because a predecessor failed")
    worded = embedder.embed("The payroll department ordered a new coffee machine")

    assert len(question) == embedder.dimensions == 384
    assert likeness(question, question) == pytest.approx(1, abs=1e-5)
    assert likeness(question, meant) > likeness(question, worded)


@pytest.mark.parametrize("text", ["", " ", "x" * 100_000, "😀", "ação\n" * 3000])
def test_any_text_has_a_vector(embedder, text):
    assert likeness(*[embedder.embed(text)] * 2) == pytest.approx(1, abs=1e-5)


def test_a_changed_model_file_is_refused(tmp_path, monkeypatch):
    changed = tmp_path / "tokenizer.json"
    changed.write_bytes(embedder_module.TOKENIZER.read_bytes() + b" ")
    monkeypatch.setattr(embedder_module, "TOKENIZER", changed)

    with pytest.raises(
        MemoryMisconfigured, match=r"tokenizer\.json is not the expected"
    ):
        LocalEmbedder().embed("x")


def test_a_missing_model_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(embedder_module, "TOKENIZER", tmp_path / "tokenizer.json")

    with pytest.raises(MemoryMisconfigured, match=r"tokenizer\.json cannot be read"):
        LocalEmbedder().embed("x")


OFFLINE = """
import socket, sys
def refuse(*args): raise SystemExit(f"asked the network: {args}")
socket.socket.connect = socket.getaddrinfo = refuse
import django
django.setup()
from memory import mem0_store
from memory.embedder import LocalEmbedder
store = mem0_store.Mem0Store(LocalEmbedder())
print(len(store.embedder.embed("no network")), mem0_store.telemetry.MEM0_TELEMETRY)
store.close()
"""


def test_memory_needs_no_network_and_no_home(tmp_path):
    # As root nothing is unwritable, but below a file nobody can make a folder.
    nowhere = tmp_path / "file"
    nowhere.touch()
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(nowhere / "home"),
        "RESYNC_DATA_DIR": str(nowhere / "data"),
        "TMPDIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "resync_site.settings.test",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing",
    }

    done = subprocess.run(
        [sys.executable, "-c", OFFLINE],
        env=env,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert (done.stdout.strip(), done.returncode) == ("384 False", 0), done.stderr


@pytest.fixture
def endpoint():
    with embeddings_endpoint() as server:
        yield server


@pytest.fixture
def remote(endpoint, monkeypatch):
    monkeypatch.setattr(embedder_module, "REMOTE_SECONDS", 0.3)
    return EndpointEmbedder(
        base_url=endpoint.url, api_key="sesame", model="m", dimensions=3
    )


def test_an_endpoint_is_asked_in_the_portable_way(endpoint, remote):
    assert remote.embed("some text") == [0.5, 0.25, -1]
    assert endpoint.asked == [
        {
            "path": "/v1/embeddings",
            "authorization": "Bearer sesame",
            "model": "m",
            "input": ["some text"],
            "encoding_format": "float",
        }
    ]


@pytest.mark.parametrize(
    ("mood", "error", "says", "requests"),
    [
        ("short", MemoryMisconfigured, "EMBEDDINGS_DIM=1 and run .*--rebuild", 1),
        ("nan", MemoryUnavailable, "no finite numbers", 1),
        ("empty", MemoryUnavailable, "does not answer properly", 1),
        ("html", MemoryUnavailable, "does not answer properly", 1),
        ("unauthorized", MemoryUnavailable, "401: check EMBEDDINGS_API_KEY", 1),
        ("broken", MemoryUnavailable, "500: try again later", 2),
        ("silent", MemoryTimeout, "in time", 2),
    ],
)
def test_an_endpoint_that_fails_is_an_error_that_says_what_to_do(
    endpoint, remote, mood, error, says, requests
):
    endpoint.mood = mood

    with pytest.raises(error, match=says) as caught:
        remote.embed("some text")

    assert "sesame" not in str(caught.value)
    assert len(endpoint.asked) == requests


def test_an_endpoint_that_is_not_there_is_unavailable(monkeypatch):
    remote = EndpointEmbedder(
        base_url="http://127.0.0.1:9/v1", api_key="", model="m", dimensions=3
    )

    with pytest.raises(MemoryGatewayError) as caught:
        remote.embed("some text")

    assert caught.value.retryable


def test_the_settings_choose_the_embedder(settings, endpoint):
    local = embedder_from_settings()
    settings.EMBEDDINGS_BASE_URL, settings.EMBEDDINGS_MODEL = endpoint.url, "m"
    settings.EMBEDDINGS_DIM = 3

    assert (local.name, local.dimensions) == ("all-MiniLM-L6-v2-onnx-int8", 384)
    assert embedder_from_settings().embed("x") == [0.5, 0.25, -1]
