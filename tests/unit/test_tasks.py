"""Work in the background goes on."""

from __future__ import annotations

import asyncio
import logging

from steward.desk import tasks
from steward.desk.tasks import Tasks


async def test_background_work_starts_again_after_an_unexpected_error(monkeypatch, caplog):
    monkeypatch.setattr(tasks, "_RESTART_SECONDS", 0)
    turns: list[int] = []

    async def works_the_third_time() -> None:
        turns.append(1)
        if len(turns) < 3:
            raise ZeroDivisionError

    with caplog.at_level(logging.ERROR, "steward.desk"):
        await asyncio.wait_for(Tasks().keep(works_the_third_time), 1)
    assert len(turns) == 3
    assert caplog.text.count("works_the_third_time stopped by an unexpected error") == 2


async def test_background_work_ends_when_it_is_cancelled():
    background = Tasks()
    background.keep(asyncio.Event().wait)  # type: ignore[arg-type]
    await asyncio.wait_for(background.finish(0), 1)
