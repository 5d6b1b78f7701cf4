"""The chat as a customer uses it, with the real bot behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Profile
from tests.browser.pages import Chat, DeskPage
from tests.support.people import Agent
from tests.support.stack import Stack

HOSTILE = (
    "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script> "
    "**bold** _it_ `code` [press](javascript:alert(1)) <b>loud</b> {{title}} ${title} &amp;"
)


def test_a_button_of_a_reply_answers_and_stays_marked(chat: Chat) -> None:
    chat.ask("what does the splash cost?").get_by_text("Splash 60").click()
    expect(chat.messages("bot").last).to_contain_text("€660.00")
    for _ in range(2):
        asked = chat.messages("bot").first.get_by_test_id("choice")
        expect(asked).to_have_count(2)
        expect(asked.first).to_be_disabled()
        expect(asked.filter(has_text="Splash 60")).to_have_accessible_name("You chose: Splash 60")
        expect(chat.messages("customer").last.locator(".bubble")).to_have_text("Splash 60")
        chat.page.reload()


def test_a_starter_of_the_greeting_is_asked(chat: Chat) -> None:
    chat.part("greeting").get_by_text("Delivery and costs").click()
    expect(chat.messages("bot")).to_contain_text("Parcels cost")
    expect(chat.part("greeting").get_by_test_id("choice")).to_have_count(0)


def test_the_menu_leads_to_a_person_and_the_queue_back_to_the_assistant(chat: Chat) -> None:
    chat.ask_for_a_person()
    expect(chat.part("queue")).to_contain_text("queue")
    expect(chat.part("status")).to_have_text("Finding a person for you")
    chat.part("cancel").click()
    expect(chat.part("queue")).to_be_hidden()
    expect(chat.part("status")).to_have_text("Answers at once, day and night")
    expect(chat.ask("how much is the tempo?")).to_contain_text("€165.00")


def test_what_is_written_in_the_queue_waits_for_the_person(chat: Chat, agent: Agent) -> None:
    waiting = chat.ask_for_a_person()
    chat.say("My order has not come")
    expect(chat.messages("customer").last).to_have_attribute("data-seq", "2")
    expect(chat.part("typing")).to_be_hidden()
    agent.accept(waiting)
    expect(chat.part("queue")).to_be_hidden()
    assert [
        message["text"] for message in agent.open(waiting)["messages"] if message["from"] == "customer"
    ] == ["My order has not come"]
    expect(chat.messages("bot")).to_have_count(0)


def test_a_closed_chat_is_found_again_in_another_visit(profile: Profile, stack: Stack) -> None:
    visitor = profile()
    chat = Chat(visitor.new_page(), stack.url).open()
    chat.ask("how much is the tempo?")
    before = chat.seen()
    chat.part("close").click()
    expect(chat.part("panel")).to_be_hidden()
    expect(chat.part("launcher")).to_be_focused()
    chat.page.close()
    later = Chat(visitor.new_page(), stack.url)
    expect(later.part("launcher")).to_be_visible()
    expect(later.part("panel")).to_be_hidden()
    later.open()
    expect(later.messages()).to_have_count(len(before))
    assert later.seen() == before
    expect(later.ask("and its warranty?")).to_contain_text("Tempo")


def test_a_reply_to_a_closed_chat_is_counted_on_the_launcher(chat: Chat, agent: Agent) -> None:
    waiting = chat.ask_for_a_person()
    agent.accept(waiting)
    expect(chat.part("queue")).to_be_hidden()
    chat.part("close").click()
    expect(chat.part("unread")).to_be_hidden()
    agent.answer(waiting, "Here I am.")
    expect(chat.part("unread")).to_have_text("1")
    expect(chat.part("launcher")).to_have_accessible_name("Open the chat. Unread messages: 1")
    chat.open()
    expect(chat.messages("agent")).to_contain_text("Here I am.")
    chat.part("close").click()
    expect(chat.part("unread")).to_be_hidden()


def test_the_keyboard_alone_is_enough(profile: Profile, stack: Stack) -> None:
    chat = Chat(profile().new_page(), stack.url)
    keys = chat.page.keyboard
    expect(chat.part("launcher")).to_be_visible()
    expect(chat.page.locator("#contact a")).to_be_visible()
    chat.page.locator("#contact a").focus()
    keys.press("Tab")
    expect(chat.part("launcher")).to_be_focused()
    keys.press("Enter")
    expect(chat.part("input")).to_be_focused()
    keys.type("what does the splash cost?")
    keys.press("Shift+Enter")
    keys.type("roughly")
    keys.press("Enter")
    expect(chat.messages("customer")).to_have_count(1)
    choices = chat.messages("bot").last.get_by_test_id("choice")
    expect(choices).to_have_count(2)
    keys.press("Shift+Tab")
    expect(choices.last).to_be_focused()
    keys.press("Enter")
    expect(chat.messages("bot")).to_have_count(2)
    expect(chat.part("input")).to_be_focused()

    chat.part("close").focus()
    keys.press("Shift+Tab")
    expect(chat.part("menu")).to_be_focused()
    keys.press("Enter")
    expect(chat.part("talk_to_person")).to_be_focused()
    keys.press("ArrowDown")
    expect(chat.part("download")).to_be_focused()
    keys.press("Escape")
    expect(chat.part("download")).to_be_hidden()
    expect(chat.part("menu")).to_be_focused()
    keys.press("Escape")
    expect(chat.part("panel")).to_be_hidden()
    expect(chat.part("launcher")).to_be_focused()


def test_what_is_written_offline_is_kept_and_sent_once(chat: Chat) -> None:
    chat.ask("how much is the tempo?")
    chat.page.context.set_offline(True)
    expect(chat.part("trouble")).to_contain_text("You are offline")
    chat.say("and its warranty?")
    chat.say("and how do I clean it?")
    waiting = chat.page.locator("[data-testid=message][data-status=pending]")
    expect(waiting).to_have_count(2)
    expect(waiting.first).to_contain_text("Will be sent when you are online again")
    chat.page.context.set_offline(False)
    expect(waiting).to_have_count(0)
    expect(chat.part("trouble")).to_be_hidden()
    expect(chat.messages("bot")).to_have_count(3)
    chat.page.reload()
    expect(chat.messages("bot")).to_have_count(3)
    said = [text for _, author, text in chat.seen() if author == "customer"]
    assert said == ["how much is the tempo?", "and its warranty?", "and how do I clean it?"]


def test_what_is_written_offline_survives_leaving_the_page(profile: Profile, stack: Stack) -> None:
    visitor: BrowserContext = profile()
    chat = Chat(visitor.new_page(), stack.url).open()
    expect(chat.part("greeting")).to_be_visible()
    visitor.set_offline(True)
    chat.say("how much is the tempo?")
    expect(chat.messages("customer")).to_have_attribute("data-status", "pending")
    chat.page.close()
    visitor.set_offline(False)
    later = Chat(visitor.new_page(), stack.url).open()
    expect(later.messages("bot")).to_contain_text("€165.00")
    expect(later.messages("customer")).to_have_count(1)


def test_a_control_that_does_not_get_through_says_so_in_the_words_of_the_shop(chat: Chat) -> None:
    chat.ask("how much is the tempo?")
    chat.page.route("**/handoff", lambda call: call.abort())
    chat.choose("talk_to_person")
    expect(chat.part("trouble")).to_have_text("That did not work. Please try again in a moment.")
    chat.page.unroute("**/handoff")
    chat.ask_for_a_person()
    expect(chat.part("trouble")).to_be_hidden()


def test_two_tabs_show_the_same_conversation(profile: Profile, stack: Stack) -> None:
    visitor = profile()
    first = Chat(visitor.new_page(), stack.url).open()
    second = Chat(visitor.new_page(), stack.url).open()
    first.ask("how much is the tempo?")
    expect(second.messages("bot")).to_contain_text("€165.00")
    second.ask("and its warranty?")
    expect(first.messages("bot")).to_have_count(2)
    assert first.seen() == second.seen()
    first.page.bring_to_front()
    first.choose("new")
    expect(second.messages()).to_have_count(0)


def test_markup_is_shown_as_it_was_written_on_both_sides(chat: Chat, desk: DeskPage) -> None:
    waiting = chat.ask_for_a_person()
    chat.say(HOSTILE)
    expect(desk.card(waiting).get_by_test_id("card-open")).to_contain_text(HOSTILE[:100])
    desk.accept(waiting)
    desk.answer(HOSTILE)
    chat.hears("agent", HOSTILE)
    for side in (chat, desk):
        for author in ("customer", "agent"):
            bubble = side.messages(author).locator(".bubble")
            expect(bubble).to_have_text(HOSTILE)
            assert bubble.locator("*:not(p)").count() == 0
        assert "taken" not in side.page.title()


def test_a_message_that_is_too_long_is_refused_in_words_and_can_be_changed(chat: Chat) -> None:
    chat.say("long " * 801)
    refused = chat.messages("customer")
    expect(refused).to_have_attribute("data-status", "failed")
    expect(refused).to_contain_text("4,000 characters")
    expect(refused.get_by_test_id("retry")).to_have_count(0)
    refused.get_by_test_id("edit").click()
    expect(chat.messages()).to_have_count(0)
    expect(chat.part("input")).to_have_value(("long " * 801).strip())
    expect(chat.ask("how much is the tempo?")).to_contain_text("€165.00")


@pytest.mark.parametrize(
    ("message", "direction"),
    [
        ("🙂🙂🙂", "ltr"),
        ("?!…", "ltr"),
        ("/restart", "ltr"),
        ("كم سعر هذا الجهاز؟", "rtl"),
        ("Z̴͔a̷l̵g̶o̸ ̷t̵e̶x̵t̷", "ltr"),
        ("a" * 600, "ltr"),
    ],
)
def test_whatever_is_written_is_shown_as_written_and_answered(
    chat: Chat, message: str, direction: str
) -> None:
    expect(chat.ask(message)).not_to_contain_text("Something went wrong")
    written = chat.messages("customer").locator(".bubble")
    expect(written).to_have_text(message)
    expect(written).to_have_css("direction", direction)
    assert chat.part("log").evaluate("log => log.scrollWidth <= log.clientWidth")


def test_an_answer_can_be_rated_and_the_rating_stays(chat: Chat) -> None:
    chat.ask("how much is the tempo?").get_by_test_id("rate-down").click()
    expect(chat.part("rate-down")).to_have_attribute("aria-pressed", "true")
    chat.page.reload()
    expect(chat.part("rate-down")).to_have_attribute("aria-pressed", "true")
    expect(chat.part("rate-up")).to_have_attribute("aria-pressed", "false")


def test_the_conversation_can_be_taken_home_as_text(chat: Chat, tmp_path: Path) -> None:
    chat.ask("how much is the tempo?")
    with chat.page.expect_download() as handed:
        chat.choose("download")
    handed.value.save_as(tmp_path / "conversation.txt")
    text = (tmp_path / "conversation.txt").read_text(encoding="utf-8")
    assert handed.value.suggested_filename == "conversation.txt"
    assert "how much is the tempo?" in text
    assert "€165.00" in text


def test_an_ended_conversation_opens_again_when_the_customer_writes(chat: Chat) -> None:
    chat.ask("how much is the tempo?")
    ended = chat.id
    chat.choose("end")
    expect(chat.part("resolved")).to_be_visible()
    expect(chat.ask("and its warranty?")).to_contain_text("Tempo")
    expect(chat.part("resolved")).to_be_hidden()
    assert chat.id == ended


def test_a_new_conversation_leaves_the_old_one_behind(chat: Chat) -> None:
    chat.ask("how much is the tempo?")
    left = chat.id
    chat.choose("new")
    expect(chat.messages()).to_have_count(0)
    expect(chat.part("greeting").get_by_test_id("choice").first).to_be_visible()
    chat.ask("and its warranty?")
    assert chat.id != left
