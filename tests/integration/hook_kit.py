"""A desk that may call this machine, quick to try again, and another system beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from steward.desk.limits import Deliveries
from tests.integration.desk_kit import ROOMY, Agent, Bench, StandInRasa, a_setting
from tests.support.receiver import Receiver

QUICK = Deliveries(timeout=2, lease=3, first_pause=0.05, longest_pause=0.2, poll=0.2)
ALL_SCOPES = ["conversations:read", "conversations:write", "handoffs:accept", "team:read", "webhooks:manage"]


class Machine:
    """Another system with an API key."""

    def __init__(self, bench: Bench, token: str, agent_id: str) -> None:
        self._bench = bench
        self.token = token
        self.id = agent_id

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Call the desk API."""
        headers = {"Authorization": f"Bearer {self.token}"} | headers
        return await self._bench.http.request(method, f"/api/v1/desk/{path}", json=body, headers=headers)


async def a_key(bench: Bench, admin: Agent, scopes: list[str], **more: Any) -> Machine:
    """A new key with those scopes."""
    response = await admin.call("POST", "keys", {"name": "Other desk", "scopes": scopes, **more})
    assert response.status_code == 201, response.text
    return Machine(bench, response.json()["token"], response.json()["key"]["agent_id"])


async def a_hook(admin: Agent, url: str, **more: Any) -> dict[str, Any]:
    """A new webhook: its shape with its secret."""
    response = await admin.call("POST", "webhooks", {"url": url, **more})
    assert response.status_code == 201, response.text
    return {**response.json()["webhook"], "secret": response.json()["secret"]}


@pytest.fixture
async def outward(database_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """A desk whose webhooks may call this machine."""
    rasa = StandInRasa()
    await rasa.start()
    settings = a_setting(tmp_path, database_url, rasa, webhooks_allow_private=True)
    bench = Bench(settings, replace(ROOMY, deliveries=QUICK), rasa)
    await bench.start()
    yield bench
    await bench.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Another system's web server."""
    receiver = await Receiver().start()
    yield receiver
    await receiver.stop()


@pytest.fixture
async def admin(outward: Bench) -> Agent:
    """Who may add keys and webhooks."""
    return await outward.agent("Ada", role="admin")
