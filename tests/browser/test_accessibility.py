"""The pages hold to what axe-core can check, in both colour schemes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Profile
from tests.browser.pages import Chat, DeskPage
from tests.support.people import Agent, Customer
from tests.support.stack import Stack

pytestmark = pytest.mark.parametrize("scheme", ["light", "dark"])


def accessible(page: Page) -> None:
    """Axe finds nothing to complain about."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_shop_with_its_chat_closed_and_open(
    profile: Profile, stack: Stack, agent: Agent, scheme: str
) -> None:
    chat = Chat(profile(color_scheme=scheme).new_page(), stack.url)
    expect(chat.page.locator(".card[data-sku]")).to_have_count(14)
    expect(chat.part("launcher")).to_be_visible()
    accessible(chat.page)
    chat.open()
    accessible(chat.page)
    chat.ask("what does the splash cost?").get_by_test_id("choice").first.click()
    expect(chat.part("rate-up")).to_be_visible()
    chat.part("menu").click()
    accessible(chat.page)
    chat.part("talk_to_person").click()
    expect(chat.part("queue")).to_be_visible()
    chat.say("long " * 801)
    expect(chat.messages("customer").last).to_have_attribute("data-status", "failed")
    accessible(chat.page)
    agent.accept(chat.id)
    agent.answer(chat.id, "Hello, see https://example.org/help")
    expect(chat.messages("agent")).to_be_visible()
    accessible(chat.page)


def test_the_sign_in_page(profile: Profile, stack: Stack, scheme: str) -> None:
    desk = DeskPage(profile(color_scheme=scheme).new_page(), stack.url)
    desk.sign_in("nobody", "")
    expect(desk.part("sign-in-error")).not_to_be_empty()
    accessible(desk.page)


@pytest.mark.usefixtures("quiet")
def test_the_queue_and_a_conversation(signed_in: Callable[..., Page], stack: Stack, scheme: str) -> None:
    desk = DeskPage(signed_in(color_scheme=scheme), stack.url)
    expect(desk.part("list-empty")).to_contain_text("Nobody is waiting")
    accessible(desk.page)
    asking, unsafe = Customer(stack.url), Customer(stack.url)
    asking.say("how much is the tempo?")
    asking.say("can I talk to a person please")
    unsafe.say("there is a strong smell of gas around my ember")
    expect(desk.page.get_by_test_id("card")).to_have_count(2)
    accessible(desk.page)
    desk.read(unsafe.id)
    accessible(desk.page)
    desk.accept(asking.id)
    desk.answer("Hello")
    expect(desk.messages("agent")).to_have_attribute("data-status", "stored")
    expect(desk.part("safety-alert")).to_be_visible()
    accessible(desk.page)
    desk.part("agent-menu").click()
    accessible(desk.page)
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("?")
    expect(desk.part("shortcuts")).to_be_visible()
    accessible(desk.page)
