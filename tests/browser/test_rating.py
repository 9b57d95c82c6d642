"""Saying that an answer helped or was wrong, as a person at the chat page does it."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from playwright.async_api import Locator, Page, expect

from memory.models import Memory
from memory.retention import purge_older_than
from tests.browser.test_chat_page import answer, ask, open_chat
from tests.fakes.server import RunningServer


@pytest.fixture
def site(
    chat_servers: Callable[..., RunningServer],
    database_url: str,
    profiles: None,
    plan: Any,
) -> RunningServer:
    """The chat, with answers that are remembered."""
    options = {"TWS_URL": plan.url, "TWS_CACHE_TTL": "0", "CHAT_MEMORY": "rows"}
    return chat_servers("daphne", database_url, **options)


def helped(page: Page, number: int = 0) -> Locator:
    return page.get_by_role("button", name="This helped").nth(number)


def wrong(page: Page, number: int = 0) -> Locator:
    return page.get_by_role("button", name="This was wrong").nth(number)


async def expect_pressed(page: Page, *, up: bool, down: bool) -> None:
    await expect(helped(page)).to_have_attribute("aria-pressed", str(up).lower())
    await expect(wrong(page)).to_have_attribute("aria-pressed", str(down).lower())


@sync_to_async
def remembered() -> tuple[int | None, str, str]:
    memory = Memory.objects.get()
    return memory.rating, memory.rating_comment, memory.state


async def with_an_answer(page: Page, question: str = "hello") -> None:
    await open_chat(page)
    await ask(page, question)
    await expect(answer(page)).to_be_visible()
    await expect(helped(page)).to_be_visible()


async def test_thumbs_are_pressed_and_taken_back_and_outlive_a_reload(page):
    await with_an_answer(page)
    await expect_pressed(page, up=False, down=False)

    await helped(page).click()
    await expect(page.locator(".told")).to_have_text("Thank you.")
    await page.reload()
    await expect_pressed(page, up=True, down=False)
    assert await remembered() == (5, "", "active")

    await helped(page).click()
    await expect(page.locator(".told")).to_have_text("Taken back.")
    await page.reload()
    await expect_pressed(page, up=False, down=False)
    assert await remembered() == (None, "", "active")


async def test_thumbs_down_and_why_by_keyboard(page):
    await with_an_answer(page)
    await wrong(page).focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".told")).to_contain_text("a reviewer will look")
    await expect_pressed(page, up=False, down=True)
    await expect(wrong(page)).to_be_focused()

    await page.keyboard.press("Tab")
    await expect(page.get_by_label("What was wrong?")).to_be_focused()
    await page.keyboard.type("It was <b>the fence</b>.")
    await page.keyboard.press("Enter")
    said = page.locator(".told")
    await expect(said).to_contain_text("You said: “It was <b>the fence</b>.”")
    await expect(page.get_by_label("What was wrong?")).to_be_hidden()
    assert await remembered() == (1, "It was <b>the fence</b>.", "quarantined")

    await page.reload()
    await expect_pressed(page, up=False, down=True)
    await expect(said).to_have_text("You said: “It was <b>the fence</b>.”")
    assert await said.locator("b").count() == 0


async def test_what_was_said_can_be_said_differently_or_left(page):
    await with_an_answer(page)
    await wrong(page).click()
    await page.get_by_label("What was wrong?").fill("one")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Say it differently").click()
    field = page.get_by_label("What was wrong?")
    await expect(field).to_have_value("one")

    await field.fill("never mind")
    await page.keyboard.press("Escape")
    await expect(field).to_be_hidden()
    again = page.get_by_role("button", name="Say it differently")
    await expect(again).to_be_focused()
    await again.click()
    await field.fill("two")
    await page.get_by_role("button", name="Tell the reviewer").click()

    await expect(page.locator(".told")).to_contain_text("You said: “two”")
    assert (await remembered())[1] == "two"


async def test_other_tabs_of_the_conversation_show_it_at_once(page):
    await with_an_answer(page)
    other = await page.context.new_page()
    await open_chat(other, page.url)
    await expect_pressed(other, up=False, down=False)

    await wrong(page).click()
    await expect_pressed(other, up=False, down=True)
    await helped(other).click()
    await expect_pressed(page, up=True, down=False)
    await expect(page.get_by_label("What was wrong?")).to_be_hidden()

    assert (await remembered())[0] == 5


async def test_another_browser_shows_it_when_it_is_looked_at(page, new_context):
    await with_an_answer(page)
    far = await (await new_context()).new_page()
    await open_chat(far, page.url)
    await expect_pressed(far, up=False, down=False)

    await helped(page).click()
    await expect(page.locator(".told")).to_have_text("Thank you.")
    await far.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    await expect_pressed(far, up=True, down=False)


async def test_quick_presses_end_with_the_last(page):
    await with_an_answer(page)

    await page.evaluate(
        """() => {
            const [up, down] = document.querySelectorAll(".turn .thumb");
            for (const thumb of [up, down, up, down, down, up]) thumb.click();
        }"""
    )

    await expect(page.locator(".told")).to_have_text("Thank you.")
    await expect_pressed(page, up=True, down=False)
    assert (await remembered())[0] == 5


async def test_only_what_is_remembered_can_be_rated(page):
    await with_an_answer(page, "hello")
    await ask(page, "failed")
    await expect(answer(page, "failed")).to_be_visible()
    await ask(page, "words 3 0.01")
    await expect(helped(page, 1)).to_be_visible()

    await expect(helped(page)).to_have_count(1)
    await expect(page.get_by_role("button", name="This helped")).to_have_count(2)
    rating = answer(page, "failed").locator(".rating")
    await expect(rating).to_be_hidden()


async def test_what_cannot_be_saved_says_so_and_shows_what_is_true(page):
    await with_an_answer(page)
    await helped(page).click()
    await expect(page.locator(".told")).to_have_text("Thank you.")
    await sync_to_async(purge_older_than)(timezone.now())

    await wrong(page).click()

    await expect(page.locator(".told")).to_contain_text("is not remembered")
    await expect_pressed(page, up=True, down=False)


async def test_words_that_could_not_be_sent_are_kept(page):
    await with_an_answer(page)
    await wrong(page).click()
    field = page.get_by_label("What was wrong?")
    await field.fill("the fence")
    await page.route("**/api/turns/**", lambda route: route.abort())
    await page.keyboard.press("Enter")

    await expect(page.locator(".told")).to_contain_text("could not be saved")
    await expect(field).to_have_value("the fence")
    await page.unroute("**/api/turns/**")
    await field.press("Enter")
    await expect(page.locator(".told")).to_contain_text("You said: “the fence”")


async def test_it_is_said_in_portuguese(new_context):
    page = await (await new_context(locale="pt-BR")).new_page()
    await open_chat(page)
    await ask(page, "hello")
    await page.get_by_role("button", name="Isto estava errado").click()

    await expect(page.locator(".told")).to_contain_text("um revisor vai verificar")
    await expect(page.get_by_label("O que estava errado?")).to_be_visible()
    await expect(page.get_by_role("button", name="Informar ao revisor")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_narrow_window_in_light_and_dark(new_context, scheme):
    context = await new_context(
        viewport={"width": 360, "height": 640}, color_scheme=scheme
    )
    page = await context.new_page()
    await with_an_answer(page)
    await wrong(page).click()
    await page.get_by_label("What was wrong?").fill("x" * 500)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Say it differently").click()

    width = await page.evaluate("document.querySelector('#transcript').scrollWidth")
    assert width <= 360
    for thumb in (helped(page), wrong(page)):
        box = await thumb.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 40
    colours = await wrong(page).evaluate(
        "thumb => [getComputedStyle(thumb).color,"
        " getComputedStyle(thumb).backgroundColor].map("
        "colour => colour.match(/\\d+/g).slice(0, 3).map(Number))"
    )
    assert contrast(*colours) >= 3


def contrast(one: list[int], other: list[int]) -> float:
    """The ratio of WCAG; 3 is asked of what is no text."""

    def luminance(colour: list[int]) -> float:
        parts = [value / 255 for value in colour]
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)
