"""What one turn may spend; each ceiling is checked before the spend."""

import asyncio
from dataclasses import dataclass, field

ROUNDS = 6
CALLS = 12
TOKENS = 60_000
ANSWER_BYTES = 32 * 1024
ROUND_TOKENS = 4096
TOOL_SECONDS = 10.0


@dataclass
class Budget:
    """The ceilings of one conversation with one model; ``until`` is loop time."""

    until: float
    rounds: int = ROUNDS
    calls: int = CALLS
    tokens: int = TOKENS
    _last: bool = field(default=False, init=False)

    def begin_round(self) -> bool:
        """Whether this round may call tools; the one that may not is the last."""
        self.rounds -= 1
        self._last = self.rounds < 1 or self.calls < 1 or self.tokens < 1
        return not self._last

    def take_calls(self, wanted: int) -> int:
        """How many of the wanted tool calls are granted."""
        granted = min(wanted, self.calls)
        self.calls -= granted
        return granted

    def spend_tokens(self, tokens: int) -> None:
        self.tokens -= tokens

    def tool_seconds(self) -> float:
        """The time limit of the next tool call."""
        left = self.until - asyncio.get_running_loop().time()
        return max(0.1, min(TOOL_SECONDS, left))
