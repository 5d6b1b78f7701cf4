"""Operators find conversations of the desk again, to make tests of them; what is personal stays out."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tests.integration.desk_kit import ON_SQLITE, Agent, Bench, Customer
from tests.integration.test_desk_files import upload
from tests.support.files import PDF

SECRET = "mine is ann@example.org, call +49 170 1234567"


async def found(who: Agent, q: str = "", **more: Any) -> list[dict[str, Any]]:
    """The conversations that are found."""
    query = "&".join(f"{name}={quote(str(value))}" for name, value in {"q": q, **more}.items())
    response = await who.call("GET", f"improve/transcripts/conversations?{query}")
    assert response.status_code == 200, response.text
    return list(response.json()["conversations"])


def ids(conversations: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in conversations]


async def asked(bench: Bench, *texts: str) -> Customer:
    """A customer who wrote this, and has the bot's answers."""
    customer = await bench.customer()
    for text in texts:
        await customer.ask(text)
    return customer


async def test_a_conversation_comes_with_all_that_was_said_and_without_personal_data(bench: Bench):
    olga, robin = await bench.agent("Olga", role="operator"), await bench.agent("Robin")
    customer = await asked(bench, f"my lamp flickers, {SECRET}")
    await robin.act(customer, "takeover")
    await robin.say(customer, "Which lamp is it? I am at robin@example.org.")
    file = (await upload(bench, customer, customer, PDF, "passport-of-ann.pdf")).json()["file"]
    await customer.post("messages", {"files": [file["id"]]})
    await robin.act(customer, "resolve")

    answer = await olga.call("GET", f"improve/transcripts/conversations/{customer.id}")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["conversation"]["id"], told["conversation"]["state"]) == (customer.id, "resolved")
    assert told["transcript"]["turns"] == [
        {"from": "customer", "text": "my lamp flickers, mine is [email], call [phone]"},
        {"from": "bot", "text": "The Rill 300 costs 249 euros."},
        {"from": "agent", "text": "Which lamp is it? I am at [email]."},
    ]
    assert told["transcript"]["title"] == "my lamp flickers, mine is [email], call [phone]"
    assert told["conversation"]["messages"] == 1


async def test_without_a_question_the_newest_conversations_come_first(bench: Bench):
    olga = await bench.agent(role="operator")
    first, second = await asked(bench, "a zebra", "and a horse"), await asked(bench, "a lamp")
    await bench.customer()
    newest = await found(olga)
    assert ids(newest) == [second.id, first.id]
    assert (newest[1]["title"], newest[1]["messages"], newest[1]["piece"]) == ("a zebra", 2, None)
    await first.ask("zebra again")
    assert ids(await found(olga, limit=1)) == [first.id]


async def test_they_are_found_by_what_was_said(bench: Bench):
    olga = await bench.agent(role="operator")
    lamp = await asked(bench, "The LAMPSHADE broke", "hello again")
    await asked(bench, "a zebra")
    (one,) = await found(olga, "broke lampsh")
    assert one["id"] == lamp.id and one["title"] == "The LAMPSHADE broke"
    assert one["piece"] == {"text": "The LAMPSHADE broke", "marks": [[4, 13], [14, 19]]}
    assert await found(olga, "lampshade zebra") == []


async def test_they_are_found_by_their_address_and_by_the_visitors_number(bench: Bench):
    olga = await bench.agent(role="operator")
    lamp = await asked(bench, "a lamp")
    await asked(bench, "a zebra")
    for address in (lamp.id, f"https://shop.example/desk#/inbox/open/{lamp.id}", f"?conversation={lamp.id}"):
        assert ids(await found(olga, address)) == [lamp.id], address
    number = "".join(letter for letter in lamp.id if letter.isalnum())[-4:]
    for name in (number, number.upper(), f"Visitor {number.upper()}"):
        assert lamp.id in ids(await found(olga, name)), name
    assert await found(olga, "https://shop.example/desk#/inbox/open/" + "x" * 24) == []


async def test_what_is_masked_is_not_found_by(bench: Bench):
    olga = await bench.agent(role="operator")
    customer = await asked(bench, f"a lamp, {SECRET}")
    file = (await upload(bench, customer, customer, PDF, "passport-of-ann.pdf")).json()["file"]
    await customer.post("messages", {"files": [file["id"]]})
    for secret in ("ann", "example", "1234567", "passport"):
        assert await found(olga, secret) == [], secret
    assert ids(await found(olga, "lamp call")) == [customer.id]


@ON_SQLITE
async def test_what_was_erased_or_never_said_is_not_there(bench: Bench):
    olga = await bench.agent(role="operator")
    silent, erased = await bench.customer(), await asked(bench, "a lamp")
    await bench.http.delete(erased.path, headers=erased.headers)
    for one in (silent.id, erased.id, "x" * 24):
        answer = await olga.call("GET", f"improve/transcripts/conversations/{one}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert await found(olga) == []


@ON_SQLITE
async def test_only_those_who_improve_the_bot_may_read_them(bench: Bench):
    customer = await asked(bench, "a lamp")
    for role, status in (("agent", 403), ("lead", 403), ("operator", 200), ("admin", 200)):
        who = await bench.agent(role=role)
        for path in ("conversations?q=lamp", f"conversations/{customer.id}"):
            answer = await who.call("GET", f"improve/transcripts/{path}")
            assert answer.status_code == status, (role, path)
    address = f"/api/v1/desk/improve/transcripts/conversations/{customer.id}"
    assert (await bench.http.get(address)).status_code == 401
    assert (await bench.http.get(address, headers=customer.headers)).status_code == 401
