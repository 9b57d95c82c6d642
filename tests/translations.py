"""What the sources want translated, and what the catalogues hold."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.template import Engine
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"
FUNCTIONS = {
    *("_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"),
    *("pgettext", "pgettext_lazy"),
}
# Whose catalogue holds the texts of which templates; the rest is of the chat's.
OWNERS = {"tws": "tws", "admin/audit": "audit", "admin/memory": "memory"}
APPS = ("agents", "audit", "memory", "resync_site", "tws")
IN_FILTER = re.compile(r'_\("((?:[^"\\]|\\.)*)"\)')

Message = tuple[str, str, str]  # the text, its plural or "", its context or ""


@dataclass(frozen=True)
class Entry:
    """One message of a catalogue."""

    text: str
    plural: str
    context: str
    told: tuple[str, ...]
    flags: frozenset[str]


def wanted(app: str) -> dict[Message, str]:
    """The messages of an app's sources, each with a file that has it."""
    found: dict[Message, str] = {}
    for path in sorted((ROOT / app).rglob("*.py")):
        for message in _in_python(path):
            found.setdefault(message, str(path.relative_to(ROOT)))
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = path.relative_to(TEMPLATES).as_posix()
        if _owner(name) == app:
            for message in _in_template(name):
                found.setdefault(message, name)
    return found


def _owner(template: str) -> str:
    folders = (
        app for folder, app in OWNERS.items() if template.startswith(f"{folder}/")
    )
    return next(folders, "agents")


def _in_python(path: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and _called(node.func) in FUNCTIONS:
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            assert texts, f"{path}:{node.lineno} translates what is no plain text"
            match _called(node.func)[0]:
                case "n":
                    yield str(texts[0]), str(texts[1]), ""
                case "p":
                    yield str(texts[1]), "", str(texts[0])
                case _:
                    yield str(texts[0]), "", ""


def _called(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""


def _in_template(name: str) -> Iterator[Message]:
    template = Engine.get_default().get_template(name)
    for node in template.nodelist.get_nodes_by_type(TranslateNode):
        yield str(node.filter_expression.var.literal), "", ""
    for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        yield _text(node, node.singular), _text(node, node.plural or []), ""
    for text in IN_FILTER.findall((TEMPLATES / name).read_text("utf-8")):
        yield text, "", ""


def _text(node: BlockTranslateNode, tokens: list) -> str:
    return node.render_token_list(tokens)[0] if tokens else ""


def catalogue(app: str) -> Path:
    return ROOT / app / "locale" / "pt_BR" / "LC_MESSAGES" / "django.po"


def entries(path: Path) -> list[Entry]:
    """A catalogue as it is written, without its head."""
    blocks = path.read_text("utf-8").split("\n\n")
    return [_entry(block) for block in blocks[1:] if "msgid" in block]


def _entry(block: str) -> Entry:
    values: dict[str, str] = {}
    flags: set[str] = set()
    keyword = ""
    for line in block.splitlines():
        if line.startswith("#"):
            flags.update(re.findall(r"[\w-]+", line[2:]) if line[:2] == "#," else ())
            assert not line.startswith("#~"), f"not used any more: {line}"
            continue
        word, _, rest = line.partition(" ")
        if not line.startswith('"'):
            keyword, line = word, rest
        values[keyword] = values.get(keyword, "") + ast.literal_eval(line)
    told = tuple(text for word, text in values.items() if word.startswith("msgstr"))
    return Entry(
        values["msgid"],
        values.get("msgid_plural", ""),
        values.get("msgctxt", ""),
        told,
        frozenset(flags),
    )


def compiled(path: Path) -> dict[object, str]:
    """What the program reads: the texts by message, or by message and number."""
    with path.with_suffix(".mo").open("rb") as file:
        held = gettext.GNUTranslations(file)._catalog
    return {key: text for key, text in held.items() if key}


def written(path: Path) -> dict[object, str]:
    """The same out of the catalogue's text."""
    held: dict[object, str] = {}
    for entry in entries(path):
        key = f"{entry.context}\x04{entry.text}" if entry.context else entry.text
        if entry.plural:
            held |= {(key, n): text for n, text in enumerate(entry.told)}
        else:
            held[key] = entry.told[0]
    return held
