"""One tool result on its way to words, and what every kind of result needs for that."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.language import Language
from agents.llm.computed.intents import Intent
from agents.llm.computed.records import LONGEST_NAME, SHOWN, brief, name
from agents.llm.computed.wording import say
from tws import wording

Data = Mapping[str, Any]

# The mark that ends its clause is not part of it.
COMMAND = re.compile(r"\bconman [a-z]+(?: \S*[^\s.,;:)])?")


@dataclass(frozen=True, slots=True)
class Telling:
    """What was asked, what a tool answered, and in which language to say it."""

    result: Data
    intent: Intent
    language: Language

    @property
    def tool(self) -> str:
        return str(self.result["tool"])

    @property
    def data(self) -> Data:
        return self.result.get("data") or {}

    @property
    def asked(self) -> Data:
        return self.result.get("arguments") or {}

    @property
    def now(self) -> str:
        return str(self.result.get("read_at") or "")

    def say(self, sentence: str, **values: object) -> str:
        return say(self.language, sentence, **values)

    def listed(self, items: Iterable[Data], total: int | None = None) -> list[str]:
        """Jobs and job streams, a line each."""
        lines = [brief(item, self.language, self.now) for item in items]
        return self.bullets(lines, total)

    def bullets(self, lines: Sequence[str], total: int | None = None) -> list[str]:
        """A list, the end of a long one as "and 139 more"."""
        shown = [f"- {line}" for line in lines[:SHOWN]]
        return [*shown, *self.rest(max(total or 0, len(lines)) - len(shown))]

    def rest(self, left_out: int) -> list[str]:
        return [self.say("and_more", count=left_out)] if left_out > 0 else []

    def cause(self, root: Data) -> str:
        """What is in the way; a diagnosis speaks English by itself."""
        what, told = name(root["object"]), str(root.get("detail") or root["kind"])
        if self.language == "pt":
            told = wording.detail(told, name)
            if what in told:
                return told
        return f"{what}: {told}"

    def advice(self, root: Data) -> str:
        """What to do; what somebody types stands as code."""
        told = str(root.get("action") or "")
        if self.language == "pt":
            return wording.action(told, name)
        return COMMAND.sub(_as_code, told)

    def problem(self, text: object) -> str:
        """What stands between here and TWS."""
        told = str(text or "")
        return wording.error(told) if self.language == "pt" else told

    def state(self, step: Data) -> str:
        """What an object is in or, where that is not told, what it is to another."""
        status = str(step.get("status") or step.get("value") or "")
        relation = step.get("relation") or "?"
        if self.language != "pt":
            return status or str(relation)
        return wording.state(status) if status else wording.relation(str(relation))

    def numbered(self, roots: Sequence[Data], *, behind: bool = False) -> list[str]:
        """Several causes, each with what to do about it."""
        lines = []
        for number, root in enumerate(roots, 1):
            count = [self.say("behind", count=root["waiting"])] if behind else []
            advice = self.advice(root)
            parts = [self.cause(root), *count, advice[:1].upper() + advice[1:]]
            lines.append(f"{number}. {' '.join(parts)}".rstrip())
        return lines


def _as_code(command: re.Match[str]) -> str:
    """Whole, or else as it is: half a command is worse than a plain one."""
    return name(command[0]) if len(command[0]) <= LONGEST_NAME else command[0]


def block(head: str, lines: Iterable[str]) -> list[str]:
    """A heading and its list, as one paragraph."""
    return ["\n".join([head, *lines])]
