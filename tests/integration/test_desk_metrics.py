"""What Prometheus reads of the operators' work: the model that serves, promotions, trainings, the shadow."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from steward.errors import CatalogueError, Fault
from steward.training.serving import Control, Person, Rollout, Serving, ShadowBot
from tests.integration.desk_kit import ON_SQLITE, Bench

pytestmark = ON_SQLITE
DOCUMENTED = re.compile(r"^\| `(steward_\w+)", re.MULTILINE)
PAGE = Path(__file__).parents[2] / "docs" / "api.md"


async def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.05)


async def lines(bench: Bench) -> list[str]:
    return (await bench.http.get("/metrics")).text.splitlines()


async def test_every_metric_is_documented_and_every_documented_one_is_there(bench: Bench) -> None:
    told = {line.split()[2] for line in await lines(bench) if line.startswith("# TYPE")}
    assert told == set(DOCUMENTED.findall(PAGE.read_text(encoding="utf-8")))


async def test_before_anything_happened_every_outcome_is_zero(bench: Bench) -> None:
    told = await lines(bench)
    assert 'steward_promotions_total{kind="rollback",outcome="failed"} 0' in told
    assert 'steward_trainings_total{outcome="cancelled"} 0' in told
    assert 'steward_training_state{state="running"} 0' in told
    assert 'steward_shadow_messages_total{result="different"} 0' in told
    assert "steward_catalogue_faults 0" in told
    assert not [line for line in told if line.startswith("steward_model_info{")]


async def test_a_promotion_counts_once_by_what_became_of_it(bench: Bench) -> None:
    control = Control(bench.settings.home)
    begun = Rollout("one", "abc", "promote", Person("Mia"), "", "starting", "It starts.", 1, 0)
    counted = 'steward_promotions_total{kind="promote",outcome="failed"} 1'
    control.say_rollout(begun)
    await asyncio.sleep(0.5)
    assert counted not in await lines(bench)
    control.say_rollout(replace(begun, state="failed", text="It gave no answer.", at=2))
    await until(lambda: bench.server.desk.metrics.promotions)
    await asyncio.sleep(0.7)
    assert counted in await lines(bench)


async def test_the_serving_model_the_shadow_and_a_fault_of_the_facts_are_told(bench: Bench) -> None:
    desk = bench.server.desk
    bot = ShadowBot("candidate", "http://127.0.0.1:9")
    desk.bot._known = Serving("model", "generation", "http://127.0.0.1:9", "", 1, "Mia", bot)
    desk.facts.fault = CatalogueError(
        [Fault("prices.csv", 2, "amount", "a lot"), Fault("stock.csv", 0, "", "")]
    )
    told = await lines(bench)
    assert 'steward_model_info{role="serving",model="model"} 1' in told
    assert 'steward_model_info{role="shadow",model="candidate"} 1' in told
    assert "steward_catalogue_faults 2" in told
