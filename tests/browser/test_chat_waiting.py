"""What the chat shows a customer who waits, is promised an answer, comes back, or sends files."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect
from sanic import Sanic

from steward.catalogue import OpeningHours, Span
from steward.settings import MailServer
from tests.browser.conftest import Profile
from tests.browser.pages import Chat
from tests.integration.desk_kit import free_port, handoff
from tests.support.small_desk import SmallDesk

DUBLIN = ZoneInfo("Europe/Dublin")
MAIL = MailServer("127.0.0.1", free_port(), "none", "", "", "help@alder.example")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f00050001ff56c7"
)

Desks = Callable[..., SmallDesk]


def over_for_today() -> OpeningHours:
    """Open from 9 to 18, but not on the day of the test and the one before."""
    today = datetime.now(DUBLIN).date()
    return OpeningHours(
        "Europe/Dublin", ((Span(540, 1080),),) * 7, {today + timedelta(days=n): () for n in (-1, 0)}
    )


@pytest.fixture(scope="module", autouse=True)
def many_desks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sanic, "test_mode", True)
        yield


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    """Make desks; they stop with the test."""
    running: list[SmallDesk] = []

    def make(opening: OpeningHours | None = None, **changes: object) -> SmallDesk:
        folder = tmp_path / str(len(running))
        folder.mkdir()
        desk = SmallDesk(folder, opening, **changes)
        desk.rasa.replies["a person please"] = handoff("customer_asked")
        running.append(desk)
        return desk

    yield make
    for desk in running:
        desk.stop()


@pytest.fixture
def visit(profile: Profile) -> Callable[..., Chat]:
    """A customer's chat on the shop's page, open."""

    def make(desk: SmallDesk, **options: object) -> Chat:
        context = profile(timezone_id="Europe/Dublin", **options)
        return Chat(context.new_page(), desk.url).open()

    return make


def hand_over(chat: Chat) -> str:
    chat.ask("a person please")
    expect(chat.part("queue")).to_be_visible()
    return chat.id


def no_complaints_of_axe(page: Page) -> None:
    found = Axe().run(page, context={"include": [["steward-chat"]]})
    assert found.violations_count == 0, found.generate_report()


def test_outside_the_hours_the_customer_leaves_an_address_and_sees_the_promise(
    desks: Desks, visit: Callable[..., Chat]
) -> None:
    desk = desks(over_for_today(), mail=MAIL)
    chat = visit(desk)
    hand_over(chat)
    expect(chat.part("queue")).to_contain_text("You will hear from us by tomorrow, 13:00")
    expect(chat.part("queue")).to_contain_text("Here in this conversation")
    chat.part("leave-contact").click()
    expect(chat.part("promise-email")).to_be_focused()
    no_complaints_of_axe(chat.page)
    chat.part("promise-email").fill("robin@example.org")
    chat.part("promise-name").fill("Robin")
    chat.page.get_by_role("radio", name=re.compile("^Tomorrow 13:00 to 18:00")).check()
    chat.part("promise-email").press("Enter")
    expect(chat.part("promise-form")).to_be_hidden()
    expect(chat.part("queue")).to_contain_text("You will hear from us by tomorrow, 18:00")
    expect(chat.part("queue")).to_contain_text("Here and at robin@example.org")
    expect(chat.messages("system").last).to_contain_text("18:00, here and at robin@example.org")
    chat.page.reload()
    expect(chat.part("queue")).to_contain_text("Here and at robin@example.org")


@pytest.mark.parametrize("typed", ["", "robin", "robin@example", "robin@@example.org"])
def test_an_address_that_cannot_be_right_is_said_so_beside_it(
    desks: Desks, visit: Callable[..., Chat], typed: str
) -> None:
    chat = visit(desks(over_for_today(), mail=MAIL))
    hand_over(chat)
    chat.part("leave-contact").click()
    chat.part("promise-email").fill(typed)
    chat.part("promise-send").click()
    email = chat.part("promise-email")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description(re.compile("check the e-mail address"))
    expect(email).to_be_focused()
    no_complaints_of_axe(chat.page)
    email.fill("robin@example.org")
    expect(email).not_to_have_attribute("aria-invalid", "true")


def test_what_only_the_desk_can_refuse_is_said_beside_its_field_too(
    desks: Desks, visit: Callable[..., Chat]
) -> None:
    chat = visit(desks(over_for_today(), mail=MAIL))
    hand_over(chat)
    chat.part("leave-contact").click()
    chat.part("promise-email").fill("robin@example.org")
    chat.part("promise-name").fill("buy at spam.example/now")
    chat.part("promise-send").click()
    expect(chat.part("promise-name")).to_be_focused()
    expect(chat.part("promise-name")).to_have_accessible_description(re.compile("letters only"))


def test_without_a_mail_server_only_the_telephone_is_offered(
    desks: Desks, visit: Callable[..., Chat]
) -> None:
    chat = visit(desks(over_for_today()))
    hand_over(chat)
    chat.part("leave-contact").click()
    expect(chat.part("promise-phone")).to_be_focused()
    expect(chat.part("promise-email")).to_be_hidden()
    chat.part("promise-phone").fill("020 915 0142")
    chat.part("promise-send").click()
    expect(chat.part("queue")).to_contain_text("Here and on 020 915 0142")


def test_who_waits_sees_place_and_time_and_may_leave_a_contact_or_go_back(
    desks: Desks, visit: Callable[..., Chat]
) -> None:
    chat = visit(desks())
    hand_over(chat)
    expect(chat.part("queue")).to_contain_text("You are next in the queue")
    expect(chat.part("waited")).to_have_text(re.compile(r"^Waiting 0:\d\d$"))
    chat.part("leave-contact").click()
    expect(chat.part("queue")).to_be_hidden()
    chat.page.keyboard.press("Escape")
    expect(chat.part("promise-form")).to_be_hidden()
    expect(chat.part("panel")).to_be_visible()
    expect(chat.part("input")).to_be_focused()
    chat.part("cancel").click()
    expect(chat.part("queue")).to_be_hidden()
    expect(chat.part("status")).to_have_text("Answers at once, day and night")


def test_with_enough_measured_waits_the_customer_sees_what_to_expect(
    desks: Desks, visit: Callable[..., Chat]
) -> None:
    desk = desks()
    agent = desk.agent()

    async def waits_before() -> None:
        for _ in range(6):
            customer = await desk.bench.queued("customer_asked")
            assert (await agent.act(customer, "accept")).status_code == 200
            assert (await agent.act(customer, "resolve")).status_code == 200
        await agent.call("PUT", "presence", {"state": "online"})

    desk.do(waits_before())
    chat = visit(desk)
    hand_over(chat)
    expect(chat.part("waited")).to_contain_text("Usually 1 to 2 more minutes")


def test_the_customer_sees_who_has_come_that_they_look_something_up_and_what_they_have_read(
    desks: Desks, visit: Callable[..., Chat]
) -> None:
    desk = desks()
    chat = visit(desk)
    conversation = hand_over(chat)
    agent = desk.agent("Lena Byrne")
    desk.act(agent, conversation, "accept")
    expect(chat.page.get_by_role("heading", name="Lena Byrne")).to_be_visible()
    expect(chat.messages("system").last).to_contain_text("Lena Byrne has joined")
    chat.say("My order has not come")
    expect(chat.messages("customer").last).to_contain_text("My order has not come")
    expect(chat.messages("customer").last).to_have_attribute("data-seq", re.compile(r"^[1-9]"))
    expect(chat.part("receipt")).to_have_text("Delivered")
    seq = int(chat.messages("customer").last.get_attribute("data-seq") or 0)
    desk.do(agent.call("POST", f"conversations/{conversation}/read", {"seq": seq}))
    expect(chat.part("receipt")).to_have_text("Read")
    desk.act(agent, conversation, "hold")
    expect(chat.part("status")).to_have_text("Looking something up for you")
    desk.act(agent, conversation, "return")
    expect(chat.part("status")).to_have_text("Answers at once, day and night")
    expect(chat.part("receipt")).to_have_count(0)


def test_the_desk_learns_what_the_customer_has_had_on_screen(
    desks: Desks, visit: Callable[..., Chat]
) -> None:
    desk = desks()
    chat = visit(desk)
    conversation = hand_over(chat)
    agent = desk.agent()
    desk.act(agent, conversation, "accept")
    chat.part("close").click()
    desk.say(agent, conversation, "Here I am.")
    expect(chat.part("unread")).to_be_visible()

    def read() -> int:
        opened = desk.do(agent.call("GET", f"conversations/{conversation}")).json()
        return int(opened["read_seq"])

    newest = desk.do(agent.call("GET", f"conversations/{conversation}")).json()["conversation"]["seq"]
    assert read() < newest
    chat.open()
    expect(chat.messages("agent")).to_contain_text("Here I am.")
    deadline = time.monotonic() + 5
    while read() != newest and time.monotonic() < deadline:
        chat.page.wait_for_timeout(100)
    assert read() == newest


def test_files_are_uploaded_sent_and_opened_both_ways(desks: Desks, visit: Callable[..., Chat]) -> None:
    desk = desks()
    chat = visit(desk)
    conversation = hand_over(chat)
    agent = desk.agent()
    desk.act(agent, conversation, "accept")
    chat.part("file-picker").set_input_files(
        [
            FilePayload(name="the leak.png", mimeType="image/png", buffer=PIXEL),
            FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"It drips."),
        ]
    )
    expect(chat.part("upload")).to_have_count(2)
    expect(chat.part("tray")).to_contain_text("9 bytes")
    chat.page.get_by_role("button", name="Remove the leak.png").click()
    expect(chat.part("upload")).to_have_count(1)
    no_complaints_of_axe(chat.page)
    expect(chat.part("send")).to_be_enabled()
    chat.part("send").click()
    expect(chat.part("tray")).to_be_hidden()
    sent = chat.messages("customer").last.get_by_test_id("attachment")
    expect(sent).to_have_accessible_name("Open notes.txt, 9 bytes")
    address = sent.get_attribute("href")
    assert address and chat.page.request.get(address).text() == "It drips."

    async def answer_with_a_file() -> None:
        headers = {"Content-Type": "text/plain", "X-Filename": "steps.txt"}
        url = f"/api/v1/desk/conversations/{conversation}/files"
        up = await desk.bench.http.post(url, content=b"First.", headers=agent.headers | headers)
        body = {"text": "", "files": [up.json()["file"]["id"]]}
        await agent.call("POST", f"conversations/{conversation}/messages", body)

    desk.do(answer_with_a_file())
    expect(chat.messages("agent").get_by_test_id("attachment")).to_have_accessible_name(
        "Open steps.txt, 6 bytes"
    )


def test_a_file_that_is_not_taken_says_why_and_holds_nothing_up(
    desks: Desks, visit: Callable[..., Chat]
) -> None:
    chat = visit(desks())
    hand_over(chat)
    chat.part("file-picker").set_input_files(
        FilePayload(name="run.exe", mimeType="application/x-msdownload", buffer=b"MZ\x90\x00" + b"\x00" * 64)
    )
    expect(chat.part("upload")).to_contain_text("This kind of file is not taken")
    chat.say("Then only words")
    expect(chat.messages("customer").last).to_contain_text("Then only words")


def test_the_link_of_an_e_mail_opens_the_conversation_and_leaves_the_address(
    desks: Desks, profile: Profile
) -> None:
    desk = desks()
    customer = desk.do(desk.bench.queued("customer_asked"))
    page = profile().new_page()
    page.goto(f"{desk.url}/#steward={customer.id}.{customer.token}")
    expect(page.get_by_test_id("panel")).to_be_visible()
    expect(page.locator("[data-testid=message][data-from=customer]")).to_contain_text("hand me over")
    assert page.url == f"{desk.url}/"


def test_a_link_that_is_no_longer_good_says_so(desks: Desks, profile: Profile) -> None:
    desk = desks()
    page = profile().new_page()
    page.goto(f"{desk.url}/#steward=gone.{'x' * 40}")
    expect(page.get_by_test_id("trouble")).to_contain_text("This link has expired")


def test_who_writes_after_the_reopen_window_goes_on_in_a_new_conversation_linked_to_the_old(
    desks: Desks, visit: Callable[..., Chat]
) -> None:
    desk = desks(reopen_hours=0.0)
    chat = visit(desk)
    before = hand_over(chat)
    agent = desk.agent()
    desk.act(agent, before, "accept")
    desk.act(agent, before, "resolve")
    expect(chat.part("resolved")).to_be_visible()
    chat.say("and now?")
    expect(chat.messages()).to_have_count(2)
    expect(chat.messages("bot")).to_be_visible()
    assert chat.id != before
    opened = desk.do(agent.call("GET", f"conversations/{chat.id}")).json()
    assert opened["conversation"]["previous_id"] == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 720), (360, 640)])
def test_every_state_of_waiting_is_free_of_faults_that_axe_knows(
    desks: Desks, visit: Callable[..., Chat], scheme: str, size: tuple[int, int]
) -> None:
    desk = desks(over_for_today(), mail=MAIL)
    viewport = {"width": size[0], "height": size[1]}
    chat = visit(desk, color_scheme=scheme, viewport=viewport)
    conversation = hand_over(chat)
    no_complaints_of_axe(chat.page)
    chat.part("leave-contact").click()
    expect(chat.part("promise-email")).to_be_focused()
    chat.part("promise-send").click()
    no_complaints_of_axe(chat.page)
    assert chat.part("promise-form").evaluate("form => form.scrollWidth <= form.clientWidth")
    chat.part("promise-email").fill("robin@example.org")
    chat.part("promise-send").click()
    expect(chat.part("promise-form")).to_be_hidden()
    no_complaints_of_axe(chat.page)
    agent = desk.agent()
    desk.act(agent, conversation, "accept")
    chat.part("file-picker").set_input_files(
        FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"It drips.")
    )
    expect(chat.part("send")).to_be_enabled()
    chat.part("send").click()
    expect(chat.part("receipt")).to_have_text("Delivered")
    no_complaints_of_axe(chat.page)
