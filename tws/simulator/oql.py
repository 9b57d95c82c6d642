"""The Orchestration Query Language, as far as the manual shows it: text to conditions."""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<operator><=|>=|!=|=|<|>|\(|\)|\[|\]|,)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_.]*))"
)
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
LITERALS: dict[str, "Value"] = {"true": True, "false": False, "null": None}
DEEPEST = 50

Value = str | float | bool | None


class OqlSyntaxError(Exception):
    """The filter cannot be read."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of a field."""

    field: str
    operator: str  # a comparison, IN, or LIKE
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Both:
    """All of the parts."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any of the parts."""

    parts: tuple["Condition", ...]


Condition = Comparison | Both | Either


@dataclass(frozen=True, slots=True)
class Query:
    """What to select and how to sort it."""

    condition: Condition | None
    order: tuple[tuple[str, bool], ...] = ()  # field, descending


def parse(text: str) -> Query:
    """Read a filter such as ``name = 'X' AND folder LIKE '/FIN@' ORDER BY name DESC``.

    Raises:
        OqlSyntaxError: the text is not OQL.
    """
    return _Parser(_tokens(text)).query()


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        found = TOKEN.match(text, position)
        if found is None:
            msg = f"unexpected character at position {position + 1}"
            raise OqlSyntaxError(msg)
        kind = found.lastgroup or ""
        tokens.append((kind, found[kind]))
        position = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    def query(self) -> Query:
        condition = None
        if not self._sees("ORDER") and self.position < len(self.tokens):
            condition = self._either()
        order = self._order() if self._takes("ORDER") else ()
        if self.position < len(self.tokens):
            msg = f"unexpected '{self.tokens[self.position][1]}'"
            raise OqlSyntaxError(msg)
        return Query(condition, order)

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._takes("OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Condition:
        parts = [self._single()]
        while self._takes("AND"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _single(self) -> Condition:
        if not self._takes("("):
            return self._test()
        self.depth += 1
        if self.depth > DEEPEST:
            msg = "the filter is nested too deeply"
            raise OqlSyntaxError(msg)
        inner = self._either()
        self._expect(")")
        self.depth -= 1
        return inner

    def _test(self) -> Comparison:
        field = self._word()
        negated = self._takes("NOT")
        if self._takes("IN"):
            return Comparison(field, "IN", self._list(), negated)
        if self._takes("LIKE"):
            return Comparison(field, "LIKE", (self._value(),), negated)
        kind, operator = self._next()
        if negated or kind != "operator" or operator not in COMPARISONS:
            msg = f"unexpected '{operator}' after {field}"
            raise OqlSyntaxError(msg)
        return Comparison(field, operator, (self._value(),))

    def _list(self) -> tuple[Value, ...]:
        close = ")" if self._takes("(") else "]"
        if close == "]":
            self._expect("[")
        values = [self._value()]
        while self._takes(","):
            values.append(self._value())
        self._expect(close)
        return tuple(values)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._expect("BY")
        fields = []
        while True:
            name = self._word()
            descending = self._takes("DESC")
            if not descending:
                self._takes("ASC")
            fields.append((name, descending))
            if not self._takes(","):
                return tuple(fields)

    def _word(self) -> str:
        kind, text = self._next()
        if kind != "word":
            msg = f"a field name is expected before '{text}'"
            raise OqlSyntaxError(msg)
        return text

    def _value(self) -> Value:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text)
        if text in LITERALS:
            return LITERALS[text]
        msg = f"a value is expected before '{text}'"
        raise OqlSyntaxError(msg)

    def _next(self) -> tuple[str, str]:
        if self.position >= len(self.tokens):
            msg = "the filter ends too early"
            raise OqlSyntaxError(msg)
        self.position += 1
        return self.tokens[self.position - 1]

    def _sees(self, text: str) -> bool:
        return self.position < len(self.tokens) and self.tokens[self.position] in (
            ("word", text),
            ("operator", text),
        )

    def _takes(self, text: str) -> bool:
        if self._sees(text):
            self.position += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            msg = f"'{text}' is expected"
            raise OqlSyntaxError(msg)
