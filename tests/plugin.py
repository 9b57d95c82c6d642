"""Prepares the environment before Django reads its settings: a data folder and a PostgreSQL of the suite's own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from resync_site import embedded

# A developer's shell and .env must not decide what the suite finds.
FOREIGN = (
    "AGENT_", "ALLOWED_HOSTS", "AUDIT", "CSRF_TRUSTED_ORIGINS", "DJANGO_SETTINGS_MODULE",
    "EMBEDDINGS_", "LLM_", "LOG_LEVEL", "METRICS_TOKEN", "OPENAI_", "PG", "REDIS_URL",
    "RESYNC_DATA_DIR", "RESYNC_PROCESS", "SECRET_KEY", "TWS_",
)  # fmt: skip

for name in [name for name in os.environ if name.startswith(FOREIGN)]:
    del os.environ[name]

DATA_DIR = Path(tempfile.mkdtemp(prefix="resync-tests-"))
os.environ["RESYNC_DATA_DIR"] = str(DATA_DIR)
os.environ["RESYNC_READ_DOTENV"] = "0"
OWN_DATABASE = not os.environ.get("DATABASE_URL", "").strip()


@pytest.fixture(scope="session")
def database_server() -> Iterator[None]:
    """The PostgreSQL of this run, started when the first test needs it.

    It ends with this process, however that dies, and takes its data along.
    """
    with ExitStack() as stack:
        if OWN_DATABASE:
            stack.enter_context(
                embedded.running(DATA_DIR, durable=False, ephemeral=True)
            )
        yield


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA_DIR, ignore_errors=True)
