"""The plan's pages as a Portuguese operator reads them."""

import pytest

from tests.fakes.html import Element, read_page
from tests.portuguese import english_on
from tests.tws.plan_pages import Browser, browser, browsers  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db(transaction=True)

LOAD = "/AGT_FIN#/FIN/LEDGER.GL_LOAD"
PAGES = {
    "plan": "/plan/",
    "matches": "/plan/?q=PAY&status=WAITING",
    "nothing matches": "/plan/?q=NOWHERE",
    "failed job": "/plan/job/?name=GL_LOAD",
    "waiting job": "/plan/job/?name=PAY_TRANSFER",
    "running job": "/plan/job/?name=RISK_SIMULATE",
    "job with several causes": "/plan/job/?name=RISK_LIMITS",
    "job that waits for a resource": "/plan/job/?name=ARC_MOVE",
    "job stream": "/plan/stream/?name=PAYROLL",
    "workstation in trouble": "/plan/workstation/?name=FTA_BRANCH",
    "workstation that is well": "/plan/workstation/?name=AGT_PAY",
    "resource": "/plan/resource/?name=RISKDB",
    "not in the plan": "/plan/job/?name=NOWHERE",
    "several of one name": "/plan/stream/?name=INTRADAY",
}
# Log lines, names, ids and values as TWS gives them.
DATA = frozenset({"lines", "telling", "name", "place"})


async def portuguese(browser: Browser, address: str) -> Element:
    response = await browser.client.get(address, headers={"accept-language": "pt-BR"})
    return read_page(response.content.decode())


def parts_of(address: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}parts=1"


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
async def test_no_english_is_left(browser: Browser, address: str):
    parts = await portuguese(browser, parts_of(address))
    page = await portuguese(browser, address)

    assert page.one("html").attributes["lang"] == "pt-br"
    assert english_on(page, quoted=DATA) == []
    assert english_on(parts, quoted=DATA) == []


async def test_english_is_found_where_it_is(browser: Browser):
    page = await browser.page("/plan/")

    assert "What needs somebody" in english_on(page, quoted=DATA)


async def test_the_cause_and_what_to_do(browser: Browser):
    page = await portuguese(
        browser, parts_of(f"/plan/job/?name={LOAD.replace('#', '%23')}")
    )

    why = page.one(id="part-why")
    assert (
        "Job falhou ele mesmo Terminou em ABEND, código de retorno 12, às " in why.text
    )
    assert (
        f"O que fazer: Leia o log (conman sj {LOAD};stdlist), corrija a causa e "
        f"execute-o de novo: conman rr {LOAD}." in why.text
    )
    assert "log do job, linha 17" in why.text
    assert (
        "Terminou com erro: um código de retorno que não"
        in page.one(id="part-item").text
    )
    assert "11 jobs esperam por ele." in page.one(id="part-impact").text


async def test_the_way_to_the_cause(browser: Browser):
    page = await portuguese(browser, parts_of("/plan/job/?name=PAY_TRANSFER"))

    steps = page.one("details", class_="steps").all("li")
    assert "PAY_CHECK HOLD predecessor de PAY_TRANSFER" in [one.text for one in steps]
    assert "CAUSA" in page.one("svg", class_="picture").text


async def test_incidents_and_workstations_of_the_plan(browser: Browser):
    page = await portuguese(browser, parts_of("/plan/"))

    assert "Terminou em ABEND, código de retorno 12" in page.one(id="part-causes").text
    assert "FTA_BRANCH desvinculada" in page.one(id="part-places").text
    assert "Em erro" in page.one(id="part-tiles").text


async def test_tws_that_does_not_answer(browsers, simulator):
    browser = await browsers(simulator, url="http://127.0.0.1:1")

    page = await portuguese(browser, parts_of("/plan/"))

    assert english_on(page, quoted=DATA) == []
    assert "Nada escuta em http://127.0.0.1:1" in page.one(id="part-trouble").text
