"""Names that are more than names: from people in addresses, and from TWS itself."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.html import Element, read_page
from tests.tws.plan_pages import Browser, browser, browsers  # noqa: F401  fixtures
from tws.simulator import serve
from tws.simulator.scenarios import SCENARIOS

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = [
    "../../../admin/user",
    "a?x=1",
    "a?x=1&y=%2e%2e",
    ".",
    "..",
    "%2e%2e",
    "%2e%2e%2fadmin",
    "/",
    "//evil.example/",
    "\\..\\..",
    "NUL\0BYTE",
    "X" * 10_000,
    "#./" * 3_300,
    "\u202eTXT\u202c",
    "a\u2028b",
    "\ud800",
    "'",
    '"',
    "X' OR name LIKE '@",
    "'; DROP TABLE auth_user; --",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{ settings.SECRET_KEY }}",
    "{% load x %}",
    "@",
    "?",
    "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
    "#",
    ".#.",
    "A#B.C#D.E",
    "A#/B/C/D.E.F",
    "+",
    "a b",
    "a%00b",
    "a;b=c",
    "-1",
    "null",
    "NaN",
    "Ünï çode ✓",
    "作业",
    "\t\n",
    "name[]=x",
    "0" * 36,
    "00000000-0000-0000-0000-000000000000",
]
# Everything that a page may ever ask of TWS begins with one of these.
ASKED = ("/twsd/api/v2/plan/", "/twsd/api/v2/engine/", "/twsd/plan/", "/twsd/engine/")


def assert_harmless(page: Element) -> None:
    """Nothing in the page acts, and every link stays on this site."""
    for element in page.all():
        assert element.tag not in {"img", "style", "iframe", "object", "embed"}
        names = element.attributes.keys()
        assert not [name for name in names if name == "style" or name[:2] == "on"]
        assert element.tag != "script" or element.attributes["src"].startswith(
            "/static/"
        )
        assert element.attributes.get("href", "/")[0] in "/#"
        assert not element.attributes.get("href", "/").startswith("//")


async def test_a_hostile_name_is_only_ever_a_name(browser: Browser, settings: Any):
    for name in HOSTILE:
        raw = name.encode("utf-8", "surrogatepass")
        for address in ("job", "stream", "workstation", "resource"):
            response = await browser.get(f"/plan/{address}/", name=raw)
            told = response.content.decode()

            assert response.status_code in {200, 302, 400, 404}, (name, told[:500])
            assert_harmless(read_page(told))
            assert settings.SECRET_KEY not in told
        for path in browser.asked():
            assert ".." not in path, name
            assert "admin" not in path, name
            assert path.startswith(ASKED), name


async def test_a_hostile_pattern_is_only_ever_a_pattern(browser: Browser):
    for name in HOSTILE:
        raw = name.encode("utf-8", "surrogatepass")
        response = await browser.get("/plan/", q=raw, status=raw, page=raw, kind=raw)

        assert response.status_code in {200, 400}, name
        assert_harmless(read_page(response.content.decode()))
        assert all(path.startswith(ASKED) for path in browser.asked()), name


async def test_the_sentence_about_a_bad_name_is_clear(browser: Browser):
    page = await browser.page("/plan/job/", expect=400, name="NUL\0BYTE")

    assert page.one(id="part-trouble").text == (
        "The name contains U+0000 (a control character), which no TWS name has."
        " What to do: Type the name again, without it."
    )


async def test_hostile_names_of_tws_are_shown_and_can_be_opened(
    browsers: Callable[..., Any],
):
    with serve("name-odd", speed=0) as simulator:
        browser = await browsers(simulator)
        found = await browser.parts("/plan/", q="@")
        cells = found.all("td", class_="name")
        links = [cell.all("a")[0] for cell in cells]
        opened = [await browser.parts(link.attributes["href"]) for link in links]

    shown = [link.text for link in links]
    assert "<script>alert(1)</script>" in shown
    assert "TXT_⟨U+202E⟩fdp.exe⟨U+202C⟩⟨U+2028⟩" in shown
    places = {cell.one("span", class_="place").text for cell in cells[1:8]}
    assert places == {"/AGT_HOST#/LAB/HOSTILE"}
    names = [page.one(id="part-item").one("h1").text for page in opened]
    assert names == shown


@pytest.mark.parametrize(
    "scenario",
    [
        name
        for name, item in SCENARIOS.items()
        if item.tell.__module__.endswith("hostile")
    ]
    + [
        "cycle",
        "join-two-of-four",
        "two-prompts",
        "internetwork",
        "orphan",
        "fence",
        "resource-holder-stuck",
        "workstation-limit",
        "suppressed-chain",
    ],
)
async def test_every_strange_plan_has_its_pages(
    scenario: str, browsers: Callable[..., Any]
):
    with serve(scenario, speed=0) as simulator:
        browser = await browsers(simulator)
        await browser.parts("/plan/", q="@")
        for target in simulator.scenario.targets[:3]:
            response = await browser.get(
                "/plan/job/", name=target.name[:250], parts="1"
            )
            text = response.content.decode()
            assert response.status_code == 200
            page = read_page(text)
            assert_harmless(page)
            assert "data-pending" not in page.one(id="part-fresh").attributes
            assert page.all("p", class_="pending") == []
            if '<svg class="picture"' in text:
                start = text.index('<svg class="picture"')
                ET.fromstring(text[start : text.index("</svg>\n\n  </div>", start) + 6])


async def test_no_page_needs_a_script_or_style_of_its_own(browser: Browser):
    for address in ("/plan/", "/plan/job/?name=PAY_TRANSFER"):
        response = await browser.client.get(address)

        assert_harmless(read_page(response.content.decode()))
        assert "default-src 'self'" in response["Content-Security-Policy"]
