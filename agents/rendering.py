"""Markdown from a model becomes HTML that can do nothing but be read."""

import html

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "a"),
    *("ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "ol": {"start"}, "*": set()}


def _without_image(
    self: RendererHTML,
    tokens: list[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    """An image would tell its address, and so the answer, to a foreign server."""
    return html.escape(tokens[index].content)


_markdown = (
    MarkdownIt("commonmark", {"html": False, "breaks": True})
    .enable(["table", "strikethrough"])
    .disable(["html_block", "html_inline"])
)
_markdown.add_render_rule("image", _without_image)


def _absolute_links_only(tag: str, name: str, value: str) -> str | None:
    """A relative address would act on this site in the reader's name."""
    if name == "href" and not value.lower().startswith(("http://", "https://")):
        return None
    return value


def render(text: str) -> str:
    """The answer as HTML, built from a short list of harmless tags."""
    return nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_absolute_links_only,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def render_plain(text: str) -> str:
    """What a person typed, with its line breaks and nothing else."""
    return html.escape(text).replace("\n", "<br>")
