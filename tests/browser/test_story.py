"""One customer and one agent side by side, from the first question to the bot's last answer."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Profile
from tests.browser.pages import Chat, DeskPage
from tests.support.stack import Stack

NONSENSE = ("blorft wuggle snee", "grommit plax ungo triffle")


def test_a_question_reaches_a_person_and_goes_back_to_the_bot(profile: Profile, stack: Stack) -> None:
    chat = Chat(profile(reduced_motion="no-preference").new_page(), stack.url).open()
    desk = DeskPage(profile(reduced_motion="no-preference").new_page(), stack.url)
    desk.sign_in(*stack.sign_in)
    expect(desk.part("view-queue")).to_be_visible()

    expect(chat.ask("How much is the Rill 300?")).to_contain_text("€189.00")
    expect(chat.ask("and how do I clean it?")).to_contain_text("Rill 300")
    expect(chat.ask(NONSENSE[0])).to_be_visible()
    chat.say(NONSENSE[1])
    expect(chat.part("queue")).to_be_visible()
    expect(chat.part("typing")).to_be_hidden()

    card = desk.card(chat.id)
    expect(card).to_have_attribute("data-reason", "low_confidence")
    expect(card).to_contain_text("Bot not sure")
    desk.read(chat.id)
    evidence = desk.part("context")
    for told in ("Bot not sure", *NONSENSE, "How the bot read it", "RL-300"):
        expect(evidence).to_contain_text(told)

    desk.accept(chat.id)
    expect(chat.part("queue")).to_be_hidden()
    expect(chat.part("status")).to_contain_text("Talking with you")
    desk.answer("Hello, I am a person. What did you mean?")
    chat.hears("agent", "What did you mean?")
    chat.say("Only whether you are there 🙂")
    desk.hears("customer", "Only whether you are there 🙂")
    desk.answer("I am. Back to the assistant with you.")
    chat.hears("agent", "Back to the assistant")
    nothing_is_lost_by_a_reload(chat, desk)

    desk.part("return").click()
    expect(chat.part("status")).to_contain_text("Answers at once")
    expect(chat.ask("how much is it, again?")).to_contain_text("€189.00")
    expect(desk.messages("bot").last).to_contain_text("€189.00")
    nothing_is_lost_by_a_reload(chat, desk)


def nothing_is_lost_by_a_reload(chat: Chat, desk: DeskPage) -> None:
    """Both show the same before and after, numbered without a hole."""
    expect(chat.messages().and_(chat.page.locator("[data-status=pending]"))).to_have_count(0)
    expect(desk.messages().and_(desk.page.locator("[data-status=sending]"))).to_have_count(0)
    before = chat.seen()
    expect(desk.messages()).to_have_count(len(before))
    assert [seq for seq, *_ in before] == [str(seq) for seq in range(1, len(before) + 1)]
    assert desk.seen() == before
    chat.page.reload()
    desk.page.reload()
    for side in (chat, desk):
        expect(side.messages()).to_have_count(len(before))
        assert side.seen() == before
