"""What the log may hold: facts, and never a secret."""

import json
import logging

import pytest

from resync_site.logs import JsonFormatter, LineFormatter, redact


def record(message, *args, **extra):
    made = logging.LogRecord("tws", logging.INFO, "f.py", 1, message, args, None)
    vars(made).update(extra)
    return made


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic dXNlcjpodW50ZXIy",
        "sent 'authorization': 'Bearer hunter2'",
        "postgres://resync:hunter2@db:5432/resync",
        "password=hunter2",
        '{"api_key": "hunter2"}',
    ],
)
def test_what_looks_like_a_secret_is_hidden(text):
    hidden = redact(text)

    assert "hunter2" not in hidden
    assert "dXNlcjpodW50ZXIy" not in hidden
    assert "[hidden]" in hidden


def test_the_value_of_a_secret_setting_is_hidden_wherever_it_stands(settings):
    settings.TWS_PASSWORD = "pa55 word"

    assert (
        redact("the server said: pa55 word is wrong")
        == "the server said: [hidden] is wrong"
    )


def test_a_line_is_readable():
    line = LineFormatter().format(record("turn %s answered", 7))

    assert line.endswith("INFO    tws: turn 7 answered")


def test_json_keeps_the_facts_and_hides_secrets(settings):
    settings.LLM_API_KEY = "sk-canary"
    made = record("asked", action="model_asked", header="Bearer sk-canary")

    event = json.loads(JsonFormatter().format(made))

    assert (event["message"], event["action"], event["level"]) == (
        "asked",
        "model_asked",
        "INFO",
    )
    assert "sk-canary" not in json.dumps(event)
