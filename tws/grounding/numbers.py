"""Numbers in a text: digits, thousands, words."""

import re
from typing import Final

from tws.grounding.lexicon import NUMBER_WORDS

NUMBER: Final = (
    r"(?:\d{1,3}(?:[.,]\d{3})+(?![\d.,]*\d)|\d{1,7}|(?:"
    + "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
    + r")(?!\w))"
)


def value(text: str) -> int:
    """``2,304``, ``2.304``, ``seven`` and ``sete`` as numbers."""
    word = text.lower()
    if word in NUMBER_WORDS:
        return NUMBER_WORDS[word]
    return int(re.sub(r"[.,]", "", text))
