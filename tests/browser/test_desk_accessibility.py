"""Every state of the agents' page holds to axe-core in both colour schemes, and screen readers hear it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import DeskPage
from tests.browser.test_accessibility import accessible
from tests.support.people import Agent, Customer
from tests.support.stack import Stack

pytestmark = pytest.mark.usefixtures("quiet")
both_schemes = pytest.mark.parametrize("scheme", ["light", "dark"])


def waiting(stack: Stack) -> Customer:
    """A customer who has asked about a product and then for a person."""
    customer = Customer(stack.url)
    customer.say("how much is the tempo?")
    customer.say("can I talk to a person please")
    return customer


@both_schemes
def test_writing(
    signed_in: Callable[..., Page],
    colleague: Agent,
    stack: Stack,
    scheme: str,
    tmp_path: Path,
) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("one Tempo", encoding="utf-8")
    customer = waiting(stack)
    desk = DeskPage(signed_in(color_scheme=scheme), stack.url)
    desk.accept(customer.id)
    desk.part("file").set_input_files(paper)
    expect(desk.part("tray-file")).to_have_attribute("data-state", "stored")
    expect(desk.part("suggestion").first).to_be_visible()
    desk.part("reply").press_sequentially("/")
    expect(desk.part("choice").first).to_be_visible()
    accessible(desk.page)
    desk.page.keyboard.press("Escape")
    desk.answer("Here it is")
    expect(desk.messages("agent")).to_have_attribute("data-status", "stored")
    desk.part("mode-note").click()
    desk.part("reply").press_sequentially("@")
    expect(desk.part("choice").first).to_be_visible()
    accessible(desk.page)
    desk.page.keyboard.type("jon")
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.press("Enter")
    expect(desk.part("note")).to_contain_text("@Jonas Berg")
    other = DeskPage(signed_in(colleague), stack.url)
    other.view("open")
    other.read(customer.id)
    expect(desk.part("collision")).to_contain_text("Jonas Berg")
    accessible(desk.page)


@both_schemes
def test_dialogs_and_menus(signed_in: Callable[..., Page], stack: Stack, scheme: str) -> None:
    customer = waiting(stack)
    desk = DeskPage(signed_in(color_scheme=scheme), stack.url)
    desk.accept(customer.id)
    keys = desk.page.keyboard
    keys.press("Escape")
    for key, name in (("Control+k", "palette"), ("t", "transfer-dialog"), ("Shift+E", "resolve-menu")):
        keys.press(key)
        expect(desk.part(name)).to_be_visible()
        accessible(desk.page)
        keys.press("Escape")
        expect(desk.part(name)).to_be_hidden()
    keys.press("e")
    expect(desk.part("toast")).to_be_visible()
    accessible(desk.page)
    keys.press("/")
    keys.type("tempo")
    expect(desk.part("found").first).to_be_visible()
    accessible(desk.page)
    keys.press("Escape")
    desk.part("agent-menu").click()
    desk.part("menu-snippets").click()
    expect(desk.part("snippet").first).to_be_visible()
    accessible(desk.page)
    desk.part("snippet-new").click()
    accessible(desk.page)


@both_schemes
@pytest.mark.usefixtures("offering")
def test_offered_and_promised_work(signed_in: Callable[..., Page], stack: Stack, scheme: str) -> None:
    promised = waiting(stack)
    promised.leave_contact(phone="+49 30 1234567")
    desk = DeskPage(signed_in(color_scheme=scheme), stack.url)
    desk.view("due")
    expect(desk.card(promised.id)).to_contain_text("+49 30 1234567")
    accessible(desk.page)
    desk.accept(promised.id)
    expect(desk.part("promise-strip")).to_be_visible()
    waiting(stack)
    expect(desk.part("offer")).to_be_visible()
    accessible(desk.page)


@both_schemes
@pytest.mark.parametrize("size", [(1024, 768), (390, 844)], ids=["tablet", "phone"])
def test_a_conversation_where_there_is_little_room(
    signed_in: Callable[..., Page], stack: Stack, scheme: str, size: tuple[int, int]
) -> None:
    customer = waiting(stack)
    width, height = size
    desk = DeskPage(
        signed_in(color_scheme=scheme, viewport={"width": width, "height": height}, has_touch=True), stack.url
    )
    accessible(desk.page)
    desk.accept(customer.id)
    accessible(desk.page)
    assert desk.page.evaluate("document.documentElement.scrollWidth") == width
    desk.part("context-toggle").click()
    expect(desk.part("context").get_by_role("heading", name="Context")).to_be_focused()
    accessible(desk.page)
    desk.page.keyboard.press("Escape")
    expect(desk.part("context-toggle")).to_be_focused()


@pytest.mark.usefixtures("offering")
def test_an_offer_is_said_at_once_and_what_the_customer_writes_politely(desk: DeskPage, stack: Stack) -> None:
    customer = waiting(stack)
    urgent = desk.page.locator("[role=alert]").filter(has_text="Offered to you. Asked for a person.")
    expect(urgent).to_contain_text("Press A to accept")
    desk.page.keyboard.press("a")
    expect(desk.part("reply")).to_be_focused()
    customer.tell("are you there?")
    expect(desk.part("announcer")).to_contain_text("are you there?")


def test_with_reduced_motion_nothing_is_animated(desk: DeskPage, stack: Stack) -> None:
    customer = waiting(stack)
    desk.accept(customer.id)
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("e")
    expect(desk.part("toast")).to_be_visible()
    assert desk.page.evaluate("document.getAnimations().length") == 0
