"""Measures searching transcripts beside a plain LIKE over the same messages, in the same run.

Makes a database of its own (SQLite, and PostgreSQL where an address is given), fills it with conversations
made of the catalogue's words, seeded, and asks for rare and common words. The ratio says how many times as
long LIKE takes; it does not fold accents and finds words in the middle of others, so it even does less.

    .venv/bin/python bench/search.py --messages 100000 --postgres postgresql://user@host/empty_database
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402

from steward.catalogue import load_catalogue  # noqa: E402
from steward.desk.conversation import Conversation, CustomerWrote, Outcome, step  # noqa: E402
from steward.desk.store import Filter, Store  # noqa: E402
from steward.desk.store.conversations import conversations, messages  # noqa: E402
from steward.desk.store.index import search  # noqa: E402
from steward.desk.workspace.search import indexed, words_of  # noqa: E402

IN_A_CONVERSATION = 10
BATCH = 2000
RESULTS = 20
REPEATS = 15
QUERIES = {
    "one of ten conversations": "Quillon",
    "a word of every third message": "filter",
    "two letters": "fi",
    "three words": "filter water clean",
    "a rare and a common word": "Zamenhof filter",
    "nothing": "xylophone",
}


def texts(count: int) -> Iterator[str]:
    """Messages in the catalogue's words, with a few names in between."""
    catalogue = load_catalogue(ROOT / "data" / "catalogue")
    words = [
        word
        for product in catalogue.products.values()
        for topic in ("usage", "maintenance", "troubleshooting")
        for fact in catalogue.facts(product.sku, topic)
        for word in fact.text.split()
    ]
    chance = random.Random(11)
    for number in range(count):
        said = chance.choices(words, k=chance.randint(4, 24))
        if number % 3 == 0:
            said.append("filter")
        if number % (10 * IN_A_CONVERSATION) == 0:
            said.append("Quillon")
        if number == count // 2:
            said.append("Zamenhof filter")
        yield " ".join(said)


async def fill(store: Store, count: int) -> None:
    """Conversations with so many messages."""
    numbers = iter(range(count // IN_A_CONVERSATION))
    while chunk := list(itertools.islice(numbers, BATCH)):
        await store.database.run(_begin(store, chunk))
    rows = enumerate(texts(count))
    while batch := list(itertools.islice(rows, BATCH)):
        await store.database.run(_add(store, batch))


async def _begin(store: Store, numbers: list[int]) -> None:
    made = [Conversation(f"c{number}", seq=IN_A_CONVERSATION, updated_at=number) for number in numbers]
    kept = [{**one.__dict__, "state": "bot", "skus": [], "token_hash": "0" * 64} for one in made]
    async with store.database.write() as connection:
        await connection.execute(sa.insert(conversations), kept)


async def _add(store: Store, batch: list[tuple[int, str]]) -> None:
    said, found = [], []
    for number, text in batch:
        place = {"conversation_id": f"c{number // IN_A_CONVERSATION}", "seq": number % IN_A_CONVERSATION + 1}
        said.append({**place, "id": f"m{number}", "at": number, "sender": "customer", "text": text})
        found.append({**place, "words": indexed(text)})
    async with store.database.write() as connection:
        await connection.execute(sa.insert(messages), said)
        await connection.execute(sa.insert(search), found)


async def by_like(store: Store, words: tuple[str, ...]) -> int:
    """The newest messages with all the words, by LIKE alone."""
    asked = [sa.func.lower(messages.c.text).like(f"%{word}%") for word in words]
    query = (
        sa.select(messages.c.conversation_id, messages.c.seq, messages.c.text, conversations.c.state)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(*asked)
        .order_by(messages.c.at.desc())
        .limit(RESULTS * IN_A_CONVERSATION)
    )

    async def read() -> int:
        async with store.database.read() as connection:
            return len((await connection.execute(query)).all())

    return await store.database.run(read())


async def timed(work: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds, the median of some."""
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        await work()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


async def written(store: Store, count: int) -> float:
    """Milliseconds to store one more message, with all that belongs to it."""

    def write(conversation: Conversation) -> Outcome:
        return step(conversation, CustomerWrote(10**9, "The filter of my tap leaks since yesterday."))

    began = time.perf_counter()
    for number in range(count):
        await store.conversations.apply(f"c{number}", write)
    return (time.perf_counter() - began) * 1000 / count


async def measure(url: str, count: int) -> dict[str, Any]:
    """One database: each query by the index and by LIKE, and what erasing costs."""
    store = Store(url)
    await store.open()
    await fill(store, count)
    if store.database.dialect == "postgresql":
        await store.database.run(_analyse(store))
    rows: dict[str, Any] = {}
    for name, query in QUERIES.items():
        words = words_of(query)
        found = await store.search.find(words, Filter(), RESULTS)
        index = await timed(partial(store.search.find, words, Filter(), RESULTS))
        like = await timed(partial(by_like, store, words))
        rows[name] = {
            "conversations": len(found),
            "index_ms": round(index, 2),
            "like_ms": round(like, 2),
            "ratio": round(like / index, 1),
        }
    one_write = await written(store, 200)
    await store.conversations.erase("c1")
    began = time.perf_counter()
    await store.search.forget()
    forgotten = (time.perf_counter() - began) * 1000
    await store.close()
    return {"queries": rows, "write_ms": round(one_write, 2), "forget_ms": round(forgotten, 1)}


async def _analyse(store: Store) -> None:
    async with store.database.write() as connection:
        for table in ("messages", "search", "conversations"):
            await connection.execute(sa.text(f"ANALYZE {table}"))


def main() -> None:
    """Run it and print what was measured as JSON."""
    parser = argparse.ArgumentParser(description="Search beside LIKE, in one run.")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--postgres", help="the address of an empty PostgreSQL database")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="steward-search-") as folder:
        places = {"sqlite": f"sqlite:///{folder}/steward.db"}
        if chosen.postgres:
            places["postgresql"] = chosen.postgres
        result = {name: asyncio.run(measure(url, chosen.messages)) for name, url in places.items()}
    print(json.dumps({"messages": chosen.messages, **result}, indent=2))


if __name__ == "__main__":
    main()
