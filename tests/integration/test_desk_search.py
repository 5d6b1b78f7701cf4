"""Searching what was said: by words, by where they were said, and never what was erased."""

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sa

from steward.desk.store import Filter, Store
from steward.desk.store.database import Database, migrate
from tests.integration.desk_kit import ON_SQLITE, Agent, Bench, Customer
from tests.integration.test_desk_files import upload
from tests.support.files import PDF

_BEFORE = (
    "INSERT INTO conversations (id, token_hash, state, epoch, seq, customer_seq, answered_seq, summary, skus,"
    " priority, preview, unread, created_at, updated_at)"
    " VALUES ('c', 'h', 'bot', 0, 2, 1, 1, '', '[]', 2, '', 0, 1, 1)",
    "INSERT INTO messages (conversation_id, seq, id, at, sender, text)"
    " VALUES ('c', 1, 'm1', 1, 'customer', 'A Zèbra!'), ('c', 2, 'm2', 2, 'system', 'Robin joined')",
)


async def found(who: Agent, q: str, **where: str) -> list[dict[str, Any]]:
    """The results of a search."""
    query = "&".join(f"{name}={value}" for name, value in {"q": q, **where}.items())
    response = await who.call("GET", f"search?{query}")
    assert response.status_code == 200, response.text
    return list(response.json()["results"])


def ids(results: list[dict[str, Any]]) -> list[str]:
    return [one["conversation"]["id"] for one in results]


async def said(bench: Bench, text: str) -> Customer:
    """A conversation that begins with this message and has its answer."""
    customer = await bench.customer()
    await customer.ask(text)
    return customer


async def test_words_are_found_by_their_beginning_whatever_case_and_accents(bench: Bench):
    robin = await bench.agent()
    lamp = await said(bench, "The LAMPSHADE of my lamp is broken")
    size = await said(bench, "Welche GRÖSSE hat der Café-Tisch?")
    assert ids(await found(robin, "lampsh")) == [lamp.id]
    assert ids(await found(robin, "broken lamp")) == [lamp.id]
    assert ids(await found(robin, "größe CAFE")) == [size.id]
    assert ids(await found(robin, "grosse")) == [size.id]
    assert await found(robin, "lamp tisch") == []
    assert await found(robin, "ampshade") == []


async def test_a_result_shows_where_the_words_stand(bench: Bench):
    robin = await bench.agent()
    await said(bench, "😀 my lampshade\nbroke")
    result = (await found(robin, "broke"))[0]
    match = result["matches"][0]
    assert (match["seq"], match["from"]) == (1, "customer")
    assert match["snippet"] == {"text": "😀 my lampshade broke", "marks": [[16, 21]]}
    assert result["conversation"]["state"] == "bot"


async def test_the_newest_comes_first_and_each_conversation_once(bench: Bench):
    robin = await bench.agent()
    first, second = await said(bench, "a zebra"), await said(bench, "another zebra")
    for _ in range(4):
        await first.ask("zebra again")
    results = await found(robin, "zebra")
    assert ids(results) == [first.id, second.id]
    assert [match["seq"] for match in results[0]["matches"]] == [9, 7, 5]
    assert ids(await found(robin, "zebra", limit="1")) == [first.id]


async def test_more_than_one_page_of_messages_is_gone_through(bench: Bench):
    robin = await bench.agent()
    first, second = await said(bench, "a zebra"), await bench.customer()
    for _ in range(210):
        await second.say("zebra")
    assert ids(await found(robin, "zebra")) == [second.id, first.id]


async def test_results_are_narrowed_by_state_topic_agent_and_time(bench: Bench):
    robin, sam = await bench.agent("Robin"), await bench.agent("Sam")
    with_bot = await said(bench, "a zebra")
    with_robin = await bench.queued()
    await with_robin.say("my zebra")
    await robin.act(with_robin, "accept")
    assert ids(await found(sam, "zebra")) == [with_robin.id, with_bot.id]
    assert ids(await found(sam, "zebra", state="agent")) == [with_robin.id]
    assert ids(await found(sam, "zebra", state="bot")) == [with_bot.id]
    assert ids(await found(sam, "zebra", agent=robin.id)) == [with_robin.id]
    assert await found(sam, "zebra", agent=sam.id) == []
    assert ids(await found(sam, "zebra", topic="price")) == [with_robin.id, with_bot.id]
    assert await found(sam, "zebra", topic="usage") == []
    assert await found(sam, "zebra", until="2001-01-01") == []
    assert len(await found(sam, "zebra", since="2001-01-01T00:00:00Z")) == 2
    assert len(await found(sam, "zebra", since="2001-01-01T00:00:00.000%2B02:00")) == 2


async def test_answers_and_the_names_of_files_are_found_but_not_what_the_system_said(bench: Bench):
    customer = await bench.queued()
    robin = await bench.agent("Robin")
    await robin.act(customer, "accept")
    await robin.say(customer, "Your parcel is in Galway.")
    file = (await upload(bench, customer, customer, PDF, "invoice-4711.pdf")).json()["file"]
    await customer.post("messages", {"files": [file["id"]]})
    galway = await found(robin, "galway")
    assert galway[0]["matches"][0]["from"] == "agent"
    named = await found(robin, "4711")
    assert named[0]["matches"][0]["snippet"]["text"] == "invoice-4711.pdf"
    assert await found(robin, "joined") == []


async def test_what_was_erased_is_not_found(bench: Bench, database_url):
    robin = await bench.agent()
    customer = await said(bench, "my name is Quetzalcoatl")
    await bench.http.delete(customer.path, headers=customer.headers)
    assert await found(robin, "quetzal") == []
    await bench.server.desk.store.search.forget()
    if database_url.startswith("sqlite"):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            blocks = [row[0] for row in connection.execute("SELECT block FROM search_index_data")]
        assert not any(b"quetzal" in block for block in blocks)


async def test_what_was_said_before_there_was_an_index_is_found(bare_database_url):
    old = Database(bare_database_url)

    async def fill() -> None:
        async with old.write() as connection:
            await connection.run_sync(lambda sync: migrate(sync, "0005"))
            for statement in _BEFORE:
                await connection.execute(sa.text(statement))

    await old.run(fill())
    await old.close()
    store = Store(bare_database_url)
    await store.open()
    found = await store.search.find(["zebr"], Filter(), 5)
    assert [(one.conversation.id, [match.seq for match in one.matches]) for one in found] == [("c", [1])]
    assert await store.search.find(["joined"], Filter(), 5) == ()
    assert (await store.reading.marks("c")).agent == 0
    await store.close()


@ON_SQLITE
async def test_what_cannot_be_searched_for_is_refused(bench: Bench):
    robin = await bench.agent()
    for query in (
        "",
        "q=",
        "q=%20",
        "q=%3F%21",
        "q=x&limit=0",
        "q=x&limit=51",
        "q=x&limit=ten",
        "q=x&state=gone",
    ):
        assert (await robin.call("GET", f"search?{query}")).status_code == 400, query
    for odd in ("since=yesterday", "until=2030-13-01", "since=99999-01-01"):
        assert (await robin.call("GET", f"search?q=x&{odd}")).status_code == 400, odd
    operator = await bench.agent("Olga", role="operator")
    assert (await operator.call("GET", "search?q=x")).status_code == 403
    customer = await bench.customer()
    assert (await bench.http.get("/api/v1/desk/search?q=x", headers=customer.headers)).status_code == 401


async def test_no_word_is_an_operator_of_the_database(bench: Bench):
    robin = await bench.agent()
    customer = await said(bench, "this OR that AND near NOT far")
    for q in (
        "OR",
        "AND",
        "NEAR",
        "NOT",
        "this OR far",
        "%22near%22",
        "far*",
        "'far' %26 !that",
        "words:far",
    ):
        results = await found(robin, q)
        assert ids(results) in ([customer.id], []), q
    assert ids(await found(robin, "OR NOT")) == [customer.id]
