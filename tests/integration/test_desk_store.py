"""The database: its schema, its transactions, its two kinds."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from steward.desk.conversation import Conversation, CustomerWrote, Outcome, step
from steward.desk.store import Agent, KeyUsed, Origin, Store, metadata
from steward.errors import ConfigurationError, ConversationError


@pytest.fixture
async def store(database_url):
    store = Store(database_url)
    await store.open()
    yield store
    await store.close()


async def begun(store: Store) -> Conversation:
    conversation = Conversation("c", created_at=1, updated_at=1)
    await store.conversations.create(conversation, "0" * 64, Origin(None, None, None))
    return conversation


async def test_the_migrated_schema_is_that_of_the_models(store: Store):
    def is_ours(_item: object, name: str, kind: str, reflected: bool, _other: object) -> bool:
        """The search index is each database's own: tables that FTS5 makes, or an index of PostgreSQL."""
        return not (reflected and name.startswith(("search_index", "ix_search_index")))

    options = {"compare_type": True, "include_object": is_ours}
    async with store.database.read() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync, opts=options), metadata)
        )
    assert differences == []


async def test_opening_again_changes_nothing(store: Store, database_url):
    await begun(store)
    again = Store(database_url)
    await again.open()
    assert (await again.conversations.get("c")).id == "c"
    await again.close()


async def test_two_desks_that_start_at_once_migrate_once(bare_database_url):
    stores = [Store(bare_database_url) for _ in range(3)]
    await asyncio.gather(*(store.open() for store in stores))
    assert await stores[0].agents.all() == ()
    await asyncio.gather(*(store.close() for store in stores))


async def test_two_desks_on_one_database_number_messages_without_holes(store: Store, database_url):
    await begun(store)
    other = Store(database_url)
    await other.open()

    def write(conversation: Conversation) -> Outcome:
        return step(conversation, CustomerWrote(2, "hello"))

    await asyncio.gather(*(one.conversations.apply("c", write) for _ in range(10) for one in (store, other)))
    _, messages = await other.conversations.snapshot("c")
    assert [item.message.seq for item in messages] == list(range(1, 21))
    await other.close()


async def test_what_is_refused_leaves_no_trace(store: Store):
    conversation = await begun(store)

    def refuse(_conversation: Conversation) -> Outcome:
        raise ConversationError("stale", "No.")

    with pytest.raises(ConversationError):
        await store.conversations.apply("c", refuse)
    assert await store.conversations.snapshot("c") == (conversation, ())


async def test_an_outcome_decided_on_another_state_is_refused(store: Store):
    await begun(store)

    def late(conversation: Conversation) -> Outcome:
        return step(replace(conversation, epoch=7), CustomerWrote(2, "hello"))

    with pytest.raises(ConversationError) as refusal:
        await store.conversations.apply("c", late)
    assert refusal.value.code == "stale"
    _, messages = await store.conversations.snapshot("c")
    assert messages == ()


async def test_a_key_is_used_once_and_the_second_outcome_is_undone(store: Store):
    await begun(store)

    def write(conversation: Conversation) -> Outcome:
        return step(conversation, CustomerWrote(2, "hello"))

    await store.conversations.apply("c", write, key="k", digest="d")
    with pytest.raises(KeyUsed):
        await store.conversations.apply("c", write, key="k", digest="d")
    assert (await store.conversations.get("c")).seq == 1


async def test_a_caller_that_goes_away_does_not_cut_its_transaction(store: Store):
    await begun(store)

    def write(conversation: Conversation) -> Outcome:
        return step(conversation, CustomerWrote(2, "hello"))

    task = asyncio.ensure_future(store.conversations.apply("c", write))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(100):
        conversation, messages = await store.conversations.snapshot("c")
        if conversation.seq == 1:
            break
        await asyncio.sleep(0.01)
    assert len(messages) == 1


async def test_an_address_has_one_agent(store: Store):
    agent = Agent("1", "a@example.org", "A", "agent")
    assert await store.agents.add(agent, "hash", 1)
    assert not await store.agents.add(replace(agent, id="2"), "hash", 1)


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql+aiomysql://localhost/x",
        "sqlite:////nowhere/at/all/steward.db",
        "postgresql+asyncpg://steward@127.0.0.1:1/none",
    ],
)
async def test_a_database_that_cannot_be_used_is_named(url):
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        store = Store(url)
        await store.open()
