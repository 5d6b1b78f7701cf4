"""Accounts in the browser: inviting, roles, sessions, the log; and the board."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Profile
from tests.support.people import Agent, Customer, hire
from tests.support.stack import Stack

PASSWORD = "nine kettles on a shelf"
SignedIn = Callable[..., Page]


def opened(page: Page, stack: Stack, place: str, heading: str) -> Page:
    """One of the desk's pages."""
    page.goto(f"{stack.url}/desk#/{place}")
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    return page


def invited(page: Page, name: str, email: str, role: str) -> str:
    """Invite somebody on the team page; the link."""
    page.get_by_test_id("invite").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("radio", name=role).check()
    page.get_by_role("textbox", name="Skills").fill("Returns, large parcels")
    page.get_by_test_id("invite-send").click()
    link = page.get_by_test_id("link-once").input_value()
    page.keyboard.press("Escape")
    return link


def waiting(stack: Stack) -> Customer:
    """A customer who waits for a person."""
    customer = Customer(stack.url)
    customer.say("can I talk to a person please")
    return customer


def test_who_is_invited_chooses_a_password_and_works_at_the_desk(
    signed_in: SignedIn, profile: Profile, stack: Stack, agent: Agent
) -> None:
    email = f"{uuid.uuid4().hex[:8]}@alder-home.example"
    team = opened(signed_in(), stack, "team", "Team")
    link = invited(team, "Mira Doyle", email, "Lead")
    expect(team.get_by_test_id("invitation").filter(has_text=email)).to_be_visible()

    theirs = profile().new_page()
    theirs.goto(link)
    expect(
        theirs.get_by_text(f"{agent.name} invites you to the agent desk, as lead with {email}.")
    ).to_be_visible()
    password = theirs.get_by_label("Password")
    password.fill("too short")
    expect(theirs.get_by_text("3 more characters.")).to_be_visible()
    theirs.get_by_test_id("join-submit").click()
    expect(theirs.get_by_test_id("join-error")).to_contain_text("at least 12 are needed")
    password.fill(PASSWORD)
    theirs.get_by_test_id("join-submit").click()
    expect(theirs.locator(".desk")).to_be_visible()
    assert link.rpartition("/")[2] not in theirs.url

    rail = theirs.locator("desk-rail")
    expect(rail.get_by_role("link", name="Board")).to_be_visible()
    expect(rail.get_by_role("link", name="Team")).to_have_count(0)
    opened(theirs, stack, "board", "Board")
    expect(theirs.get_by_test_id("tile-waiting")).to_be_visible()

    again = profile().new_page()
    again.goto(link)
    expect(again.get_by_role("heading", name="This link no longer works")).to_be_visible()
    again.goto(f"{stack.url}/desk")
    again.get_by_test_id("sign-in-email").fill(email)
    again.get_by_test_id("sign-in-password").fill(PASSWORD)
    again.get_by_test_id("sign-in-submit").click()
    expect(again.locator(".desk")).to_be_visible()

    team.reload()
    account = team.get_by_test_id("account").filter(has_text=email)
    expect(account).to_contain_text("Lead")
    expect(account).to_contain_text("Large parcels")
    expect(team.get_by_test_id("invitation").filter(has_text=email)).to_have_count(0)
    log = opened(signed_in(), stack, "audit", "Audit log")
    expect(log.get_by_test_id("audit-verdict")).to_contain_text("entries are in place")
    newest = log.get_by_test_id("audit-entry").first
    expect(newest).to_contain_text(f"Mira Doyle accepted the invitation to {email}")


def test_an_agent_sees_neither_board_nor_accounts(
    signed_in: SignedIn, stack: Stack, colleague: Agent
) -> None:
    page = signed_in(colleague)
    page.goto(f"{stack.url}/desk#/team")
    expect(page.locator("desk-inbox")).to_be_visible()
    for name in ("Board", "Team", "Connect", "Audit"):
        expect(page.locator("desk-rail").get_by_role("link", name=name)).to_have_count(0)


def test_an_operator_sees_the_pages_of_improving_alone(
    signed_in: SignedIn, stack: Stack, agent: Agent
) -> None:
    page = signed_in(hire(agent, "Olga Marsh", role="operator"))
    page.goto(f"{stack.url}/desk#/inbox/queue")
    expect(page.get_by_role("heading", level=1, name="Inbox")).to_be_visible()
    expect(page.locator("desk-rail").get_by_role("link")).to_have_text(["Inbox", "Topics", "Tests", "Models"])
    page.keyboard.press("Escape")
    page.get_by_test_id("agent-menu").click()
    expect(page.get_by_test_id("presence-online")).to_have_count(0)
    # A lost connection would be told after a moment and a half.
    page.wait_for_timeout(2_000)
    expect(page.get_by_test_id("connection-lost")).to_be_hidden()


def test_who_is_deactivated_is_back_at_the_sign_in_page_and_their_customer_waits_again(
    signed_in: SignedIn, stack: Stack, agent: Agent
) -> None:
    leaver = hire(agent, "Theo Walsh")
    theirs = signed_in(leaver)
    theirs.goto(f"{stack.url}/desk")
    expect(theirs.locator("desk-inbox")).to_be_visible()
    customer = waiting(stack)
    leaver.accept(customer.id)
    team = opened(signed_in(), stack, "team", "Team")
    team.get_by_role("button", name="Change Theo Walsh").click()
    expect(team.get_by_test_id("session")).to_have_count(1)
    team.get_by_role("switch", name=re.compile("May sign in")).uncheck()
    team.get_by_test_id("account-save").click()
    expect(theirs.get_by_test_id("sign-in-email")).to_be_visible()
    expect(team.get_by_test_id("account").filter(has_text=leaver.email)).to_contain_text("Inactive")
    team.goto(f"{stack.url}/desk#/inbox/queue")
    expect(team.locator(f'[data-testid=card][data-id="{customer.id}"]')).to_be_visible()


def test_a_forgotten_session_is_ended_from_elsewhere(signed_in: SignedIn, stack: Stack, agent: Agent) -> None:
    lead = hire(agent, "Nora Quinn", role="lead")
    elsewhere = signed_in(lead)
    elsewhere.goto(f"{stack.url}/desk")
    expect(elsewhere.locator("desk-inbox")).to_be_visible()
    here = Agent.sign_in(stack.url, lead.email, lead.password)
    page = opened(signed_in(here), stack, "account", "My account")
    expect(page.get_by_test_id("session")).to_have_count(2)
    page.get_by_role("button", name=re.compile("^Sign out ")).click()
    expect(page.get_by_test_id("session")).to_have_count(1)
    expect(elsewhere.get_by_test_id("sign-in-email")).to_be_visible()


def test_the_own_password_is_changed(signed_in: SignedIn, stack: Stack, agent: Agent) -> None:
    somebody = hire(agent, "Sam Byrne")
    page = opened(signed_in(somebody), stack, "account", "My account")
    page.get_by_label("Current password").fill("not this one")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_test_id("password-save").click()
    expect(page.get_by_test_id("password-error")).to_have_text("The current password is wrong.")
    page.get_by_label("Current password").fill(somebody.password)
    page.get_by_test_id("password-save").click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    assert Agent.sign_in(stack.url, somebody.email, PASSWORD).id == somebody.id


@pytest.mark.usefixtures("quiet")
def test_the_board_follows_what_happens(
    signed_in: SignedIn, stack: Stack, agent: Agent, colleague: Agent
) -> None:
    board = opened(signed_in(), stack, "board", "Board")
    expect(board.get_by_test_id("tile-waiting")).to_contain_text("nobody waits")
    customer = waiting(stack)
    timer = board.get_by_test_id("timer")
    expect(timer).to_contain_text("in the queue")
    expect(timer).to_have_attribute("data-level", "calm")
    expect(board.get_by_test_id("tile-due")).to_contain_text("1 running")
    colleague.accept(customer.id)
    expect(timer).to_contain_text(f"with {colleague.name}")
    expect(board.get_by_test_id("tile-waiting")).to_contain_text("nobody waits")
    row = board.get_by_test_id("board-agent").filter(has_text=colleague.name)
    expect(row).to_contain_text("1 of")
    colleague.answer(customer.id, "Hello, how can I help?")
    expect(timer).to_have_count(0)
    colleague.resolve(customer.id)
    expect(row).to_contain_text("0 of")


@pytest.mark.usefixtures("quiet")
def test_the_board_warns_before_a_first_answer_is_late(
    signed_in: SignedIn, stack: Stack, agent: Agent
) -> None:
    rules = agent.http.get("/settings").raise_for_status().json()
    hurried = rules | {"first_response_seconds": 12, "warn_seconds": 8}
    agent.http.put("/settings", json=hurried).raise_for_status()
    try:
        board = opened(signed_in(), stack, "board", "Board")
        customer = waiting(stack)
        due = board.get_by_test_id("tile-due")
        expect(board.get_by_test_id("timer")).to_have_attribute("data-level", "warn")
        expect(due).to_contain_text("1 soon")
        expect(board.get_by_test_id("timer")).to_have_attribute("data-level", "late")
        expect(due).to_contain_text("1 late")
        agent.accept(customer.id)
        agent.resolve(customer.id)
    finally:
        agent.http.put("/settings", json=rules).raise_for_status()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible(
    signed_in: SignedIn, profile: Profile, stack: Stack, agent: Agent, scheme: str
) -> None:
    link = agent.invite(f"{uuid.uuid4().hex[:8]}@alder-home.example", "Jo Kelly")
    customer = waiting(stack)
    page = signed_in(color_scheme=scheme)
    opened(page, stack, "board", "Board")
    expect(page.get_by_test_id("timer").first).to_be_visible()
    accessible(page)
    opened(page, stack, "audit", "Audit log")
    expect(page.get_by_test_id("audit-entry").first).to_be_visible()
    expect(page.get_by_test_id("audit-verdict")).to_be_visible()
    accessible(page)
    opened(page, stack, "account", "My account")
    expect(page.get_by_test_id("session").first).to_be_visible()
    accessible(page)
    opened(page, stack, "team", "Team")
    expect(page.get_by_test_id("account").first).to_be_visible()
    accessible(page)
    page.get_by_test_id("invite").click()
    accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Change {agent.name}").first.click()
    expect(page.get_by_test_id("session").first).to_be_visible()
    accessible(page)
    welcome = profile(color_scheme=scheme).new_page()
    welcome.goto(link)
    expect(welcome.get_by_label("Password")).to_be_visible()
    accessible(welcome)
    agent.accept(customer.id)
    agent.resolve(customer.id)


def accessible(page: Page) -> None:
    """Axe finds nothing to complain about."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
