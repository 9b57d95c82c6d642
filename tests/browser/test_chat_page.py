"""The chat as a person uses it: keyboard, reload, a server that goes away."""

import re
import signal

import pytest
from playwright.async_api import expect

from tests.fakes.ports import free_port
from tests.fakes.server import served

CHAT = "tests.fakes.chat:application"


async def open_chat(page, address="/"):
    await page.goto(address)
    await expect(page.locator("#connection")).to_have_attribute("data-state", "open")


async def ask(page, text):
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


def answer(page, status="ok", number=0):
    return page.locator(f'.turn[data-status="{status}"]').nth(number)


async def test_a_question_is_asked_and_answered_by_keyboard(page):
    await open_chat(page)
    await ask(page, "words 5 0.05")

    await expect(answer(page).locator(".text")).to_have_text("w0 w1 w2 w3 w4")
    await expect(page.locator(".question").first).to_contain_text("words 5 0.05")
    await expect(answer(page).locator(".badge").first).to_have_text("language model")
    await expect(answer(page)).to_contain_text("3 statements checked, 1 not borne out")
    await expect(answer(page)).to_contain_text("Recalled 1 earlier answer")
    await expect(page.locator("#question")).to_be_focused()
    await expect(page.locator("#question")).to_have_value("")


async def test_shift_enter_begins_a_new_line(page):
    await open_chat(page)
    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await ask(page, "two")

    await expect(answer(page).locator(".text")).to_contain_text("You asked: one")
    await expect(page.locator(".said").first).to_have_text("one\ntwo")


async def test_tools_are_shown_and_opened_by_keyboard(page):
    await open_chat(page)
    await ask(page, "tool JOB_A")
    tools = answer(page).locator(".tools")
    await tools.locator("> summary").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    await expect(tools).to_contain_text('{"job":"JOB_A"}')
    await expect(tools.locator("pre")).to_be_visible()
    await expect(tools.locator("pre")).to_have_text("1 job in ABEND")
    await expect(answer(page).locator(".abend")).to_have_text("ABEND")


async def test_escape_stops_the_answer(page):
    await open_chat(page)
    await ask(page, "words 500 0.05")
    await expect(page.locator(".text").first).to_contain_text("w3")
    await page.keyboard.press("Escape")

    await expect(answer(page, "stopped")).to_contain_text("Stopped by you")
    await expect(page.locator("#stop")).to_be_hidden()
    await expect(page.locator("#question")).to_be_focused()


async def test_the_conversation_is_there_after_a_reload(page):
    await open_chat(page)
    await ask(page, "tool JOB_A")
    await expect(answer(page)).to_be_visible()
    await ask(page, "crash")
    await expect(answer(page, "failed")).to_be_visible()
    before = await page.locator("#transcript").inner_text()
    assert "?c=" in page.url
    await page.reload()

    await expect(answer(page, "failed")).to_be_visible()
    assert await page.locator("#transcript").inner_text() == before
    await expect(page.locator(".conversations [aria-current]")).to_contain_text("tool")


async def test_a_reload_in_the_middle_of_an_answer_loses_nothing(page):
    await open_chat(page)
    await ask(page, "words 40 0.05")
    await expect(page.locator(".text").first).to_contain_text("w5")
    await page.reload()
    await expect(page.locator(".text").first).to_contain_text("w7")
    await expect(page.locator("#stop")).to_be_visible()

    words = " ".join(f"w{number}" for number in range(40))
    await expect(answer(page).locator(".text")).to_have_text(words)
    await expect(page.locator(".turn")).to_have_count(1)


async def test_two_tabs_show_the_same_answer_once(page):
    await open_chat(page)
    await ask(page, "hello")
    await expect(answer(page)).to_be_visible()
    other = await page.context.new_page()
    await open_chat(other, page.url)
    await page.bring_to_front()
    await ask(page, "words 5 0.05")

    for tab in (page, other):
        await expect(answer(tab, number=1).locator(".text")).to_have_text(
            "w0 w1 w2 w3 w4"
        )
        await expect(tab.locator(".turn")).to_have_count(2)


async def test_what_failed_says_why(page):
    await open_chat(page)
    await ask(page, "failed")

    trouble = answer(page, "failed").locator(".trouble")
    await expect(trouble).to_contain_text("This could not be answered.")
    await expect(trouble).to_contain_text("TWS: connection refused.")


async def test_text_from_outside_is_never_html(page):
    await open_chat(page)
    await ask(page, "foreign <img src=x onerror=owned=1>")

    await expect(answer(page).locator(".text")).to_contain_text("<script>alert(1)")
    await page.reload()
    await expect(answer(page).locator(".text")).to_contain_text("<script>alert(1)")
    assert await page.locator(".turn img, .turn script").count() == 0
    assert await page.evaluate("() => 'owned' in window") is False


async def test_a_question_that_is_too_long_is_kept(page):
    await open_chat(page)
    await page.locator("#question").fill("x" * 17_000)
    await page.keyboard.press("Enter")

    await expect(page.locator("#problem")).to_contain_text("too long")
    await expect(page.locator("#question")).to_have_value("x" * 17_000)


async def test_a_server_that_restarts_is_waited_for(
    new_context, database_url, site, plan
):
    port = free_port()
    env = {"DATABASE_URL": database_url, "TWS_URL": plan.url}
    context = await new_context()
    page = await context.new_page()
    cookie = (await context.cookies())[0]["value"]
    with served("daphne", CHAT, env, port=port) as server:
        await context.add_cookies(
            [{"name": "sessionid", "value": cookie, "url": f"http://{server.host}"}]
        )
        await open_chat(page, f"http://{server.host}/")
        await ask(page, "words 500 0.05")
        await expect(page.locator(".text").first).to_contain_text("w9")
        server.end(signal.SIGTERM)
        await expect(answer(page, "interrupted")).to_contain_text("Interrupted")
        await expect(page.locator("#connection")).to_have_attribute(
            "data-state", "lost"
        )
        await page.keyboard.type("are you back?")
        await page.keyboard.press("Enter")
    with served("daphne", CHAT, env, port=port):
        await expect(page.locator("#connection")).to_have_attribute(
            "data-state", "open", timeout=20_000
        )
        await expect(answer(page).locator(".text")).to_have_text(
            "You asked: are you back?", timeout=10_000
        )
        await expect(page.locator(".turn")).to_have_count(2)


async def test_whoever_signs_out_elsewhere_is_told(
    new_context, chat_servers, database_url, profiles
):
    from asgiref.sync import sync_to_async
    from django.contrib.sessions.models import Session

    server = chat_servers("daphne", database_url, CHAT_LOOK_AGAIN_SECONDS="1")
    context = await new_context()
    cookie = (await context.cookies())[0]["value"]
    await context.add_cookies(
        [{"name": "sessionid", "value": cookie, "url": f"http://{server.host}"}]
    )
    page = await context.new_page()
    await open_chat(page, f"http://{server.host}/")
    await sync_to_async(Session.objects.all().delete)()

    await expect(page.locator("#problem")).to_contain_text("session has ended")
    await expect(page.locator("#send")).to_be_disabled()


async def test_another_agent_begins_another_conversation(page):
    await open_chat(page)
    await page.locator("#agent").select_option("tws-troubleshooter")
    await page.wait_for_url("**/?agent=tws-troubleshooter")
    await open_chat(page, page.url)
    await ask(page, "hello")

    await expect(answer(page)).to_be_visible()
    await expect(page.locator("#agent")).to_have_value("tws-troubleshooter")


async def test_a_model_that_fails_is_shown(page):
    line = page.locator("#connection-text")
    await open_chat(page)
    await expect(line).to_contain_text("computed answers, no model")
    await open_chat(page, "/?agent=tws-troubleshooter")
    await expect(line).to_contain_text("language model")
    await ask(page, "hello")
    await expect(line).to_contain_text("the model does not answer")
    await ask(page, "words 2 0.01")
    await expect(line).to_have_text("Connected · language model")


async def test_signing_in_and_out(new_context):
    context = await new_context(cookie="")
    page = await context.new_page()
    await page.goto("/")
    assert "/accounts/login/?next=/" in page.url
    await expect(page.locator("#id_username")).to_be_focused()
    await page.keyboard.type("operator")
    await page.keyboard.press("Tab")
    await page.keyboard.type("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.locator("#id_username")).to_have_value("operator")
    await page.locator("#id_password").fill("correct horse battery staple")
    await page.keyboard.press("Enter")
    await expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    await page.get_by_role("button", name="Sign out").click()

    await page.wait_for_url("**/accounts/login/")


async def test_the_cards_show_the_plan_and_the_age_of_the_data(page):
    await open_chat(page)

    await expect(page.locator("#card-abend .figure")).to_have_text("1")
    await expect(page.locator("#card-abend .detail")).to_have_text("GL_LOAD")
    await expect(page.locator("#card-abend")).to_have_attribute("data-state", "bad")
    await expect(page.locator("#card-succ .figure")).to_have_text(re.compile(r"^\d+$"))
    await expect(page.locator("#card-workstations .figure")).to_have_text("5 / 6")
    await expect(page.locator("#card-tws .figure")).to_have_text("connected")
    for card in ("abend", "succ", "workstations", "tws"):
        await expect(page.locator(f"#card-{card} .age")).to_contain_text("as of")


async def test_a_plan_that_cannot_be_read_is_shown_as_such(
    new_context, chat_servers, database_url, profiles
):
    server = chat_servers(
        "daphne", database_url, TWS_URL=f"http://127.0.0.1:{free_port()}/twsd"
    )
    context = await new_context()
    cookie = (await context.cookies())[0]["value"]
    await context.add_cookies(
        [{"name": "sessionid", "value": cookie, "url": f"http://{server.host}"}]
    )
    page = await context.new_page()
    await open_chat(page, f"http://{server.host}/")

    card = page.locator("#card-tws")
    await expect(card).to_have_attribute("data-state", "bad", timeout=20_000)
    await expect(card.locator(".figure")).to_have_text("no connection")
    await expect(card.locator(".detail")).not_to_be_empty()
    await ask(page, "still there?")
    await expect(answer(page)).to_be_visible()


async def test_the_end_stays_in_sight_unless_the_reader_scrolls_back(new_context):
    context = await new_context(viewport={"width": 360, "height": 640})
    page = await context.new_page()
    await open_chat(page)
    for number in range(3):
        await ask(page, "long")
        await expect(answer(page, "truncated", number)).to_be_visible()
    badge = answer(page, "truncated", 2).locator(".badge")
    await expect(badge).to_be_in_viewport()
    await page.reload()
    await expect(page.locator("#card-tws")).to_have_attribute("data-state", "good")
    await expect(badge).to_be_in_viewport()
    await page.set_viewport_size({"width": 360, "height": 560})
    await expect(badge).to_be_in_viewport()

    await page.locator("#transcript").focus()
    await page.keyboard.press("Home")
    await expect(page.locator(".said").first).to_be_in_viewport()
    await page.set_viewport_size({"width": 360, "height": 640})
    await page.wait_for_timeout(200)
    await expect(page.locator(".said").first).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 640), (320, 568), (1280, 800)])
async def test_it_fits_the_window_and_can_be_read(new_context, scheme, width, height):
    context = await new_context(
        color_scheme=scheme, viewport={"width": width, "height": height}
    )
    page = await context.new_page()
    await open_chat(page)
    await ask(page, "tool A_VERY_LONG_JOB_NAME_" + "X" * 200)
    await expect(answer(page)).to_be_visible()

    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    for selector in (".text", ".said", ".card h2", "#card-abend .figure", ".badge"):
        assert await contrast(page, selector) >= 4.5, selector
    await expect(page.locator("#send")).to_be_in_viewport()


async def contrast(page, selector) -> float:
    """The ratio of WCAG between a text and what it stands on."""
    return await page.locator(selector).first.evaluate(
        """node => {
            const parse = colour => colour.match(/[\\d.]+/g).map(Number);
            const light = ([r, g, b]) => {
                const [x, y, z] = [r, g, b].map(v => v / 255)
                    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * x + 0.7152 * y + 0.0722 * z;
            };
            let ground = node;
            while (parse(getComputedStyle(ground).backgroundColor)[3] === 0)
                ground = ground.parentElement;
            const a = light(parse(getComputedStyle(node).color));
            const b = light(parse(getComputedStyle(ground).backgroundColor));
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        }"""
    )


async def test_the_keyboard_reaches_everything_in_a_sensible_order(page):
    await open_chat(page)
    reached = []
    for _ in range(20):
        await page.keyboard.press("Tab")
        reached.append(
            await page.evaluate(
                "document.activeElement.id || document.activeElement.textContent.trim()"
            )
        )

    wanted = [
        "send",  # the question has the focus to begin with
        "Skip to the content",
        "Resync",
        "Sign out",
        "New conversation",
        "agent",
        "transcript",
        "What is the state of the plan?",
        "question",
    ]
    assert [name for name in reached if name in wanted][: len(wanted)] == wanted


async def test_nothing_comes_from_elsewhere(page, site):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    await open_chat(page)
    await ask(page, "tool")
    await expect(answer(page)).to_be_visible()

    assert {url.split("/")[2] for url in asked} == {site.host}
