"""The two pages as people use them: the chat on the shop's page, and the agent desk."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

#: What a page shows of a message: its seq, who wrote it, its words.
Seen = tuple[str, str, str]

_AT_ONCE = 1_000
_WRITTEN = """nodes => nodes.map(node => [
    node.dataset.seq, node.dataset.from, (node.querySelector(".bubble, .system-text") ?? node).innerText
])"""
_STORED = (
    "() => JSON.parse(Object.entries(localStorage).find(([key]) => key.endsWith(':conversation'))[1]).id"
)


class _WithMessages:
    """A page with a conversation on it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(address)

    def part(self, name: str) -> Locator:
        """A part of the page by its test id."""
        return self.page.get_by_test_id(name)

    def messages(self, author: str = "") -> Locator:
        """The messages, of one kind of author if given."""
        return self.page.locator(f"[data-testid=message]{_by(author)}")

    def hears(self, author: str, text: str) -> None:
        """A message is here within a second."""
        expect(self.messages(author).filter(has_text=text)).to_be_visible(timeout=_AT_ONCE)

    def seen(self) -> list[Seen]:
        """Every message as it is shown."""
        return _seen(self.messages())


class Chat(_WithMessages):
    """The chat on the shop's page, in the hands of a customer."""

    def __init__(self, page: Page, url: str) -> None:
        super().__init__(page, f"{url}/")

    def open(self) -> Chat:
        """Press the launcher."""
        self.part("launcher").click()
        expect(self.part("panel")).to_be_visible()
        return self

    def say(self, text: str) -> None:
        """Write a message and send it with Enter."""
        self.part("input").fill(text)
        self.part("input").press("Enter")

    def ask(self, text: str) -> Locator:
        """Write a message and wait for the bot's reply to it."""
        before = self.messages("bot").count()
        self.say(text)
        reply = self.messages("bot").nth(before)
        expect(reply).to_be_visible()
        return reply

    def choose(self, item: str) -> None:
        """Open the menu and press an entry."""
        self.part("menu").click()
        self.part(item).click()

    def ask_for_a_person(self) -> str:
        """Use the menu to get into the queue; the conversation's id."""
        self.choose("talk_to_person")
        expect(self.part("queue")).to_be_visible()
        return self.id

    @property
    def id(self) -> str:
        """The conversation's id, as the browser has stored it."""
        return str(self.page.evaluate(_STORED))


class DeskPage(_WithMessages):
    """The agent desk, in the hands of an agent."""

    def __init__(self, page: Page, url: str) -> None:
        super().__init__(page, f"{url}/desk")

    def sign_in(self, email: str, password: str) -> None:
        """Fill the form and send it."""
        self.part("sign-in-email").fill(email)
        self.part("sign-in-password").fill(password)
        self.part("sign-in-submit").click()

    def card(self, conversation: str) -> Locator:
        """A conversation's card in the list that is shown."""
        return self.page.locator(f"[data-testid=card][data-id='{conversation}']")

    def view(self, name: str) -> None:
        """Choose a list by the rail."""
        self.part(f"view-{name}").click()

    def read(self, conversation: str) -> None:
        """Open a conversation from the list that is shown."""
        self.card(conversation).get_by_test_id("card-open").click()
        self.shows(conversation)

    def shows(self, conversation: str) -> None:
        """This conversation is the open one, and its transcript is here."""
        opened = self.page.locator(f"[data-testid=conversation][data-conversation='{conversation}']")
        expect(opened.get_by_test_id("transcript")).to_be_visible()

    def accept(self, conversation: str) -> None:
        """Take a waiting conversation by its card."""
        self.card(conversation).get_by_test_id("card-accept").click()
        self.shows(conversation)
        expect(self.part("reply")).to_be_focused()

    def answer(self, text: str) -> None:
        """Write to the customer and send it with Enter."""
        self.part("reply").fill(text)
        self.part("reply").press("Enter")


def _by(author: str) -> str:
    return f"[data-from={author}]" if author else ""


def _seen(messages: Locator) -> list[Seen]:
    written = messages.evaluate_all(_WRITTEN)
    return [(seq, author, re.sub(r"\s+", " ", text).strip()) for seq, author, text in written]
