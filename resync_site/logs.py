"""Log lines: readable on a laptop, JSON on a server, and never a secret in either."""

import json
import logging
import re
from datetime import UTC, datetime

from django.conf import settings

SECRET_SHAPES = re.compile(
    r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?(?:basic|bearer)\s+|bearer\s+|basic\s+"
    r"|api[_-]?key['\"]?\s*[:=]\s*['\"]?|password['\"]?\s*[:=]\s*['\"]?|://[^\s/:@]*:(?=[^\s@]+@))"
    r"([^\s'\",;@]+)"
)
SECRET_SETTINGS = (
    "SECRET_KEY",
    "TWS_PASSWORD",
    "TWS_API_KEY",
    "LLM_API_KEY",
    "AUDITOR_API_KEY",
    "EMBEDDINGS_API_KEY",
    "METRICS_TOKEN",
)
HIDDEN = "[hidden]"
SHORTEST_SECRET = 4
STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def redact(text: str) -> str:
    """The text without the values of our secrets and without what looks like one."""
    for name in SECRET_SETTINGS:
        value = getattr(settings, name, "")
        if len(value) >= SHORTEST_SECRET:
            text = text.replace(value, HIDDEN)
    return SECRET_SHAPES.sub(rf"\g<1>{HIDDEN}", text)


class LineFormatter(logging.Formatter):
    """One readable line, traceback below it, secrets hidden."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname:<7} {name}: {message}", "%H:%M:%S", "{")

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the facts given in ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        event |= {
            name: value
            for name, value in vars(record).items()
            if name not in STANDARD_FIELDS
        }
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        return redact(json.dumps(event, default=str))
