from __future__ import annotations

import io
import itertools
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from steward.clock import now
from steward.console import Console
from steward.errors import StewardError
from steward.run.generations import DESK, Generation, Generations, Patience, serving_of, settle
from steward.run.supervisor import Running, Service, Supervisor
from steward.settings import Settings, load_settings
from steward.training.registry import ARCHIVE, Gate, ModelRecord, Reason, Registry
from steward.training.serving import (
    Control,
    DeskReport,
    Person,
    Rollout,
    RolloutRefused,
    ShadowWish,
    in_use,
    promote,
    rollback,
    set_aside,
    wait,
)

LENA = Person("Lena Byrne", "lena")


class FakeRunning(Running):
    """A process that is up, answers and ends when the test says so."""

    pids = itertools.count(1000)

    def __init__(self, service: Service, *, tended: bool = True) -> None:
        super().__init__(service, tended=tended)
        self.answering = False
        self.how: str | None = None
        self._pid: int | None = None

    @property
    def pid(self) -> int | None:
        return self._pid

    def start(self) -> None:
        if self.service.allow is not None:
            self.service.allow()
        self._pid = next(self.pids)

    def ended(self) -> str | None:
        return self.how

    def look(self) -> bool:
        self.ready = self.answering
        return self.ready

    def send(self, number: signal.Signals) -> None:
        """Nothing is there to get it."""


class FakeSupervisor(Supervisor):
    """Notes what is started and what is told to end."""

    def __init__(self) -> None:
        super().__init__([], Console(io.StringIO()), stopping=lambda: False)
        self.started: list[FakeRunning] = []
        self.retired: list[Running] = []

    @property
    def pids(self) -> dict[str, int]:
        return {DESK: 7}

    def add(self, service: Service, *, tended: bool = True) -> Running:
        running = FakeRunning(service, tended=tended)
        running.start()
        self.started.append(running)
        return running

    def retire(self, running: Running) -> None:
        self.retired.append(running)


class FakeMaker:
    """Services that are names, and bots whose answers the test sets."""

    def __init__(self, registry: Registry, folder: Path) -> None:
        self._registry = registry
        self._folder = folder
        self.warms = True
        self.wrong: list[str] = []
        self.megabytes: int | None = 8000

    def slot(self, taken: set[int]) -> int:
        return next(slot for slot in itertools.count() if slot not in taken)

    def services(self, model: str, slot: int) -> tuple[Service, Service]:
        bot = self._service(f"bot {model}", 9000 + 2 * slot, lambda: self._registry.verify(model))
        return bot, self._service(f"actions {model}", 9001 + 2 * slot)

    def shadow(self, model: str, slot: int) -> Service:
        return self._service(f"shadow {model}", 9000 + 2 * slot, lambda: self._registry.verify(model))

    def warm(self, port: int) -> bool:
        return self.warms

    def faults(self, port: int) -> list[str]:
        return self.wrong

    def free_memory(self) -> int | None:
        return self.megabytes

    def _service(self, name: str, port: int, allow: Callable[[], object] | None = None) -> Service:
        log = self._folder / "log"
        return Service(name, "nothing", (), port, "/", log, self._folder, allow=allow)


class Bench:
    """A Steward that serves the model `first`, has a second one, and does nothing by itself."""

    def __init__(self, folder: Path) -> None:
        self.settings: Settings = load_settings({"STEWARD_HOME": str(folder), "PORT": "21290"})
        self.control = Control(folder)
        self.registry = Registry(folder)
        self.first = self.model("first")
        self.second = self.model("second")
        self.registry.promoted(self.first, by="steward", reason="", kind="first")
        self.supervisor = FakeSupervisor()
        self.maker = FakeMaker(self.registry, folder)
        bot, actions = self.maker.services(self.first, 0)
        self.serving = Generation("gen-first", self.first, 0, self.up(bot), self.up(actions))
        self.control.say_serving(serving_of(self.serving, "steward", None))
        self.control.say_desk(DeskReport(7, "gen-first"))
        self.generations = self.runner()

    def runner(self, **patience: float) -> Generations:
        console = Console(io.StringIO())
        given = Patience(**patience) if patience else Patience()  # type: ignore[arg-type]
        return Generations(
            self.supervisor, self.maker, self.control, self.registry, console, self.serving, given
        )

    def model(self, content: str) -> str:
        folder = self.settings.home / f"new-{content}"
        folder.mkdir(parents=True)
        (folder / ARCHIVE).write_text(content)
        made = ModelRecord("", "", "f", None, now(), "test", 1.0, None, Gate(True))
        return self.registry.add(folder, made).id

    def up(self, service: Service) -> FakeRunning:
        running = FakeRunning(service)
        running.start()
        running.answering = running.ready = True
        return running

    def ask(self) -> Rollout:
        """Ask for the second model as an operator does, while this Steward runs."""
        (self.settings.home / "lock").touch()
        with _running(self.settings.home):
            return promote(self.settings, self.second, LENA, "better")

    def begin(self) -> None:
        """Ask for the second model, and have its processes started."""
        self.ask()
        self.look_until(lambda: len(self.supervisor.started) == 2)

    def look_until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 5
        while not happened():
            assert time.monotonic() < deadline, self.control.rollout()
            self.generations._look_at = 0.0
            self.generations.look()
            time.sleep(0.002)

    def state(self) -> str:
        rollout = self.control.rollout()
        return rollout.state if rollout else ""

    def reach(self, state: str) -> None:
        self.look_until(lambda: self.state() == state)

    def answer(self) -> None:
        """The candidate's processes are up."""
        self.look_until(lambda: len(self.supervisor.started) >= 2)
        for running in self.supervisor.started:
            running.answering = True

    def served(self) -> str:
        serving = self.control.serving()
        assert serving is not None
        return serving.model

    def switch(self) -> None:
        self.ask()
        self.answer()
        self.look_until(lambda: self.served() == self.second)

    def desk_follows(self, busy: tuple[str, ...] = ()) -> None:
        serving = self.control.serving()
        assert serving is not None
        self.control.say_desk(DeskReport(7, serving.generation, busy))


class _running:
    """Holds a home as a Steward that runs does."""

    def __init__(self, home: Path) -> None:
        from steward.checks import alone_in

        self._held = alone_in(home)

    def __enter__(self) -> None:
        self._held.__enter__()

    def __exit__(self, *error: object) -> None:
        self._held.__exit__(None, None, None)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_promoted_model_serves_once_it_is_up_warm_and_answers_as_it_must(bench: Bench) -> None:
    bench.begin()
    assert bench.served() == bench.first
    bench.answer()
    bench.reach("draining")
    assert bench.served() == bench.second

    bench.desk_follows()
    bench.reach("done")

    current = bench.registry.current()
    assert current is not None and current.id == bench.second
    assert (current.promotions[-1].by, current.promotions[-1].reason) == ("Lena Byrne", "better")


def test_what_served_before_is_kept_warm_and_going_back_starts_nothing(bench: Bench) -> None:
    bench.switch()
    bench.desk_follows()
    bench.reach("done")
    started = len(bench.supervisor.started)
    assert bench.supervisor.retired == []

    with _running(bench.settings.home):
        rollback(bench.settings, LENA, "worse after all")
    bench.look_until(lambda: bench.served() == bench.first)
    bench.desk_follows()
    bench.reach("done")

    assert len(bench.supervisor.started) == started
    current = bench.registry.current()
    assert current is not None and (current.id, current.promotions[-1].kind) == (bench.first, "rollback")


def test_what_is_kept_warm_ends_after_a_while(bench: Bench) -> None:
    bench.generations = bench.runner(standby=0.05)
    bench.switch()
    bench.desk_follows()
    bench.reach("done")

    bench.look_until(lambda: {bench.serving.bot, bench.serving.actions} <= set(bench.supervisor.retired))


def test_nothing_is_kept_warm_where_memory_is_short(bench: Bench) -> None:
    bench.switch()
    bench.maker.megabytes = 900
    bench.desk_follows()
    bench.reach("done")

    assert {bench.serving.bot, bench.serving.actions} <= set(bench.supervisor.retired)


def test_no_model_is_started_beside_another_without_memory_for_it(bench: Bench) -> None:
    bench.maker.megabytes = 300
    bench.ask()
    bench.reach("failed")

    told = bench.control.rollout()
    assert told is not None and "300 MB" in told.text
    assert bench.supervisor.started == []


@pytest.mark.parametrize("which", ["bot", "actions"])
def test_a_candidate_that_dies_while_it_starts_leaves_the_old_one_as_it_was(bench: Bench, which: str) -> None:
    bench.begin()
    dead = next(one for one in bench.supervisor.started if one.service.name.startswith(which))
    dead.how = "killed by SIGKILL"
    bench.reach("failed")

    told = bench.control.rollout()
    assert told is not None and "killed by SIGKILL" in told.text and f"{bench.first} goes on" in told.text
    assert bench.served() == bench.first
    assert set(bench.supervisor.retired) == set(bench.supervisor.started)
    current = bench.registry.current()
    assert current is not None and current.id == bench.first


def test_a_candidate_that_never_answers_is_given_up(bench: Bench) -> None:
    bench.generations = bench.runner(start=0.05)
    bench.ask()
    bench.reach("failed")

    assert bench.served() == bench.first
    assert set(bench.supervisor.retired) == set(bench.supervisor.started)


def test_a_candidate_that_answers_wrongly_never_gets_a_customer(bench: Bench) -> None:
    bench.maker.wrong = ["Asked 'fire' it gave smalltalk."]
    bench.ask()
    bench.answer()
    bench.reach("failed")

    told = bench.control.rollout()
    assert told is not None and "Asked 'fire' it gave smalltalk." in told.text
    assert bench.served() == bench.first


def test_a_candidate_that_does_not_answer_its_first_question_is_given_up(bench: Bench) -> None:
    bench.maker.warms = False
    bench.ask()
    bench.answer()
    bench.reach("failed")

    assert bench.served() == bench.first


def test_the_old_bot_stays_until_the_desk_has_no_question_there(bench: Bench) -> None:
    bench.switch()
    bench.reach("draining")
    for _ in range(5):
        bench.generations._look_at = 0.0
        bench.generations.look()
    assert bench.state() == "draining"

    bench.desk_follows(busy=("gen-first",))
    for _ in range(5):
        bench.generations._look_at = 0.0
        bench.generations.look()
    assert (bench.state(), bench.supervisor.retired) == ("draining", [])

    bench.desk_follows()
    bench.reach("done")


def test_a_question_that_is_never_answered_does_not_keep_the_old_bot_for_good(bench: Bench) -> None:
    bench.generations = bench.runner(drain=0.05)
    bench.switch()
    bench.desk_follows(busy=("gen-first",))
    bench.reach("done")


def test_the_report_of_a_desk_that_has_died_does_not_count(bench: Bench) -> None:
    bench.switch()
    serving = bench.control.serving()
    assert serving is not None
    bench.control.say_desk(DeskReport(6, serving.generation))
    bench.reach("draining")
    for _ in range(5):
        bench.generations._look_at = 0.0
        bench.generations.look()

    assert bench.state() == "draining"


def test_the_old_one_takes_over_again_when_the_new_bot_dies_before_the_old_is_drained(bench: Bench) -> None:
    bench.switch()
    bench.reach("draining")
    bench.supervisor.started[0].how = "killed by SIGKILL"
    bench.reach("failed")

    serving = bench.control.serving()
    assert serving is not None and (serving.model, serving.generation) == (bench.first, "gen-first")
    assert bench.serving.bot.tended and bench.serving.actions.tended
    assert set(bench.supervisor.retired) == set(bench.supervisor.started)
    current = bench.registry.current()
    assert current is not None and (current.id, current.promotions[-1].kind) == (bench.first, "rollback")


def test_with_a_full_disk_the_old_one_takes_over_again_as_soon_as_that_can_be_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    bench.switch()
    bench.reach("draining")
    monkeypatch.setattr(bench.control, "say_serving", full)
    bench.supervisor.started[0].how = "killed by SIGKILL"
    for _ in range(5):
        bench.generations._look_at = 0.0
        bench.generations.look()
    assert (bench.state(), bench.supervisor.retired) == ("draining", [])

    monkeypatch.undo()
    bench.reach("failed")
    assert bench.served() == bench.first


def test_the_old_bot_may_die_while_it_is_drained(bench: Bench) -> None:
    bench.switch()
    assert isinstance(bench.serving.bot, FakeRunning)
    bench.serving.bot.how = "killed by SIGKILL"
    bench.desk_follows()
    bench.reach("done")

    assert bench.served() == bench.second
    assert {bench.serving.bot, bench.serving.actions} <= set(bench.supervisor.retired)


def test_an_archive_that_was_changed_is_never_started(bench: Bench) -> None:
    bench.ask()
    bench.registry.archive(bench.second).write_text("other code")
    bench.reach("failed")

    told = bench.control.rollout()
    assert told is not None and "hash differs" in told.text
    assert bench.supervisor.started == []
    with _running(bench.settings.home), pytest.raises(StewardError, match="hash differs"):
        promote(bench.settings, bench.second, LENA)


def test_a_second_promotion_is_refused_while_one_is_under_way(bench: Bench) -> None:
    third = bench.model("third")
    bench.ask()
    with _running(bench.settings.home), pytest.raises(RolloutRefused) as refused:
        promote(bench.settings, third, LENA)

    assert refused.value.code == "busy"
    assert "Lena Byrne" in str(refused.value)


def test_the_serving_model_cannot_be_promoted(bench: Bench) -> None:
    (bench.settings.home / "lock").touch()
    with _running(bench.settings.home), pytest.raises(RolloutRefused) as refused:
        promote(bench.settings, bench.first, LENA)

    assert refused.value.code == "serving"


def test_a_switch_that_cannot_be_written_down_is_noted_as_soon_as_it_can(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> ModelRecord:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bench.registry, "promoted", full)
    bench.switch()
    bench.desk_follows()
    bench.look_until(lambda: "No space left" in getattr(bench.control.rollout(), "text", ""))
    monkeypatch.undo()
    bench.reach("done")

    current = bench.registry.current()
    assert current is not None and current.id == bench.second


def test_a_full_disk_at_the_switch_leaves_the_old_one_serving(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    bench.begin()
    monkeypatch.setattr(bench.control, "say_serving", full)
    bench.answer()
    bench.reach("failed")

    assert bench.served() == bench.first
    assert set(bench.supervisor.retired) == set(bench.supervisor.started)


@pytest.mark.parametrize(("state", "end"), [("warming", "failed"), ("draining", "done")])
def test_a_steward_that_was_killed_in_the_middle_says_at_its_next_start_what_became_of_it(
    bench: Bench, state: str, end: str
) -> None:
    bench.begin()
    if state == "draining":
        bench.answer()
        bench.reach("draining")
    current = bench.registry.current()
    assert current is not None

    settle(bench.control, current)

    told = bench.control.rollout()
    assert told is not None and told.state == end
    assert f"Model {current.id} serves." in told.text


def test_without_a_steward_a_promotion_is_what_the_next_one_serves(bench: Bench) -> None:
    rollout = promote(bench.settings, bench.second, Person("root"), "at night")

    assert rollout.state == "done"
    current = bench.registry.current()
    assert current is not None and current.id == bench.second
    back = rollback(bench.settings, Person("root"))
    assert (back.model, back.state) == (bench.first, "done")


def test_a_model_that_failed_the_gate_needs_who_may_and_a_reason(bench: Bench) -> None:

    record = bench.registry.get(bench.second)
    worse = Reason("worse", "It is worse.", "improve")
    unsafe = Reason("safety", "It misses a fire.", "administer")
    bad = ModelRecord(**{**record.__dict__, "gate": Gate(False, (worse, unsafe))})

    with pytest.raises(RolloutRefused, match=r"It misses a fire\..*administrator"):
        set_aside(bad, {"improve"}, "I know better")
    with pytest.raises(RolloutRefused, match="needs a reason"):
        set_aside(bad, {"improve", "administer"}, "  ")
    assert set_aside(bad, {"improve", "administer"}, "a false alarm") == ("worse", "safety")


def test_a_candidate_that_reads_along_is_told_of_once_it_answers(bench: Bench) -> None:
    bench.control.say_shadow(ShadowWish(bench.second, LENA, now()))
    bench.look_until(lambda: len(bench.supervisor.started) == 1)
    serving = bench.control.serving()
    assert serving is not None and serving.shadow is None
    bench.supervisor.started[0].answering = True
    bench.look_until(lambda: getattr(bench.control.serving(), "shadow", None) is not None)
    serving = bench.control.serving()
    assert serving is not None and serving.shadow is not None
    assert (serving.model, serving.shadow.model) == (bench.first, bench.second)

    bench.control.say_shadow(ShadowWish(None, LENA, now()))
    bench.look_until(lambda: getattr(bench.control.serving(), "shadow", None) is None)
    assert bench.supervisor.retired == bench.supervisor.started


def test_a_candidate_that_cannot_read_along_is_given_up_and_says_why(bench: Bench) -> None:
    bench.registry.archive(bench.second).write_text("other code")
    bench.control.say_shadow(ShadowWish(bench.second, LENA, now()))
    bench.look_until(lambda: getattr(bench.control.shadow(), "model", "") is None)

    wish = bench.control.shadow()
    assert wish is not None and "hash differs" in wish.text
    assert bench.supervisor.started == []


def test_a_shadow_that_is_promoted_reads_along_no_more(bench: Bench) -> None:
    bench.control.say_shadow(ShadowWish(bench.second, LENA, now()))
    bench.look_until(lambda: len(bench.supervisor.started) == 1)
    shadow = bench.supervisor.started[0]
    shadow.answering = True
    bench.ask()
    bench.look_until(lambda: len(bench.supervisor.started) == 3)
    bench.answer()
    bench.look_until(lambda: bench.served() == bench.second)
    bench.desk_follows()
    bench.reach("done")

    bench.look_until(lambda: shadow in bench.supervisor.retired)


def test_waiting_for_a_rollout_ends_with_it_or_with_the_steward_that_carried_it_out(bench: Bench) -> None:
    held = _running(bench.settings.home)
    with held:
        rollout = promote(bench.settings, bench.second, LENA)
        assert wait(bench.settings, rollout.request, seconds=0.3).state == "starting"
    assert wait(bench.settings, rollout.request).state == "starting"

    bench.control.say_rollout(replace(rollout, state="done"))
    assert wait(bench.settings, rollout.request).state == "done"
    with pytest.raises(RolloutRefused):
        wait(bench.settings, "another")


def test_no_model_that_is_used_just_now_is_dropped_to_make_room(bench: Bench) -> None:
    third = bench.model("third")
    bench.control.say_shadow(ShadowWish(third, LENA, now()))
    bench.ask()

    assert in_use(bench.settings.home) == {bench.first, bench.second, third}

    bench.control.say_shadow(ShadowWish(None, LENA, now()))
    rollout = bench.control.rollout()
    assert rollout is not None
    bench.control.say_rollout(replace(rollout, state="failed"))
    assert in_use(bench.settings.home) == {bench.first}
