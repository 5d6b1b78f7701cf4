"""Trainings begun at the desk: one at a time, watched as they go, and outliving the desk that began them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from steward.desk.improve import trainings as desk_trainings
from steward.training.registry import Registry
from steward.training.runs import STAGES, Trainings
from tests.integration.desk_kit import ON_SQLITE, ROOMY, Agent, Bench, StandInRasa, a_setting
from tests.support.small_project import SmallProject
from tests.support.stack import ROOT

pytestmark = ON_SQLITE
REAL = ("nice", "-n", "5", sys.executable, "-m", "steward", "train", "--json", "--force")


@pytest.fixture
def project(tmp_path: Path) -> SmallProject:
    return SmallProject(tmp_path)


@pytest.fixture
async def bench(
    database_url: str, tmp_path: Path, project: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    """A desk for the project whose Rasa is a stand-in."""
    monkeypatch.setattr(desk_trainings, "_COMMAND", REAL)
    project.write("domain.yml", (ROOT / "domain.yml").read_text())
    rasa = StandInRasa()
    await rasa.start()
    settings = a_setting(tmp_path, database_url, rasa, root=project.root, home=project.home)
    bench = Bench(settings, ROOMY, rasa)
    await bench.start()
    yield bench
    await bench.close()


async def begun(agent: Agent) -> dict[str, Any]:
    response = await agent.call("POST", "improve/trainings", {})
    assert response.status_code == 202, response.text
    return dict(response.json()["training"])


async def ended(agent: Agent, name: str, seconds: float = 60) -> dict[str, Any]:
    """The training once it is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        response = await agent.call("GET", f"improve/trainings/{name}")
        if response.json()["training"]["state"] != "running":
            return dict(response.json())
        await asyncio.sleep(0.1)
    raise AssertionError("it did not end in time")


async def models(agent: Agent) -> dict[str, Any]:
    response = await agent.call("GET", "improve/models")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def audited(bench: Bench) -> list[str]:
    """The actions in the audit log, the oldest first."""
    admin = await bench.agent("Ada", role="admin")
    entries = (await admin.call("GET", "audit")).json()["entries"]
    return [entry["action"] for entry in reversed(entries) if entry["action"].startswith("training.")]


async def test_an_operator_trains_a_model_and_sees_how_far_it_is(bench: Bench) -> None:
    olga = await bench.agent("Olga", role="operator")
    assert {name: value for name, value in (await models(olga)).items() if name != "facts"} == {
        "models": [],
        "serving": None,
        "previous": None,
        "promotion": None,
        "managed": False,
    }
    async with olga.socket() as socket:
        training = await begun(olga)
        assert training["state"] == "running" and training["by"] == {"id": olga.id, "name": "Olga"}
        seen: list[dict[str, Any]] = []
        while not seen or seen[-1]["state"] == "running":
            seen.append((await socket.next("training", seconds=60))["training"])

    assert {one["id"] for one in seen} == {training["id"]}
    stages = [one["stage"] for one in seen]
    assert stages == sorted(stages, key=list(STAGES).index)
    assert (seen[-1]["state"], seen[-1]["progress"]) == ("done", 1)
    found = await models(olga)
    [model] = found["models"]
    assert model["id"] == seen[-1]["model"]
    assert model["fits_data"] and model["gate"] == {"passed": True, "reasons": []} and model["report"]
    assert model["figures"]["examples"] == 40 and model["by"] == "Olga" and model["size"] > 100
    assert not model["serving"] and found["serving"] is None
    log = (await olga.call("GET", f"improve/trainings/{training['id']}")).json()["log"]
    assert "Starting to train component" in log and "is ready" in log
    assert await audited(bench) == ["training.begun"]


async def test_the_report_is_a_page_that_runs_nothing_and_is_framed_by_nobody_else(bench: Bench) -> None:
    olga = await bench.agent("Olga", role="operator")
    model = (await ended(olga, (await begun(olga))["id"]))["training"]["model"]

    response = await olga.call("GET", f"improve/models/{model}/report")

    assert response.status_code == 200 and response.headers["content-type"].startswith("text/html")
    assert "90 of 100" in response.text and "<script" not in response.text
    policy = response.headers["content-security-policy"]
    assert (
        "default-src 'none'" in policy and "script-src" not in policy and "frame-ancestors 'self'" in policy
    )
    for name in ("0123456789ab", "..%2F..%2Fsecret"):
        assert (await olga.call("GET", f"improve/models/{name}/report")).status_code == 404


async def test_a_second_training_is_refused_and_hears_who_began_the_first(
    bench: Bench, project: SmallProject
) -> None:
    olga, paul = await bench.agent("Olga", role="operator"), await bench.agent("Paul", role="operator")
    project.hold()
    first = await begun(olga)

    refused = await paul.call("POST", "improve/trainings", {})

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "running" and "Olga" in refused.json()["error"]["message"]
    project.go_on()
    assert (await ended(olga, first["id"]))["training"]["state"] == "done"


async def test_of_two_who_begin_at_the_same_moment_one_does(bench: Bench, project: SmallProject) -> None:
    people = [await bench.agent(name, role="operator") for name in ("Olga", "Paul")]
    project.hold()

    answers = await asyncio.gather(*(one.call("POST", "improve/trainings", {}) for one in people))

    assert sorted(answer.status_code for answer in answers) == [202, 409]
    project.go_on()
    [training] = (await people[0].call("GET", "improve/trainings")).json()["trainings"]
    assert (await ended(people[0], training["id"]))["training"]["state"] == "done"


async def test_a_training_is_cancelled_and_leaves_everything_as_it_was(
    bench: Bench, project: SmallProject
) -> None:
    olga = await bench.agent("Olga", role="operator")
    project.hold()
    training = await begun(olga)

    answer = await olga.call("POST", f"improve/trainings/{training['id']}/cancel")

    assert answer.status_code == 202
    over = (await ended(olga, training["id"]))["training"]
    assert over["state"] == "cancelled" and over["ended_at"] and over["model"] is None
    assert (await models(olga))["models"] == []
    again = await olga.call("POST", f"improve/trainings/{training['id']}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_running")
    assert await audited(bench) == ["training.begun", "training.cancelled"]


async def test_a_training_goes_on_while_the_desk_is_restarted(bench: Bench, project: SmallProject) -> None:
    olga = await bench.agent("Olga", role="operator")
    project.hold()
    training = await begun(olga)

    await bench.restart()

    assert Trainings(project.home).running().id == training["id"]
    async with olga.socket() as socket:
        project.go_on()
        while (await socket.next("training", seconds=60))["training"]["state"] == "running":
            pass
    assert (await ended(olga, training["id"]))["training"]["state"] == "done"
    assert len(Registry(project.home).models()) == 1


async def test_a_training_that_fails_says_why(bench: Bench, project: SmallProject) -> None:
    olga = await bench.agent("Olga", role="operator")
    project.teach(fails=True)

    over = await ended(olga, (await begun(olga))["id"])

    assert over["training"]["state"] == "failed"
    assert "intent 'price' is used and not declared" in over["training"]["text"]
    assert "intent 'price' is used and not declared" in over["log"]


async def test_a_training_that_cannot_begin_is_refused_with_the_reason(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = await bench.agent("Olga", role="operator")
    broken = (sys.executable, "-c", "import sys; sys.exit('steward: PORT is odd.')")
    monkeypatch.setattr(desk_trainings, "_COMMAND", broken)

    refused = await olga.call("POST", "improve/trainings", {})

    assert (refused.status_code, refused.json()["error"]["message"]) == (409, "PORT is odd.")


async def test_a_training_begun_at_the_command_line_is_shown_too(bench: Bench, project: SmallProject) -> None:
    olga = await bench.agent("Olga", role="operator")
    async with olga.socket() as socket:
        with Trainings(project.home).begin(
            {"name": "root"}, stopping=lambda: False, told=lambda training: None
        ) as run:
            run.stage("train", "at it")
            frame = await socket.next("training")
            run.end("failed", "It did not work.")
    assert frame["training"]["by"] == {"id": None, "name": "root"}
    [listed] = (await olga.call("GET", "improve/trainings")).json()["trainings"]
    assert (listed["state"], listed["text"]) == ("failed", "It did not work.")


@pytest.mark.parametrize("role", ["agent", "lead"])
async def test_who_does_not_improve_the_bot_trains_nothing_and_hears_nothing_of_it(
    bench: Bench, project: SmallProject, role: str
) -> None:
    robin = await bench.agent(role=role)
    for method, path in (
        ("POST", "improve/trainings"),
        ("GET", "improve/trainings"),
        ("GET", "improve/models"),
        ("GET", "improve/models/0123456789ab/report"),
        ("POST", "improve/trainings/x/cancel"),
    ):
        assert (await robin.call(method, path, {} if method == "POST" else None)).status_code == 403
    assert Trainings(project.home).all() == []
