"""When nobody can come the customer is promised an answer, and gets it in the thread or by e-mail, once."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller

from steward.catalogue import OpeningHours, Span
from steward.clock import now
from steward.desk.accounts.agents import token_hash
from steward.desk.app import Server
from steward.desk.store import MailState
from steward.desk.workspace.identity import signature
from steward.settings import MailServer
from steward.words import Words
from tests.integration.desk_kit import (
    RESPONSES,
    ROOMY,
    Agent,
    Bench,
    Customer,
    StandInRasa,
    a_setting,
    free_port,
    handoff,
    until,
)

DUBLIN = ZoneInfo("Europe/Dublin")


class MailBox:
    """A real SMTP server on this machine; `refusals` are what it answers first, instead of taking."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.tried = 0
        self.refusals: list[str] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop(no_assert=True)

    @property
    def port(self) -> int:
        return int(self._controller.port)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.tried += 1
        if self.refusals:
            return self.refusals.pop(0)
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


class Evening:
    """A desk outside of its hours, with a mail server and a clock that can be moved on."""

    def __init__(self, bench: Bench, mailbox: MailBox, ahead: list[int]) -> None:
        self.bench = bench
        self.mailbox = mailbox
        self._ahead = ahead

    @property
    def store(self) -> Any:
        return self.bench.server.desk.store

    def later(self, seconds: float) -> None:
        """Move the post's clock on."""
        self._ahead[0] += int(seconds * 1000)

    async def post_goes(self) -> None:
        """Let the post work through what is there now."""
        await self.bench.server.desk.post.round()

    async def put_off(self) -> Customer:
        """A customer whom the bot handed over while nobody was there."""
        return await self.bench.queued()


async def _evening(
    tmp_path: Path, database_url: str, rasa: StandInRasa, mailbox: MailBox, **changes: Any
) -> Evening:
    server = MailServer("127.0.0.1", mailbox.port, "none", "", "", "help@alder.example")
    given = {"mail": server, "always_open": False, "public_url": "https://alder.example/help", **changes}
    settings = a_setting(tmp_path, database_url, rasa, **given)
    bench = Bench(settings, ROOMY, rasa)
    bench.server = Server(settings, Words(RESPONSES), ROOMY, tomorrow_only())
    await bench.start()
    ahead = [0]
    post = bench.server.desk.post
    clock = post._now
    post._now = lambda: clock() + ahead[0]
    return Evening(bench, mailbox, ahead)


def tomorrow_only() -> OpeningHours:
    """Hours that are over for today, whenever the test runs: open from 9 to 18 on every day but this one."""
    today = datetime.now(DUBLIN).date()
    closed = {today + timedelta(days=n): () for n in (-1, 0)}
    return OpeningHours("Europe/Dublin", ((Span(540, 1080),),) * 7, closed)


@pytest.fixture
def mailbox() -> Any:
    box = MailBox()
    box.start()
    yield box
    box.stop()


@pytest.fixture
async def evening(
    tmp_path: Path, database_url: str, rasa: StandInRasa, mailbox: MailBox
) -> AsyncIterator[Evening]:
    evening = await _evening(tmp_path, database_url, rasa, mailbox)
    yield evening
    await evening.bench.close()


async def answered(evening: Evening, customer: Customer, agent: Agent, *texts: str) -> None:
    accepted = await agent.act(customer, "accept")
    assert accepted.status_code == 200, accepted.text
    for text in texts:
        assert (await agent.say(customer, text)).status_code == 201


async def promised(customer: Customer, **body: str) -> dict[str, Any]:
    response = await customer.post("promise", body)
    assert response.status_code == 200, response.text
    return dict(response.json())


def plain(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def test_outside_the_hours_the_customer_is_told_exactly_when_they_hear(evening: Evening) -> None:
    customer = await evening.put_off()
    view = await customer.read()
    assert view["state"] == "deferred"
    assert view["open"]["now"] is False
    assert view["promise"]["by"] == "thread"
    opens, due = (
        datetime.fromisoformat(at[:-1]) for at in (view["open"]["opens_at"], view["promise"]["due_at"])
    )
    assert due - opens == timedelta(hours=4)
    assert re.search(r"you will hear by \w{3}, \d+ \w{3}, 13:00\.", view["messages"][-1]["text"])


async def test_what_was_promised_is_due_work_at_the_desk_the_earliest_first(evening: Evening) -> None:
    agent = await evening.bench.agent()
    first, second = await evening.put_off(), await evening.put_off()
    choices = (await evening.bench.http.get(f"{first.path}/promise", headers=first.headers)).json()
    await promised(first, email="robin@example.org", name="Robin", preferred=choices["choices"][-1]["id"])
    listed = (await agent.call("GET", "promises")).json()["promises"]
    assert [one["conversation"]["id"] for one in listed] == [second.id, first.id]
    assert listed[1]["contact"] == {"name": "Robin", "email": "robin@example.org", "phone": None}
    assert listed[1]["due_at"] == listed[1]["preferred"]["until"] == choices["choices"][-1]["due_at"]
    assert listed[0]["contact"] is None
    assert [one["overdue"] for one in listed] == [False, False]
    assert listed[0]["conversation"]["due_at"] == listed[0]["due_at"]


async def test_a_promise_that_is_late_is_marked_overdue(evening: Evening) -> None:
    agent = await evening.bench.agent()
    await evening.put_off()
    desk = evening.bench.server.desk
    clock = desk.promises._now
    desk.promises._now = lambda: clock() + 4 * 24 * 3_600_000
    assert (await agent.call("GET", "promises")).json()["promises"][0]["overdue"] is True


async def test_the_answer_goes_to_a_customer_who_has_left_by_e_mail_once(evening: Evening) -> None:
    customer = await evening.put_off()
    await promised(customer, email="robin@example.org", name="Robin")
    agent = await evening.bench.agent("Lena")
    await answered(evening, customer, agent, "It costs <249> euros.", "Shall I keep one for you?")
    await evening.post_goes()
    assert evening.mailbox.letters == []
    evening.later(60)
    await evening.post_goes()
    await evening.post_goes()
    (letter,) = evening.mailbox.letters
    assert letter["To"] == "Robin <robin@example.org>"
    assert letter["From"] == "Alder Home <help@alder.example>"
    assert letter["Subject"] == "Your answer from Alder Home"
    text = plain(letter)
    assert "Hello Robin," in text and "Lena from Alder Home has answered:" in text
    assert "It costs <249> euros." in text and "Shall I keep one for you?" in text
    page = letter.get_body(("html",)).get_content()
    assert "It costs &lt;249&gt; euros." in page


async def test_the_link_in_the_e_mail_opens_the_conversation_and_no_other(evening: Evening) -> None:
    customer, other = await evening.put_off(), await evening.put_off()
    await promised(customer, email="robin@example.org")
    await answered(evening, customer, await evening.bench.agent(), "Here you are.")
    evening.later(60)
    await evening.post_goes()
    found = re.search(
        r"https://alder\.example/help#steward=([\w-]+)\.([\w-]+)", plain(evening.mailbox.letters[0])
    )
    assert found is not None and found[1] == customer.id
    headers = {"Authorization": f"Bearer {found[2]}"}
    opened = await evening.bench.http.get(f"{customer.path}/messages", headers=headers)
    assert opened.json()["messages"][-1]["text"] == "Here you are."
    assert (await evening.bench.http.get(f"{other.path}/messages", headers=headers)).status_code == 404
    in_a_month = now() + 31 * 24 * 3_600_000
    assert not await evening.store.promises.opens(customer.id, token_hash(found[2]), in_a_month)


async def test_a_customer_who_reads_the_answer_here_gets_no_e_mail(evening: Evening) -> None:
    customer = await evening.put_off()
    await promised(customer, email="robin@example.org")
    await answered(evening, customer, await evening.bench.agent(), "Here you are.")
    seq = (await customer.read())["seq"]
    assert await evening.store.reading.by_customer(customer.id, seq)
    evening.later(3600)
    await evening.post_goes()
    assert evening.mailbox.tried == 0


async def test_beside_an_open_chat_the_e_mail_waits_longer(evening: Evening) -> None:
    customer = await evening.put_off()
    await promised(customer, email="robin@example.org")
    agent = await evening.bench.agent()
    async with customer.socket() as socket:
        await socket.next("snapshot")
        await answered(evening, customer, agent, "Here you are.")
        evening.later(60)
        await evening.post_goes()
        assert evening.mailbox.tried == 0
        evening.later(15 * 60)
        await evening.post_goes()
        assert len(evening.mailbox.letters) == 1


async def test_an_e_mail_that_cannot_be_sent_now_is_tried_again_later_and_then_no_more(
    evening: Evening,
) -> None:
    evening.mailbox.refusals = ["451 try later", "451 try later"]
    customer = await evening.put_off()
    await promised(customer, email="robin@example.org")
    await answered(evening, customer, await evening.bench.agent(), "Here you are.")
    evening.later(60)
    for seconds in (0, 1, 29, 31, 59, 61, 3600, 3600):
        evening.later(seconds)
        await evening.post_goes()
    assert evening.mailbox.tried == 3
    assert len(evening.mailbox.letters) == 1
    assert await evening.store.promises.posted(customer.id) == ((MailState.SENT, None),)


async def test_an_e_mail_that_is_refused_for_good_is_seen_at_the_desk(evening: Evening) -> None:
    evening.mailbox.refusals = ["550 no such mailbox"]
    customer = await evening.put_off()
    await promised(customer, email="robin@example.org")
    await answered(evening, customer, await evening.bench.agent(), "Here you are.")
    evening.later(60)
    await evening.post_goes()
    evening.later(24 * 3600)
    await evening.post_goes()
    assert evening.mailbox.tried == 1
    assert await evening.store.promises.posted(customer.id) == ((MailState.FAILED, "550 no such mailbox"),)


async def test_what_was_owed_when_the_desk_stopped_is_sent_by_the_next_one(
    tmp_path: Path, database_url: str, rasa: StandInRasa, mailbox: MailBox
) -> None:
    evening = await _evening(tmp_path, database_url, rasa, mailbox)
    customer = await evening.put_off()
    await promised(customer, email="robin@example.org")
    await answered(evening, customer, await evening.bench.agent(), "Here you are.")
    await evening.bench.server.stop()
    evening.bench.server = Server(evening.bench.settings, Words(RESPONSES), ROOMY, tomorrow_only())
    await evening.bench.server.start()
    post = evening.bench.server.desk.post
    clock = post._now
    post._now = lambda: clock() + 60_000
    await asyncio.gather(post.round(), post.round(), post.round())
    # The new desk's own round may have been the one to send it, and may still be at it.
    await until(lambda: bool(mailbox.letters))
    await post.round()
    await evening.bench.close()
    assert len(mailbox.letters) == 1


async def test_answers_given_after_an_e_mail_make_a_second_one_with_only_those(evening: Evening) -> None:
    customer = await evening.put_off()
    await promised(customer, email="robin@example.org")
    agent = await evening.bench.agent()
    await answered(evening, customer, agent, "First answer.")
    evening.later(60)
    await evening.post_goes()
    assert (await agent.say(customer, "Second answer.")).status_code == 201
    evening.later(60)
    await evening.post_goes()
    first, second = evening.mailbox.letters
    assert "Second answer." not in plain(first)
    assert "First answer." not in plain(second) and "Second answer." in plain(second)
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] == second["References"]


async def test_the_customer_gets_what_is_stored_about_how_to_reach_them(evening: Evening) -> None:
    customer = await evening.put_off()
    assert (await customer.post("export")).json()["contact"] is None
    await promised(customer, email="robin@example.org", name="Robin")
    await answered(evening, customer, await evening.bench.agent(), "Here you are.")
    evening.later(60)
    await evening.post_goes()
    assert (await customer.post("export")).json()["contact"] == {
        "name": "Robin",
        "email": "robin@example.org",
        "phone": None,
        "preferred_from": None,
        "preferred_until": None,
        "mails": ["sent"],
    }


async def test_the_agent_opens_the_conversation_with_its_packet(
    tmp_path: Path, database_url: str, rasa: StandInRasa, mailbox: MailBox
) -> None:
    evening = await _evening(tmp_path, database_url, rasa, mailbox, identity_secret="between us")
    identity = {"id": "c-77", "email": "robin@example.org"}
    rasa.replies["hand me over"] = handoff()
    signed = {**identity, "signature": signature(identity, "between us")}
    page = "https://alder.example/rill"
    customer = await evening.bench.customer(identity=signed, page=page, locale="en-IE")
    await customer.ask("hand me over, the order is #104233")
    await customer.ask("hand me over")
    agent = await evening.bench.agent()
    opened = await agent.call("GET", f"conversations/{customer.id}", None)
    packet = opened.json()["context"]["packet"]
    assert packet["customer"] == {"id": "c-77", "name": None, "email": "robin@example.org", "verified": True}
    assert packet["products"] == [{"sku": "RL-300", "name": "Rill 300"}]
    assert packet["told"] == [{"what": "order", "value": "104233", "seq": 1}]
    assert (packet["page"], packet["language"]) == (page, "en-IE")
    assert packet["readings"] == [{"topic": "price", "share": 0.3}]
    await promised(customer, email="sam@example.org", name="Sam")
    opened = await agent.call("GET", f"conversations/{customer.id}", None)
    again = opened.json()["context"]["packet"]
    assert again["customer"] == packet["customer"]
    assert again["contact"] == {"name": "Sam", "email": "sam@example.org", "phone": None}
    await evening.bench.close()


async def test_an_erased_conversation_takes_its_e_mails_with_it(evening: Evening) -> None:
    customer = await evening.put_off()
    await promised(customer, email="robin@example.org")
    await answered(evening, customer, await evening.bench.agent(), "Here you are.")
    gone = await evening.bench.http.delete(customer.path, headers=customer.headers)
    assert gone.status_code == 204
    evening.later(60)
    await evening.post_goes()
    assert evening.mailbox.tried == 0


async def test_an_answer_keeps_the_promise_and_so_does_having_called(evening: Evening) -> None:
    agent = await evening.bench.agent()
    written, called = await evening.put_off(), await evening.put_off()
    await promised(called, phone="+353 20 915 0142")
    await answered(evening, written, agent, "Here you are.")
    await answered(evening, called, agent)
    listed = (await agent.call("GET", "promises")).json()["promises"]
    assert [one["conversation"]["id"] for one in listed] == [called.id]
    other = await evening.bench.agent("Sam")
    assert (await other.act(called, "promise/done")).status_code == 409
    assert (await agent.act(called, "promise/done")).status_code == 200
    assert (await agent.call("GET", "promises")).json() == {"promises": []}
    assert (await called.read())["promise"] is None


async def test_a_customer_can_leave_the_queue_or_the_assistant_for_a_promise(bench: Bench) -> None:
    waiting, chatting = await bench.queued(), await bench.customer()
    for customer in (waiting, chatting):
        view = await promised(customer, phone="020 915 0142")
        assert view["state"] == "deferred"
        assert view["queue"] is None
        assert view["promise"]["by"] == "phone"
        assert view["promise"]["contact"] == "020 915 0142"


async def test_the_customers_socket_is_told_of_the_promise(bench: Bench) -> None:
    customer = await bench.queued()
    async with customer.socket() as socket:
        await socket.next("snapshot")
        await promised(customer, phone="020 915 0142")
        frame = await socket.next("state")
        assert (frame["state"], frame["promise"]["by"]) == ("deferred", "phone")


async def test_the_customer_can_go_back_to_the_assistant_which_ends_the_promise(evening: Evening) -> None:
    customer = await evening.put_off()
    await customer.post("cancel")
    view = await customer.read()
    assert (view["state"], view["promise"]) == ("bot", None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "robin"}, "email"),
        ({"email": "robin@example"}, "email"),
        ({"email": "robin@exa mple.org"}, "email"),
        ({"email": "robin@example.org\r\nBcc: all@example.org"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"phone": "call me"}, "phone"),
        ({"phone": "020 915 0142", "name": "visit http://spam.example"}, "name"),
        ({"phone": "020 915 0142", "preferred": "2020-01-01-morning"}, "preferred"),
    ],
)
async def test_what_cannot_be_right_is_named_by_its_field(
    evening: Evening, body: dict[str, str], field: str
) -> None:
    customer = await evening.put_off()
    response = await customer.post("promise", body)
    assert (response.status_code, response.json()["error"]["field"]) == (400, field)
    assert (await customer.read())["promise"]["contact"] is None


async def test_without_a_mail_server_e_mail_is_not_promised(bench: Bench) -> None:
    customer = await bench.queued()
    choices = (await bench.http.get(f"{customer.path}/promise", headers=customer.headers)).json()
    assert choices["by_email"] is False
    response = await customer.post("promise", {"email": "robin@example.org"})
    assert (response.status_code, response.json()["error"]["field"]) == (400, "email")


async def test_a_conversation_with_a_person_needs_no_promise(bench: Bench) -> None:
    customer, agent = await bench.queued(), await bench.agent()
    await agent.act(customer, "accept")
    assert (await customer.post("promise", {"phone": "020 915 0142"})).status_code == 409


async def test_with_an_agent_there_a_customer_waits_even_outside_the_hours(evening: Evening) -> None:
    agent = await evening.bench.agent()
    async with agent.socket() as socket:
        await socket.next("queue")
        customer = await evening.put_off()
        assert (await customer.read())["state"] == "queued"
