"""``make bench``: runs every measurement, prints a table, writes JSON with BENCH_JSON.

``python -m tests.bench WORD …`` runs those whose name holds one of the words. Figures
are ratios within one run, or stand beside what they are to be compared with.
"""

import importlib
import json
import os
import pkgutil
import platform
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import tests.bench
from tests import plugin

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "resync_site.settings.test")

import django
from django.core.management import call_command

from resync_site import embedded

Bench = Callable[[], dict[str, float]]


def benches(words: list[str]) -> Iterator[tuple[str, Bench]]:
    for module in sorted(
        pkgutil.iter_modules(tests.bench.__path__), key=lambda m: m.name
    ):
        if not module.name.startswith("bench_"):
            continue
        members = vars(importlib.import_module(f"tests.bench.{module.name}"))
        for name, member in members.items():
            wanted = not words or any(word in name for word in words)
            if name.startswith("bench_") and callable(member) and wanted:
                yield name, member


def machine() -> str:
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} × {model}, Python {platform.python_version()}"


def main(words: list[str]) -> int:
    django.setup()
    print(machine())
    figures: dict[str, dict[str, float]] = {}
    with embedded.running(plugin.DATA_DIR, durable=False, ephemeral=True):
        call_command("migrate", verbosity=0)
        for name, bench in benches(words):
            began = time.perf_counter()
            figures[name] = bench()
            print(f"\n{name.removeprefix('bench_').replace('_', ' ')}"
                  f"  ({time.perf_counter() - began:.0f} s)")  # fmt: skip
            for what, value in figures[name].items():
                print(f"  {what:<58} {value:>12.4g}", flush=True)
    if path := os.environ.get("BENCH_JSON"):
        report = {"machine": machine(), "figures": figures}
        Path(path).write_text(json.dumps(report, indent=1) + "\n")
    if not figures:
        print(f"No measurement is called {' or '.join(words)}.", file=sys.stderr)
    return 0 if figures else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
