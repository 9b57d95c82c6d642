"""A log is text for people: bounded, without what a terminal would act on."""

import random

import pytest

from tws.joblog import BINARY, LONGEST_LINE, LogWindow, cleaned


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain\nlines\n", "plain\nlines"),
        (b"dos\r\nlines\r\n", "dos\nlines"),
        (b"\x1b[31mred\x1b[0m \x1b]0;title\x07done", "red done"),
        (b"\x1b[2J\x1b[1;1Hhome\x1bM", "home"),
        (b"a\x00b\x07c\x7f", "abc"),
        (b"10%\r50%\r100%\n", "100%"),
        (b"tab\tstays", "tab\tstays"),
        ("año 日本 \U0001f600".encode(), "año 日本 \U0001f600"),
        ("a\u202eb\u200bc\ufeff".encode(), "abc"),
        ("wide".encode("utf-16"), "wide"),
        (b"caf\xe9", "caf\ufffd"),
        (b"", ""),
        (b"\n\n", ""),
    ],
)
def test_what_is_not_text_is_taken_out(raw, text):
    assert cleaned(raw) == (text, False)


def test_binary_lines_are_named_once_and_the_text_around_them_stays():
    noise = bytes(random.Random(1).randrange(128, 256) for _ in range(5000))
    raw = b"start\n" + noise.replace(b"\n", b"") + b"\n" + noise + b"\nend\n"

    text, binary = cleaned(raw)

    assert text == f"start\n{BINARY}\nend"
    assert binary


def test_an_endless_line_is_cut():
    text, _ = cleaned(b"x" * 100_000)

    assert text == "x" * LONGEST_LINE + "…"


def test_an_escape_that_never_ends_costs_no_time():
    text, _ = cleaned(b"\x1b]0;" * 50_000)

    assert len(text) < 300_000


@pytest.mark.parametrize("size", [1, 7, 100, 4096])
@pytest.mark.parametrize("tail", [1, 10, 50])
def test_the_last_lines_are_the_last_whatever_the_pieces(size, tail):
    lines = [f"line {n}" for n in range(1, 1001)]
    raw = ("\n".join(lines) + "\n").encode()
    window = LogWindow(keep_end=True, most_bytes=2000)
    for start in range(0, len(raw), size):
        assert window.feed(raw[start : start + size])

    log = window.log(most_lines=tail)

    assert log.text.split("\n") == lines[-tail:]
    assert (log.from_line, log.to_line) == (1001 - tail, 1000)
    assert log.truncated


def test_the_first_lines_end_the_reading_when_there_is_enough():
    window = LogWindow(keep_end=False, most_bytes=100)
    pieces = iter([b"a" * 60 + b"\n", b"b" * 60 + b"\n", b"c"])

    taken = [window.feed(piece) for piece in pieces]
    log = window.log()

    assert taken[:2] == [True, False]
    assert log.truncated
    assert log.text.startswith("a" * 60 + "\n" + "b")


def test_a_short_log_is_whole_from_either_end():
    for keep_end in (True, False):
        window = LogWindow(keep_end=keep_end)
        window.feed(b"one\ntwo\n")

        log = window.log(most_lines=10)

        assert (log.text, log.from_line, log.to_line, log.truncated) == (
            "one\ntwo",
            1,
            2,
            False,
        )
