"""The bot's memory: bounded while it runs, and handed on to the bot that comes after it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

from steward.memory import THROW_AWAY, Memory
from steward.nlu.tracker_store import ShortMemoryTrackerStore

DOMAIN = """
version: "3.1"
intents: [price]
slots:
  product: {type: text, influence_conversation: false, mappings: [{type: custom}]}
  pending: {type: any, influence_conversation: false, mappings: [{type: custom}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "trackers"


def store(folder: Path | None, domain: str = DOMAIN) -> ShortMemoryTrackerStore:
    return ShortMemoryTrackerStore(Domain.from_yaml(domain), folder=str(folder) if folder else None)


async def turn(bot: ShortMemoryTrackerStore, sender: str, text: str, product: str | None = None) -> None:
    """One turn of a conversation, as Rasa has it: read, understood, answered, saved."""
    tracker = await bot.get_or_create_tracker(sender)
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
    tracker.update(UserUttered(text, {"name": "price", "confidence": 1.0}))
    tracker.update(BotUttered("It costs 249 euros."))
    if product:
        tracker.update(SlotSet("product", product))
        tracker.update(SlotSet("pending", {"kind": "told", "topic": "price"}))
    await bot.save(tracker)


async def test_the_next_bot_knows_the_product_and_what_was_asked(folder: Path) -> None:
    old = store(folder)
    for number in range(8):
        await turn(old, "one", f"question {number}", "RL-300")
    await turn(old, "one", '/price{"product": "RL-300"}')

    tracker = await store(folder).retrieve("one")

    assert tracker is not None
    assert tracker.get_slot("product") == "RL-300"
    assert tracker.get_slot("pending") == {"kind": "told", "topic": "price"}
    texts = [event.text for event in tracker.events if isinstance(event, UserUttered)]
    assert texts == [f"question {number}" for number in range(2, 8)]
    assert tracker.latest_action_name == ACTION_LISTEN_NAME
    assert await store(folder).retrieve("two") is None


async def test_a_bot_that_is_taken_back_knows_what_was_said_to_the_other(folder: Path) -> None:
    old, new = store(folder), store(folder)
    await turn(old, "one", "how much is the rill 300", "RL-300")
    await turn(new, "one", "and the rill 500", "RL-500")

    tracker = await old.retrieve("one")

    assert tracker is not None
    assert tracker.get_slot("product") == "RL-500"


async def test_a_bot_that_nobody_replaced_keeps_its_own_tracker(folder: Path) -> None:
    bot = store(folder)
    await turn(bot, "one", "how much is the rill 300", "RL-300")

    assert await bot.retrieve("one") is await bot.retrieve("one")
    assert any(isinstance(event, BotUttered) for event in (await bot.get_or_create_tracker("one")).events)


async def test_a_conversation_that_was_deleted_is_forgotten_by_a_bot_that_runs(folder: Path) -> None:
    bot = store(folder)
    await turn(bot, "one", "how much is the rill 300", "RL-300")

    Memory(folder).forget("one")

    assert await bot.retrieve("one") is None


async def test_a_slot_that_the_next_model_has_not_is_left_out(folder: Path) -> None:
    await turn(store(folder), "one", "how much is the rill 300", "RL-300")
    fewer = DOMAIN.replace("  product: {type: text,", "  other: {type: text,")

    tracker = await store(folder, fewer).retrieve("one")

    assert tracker is not None
    assert "product" not in tracker.slots
    assert tracker.get_slot("pending") == {"kind": "told", "topic": "price"}


async def test_a_disk_that_takes_nothing_keeps_nobody_from_being_answered(folder: Path) -> None:
    bot = store(folder)
    await turn(bot, "one", "how much is the rill 300", "RL-300")
    shutil.rmtree(folder)
    folder.write_text("a file where the folder was")
    await turn(bot, "two", "how much is the rill 500", "RL-500")
    folder.unlink()

    tracker = await bot.retrieve("two")

    assert tracker is not None and tracker.get_slot("product") == "RL-500"


async def test_what_a_probe_says_is_written_nowhere(folder: Path) -> None:
    bot = store(folder)
    await turn(bot, f"{THROW_AWAY}probe", "how much is the rill 300", "RL-300")

    assert not folder.exists()
    assert await bot.retrieve(f"{THROW_AWAY}probe") is not None


async def test_without_a_folder_memory_ends_with_the_bot(tmp_path: Path) -> None:
    bot = store(None)
    await turn(bot, "one", "how much is the rill 300", "RL-300")

    assert await bot.retrieve("one") is not None
    assert list(tmp_path.iterdir()) == []
