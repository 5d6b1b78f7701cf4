"""An agent's day at the desk: passing work on, writing with help, finding things, minding colleagues."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, WebSocketRoute, expect

from tests.browser.conftest import presence
from tests.browser.pages import Chat, DeskPage
from tests.support.people import Agent, Customer
from tests.support.stack import Stack

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def customer(stack: Stack) -> Customer:
    """A customer with another client of the public API."""
    return Customer(stack.url)


@pytest.fixture
def other_desk(signed_in: Callable[..., Page], colleague: Agent, stack: Stack) -> DeskPage:
    """The desk in front of the colleague."""
    return DeskPage(signed_in(colleague), stack.url)


def waits(customer: Customer, *first: str) -> str:
    """Say something and ask for a person; the conversation's id."""
    for text in first:
        customer.say(text)
    customer.say("can I talk to a person please")
    return customer.id


def works_on(desk: DeskPage, customer: Customer, *first: str) -> str:
    """Accept a customer who has said something; the conversation's id."""
    waiting = waits(customer, *first)
    desk.accept(waiting)
    return waiting


def option(desk: DeskPage, name: str, text: str) -> Locator:
    """An entry of a list that one types into."""
    return desk.part(name).filter(has_text=text)


# Passing work on


def test_a_transfer_to_a_colleague_arrives_with_its_note(
    desk: DeskPage, other_desk: DeskPage, customer: Customer
) -> None:
    waiting = works_on(desk, customer)
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("t")
    expect(desk.part("transfer-to")).to_be_focused()
    desk.page.keyboard.type("jonas")
    expect(option(desk, "transfer-option", "Jonas Berg")).to_have_attribute("aria-selected", "true")
    desk.page.keyboard.press("Enter")
    expect(desk.part("transfer-note")).to_be_focused()
    desk.page.keyboard.type("They want it fitted on Friday")
    desk.page.keyboard.press("Control+Enter")
    expect(desk.part("toast")).to_contain_text("goes to Jonas Berg")
    expect(desk.part("reply")).to_be_hidden()
    expect(other_desk.part("offer")).to_have_attribute("data-id", waiting)
    other_desk.accept(waiting)
    expect(other_desk.part("note")).to_contain_text("They want it fitted on Friday")


def test_a_transfer_to_a_skill_waits_for_it_and_can_be_undone(desk: DeskPage, customer: Customer) -> None:
    waiting = works_on(desk, customer)
    desk.part("transfer").click()
    desk.part("transfer-to").fill("install")
    option(desk, "transfer-option", "Installation").click()
    desk.part("transfer-go").click()
    desk.view("queue")
    expect(desk.card(waiting)).to_contain_text("Installation")
    desk.page.keyboard.press("u")
    expect(desk.part("reply")).to_be_focused()
    expect(desk.part("conversation-state")).to_contain_text("With you")


def test_undo_is_refused_once_somebody_else_has_taken_over(
    desk: DeskPage, colleague: Agent, customer: Customer
) -> None:
    waiting = works_on(desk, customer)
    desk.part("transfer").click()
    desk.part("transfer-to").fill("jonas")
    desk.part("transfer-go").click()
    expect(desk.part("toast-action")).to_be_visible()
    colleague.accept(waiting)
    expect(desk.part("conversation-state")).to_contain_text("With Jonas Berg")
    desk.page.keyboard.press("u")
    expect(desk.part("toast").filter(has_text="cannot be taken back")).to_be_visible()
    expect(desk.part("conversation-state")).to_contain_text("With Jonas Berg")


def test_a_reason_is_given_when_resolving_and_kept(desk: DeskPage, customer: Customer) -> None:
    works_on(desk, customer)
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Shift+E")
    expect(desk.part("resolve-menu")).to_be_visible()
    desk.page.keyboard.press("4")
    expect(desk.part("conversation-state")).to_contain_text("Duplicate")
    expect(desk.part("toast")).to_contain_text("duplicate")
    desk.page.keyboard.press("u")
    expect(desk.part("reply")).to_be_focused()


def test_hold_sets_a_conversation_aside_until_it_is_taken_off(desk: DeskPage, customer: Customer) -> None:
    waiting = works_on(desk, customer)
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("h")
    expect(desk.part("conversation-state")).to_contain_text("on hold")
    expect(desk.page.locator(".list-part[data-name='On hold']")).to_be_visible()
    desk.part("hold").click()
    expect(desk.part("conversation-state")).not_to_contain_text("on hold")
    expect(desk.card(waiting)).to_be_visible()


@pytest.mark.usefixtures("offering")
def test_offered_work_counts_down_and_is_accepted_with_a_key(desk: DeskPage, customer: Customer) -> None:
    waits(customer)
    expect(desk.part("offer")).to_contain_text("Asked for a person")
    expect(desk.part("offer").locator(".offer-left")).to_have_text(re.compile(r"^[1-5]?\d$"))
    desk.page.keyboard.press("a")
    desk.shows(customer.id)
    expect(desk.part("reply")).to_be_focused()
    expect(desk.part("offer")).to_be_hidden()


@pytest.mark.usefixtures("offering")
def test_declined_work_goes_to_the_colleague(
    desk: DeskPage, customer: Customer, signed_in: Callable[..., Page], colleague: Agent, stack: Stack
) -> None:
    waits(customer)
    expect(desk.part("offer")).to_be_visible()
    other = DeskPage(signed_in(colleague), stack.url)
    expect(other.part("view-queue")).to_be_visible()
    desk.page.keyboard.press("d")
    expect(desk.part("offer")).to_be_hidden()
    expect(other.part("offer")).to_be_visible()
    other.part("offer-accept").click()
    other.shows(customer.id)


def test_presence_is_chosen_in_the_menu_and_seen_by_colleagues(
    desk: DeskPage, other_desk: DeskPage, customer: Customer
) -> None:
    other_desk.part("agent-menu").click()
    other_desk.page.get_by_text("Away", exact=True).click()
    works_on(desk, customer)
    desk.part("transfer").click()
    expect(option(desk, "transfer-option", "Jonas Berg")).to_contain_text("Away")
    other_desk.page.get_by_text("Online", exact=True).click()
    expect(option(desk, "transfer-option", "Jonas Berg")).to_contain_text("Away")
    desk.page.keyboard.press("Escape")
    desk.part("transfer").click()
    expect(option(desk, "transfer-option", "Jonas Berg")).to_contain_text("Online")


def test_presence_chosen_while_the_connection_is_slow_is_the_one_that_counts(
    signed_in: Callable[..., Page], agent: Agent, colleague: Agent, stack: Stack
) -> None:
    page = signed_in(colleague)
    kept: list[tuple[WebSocketRoute, str | bytes]] = []

    def slowly(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda frame: kept.append((server, frame)))

    page.route_web_socket("**/api/v1/desk/socket", slowly)
    slow = DeskPage(page, stack.url)
    slow.part("agent-menu").click()
    with page.expect_response("**/desk/presence"):
        page.get_by_text("Away", exact=True).click()
    page.wait_for_timeout(500)
    for server, frame in kept:
        server.send(frame)
    page.wait_for_timeout(500)
    assert presence(agent, colleague) == "away"
    page.get_by_text("Online", exact=True).click()


# Writing


def test_a_snippet_is_found_by_typing_and_filled_in(desk: DeskPage, agent: Agent, customer: Customer) -> None:
    body = {"shortcut": "brief", "title": "In brief", "text": "This is {{agent}} about the {{product}}."}
    made = agent.http.post("/snippets", json=body).raise_for_status().json()["snippet"]
    works_on(desk, customer, "how much is the tempo?")
    desk.page.reload()
    desk.part("reply").press_sequentially("Hello! /bri")
    expect(option(desk, "choice", "/brief")).to_have_attribute("aria-selected", "true")
    desk.page.keyboard.press("Enter")
    expect(desk.part("reply")).to_have_value(f"Hello! This is {agent.name} about the Tempo.")
    expect(desk.messages("agent")).to_have_count(0)
    agent.http.delete(f"/snippets/{made['id']}").raise_for_status()


def test_a_place_that_nothing_is_known_for_is_filled_before_sending(
    desk: DeskPage, customer: Customer
) -> None:
    works_on(desk, customer)
    desk.part("reply").press_sequentially("/serial")
    desk.page.keyboard.press("Enter")
    expect(desk.part("reply")).to_have_value(re.compile(r"of your \{\{product\}\}\?"))
    desk.page.keyboard.press("Enter")
    expect(desk.part("toast").filter(has_text="Fill in {{product}}")).to_be_visible()
    desk.page.keyboard.type("old boiler")
    desk.page.keyboard.press("Enter")
    expect(desk.messages("agent")).to_contain_text("of your old boiler?")


def test_a_customer_without_a_name_is_not_addressed_by_one(desk: DeskPage, customer: Customer) -> None:
    works_on(desk, customer)
    desk.part("reply").press_sequentially("/welcome")
    desk.page.keyboard.press("Enter")
    expect(desk.part("reply")).to_have_value(re.compile(r"^Hello, this is .+ from Alder Home\."))


def test_arrows_choose_among_snippets_and_escape_leaves_what_was_typed(
    desk: DeskPage, customer: Customer
) -> None:
    works_on(desk, customer)
    desk.part("reply").press_sequentially("/")
    choices = desk.part("choice")
    expect(choices.nth(1)).to_be_visible()
    desk.page.keyboard.press("ArrowDown")
    expect(choices.nth(1)).to_have_attribute("aria-selected", "true")
    desk.page.keyboard.press("Escape")
    expect(desk.part("completion")).to_be_hidden()
    expect(desk.part("reply")).to_have_value("/")
    expect(desk.part("reply")).to_be_focused()


def test_a_suggested_answer_goes_into_the_reply_for_editing(desk: DeskPage, customer: Customer) -> None:
    works_on(desk, customer, "how much is the tempo?")
    first = desk.part("suggestion").first
    expect(first).to_be_visible()
    expect(desk.part("suggestion")).to_have_count(3)
    words = first.get_attribute("title") or ""
    desk.part("reply").press("Alt+1")
    expect(desk.part("reply")).to_have_value(words)
    expect(desk.messages("agent")).to_have_count(0)
    desk.page.keyboard.type(" Shall I order it?")
    desk.page.keyboard.press("Enter")
    expect(desk.messages("agent")).to_contain_text("Shall I order it?")


def test_a_note_is_for_colleagues_alone_and_tells_whom_it_names(
    chat: Chat, desk: DeskPage, other_desk: DeskPage
) -> None:
    waiting = chat.ask_for_a_person()
    desk.accept(waiting)
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("n")
    desk.page.keyboard.type("Ask @jon")
    expect(option(desk, "choice", "Jonas Berg")).to_be_visible()
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.type("about the seal")
    desk.page.keyboard.press("Enter")
    expect(desk.part("note")).to_contain_text("Ask @Jonas Berg about the seal")
    expect(other_desk.part("toast")).to_contain_text("mentioned you: Ask @Jonas Berg about the seal")
    other_desk.view("mine")
    expect(other_desk.page.locator(".list-part[data-name='Mentions of you']")).to_be_visible()
    other_desk.part("toast-action").click()
    other_desk.shows(waiting)
    expect(other_desk.part("note").locator(".mention")).to_have_text("@Jonas Berg")
    desk.part("mode-reply").click()
    desk.answer("A moment, please")
    chat.hears("agent", "A moment, please")
    expect(chat.page.get_by_text("about the seal")).to_have_count(0)


def test_reply_and_note_have_a_draft_each_in_every_conversation(desk: DeskPage, stack: Stack) -> None:
    first = works_on(desk, Customer(stack.url))
    desk.part("reply").fill("Half a reply")
    desk.part("mode-note").click()
    desk.part("reply").fill("Half a note")
    desk.part("mode-reply").click()
    desk.part("file").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"one Tempo"})
    expect(desk.part("tray-file")).to_have_attribute("data-state", "stored")
    desk.view("queue")
    works_on(desk, Customer(stack.url))
    expect(desk.part("reply")).to_have_value("")
    expect(desk.part("tray-file")).to_have_count(0)
    desk.read(first)
    expect(desk.part("reply")).to_have_value("Half a reply")
    expect(desk.part("tray-file")).to_contain_text("a.txt")
    desk.page.reload()
    desk.shows(first)
    expect(desk.part("reply")).to_have_value("Half a reply")
    desk.part("mode-note").click()
    expect(desk.part("reply")).to_have_value("Half a note")


def test_files_go_with_a_reply_and_reach_the_customer(
    desk: DeskPage, customer: Customer, tmp_path: Path
) -> None:
    paper = tmp_path / "order 4711.txt"
    paper.write_text("one Tempo", encoding="utf-8")
    works_on(desk, customer)
    desk.part("file").set_input_files(paper)
    expect(desk.part("tray-file")).to_have_attribute("data-state", "stored")
    desk.answer("Here is the paper")
    expect(desk.part("attachment")).to_contain_text("order 4711.txt")
    expect(desk.part("tray-file")).to_have_count(0)
    expect(desk.messages("agent")).to_have_attribute("data-status", "stored")
    sent = next(message for message in customer.read() if message["from"] == "agent")
    assert [file["name"] for file in sent["attachments"]] == ["order 4711.txt"]


def test_a_file_that_cannot_be_sent_is_refused_in_words(
    desk: DeskPage, customer: Customer, tmp_path: Path
) -> None:
    program = tmp_path / "setup.exe"
    program.write_bytes(b"MZ")
    works_on(desk, customer)
    desk.part("file").set_input_files(program)
    expect(desk.part("toast").filter(has_text="setup.exe cannot be sent")).to_be_visible()
    expect(desk.part("tray-file")).to_have_count(0)


def test_a_picture_is_pasted_and_taken_out_again(desk: DeskPage, customer: Customer) -> None:
    works_on(desk, customer)
    desk.part("reply").evaluate(
        """async box => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 4, height: 4 });
            const blob = await new Promise(done => canvas.toBlob(done, "image/png"));
            const data = new DataTransfer();
            data.items.add(new File([blob], "photo.png", { type: "image/png" }));
            box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, cancelable: true }));
        }"""
    )
    expect(desk.part("tray-file")).to_have_attribute("data-state", "stored")
    expect(desk.part("send")).to_be_enabled()
    desk.part("file-remove").click()
    expect(desk.part("tray-file")).to_have_count(0)
    expect(desk.part("send")).to_be_disabled()


def test_the_agent_sees_that_the_customer_has_read(desk: DeskPage, customer: Customer) -> None:
    works_on(desk, customer)
    desk.answer("Have you seen this?")
    expect(desk.messages("agent")).to_have_attribute("data-status", "stored")
    expect(desk.part("seen")).to_have_count(0)
    customer.has_read(int(desk.messages("agent").get_attribute("data-seq") or 0))
    expect(desk.part("seen")).to_be_visible()


# Not getting in each other's way


def test_a_colleague_who_looks_or_writes_is_seen(
    desk: DeskPage, other_desk: DeskPage, customer: Customer
) -> None:
    waiting = works_on(desk, customer)
    expect(desk.part("collision")).to_be_empty()
    other_desk.view("open")
    other_desk.read(waiting)
    expect(desk.part("collision")).to_have_text("Jonas Berg is looking at this too")
    desk.part("reply").press_sequentially("I am")
    expect(other_desk.part("collision")).to_contain_text("is writing here")
    other_desk.view("queue")
    other_desk.page.goto("about:blank")
    expect(desk.part("collision")).to_be_empty()


def test_nothing_moves_when_a_message_arrives_while_reading_above(desk: DeskPage, customer: Customer) -> None:
    works_on(desk, customer, *(f"how much is the tempo? ({number})" for number in range(6)))
    desk.part("transcript").evaluate("node => { node.scrollTop = 40; }")
    fourth = desk.messages().nth(3)
    before = fourth.bounding_box()
    customer.tell("one more thing")
    expect(desk.part("new-messages")).to_have_text("1 new message")
    assert fourth.bounding_box() == before
    desk.part("new-messages").click()
    expect(desk.messages("customer").last).to_be_in_viewport()


def test_a_list_that_arrives_late_hides_nobody(
    signed_in: Callable[..., Page], customer: Customer, stack: Stack
) -> None:
    page = signed_in()
    late: list[tuple[Route, APIResponse]] = []
    page.route("**/conversations?view=queue", lambda route: late.append((route, route.fetch())))
    desk = DeskPage(page, stack.url)
    expect(page.locator(".rail-me .presence-dot")).to_have_attribute("data-state", "online")
    waiting = waits(customer)
    expect(desk.card(waiting)).to_be_visible()
    for route, answer in late:
        route.fulfill(response=answer)
    expect(page.locator(".list-sub")).to_contain_text("1 waiting")
    expect(desk.card(waiting)).to_be_visible()


# Finding things


def test_search_finds_what_was_said_and_opens_it_there(
    desk: DeskPage, agent: Agent, customer: Customer
) -> None:
    found = waits(customer, "my periwinkle dishwasher hums", "how much is the tempo?")
    agent.accept(found)
    agent.resolve(found)
    desk.page.keyboard.press("/")
    expect(desk.part("search")).to_be_focused()
    desk.page.keyboard.type("periwinkle")
    result = desk.page.locator(f"[data-testid=found][data-id='{found}']")
    expect(result.locator("mark")).to_have_text("periwinkle")
    desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Enter")
    desk.shows(found)
    expect(desk.messages("customer").first).to_have_attribute("data-marked", "")
    desk.page.keyboard.press("Escape")
    expect(result).to_be_hidden()


def test_the_palette_acts_on_the_conversation_and_goes_anywhere(desk: DeskPage, customer: Customer) -> None:
    waiting = works_on(desk, customer)
    keys = desk.page.keyboard
    keys.press("Control+k")
    expect(desk.part("palette-input")).to_be_focused()
    keys.type("hold")
    keys.press("Enter")
    expect(desk.part("conversation-state")).to_contain_text("on hold")
    keys.press("Control+k")
    keys.type("go to resolved")
    keys.press("Enter")
    expect(desk.part("view-resolved")).to_have_attribute("aria-current", "page")
    keys.press("Control+k")
    keys.type("no such thing anywhere")
    expect(desk.part("palette-option")).to_have_count(1)
    expect(desk.part("palette-option")).to_contain_text("Search transcripts")
    keys.press("Escape")
    desk.page.goto("about:blank")
    desk.page.go_back()
    desk.shows(waiting)


def test_unread_messages_are_counted_in_the_title(desk: DeskPage, customer: Customer, stack: Stack) -> None:
    works_on(desk, customer)
    desk.view("queue")
    other = works_on(desk, Customer(stack.url))
    expect(desk.page).to_have_title("Steward desk")
    customer.tell("are you there?")
    expect(desk.page).to_have_title("(1) Steward desk")
    expect(desk.card(customer.id)).to_contain_text("1 new")
    desk.shows(other)
    desk.read(customer.id)
    expect(desk.page).to_have_title("Steward desk")


def test_the_context_shows_product_packet_and_evidence(desk: DeskPage, customer: Customer) -> None:
    customer.say("how much is the tempo?")
    customer.say("my order number is 48213, is it sent?")
    desk.accept(customer.id)
    context = desk.part("context")
    expect(context.get_by_test_id("product")).to_contain_text("Tempo")
    expect(context.get_by_test_id("product")).to_contain_text("€165")
    expect(context.locator("[data-part=handoff]")).to_contain_text("48213")
    context.locator("[data-part=product] summary").click()
    expect(context.get_by_test_id("product")).to_be_hidden()
    desk.page.reload()
    expect(context.locator("[data-part=handoff]")).to_be_visible()
    expect(context.get_by_test_id("product")).to_be_hidden()


def test_the_context_is_put_away_for_more_room(desk: DeskPage, customer: Customer) -> None:
    works_on(desk, customer)
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("i")
    expect(desk.part("context")).to_be_hidden()
    desk.page.reload()
    expect(desk.part("reply")).to_be_visible()
    expect(desk.part("context")).to_be_hidden()
    desk.part("context-toggle").click()
    expect(desk.part("context")).to_be_visible()


# Rules, keys and hooks


def test_a_lead_changes_how_the_queue_is_run(desk: DeskPage, agent: Agent) -> None:
    desk.part("agent-menu").click()
    desk.part("menu-settings").click()
    desk.part("rule-offer_seconds").fill("4")
    desk.part("rules-save").click()
    assert agent.http.get("/settings").json()["offer_seconds"] == 30
    desk.part("rule-offer_seconds").fill("45")
    desk.page.get_by_label("Skills", exact=True).fill("complaint: complaints")
    desk.part("rules-save").click()
    expect(desk.part("toast")).to_contain_text("new rules")
    rules = agent.http.get("/settings").raise_for_status().json()
    assert (rules["offer_seconds"], rules["skills"]) == (45, {"complaint": "complaints"})
    agent.http.put("/settings", json={}).raise_for_status()


def test_a_key_is_made_shown_once_and_revoked(desk: DeskPage, stack: Stack) -> None:
    desk.part("page-keys").click()
    desk.part("key-new").click()
    desk.page.get_by_label("Name").fill("The other desk")
    desk.page.get_by_label("team:read").check()
    desk.part("key-make").click()
    secret = desk.part("secret-once").input_value()
    outside = httpx.Client(base_url=f"{stack.url}/api/v1/desk", headers={"Authorization": f"Bearer {secret}"})
    assert outside.get("/team").status_code == 200
    desk.page.keyboard.press("Escape")
    row = desk.part("key").filter(has_text="The other desk").first
    row.get_by_role("button", name="Revoke").click()
    desk.part("key-revoke").click()
    expect(row).to_have_attribute("data-state", "revoked")
    assert outside.get("/team").status_code == 401


def test_a_webhook_is_added_with_its_secret(desk: DeskPage) -> None:
    desk.part("page-keys").click()
    desk.part("hook-new").click()
    desk.page.get_by_label("Name").fill("Warehouse")
    desk.page.get_by_label("Address").fill("https://hooks.example.com/steward")
    desk.page.get_by_label("handoff.requested").check()
    desk.part("hook-add").click()
    expect(desk.part("secret-once")).not_to_have_value("")
    desk.page.keyboard.press("Escape")
    row = desk.part("hook").filter(has_text="Warehouse").first
    expect(row).to_contain_text("handoff.requested")
    row.get_by_role("button", name="Change").click()
    desk.page.get_by_role("button", name="Remove it").click()
    expect(row).to_have_count(0)


# Promises


def test_a_promise_is_due_work_until_it_is_kept(desk: DeskPage, customer: Customer) -> None:
    waiting = waits(customer)
    customer.leave_contact(phone="+49 30 1234567", name="Helena Novak")
    desk.view("due")
    expect(desk.card(waiting)).to_contain_text("Helena Novak")
    expect(desk.card(waiting)).to_contain_text("+49 30 1234567")
    desk.accept(waiting)
    expect(desk.part("promise-strip")).to_contain_text("+49 30 1234567")
    desk.part("promise-done").click()
    expect(desk.part("promise-strip")).to_be_hidden()
    desk.view("due")
    expect(desk.card(waiting)).to_have_count(0)
