"""The desk as an agent uses it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Profile
from tests.browser.pages import Chat, DeskPage
from tests.support.people import Agent, Customer
from tests.support.stack import Stack


@pytest.fixture
def customer(stack: Stack) -> Customer:
    """A customer with another client of the public API."""
    return Customer(stack.url)


def waits(customer: Customer) -> str:
    """Ask for a person; the conversation's id."""
    customer.say("can I talk to a person please")
    return customer.id


def test_signing_in_says_what_is_wrong_and_keeps_the_address(profile: Profile, stack: Stack) -> None:
    desk = DeskPage(profile().new_page(), stack.url)
    email, password = stack.sign_in
    desk.sign_in(email, "")
    expect(desk.part("sign-in-error")).to_have_text("Please enter your password.")
    desk.sign_in(email, f"{password}?")
    expect(desk.part("sign-in-error")).to_contain_text("password")
    expect(desk.part("sign-in-error")).not_to_have_text("Please enter your password.")
    expect(desk.part("sign-in-email")).to_have_value(email)
    expect(desk.part("sign-in-password")).to_be_focused()
    desk.sign_in(email, password)
    expect(desk.part("view-queue")).to_be_visible()


def test_signing_out_ends_it(profile: Profile, stack: Stack) -> None:
    desk = DeskPage(profile().new_page(), stack.url)
    desk.sign_in(*stack.sign_in)
    desk.part("agent-menu").click()
    desk.part("sign-out").click()
    expect(desk.part("sign-in-submit")).to_be_visible()
    desk.page.reload()
    expect(desk.part("sign-in-submit")).to_be_visible()


@pytest.mark.usefixtures("quiet")
def test_new_work_announces_itself(desk: DeskPage, customer: Customer) -> None:
    expect(desk.part("list-empty")).to_contain_text("Nobody is waiting")
    expect(desk.page).to_have_title("Steward desk")
    waiting = waits(customer)
    expect(desk.card(waiting)).to_contain_text("Asked for a person")
    expect(desk.page).to_have_title("(1) Steward desk")
    expect(desk.part("announcer")).to_contain_text("New in the queue. Asked for a person.")
    desk.accept(waiting)
    expect(desk.page).to_have_title("Steward desk")


@pytest.mark.usefixtures("quiet")
def test_a_safety_case_is_put_above_everything(desk: DeskPage, customer: Customer) -> None:
    desk.view("mine")
    customer.say("there is a strong smell of gas around my ember")
    expect(desk.part("safety-alert")).to_contain_text("strong smell of gas")
    expect(desk.page).to_have_title("(1) ⚠ Safety waiting · Steward desk")
    desk.page.get_by_test_id("safety-accept").click()
    desk.shows(customer.id)
    expect(desk.part("safety-alert")).to_be_hidden()
    expect(desk.part("safety-strip")).to_contain_text("gas")


@pytest.mark.usefixtures("quiet")
def test_a_safety_case_stands_before_everybody_who_waits(
    desk: DeskPage, customer: Customer, stack: Stack
) -> None:
    waits(customer)
    expect(desk.card(customer.id)).to_be_visible()
    danger = Customer(stack.url)
    danger.say("there is a strong smell of gas around my ember")
    expect(desk.page.get_by_test_id("card")).to_have_count(2)
    expect(desk.page.get_by_test_id("card").first).to_have_attribute("data-id", danger.id)


def test_two_windows_of_one_agent_agree(
    signed_in: Callable[..., Page], customer: Customer, stack: Stack
) -> None:
    waiting = waits(customer)
    first, second = (DeskPage(signed_in(), stack.url) for _ in range(2))
    first.read(waiting)
    second.read(waiting)
    first.part("accept").click()
    expect(second.part("reply")).to_be_visible()
    first.answer("From the first window")
    second.hears("agent", "From the first window")
    second.answer("From the second window")
    first.hears("agent", "From the second window")
    assert first.seen() == second.seen()


def test_accepting_what_one_has_accepted_in_another_window_just_opens_it(
    signed_in: Callable[..., Page], customer: Customer, agent: Agent, stack: Stack
) -> None:
    waiting = waits(customer)
    page = signed_in()
    page.route_web_socket("**/desk/socket", lambda socket: None)  # so it hears nothing of the other window
    late = DeskPage(page, stack.url)
    expect(late.card(waiting)).to_be_visible()
    agent.accept(waiting)
    late.accept(waiting)
    late.answer("Here I am")
    expect(late.messages("agent")).to_have_attribute("data-status", "stored")


def test_resolving_tells_the_customer_and_can_be_undone(chat: Chat, desk: DeskPage) -> None:
    waiting = chat.ask_for_a_person()
    desk.accept(waiting)
    desk.part("resolve").click()
    expect(chat.part("resolved")).to_be_visible()
    expect(desk.part("toast")).to_contain_text("is resolved")
    desk.part("toast-action").click()
    expect(desk.part("reply")).to_be_visible()
    expect(chat.part("resolved")).to_be_hidden()
    desk.answer("One more thing")
    chat.hears("agent", "One more thing")


def test_a_resolved_conversation_is_found_and_reopened(
    desk: DeskPage, customer: Customer, agent: Agent
) -> None:
    waiting = waits(customer)
    agent.accept(waiting)
    agent.resolve(waiting)
    desk.view("resolved")
    desk.read(waiting)
    desk.part("reopen").click()
    expect(desk.part("reply")).to_be_focused()
    assert customer.state()["state"] == "agent"


def test_the_bot_is_silent_from_takeover_to_return(desk: DeskPage, customer: Customer) -> None:
    customer.say("how much is the tempo?")
    desk.view("open")
    desk.read(customer.id)
    expect(desk.messages("bot")).to_have_count(1)
    desk.part("takeover").click()
    expect(desk.part("reply")).to_be_focused()
    customer.tell("and its warranty?")
    desk.hears("customer", "and its warranty?")
    desk.answer("I will look that up.")
    desk.part("return").click()
    expect(desk.part("takeover")).to_be_visible()
    expect(desk.part("toast")).to_contain_text("bot")
    customer.tell("and how do I clean it?")
    expect(desk.messages("bot")).to_have_count(2)
    authors = [author for _, author, _ in desk.seen()]
    assert authors == ["customer", "bot", "system", "customer", "agent", "system", "customer", "bot"]


@pytest.mark.usefixtures("quiet")
def test_the_keyboard_walks_accepts_answers_and_resolves(desk: DeskPage, stack: Stack) -> None:
    first, second = (waits(Customer(stack.url)) for _ in range(2))
    cards = desk.page.get_by_test_id("card-open")
    expect(cards).to_have_count(2)
    keys = desk.page.keyboard
    keys.press("j")
    expect(desk.card(first).get_by_test_id("card-open")).to_be_focused()
    keys.press("j")
    expect(desk.card(second).get_by_test_id("card-open")).to_be_focused()
    keys.press("k")
    keys.press("Enter")
    desk.shows(first)
    keys.press("a")
    expect(desk.part("reply")).to_be_focused()
    keys.type("jka, said with the keys of the page")
    keys.press("Enter")
    expect(desk.messages("agent")).to_contain_text("jka, said")
    keys.press("Escape")
    expect(desk.part("reply")).not_to_be_focused()
    keys.press("r")
    expect(desk.part("reply")).to_be_focused()
    keys.press("Escape")
    keys.press("e")
    expect(desk.part("reopen")).to_be_visible()
    keys.press("?")
    expect(desk.part("shortcuts")).to_be_visible()
    keys.press("Escape")
    expect(desk.part("shortcuts")).to_be_hidden()


def test_each_side_sees_the_other_write(chat: Chat, desk: DeskPage) -> None:
    desk.accept(chat.ask_for_a_person())
    expect(chat.part("queue")).to_be_hidden()
    desk.part("reply").press_sequentially("Let me")
    expect(chat.part("typing")).to_be_visible()
    chat.part("input").press_sequentially("I am")
    expect(desk.part("customer-typing")).to_contain_text("The customer is writing")


def test_an_unfinished_reply_is_kept(desk: DeskPage, customer: Customer) -> None:
    waiting = waits(customer)
    desk.accept(waiting)
    desk.part("reply").fill("Half a thou")
    desk.page.reload()
    desk.shows(waiting)
    expect(desk.part("reply")).to_have_value("Half a thou")


def test_a_reply_written_offline_is_sent_once_the_desk_is_there_again(chat: Chat, desk: DeskPage) -> None:
    desk.accept(chat.ask_for_a_person())
    desk.page.context.set_offline(True)
    expect(desk.part("connection-lost")).to_contain_text("Connection lost")
    desk.answer("From the train")
    expect(desk.messages("agent")).to_contain_text("Not sent. The desk cannot be reached.")
    desk.page.context.set_offline(False)
    expect(desk.messages("agent")).to_have_attribute("data-status", "stored")
    expect(desk.part("connection-lost")).to_be_hidden()
    expect(chat.messages("agent")).to_have_text(re.compile("From the train"))


def test_the_dark_theme_is_a_choice_that_stays(desk: DeskPage) -> None:
    page = desk.page.locator("html")
    bright = page.evaluate("node => getComputedStyle(node).backgroundColor")
    desk.part("agent-menu").click()
    desk.page.get_by_text("Dark", exact=True).click()
    expect(page).to_have_attribute("data-theme", "dark")
    desk.page.reload()
    expect(page).to_have_attribute("data-theme", "dark")
    expect(desk.part("view-queue")).to_be_visible()
    assert page.evaluate("node => getComputedStyle(node).backgroundColor") != bright


def test_on_a_phone_list_and_conversation_take_turns(
    signed_in: Callable[..., Page], customer: Customer, stack: Stack
) -> None:
    waiting = waits(customer)
    desk = DeskPage(
        signed_in(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True), stack.url
    )
    desk.read(waiting)
    expect(desk.card(waiting)).to_be_hidden()
    assert desk.page.evaluate("document.documentElement.scrollWidth") == 390
    desk.part("back").click()
    expect(desk.card(waiting)).to_be_visible()
