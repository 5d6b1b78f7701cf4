"""An operator's day at the inbox: what the bot did not manage is decided with one key, beside colleagues."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.browser.pages import DeskPage
from tests.support.people import Agent, Customer, hire
from tests.support.stack import Stack

SignedIn = Callable[..., Page]


class InboxPage:
    """The operators' inbox, narrowed to messages with some words so that those of other tests stay out."""

    def __init__(self, page: Page, stack: Stack, words: str) -> None:
        self.page = page
        self.keys = page.keyboard
        page.goto(f"{stack.url}/desk#/improve/q={words}")
        expect(page.get_by_role("heading", level=1, name="Inbox")).to_be_visible()

    def part(self, name: str) -> Locator:
        """A part of the page by its test id."""
        return self.page.get_by_test_id(name)

    def shows(self, text: str) -> None:
        """The group in front has these words for its name."""
        expect(self.part("inbox-heading")).to_contain_text(text)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.keys.press(key)


@pytest.fixture(scope="module")
def operator(agent: Agent) -> Agent:
    """Somebody who improves the bot and answers no customers."""
    return hire(agent, "Olga Marsh", role="operator")


@pytest.fixture(scope="module")
def other(agent: Agent) -> Agent:
    """A second operator."""
    return hire(agent, "Piet Noor", role="operator")


def unclear(stack: Stack, *texts: str) -> None:
    """Customers who each ask something that is not about the shop."""
    for text in texts:
        Customer(stack.url).say(text)


def disliked(stack: Stack, *texts: str) -> None:
    """Customers who each ask something and think nothing of the answer."""
    for text in texts:
        customer = Customer(stack.url)
        customer.dislike(next(reply for reply in customer.say(text) if reply["from"] == "bot"))


def listed(operator: Agent, words: str, state: str = "open") -> list[dict[str, Any]]:
    """The groups of the inbox as the service has them."""
    answer = operator.http.get("/inbox", params={"q": words, "state": state}).raise_for_status()
    return list(answer.json()["groups"])


def labelled_by(operator: Agent, words: str, state: str) -> str:
    """Who made the newest decision about messages with these words."""
    return str(listed(operator, words, state)[0]["label"]["by"]["name"])


def test_paraphrases_are_decided_together_with_one_key_and_the_decision_can_be_undone(
    signed_in: SignedIn, stack: Stack, operator: Agent
) -> None:
    unclear(
        stack, "can my ferret ride on it", "may the ferret ride on top of it", "my ferret wants a ride on it"
    )
    inbox = InboxPage(signed_in(operator), stack, "ferret")
    inbox.shows("ferret")
    expect(inbox.part("inbox-group")).to_have_count(1)
    expect(inbox.part("inbox-item")).to_have_count(3)
    expect(inbox.page.get_by_text("What the bot understood")).to_be_visible()
    inbox.press("ArrowDown", "Space")
    expect(inbox.page.locator("[data-testid=inbox-item][data-out=true]")).to_have_count(1)
    inbox.press("1")
    expect(inbox.part("inbox-outcome")).to_contain_text("2 messages")
    expect(inbox.part("inbox-tally")).to_have_text("1 labelled")
    expect(inbox.part("inbox-group")).to_have_count(1)
    inbox.press("x")
    expect(inbox.part("inbox-none")).to_contain_text("Nothing fits")
    assert labelled_by(operator, "ferret", "labelled") == operator.name
    assert labelled_by(operator, "ferret", "ignored") == operator.name
    inbox.press("u")
    expect(inbox.part("inbox-heading")).to_be_visible()
    inbox.press("Control+z")
    expect(inbox.part("inbox-item")).to_have_count(3)
    expect(inbox.part("inbox-tally")).to_have_text("")
    expect(inbox.part("improve-inbox")).to_have_attribute("data-saving", "0")
    assert [group["size"] for group in listed(operator, "ferret")] == [3]


def test_any_topic_is_found_by_typing_and_the_product_goes_with_it(
    signed_in: SignedIn, stack: Stack, operator: Agent
) -> None:
    disliked(stack, "how long is the cable of the quokka toaster")
    inbox = InboxPage(signed_in(operator), stack, "quokka")
    inbox.shows("quokka")
    expect(inbox.page.locator("desk-inbox-detail .group-meta")).to_contain_text("Thumbs down")
    inbox.press("p")
    inbox.keys.type("tempo")
    inbox.press("Enter")
    expect(inbox.part("inbox-product")).to_contain_text("Tempo")
    inbox.press("t")
    inbox.keys.type("warr")
    expect(inbox.part("topic-palette-option").first).to_contain_text("arranty")
    with inbox.page.expect_response("**/inbox/labels") as stored:
        inbox.press("Enter")
    label = stored.value.json()["label"]
    assert (label["kind"], label["topic"]) == ("topic", "warranty")
    assert len(label["skus"]) == 1
    inbox.part("inbox-labelled").click()
    inbox.shows("quokka")
    expect(inbox.page.locator(".decided")).to_contain_text(operator.name)
    inbox.part("inbox-reopen").click()
    expect(inbox.part("inbox-none")).to_be_visible()
    inbox.part("inbox-open").click()
    inbox.shows("quokka")


def test_who_is_slower_is_told_by_whom_it_was_labelled(
    signed_in: SignedIn, stack: Stack, operator: Agent, other: Agent
) -> None:
    disliked(stack, "is the wombat lamp in stock")
    page = signed_in(operator)
    page.route_web_socket("**/api/v1/desk/socket", deaf)
    inbox = InboxPage(page, stack, "wombat")
    inbox.shows("wombat")
    ids = listed(other, "wombat")[0]["item_ids"]
    other.http.post("/inbox/labels", json={"items": ids, "kind": "ignore"}).raise_for_status()
    inbox.press("o")
    expect(inbox.part("toast")).to_contain_text(other.name)
    expect(inbox.part("inbox-tally")).to_have_text("")
    expect(inbox.part("inbox-group")).to_have_count(0)
    assert labelled_by(operator, "wombat", "ignored") == other.name


def deaf(socket: WebSocketRoute) -> None:
    """A connection on which nothing of the inbox is heard."""
    server = socket.connect_to_server()

    def pass_on(frame: str | bytes) -> None:
        if '"inbox' not in str(frame):
            socket.send(frame)

    server.on_message(pass_on)


def test_operators_see_what_the_other_has_in_front_and_has_labelled(
    signed_in: SignedIn, stack: Stack, operator: Agent, other: Agent
) -> None:
    disliked(stack, "where is the capybara kettle made")
    mine = InboxPage(signed_in(operator), stack, "capybara")
    theirs = InboxPage(signed_in(other), stack, "capybara")
    expect(mine.part("inbox-company")).to_contain_text(f"{other.name} is working on this too")
    expect(theirs.part("inbox-company")).to_contain_text(operator.name)
    theirs.press("x")
    expect(mine.part("inbox-company")).to_contain_text(f"{other.name} labelled this as Ignored")
    expect(mine.page.locator("desk-inbox-decision")).to_be_hidden()
    expect(mine.part("inbox-said-aloud")).to_contain_text(f"{other.name} labelled this")


def test_what_comes_in_waits_to_be_asked_for_and_moves_nothing(
    signed_in: SignedIn, stack: Stack, operator: Agent
) -> None:
    disliked(stack, "does the axolotl heater hum at night")
    inbox = InboxPage(signed_in(operator), stack, "axolotl")
    inbox.shows("hum at night")
    before = inbox.part("inbox-group").bounding_box()
    disliked(stack, "return an axolotl scale that I opened")
    expect(inbox.part("inbox-arrived")).to_have_text("1 new")
    assert inbox.part("inbox-group").bounding_box() == before
    inbox.shows("hum at night")
    inbox.part("inbox-arrived").click()
    expect(inbox.part("inbox-group")).to_have_count(2)
    inbox.shows("hum at night")
    inbox.press("k")
    inbox.shows("scale")
    inbox.press("v")
    expect(inbox.part("inbox-said")).to_contain_text("scale that I opened")
    inbox.press("Escape")
    expect(inbox.part("inbox-sheet")).to_be_hidden()
    inbox.press("v")
    inbox.part("inbox-bring").click()
    expect(inbox.page.get_by_role("heading", level=1, name="Test conversations")).to_be_visible()
    expect(inbox.part("trial-turn")).to_contain_text("scale that I opened")


def test_filters_stay_in_the_address_and_an_operator_without_a_queue_begins_here(
    signed_in: SignedIn, stack: Stack, operator: Agent
) -> None:
    disliked(stack, "how heavy is the pangolin grinder")
    page = signed_in(operator)
    page.goto(f"{stack.url}/desk")
    expect(page.get_by_role("heading", level=1, name="Inbox")).to_be_visible()
    rail = page.locator("desk-rail")
    expect(rail.get_by_role("link").first).to_have_text("Inbox")
    expect(rail.get_by_role("link", name="Queue")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("pangolin")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("inbox-group")).to_have_count(1)
    page.locator("[data-why=thumbs_down]").click()
    expect(page).to_have_url(re.compile(r"#/improve/why=thumbs_down&q=pangolin"))
    page.reload()
    expect(page.get_by_test_id("inbox-heading")).to_contain_text("pangolin")
    expect(page.locator("[data-why=thumbs_down]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("f")
    page.get_by_label("How it ended").select_option("resolved")
    expect(page.get_by_test_id("inbox-none")).to_contain_text("Nothing fits")
    page.go_back()
    expect(page.get_by_test_id("inbox-heading")).to_contain_text("pangolin")


def test_an_agent_marks_what_the_bot_should_have_known(
    signed_in: SignedIn, stack: Stack, agent: Agent, operator: Agent
) -> None:
    question, answer = "which colours does the narwhal vacuum come in", "It comes in white and in sea green."
    customer = answered_by(agent, stack, question, answer)
    desk = DeskPage(signed_in(), stack.url)
    desk.page.goto(f"{stack.url}/desk#/inbox/mine/{customer.id}")
    desk.shows(customer.id)
    asked = desk.messages("customer").filter(has_text="narwhal")
    asked.hover()
    asked.get_by_test_id("mark").click()
    expect(asked.get_by_test_id("marked")).to_contain_text("The bot should have known this")
    expect(desk.part("toast")).to_contain_text("The operators find it")
    inbox = InboxPage(signed_in(operator), stack, "narwhal")
    expect(inbox.page.locator("desk-inbox-detail .group-meta")).to_contain_text("Marked")
    expect(inbox.page.locator(".answered")).to_contain_text("white and in sea green")
    desk.page.reload()
    asked.get_by_test_id("unmark").click()
    expect(asked.get_by_test_id("marked")).to_have_count(0)
    expect(inbox.page.locator("desk-inbox-detail .group-meta")).not_to_contain_text("Marked")
    agent.resolve(customer.id)


def test_what_an_agent_answered_becomes_a_new_topic(
    signed_in: SignedIn, stack: Stack, agent: Agent, operator: Agent
) -> None:
    customer = answered_by(agent, stack, "may my manatee sleep in it", "Yes, manatees sleep well in it.")
    inbox = InboxPage(signed_in(operator), stack, "manatee")
    inbox.shows("manatee")
    inbox.part("inbox-use-answer").click()
    expect(inbox.page.get_by_label("What the bot says")).to_have_value("Yes, manatees sleep well in it.")
    inbox.page.get_by_label("Name").fill("Warranty")
    inbox.press("Enter")
    expect(inbox.part("inbox-new-topic")).to_contain_text("There is a topic of this name already")
    inbox.page.get_by_label("Name").fill("Animals inside")
    with inbox.page.expect_response("**/inbox/labels"):
        inbox.press("Enter")
    expect(inbox.part("inbox-none")).to_be_visible()
    expect(inbox.part("changes")).to_contain_text("to review")
    label = listed(operator, "manatee", "labelled")[0]["label"]
    assert label["topic"] == "animals_inside"
    changes = operator.http.get("/improve/changes").raise_for_status().json()["changes"]
    made = next(change for change in changes if change["operation"].get("name") == "animals_inside")
    assert made["operation"]["examples"] == ["may my manatee sleep in it"]
    operator.http.delete(f"/inbox/labels/{label['id']}").raise_for_status()
    operator.http.delete(f"/improve/changes/{made['id']}").raise_for_status()
    agent.resolve(customer.id)


def answered_by(agent: Agent, stack: Stack, question: str, answer: str) -> Customer:
    """A customer who asked the bot, then a person, and got an answer."""
    customer = Customer(stack.url)
    customer.say(question)
    customer.say("can I talk to a person please")
    agent.accept(customer.id)
    agent.answer(customer.id, answer)
    return customer


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_inbox_is_accessible_and_fits_a_phone(
    signed_in: SignedIn, stack: Stack, operator: Agent, scheme: str
) -> None:
    disliked(stack, f"is the {scheme} okapi mixer loud", f"how loud is the {scheme} okapi mixer")
    inbox = InboxPage(signed_in(operator, color_scheme=scheme), stack, "okapi")
    inbox.shows("okapi")
    accessible(inbox.page)
    inbox.press("v")
    expect(inbox.part("inbox-said")).to_contain_text("okapi")
    accessible(inbox.page)
    phone = signed_in(operator, color_scheme=scheme, viewport={"width": 390, "height": 844}, has_touch=True)
    small = InboxPage(phone, stack, "okapi")
    expect(small.part("inbox-heading")).to_be_hidden()
    accessible(phone)
    small.part("inbox-group").first.tap()
    small.shows("okapi")
    accessible(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.go_back()
    expect(small.part("inbox-group").first).to_be_visible()


def accessible(page: Page) -> None:
    """Axe finds nothing to complain about."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
