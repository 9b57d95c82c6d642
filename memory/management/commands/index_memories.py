"""Catches up with memories that the semantic index lacks."""

import json
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from memory.exceptions import MemoryGatewayError
from memory.gateway import KnowledgeGraph, knowledge_graph
from memory.indexing import claim, index_claimed, rebuild
from memory.models import Memory

BATCH = 20


class Command(BaseCommand):
    """Index the memories that are not in the semantic index."""

    help = (
        "Index the memories that are not in the semantic index yet."
        " Example, after a change of the embedder: manage.py index_memories --rebuild"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rebuild",
            action="store_true",
            help="Empty the index, make it fit EMBEDDINGS_DIM, and index everything.",
        )
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            if options["rebuild"]:
                # Before the index is emptied: an embedder that does not work keeps it.
                graph = knowledge_graph()
                graph.store().embedder.embed("Is the embedder ready?")
                rebuild(settings.EMBEDDINGS_DIM)
            indexed, tried = self._catch_up(knowledge_graph())
        except MemoryGatewayError as error:
            raise CommandError(str(error)) from error
        left = Memory.objects.unindexed().count()
        seconds = round(time.monotonic() - began, 2)
        self._report(options, indexed, tried - indexed, left, seconds)
        if tried > indexed:
            last = Memory.objects.exclude(index_error="").latest("index_after")
            msg = f"{tried - indexed} of {tried} were not indexed: {last.index_error}"
            raise CommandError(msg)

    def _catch_up(self, graph: KnowledgeGraph) -> tuple[int, int]:
        waiting = list(
            Memory.objects.unindexed()
            .order_by("created_at")
            .values_list("pk", flat=True)
        )
        indexed = tried = 0
        with tqdm(total=len(waiting), disable=not sys.stderr.isatty()) as progress:
            for start in range(0, len(waiting), BATCH):
                batch = Memory.objects.filter(pk__in=waiting[start : start + BATCH])
                claimed = claim(batch, BATCH)
                tried += len(claimed)
                indexed += index_claimed(graph.store(), claimed, progress.update)
        return indexed, tried

    def _report(
        self,
        options: dict[str, Any],
        indexed: int,
        failed: int,
        left: int,
        seconds: float,
    ) -> None:
        if options["json"]:
            found = {
                "indexed": indexed,
                "failed": failed,
                "left": left,
                "seconds": seconds,
            }
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write(
                f"{indexed} memories indexed in {seconds} s, {left} left."
            )
