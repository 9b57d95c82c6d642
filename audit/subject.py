"""What is judged: a question, its answer, and the evidence the answer rests on; pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# When the same data was read, and how old it was, makes no other content of it.
_PASSING = frozenset({"read_at", "age_seconds"})


@dataclass(frozen=True, slots=True)
class Subject:
    """A question, the answer to be judged, and what the tools returned for it."""

    question: str
    answer: str
    evidence: Sequence[Mapping[str, Any]]

    def content_hash(self) -> str:
        """Equal for what a judge would have to judge equally."""
        lasting = [
            {key: value for key, value in result.items() if key not in _PASSING}
            for result in self.evidence
        ]
        content = json.dumps(
            [self.question, self.answer, lasting],
            sort_keys=True,
            separators=(",", ":"),
            default=str,
        )
        return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()
