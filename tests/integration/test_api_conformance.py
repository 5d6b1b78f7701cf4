"""Every declared operation gets odd and ordinary requests, the same ones each time.

Nothing may fail inside, and every answer must be one that the OpenAPI document announces.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import steward.desk.app  # noqa: F401  (declares every operation)
from steward.desk.api import public as api_public
from steward.desk.api.openapi import document
from steward.desk.api.operations import OPERATIONS, Operation, Who
from steward.desk.limits import Deliveries, Rate
from tests.integration.desk_kit import ROOMY, Agent, Bench, Customer, StandInRasa, a_setting
from tests.integration.hook_kit import a_hook
from tests.support.project import a_project

DOCUMENT = document(OPERATIONS, version("steward"))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
EXAMPLES = 6
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
WITHOUT_BOT = {"/health/ready"}
"""What may say 503 because there is no action server in this test."""

T = TypeVar("T")


class Running:
    """A desk in a thread of its own, so that this one can call it like any client does."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.bench = self.do(self._open(folder))

    async def _open(self, folder: Path) -> Bench:
        rasa = StandInRasa()
        await rasa.start()
        database = f"sqlite:///{folder / 'steward.db'}"
        # What operators change is written into files.
        root = a_project(folder)
        settings = a_setting(folder, database, rasa, root=root, webhooks_allow_private=True)
        much = Rate(100_000, 1)
        seldom = Deliveries(first_pause=3600, poll=3600)
        limits = replace(ROOMY, deliveries=seldom, sign_ins=much, key_calls=much, conversations=much)
        bench = Bench(settings, limits, rasa)
        await bench.start()
        return bench

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run in the desk's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        """Stop the desk and its thread."""
        self.do(self.bench.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def running(many_desks: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api_public, "LONGEST_WAIT", 0.05)
        running = Running(tmp_path_factory.mktemp("desk"))
        yield running
        running.close()


class Scene:
    """Who is needed to call an operation: people and things of its own, which it may spoil."""

    def __init__(self, running: Running, one: Operation) -> None:
        self._running = running
        self._bench = running.bench
        self._one = one
        self.admin: Agent = running.do(self._bench.agent("Ada", role="admin"))
        self.customer: Customer = running.do(self._bench.queued())
        self.hook = ""
        if "{hook_id}" in one.path:
            self.hook = running.do(a_hook(self.admin, "http://127.0.0.1:9/"))["id"]

    def headers(self) -> dict[str, str]:
        """What opens the operation."""
        match self._one.who:
            case Who.CUSTOMER:
                return dict(self.customer.headers)
            case Who.AGENT:
                return dict(self.admin.headers)
            case _:
                return {}

    def parameters(self) -> dict[str, str]:
        """Ids of things that are there."""
        if self._one.method == "DELETE" and self._one.who is Who.CUSTOMER:
            self.customer = self._running.do(self._bench.customer())
        known = {"conversation_id": self.customer.id, "hook_id": self.hook, "agent_id": self.admin.id}
        return {name: value for name, value in known.items() if "{" + name + "}" in self._one.path}


def test_the_document_is_valid_openapi() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    for name, schema in DOCUMENT["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert "." not in name
    names = [one["operationId"] for path in DOCUMENT["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))
    references = {part["$ref"].rpartition("/")[2] for part in _parts(DOCUMENT) if "$ref" in part}
    assert references <= set(DOCUMENT["components"]["schemas"])


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _parts(part)


MODES = [
    (one, mode)
    for one in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or one.body or one.query
]


@pytest.mark.parametrize(
    ("one", "mode"), MODES, ids=[f"{one.method} {one.path} {mode.value}" for one, mode in MODES]
)
def test_every_answer_is_one_that_was_announced(
    running: Running, one: Operation, mode: GenerationMode
) -> None:
    operation = SCHEMA[one.path][one.method]
    scene = Scene(running, one)
    turns = iter(range(10**6))

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def exchange(case: Any) -> None:
        # Every other request is about something that is there.
        if next(turns) % 2 and scene.parameters():
            case.path_parameters = {**case.path_parameters, **scene.parameters()}
        response = case.call(
            base_url=f"http://127.0.0.1:{running.bench.port}",
            headers=scene.headers(),
            allow_redirects=False,
            timeout=20,
        )
        checks = [check for check in CHECKS if one.path not in WITHOUT_BOT or check is not not_a_server_error]
        case.validate_response(response, checks=checks)

    try:
        exchange()
    except hypothesis.errors.Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "there is no ordinary request"


def test_it_is_served_as_it_was_made(running: Running) -> None:
    served = httpx.get(f"http://127.0.0.1:{running.bench.port}/api/v1/openapi.json")
    assert served.json() == DOCUMENT
