"""The example of the documentation takes a handoff, talks, and returns it."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.integration.desk_kit import ON_SQLITE
from tests.integration.hook_kit import a_key

PAGE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "external_desk.py"
SCOPES = ["conversations:read", "conversations:write", "handoffs:accept", "webhooks:manage"]

pytestmark = ON_SQLITE


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("external_desk", PAGE)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["external_desk"] = module
    spec.loader.exec_module(module)
    return module


async def test_a_desk_of_ones_own_takes_talks_and_returns(outward, admin, example):
    machine = await a_key(outward, admin, SCOPES)
    desk = example.Desk(example.Steward(f"http://127.0.0.1:{outward.port}", machine.token), example.answer)
    await asyncio.to_thread(desk.open)
    try:
        customer = await outward.queued()
        joined = await said_by(customer, "agent", 1)
        assert "hand me over" in joined[0]["text"]
        assert (await customer.read())["agent"] == {"name": "Other desk"}
        await customer.say("What does the Rill cost?")
        talked = await said_by(customer, "agent", 2)
        assert "What does the Rill cost?" in talked[1]["text"]
        await customer.say("Thank you!")
        for _ in range(200):
            if (await customer.read())["state"] == "bot":
                break
            await asyncio.sleep(0.05)
        assert (await customer.read())["state"] == "bot"
        answered = await customer.ask("hello again")
        assert answered[0]["from"] == "bot"
    finally:
        await asyncio.to_thread(desk.close)
    assert (await admin.call("GET", "webhooks")).json()["webhooks"] == []


async def test_it_does_not_believe_a_stranger(outward, admin, example):
    secret = "whsec_" + "QUJD" * 8
    assert not example.is_from_steward(secret, {"webhook-timestamp": "1000"}, b"{}", 1000.0)
    assert not example.is_from_steward(secret, {}, b"{}", 1000.0)


async def said_by(customer, who: str, count: int) -> list[dict]:
    for _ in range(200):
        found = [one for one in (await customer.read())["messages"] if one["from"] == who]
        if len(found) >= count:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)
