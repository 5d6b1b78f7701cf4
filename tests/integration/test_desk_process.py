"""The desk as the process that a shop runs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.integration.desk_kit import RESPONSES, StandInRasa, free_port

PROJECT = Path(__file__).resolve().parents[2]


def shop(folder: Path, domain: str) -> None:
    """A root folder with these words and the demo shop's facts."""
    (folder / "domain.yml").write_text(domain)
    if not (folder / "data").exists():
        (folder / "data").symlink_to(PROJECT / "data", target_is_directory=True)


class Process:
    def __init__(self, folder: Path, port: int, **more: str) -> None:
        shop(folder, yaml.safe_dump({"responses": RESPONSES}))
        self.home = folder / "home"
        self.port = port
        given = {"STEWARD_ROOT": str(folder), "STEWARD_HOME": str(self.home), "PORT": str(port), **more}
        self._run = subprocess.Popen(
            [sys.executable, "-m", "steward.desk"],
            cwd=PROJECT,
            env={**os.environ, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    async def ready(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=20)
        for _ in range(200):
            try:
                await client.get("/health/live")
                return client
            except httpx.ConnectError:
                assert self._run.poll() is None, self.output()
                await asyncio.sleep(0.1)
        raise AssertionError("the desk did not start")

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self._run.send_signal(how)
        return await asyncio.to_thread(self._run.wait, 20)

    def output(self) -> str:
        return self._run.communicate(timeout=20)[0].decode()

    def kill(self) -> None:
        if self._run.poll() is None:
            self._run.kill()
            self._run.wait()
        if self._run.stdout is not None:
            self._run.stdout.close()


@pytest.fixture
async def started(rasa: StandInRasa, tmp_path: Path) -> AsyncIterator[Process]:
    process = Process(tmp_path, free_port(), BOT_URL=f"http://127.0.0.1:{rasa.port}")
    yield process
    process.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_and_stops_cleanly_and_never_logs_the_password(started: Process, how):
    client = await started.ready()
    opened = (await client.post("/api/v1/conversations", json={})).json()
    headers = {"Authorization": f"Bearer {opened['token']}"}
    path = f"/api/v1/conversations/{opened['id']}/messages"
    await client.post(path, json={"text": "price?"}, headers=headers)
    view = (await client.get(path, params={"after": 1, "wait": 10}, headers=headers)).json()
    assert [message["from"] for message in view["messages"]] == ["bot"]
    await client.aclose()
    assert await started.stop(how) == 0
    password = (started.home / "sign-in").read_text().split()[1]
    output = started.output()
    assert "The desk answers at" in output
    assert password not in output and opened["token"] not in output and "price?" not in output


async def test_a_message_survives_a_kill_and_is_answered_after_it(started: Process, rasa, tmp_path):
    rasa.hold("important")
    client = await started.ready()
    opened = (await client.post("/api/v1/conversations", json={})).json()
    headers = {"Authorization": f"Bearer {opened['token']}"}
    path = f"/api/v1/conversations/{opened['id']}/messages"
    sent = await client.post(path, json={"text": "important"}, headers=headers)
    assert sent.status_code == 202
    await client.aclose()
    started.kill()
    rasa.held.clear()
    again = Process(tmp_path, started.port, BOT_URL=f"http://127.0.0.1:{rasa.port}")
    try:
        client = await again.ready()
        view = (await client.get(path, params={"after": 1, "wait": 10}, headers=headers)).json()
        assert [message["reply_to"] for message in view["messages"]] == [1]
        await client.aclose()
    finally:
        again.kill()


async def test_a_taken_port_is_told_in_a_sentence(rasa: StandInRasa, tmp_path):
    process = Process(tmp_path, rasa.port)
    output = await asyncio.to_thread(process.output)
    assert f"Port {rasa.port} is taken" in output and "PORT" in output
    assert "Traceback" not in output


async def test_a_missing_response_is_told_before_anybody_needs_it(tmp_path):
    shop(tmp_path, "responses: {utter_desk_queued: [{text: Hi}]}")
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "steward.desk"],
        cwd=PROJECT,
        env={
            **os.environ,
            "STEWARD_ROOT": str(tmp_path),
            "STEWARD_HOME": str(tmp_path),
            "PORT": str(free_port()),
        },
        capture_output=True,
        check=False,
    )
    assert run.returncode == 1
    assert b"utter_desk_joined" in run.stderr and b"Traceback" not in run.stderr
