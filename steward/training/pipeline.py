"""From the shop's files to a judged model: every stage of a training, in order.

Nothing that customers see changes here. The new model is taken into the registry at the very end, in one
step; before that a run may fail, be cancelled or be killed, and everything is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from steward import checks
from steward.settings import Settings
from steward.training import compare, gate, heldout, judge, models, report
from steward.training.bot import CandidateError, candidate
from steward.training.compare import ConversationChange
from steward.training.heldout import Example
from steward.training.judge import Judgement
from steward.training.matter import Matter
from steward.training.registry import (
    ARCHIVE,
    HELD_OUT,
    JUDGED,
    REPORT,
    ModelRecord,
    Registry,
    UnknownModel,
    name,
)
from steward.training.runs import Run, Training, Trainings
from steward.training.serving import in_use

# After so many seconds a bot has usually started; only the progress shown depends on it.
_USUAL_START = 20.0


@dataclass(frozen=True)
class Serving:
    """The model that a candidate has to stand up to, as far as it is known."""

    record: ModelRecord
    examples: Sequence[Example]
    judgement: Judgement | None


def retrain(
    settings: Settings,
    by: Mapping[str, str],
    *,
    stopping: Callable[[], bool],
    told: Callable[[Training], None],
    training_id: str | None = None,
) -> ModelRecord:
    """A whole training as a run of its own, told and written down: the record of the new model.

    Raises Busy when one is under way, Cancelled, or the StewardError that says why there is no new model.
    """
    trainings = Trainings(settings.home)
    with trainings.begin(by, stopping=stopping, told=told, training_id=training_id) as run:
        record = train(settings, run)
        run.end("done", verdict(record), record.id)
    return record


def train(settings: Settings, run: Run) -> ModelRecord:
    """Do a whole run; the record of the new model, which its gate may have refused.

    Raises Cancelled, or the StewardError that says why there is no new model.
    """
    registry = Registry(settings.home)
    run.stage("validate", "looking at the files and the catalogue")
    checks.check_disk(settings)
    checks.check_files(settings)
    Matter.of(settings.root)
    made = models.made(settings, run)
    folder, project, record = made.folder, made.project, made.record
    run.stage("evaluate", "counting what it understands without having learned it")
    examples = heldout.read(folder / HELD_OUT) if record.figures else []
    judgement, serving = _judged(project, run, registry, folder / ARCHIVE)
    judge.save(folder / JUDGED, judgement)
    run.stage("compare", "setting it beside the model that serves")
    evidence = _evidence(record, examples, judgement, serving)
    run.stage("report", "writing down what gets better and what gets worse")
    record = replace(
        name(record, folder / ARCHIVE),
        figures=evidence.figures,
        gate=gate.decide(evidence),
        seconds=run.training.seconds,
    )
    before = (serving.record, serving.examples) if serving else (None, ())
    page = report.page(record, evidence, examples, *before)
    (folder / REPORT).write_text(page, encoding="utf-8")
    run.stage("gate", "deciding whether it may serve")
    added = registry.add(folder, record)
    registry.prune(keep=(added.id, *in_use(settings.home)))
    return added


def verdict(record: ModelRecord) -> str:
    """What came of a training, in a sentence or a few."""
    if record.gate is None or record.gate.passed:
        return f"Model {record.id} is ready: it passed every check."
    told = " ".join(reason.text for reason in record.gate.reasons)
    return f"Model {record.id} is kept, but must not serve. {told}"


def evaluate(
    settings: Settings,
    model_id: str,
    folder: Path,
    *,
    stopping: Callable[[], bool],
    told: Callable[[str], None],
) -> list[ConversationChange]:
    """Judge a model of the registry by the conversations as they are now; the judgement is kept with it.

    `folder` is for what is written meanwhile. Raises UnknownModel, CandidateError, and Cancelled.
    """
    registry, matter = Registry(settings.home), Matter.of(settings.root)
    archive = registry.verify(model_id)
    with candidate(
        settings.root,
        archive,
        folder,
        models.rasa_environment(),
        stopping=stopping,
        waited=lambda seconds: told(f"starting the model ({seconds:.0f} s)"),
    ) as asker:
        judgement = judge.judge(
            asker,
            matter.conversations,
            matter.hazards,
            lambda done, total: told(f"{done} of {total} conversations"),
        )
    judge.save(registry.place(model_id, JUDGED), judgement)
    current = registry.current()
    serving = _known(registry, current) if current and current.id != model_id else None
    return compare.conversations(judgement, serving.judgement if serving else None)


def _judged(
    project: Settings, run: Run, registry: Registry, archive: Path
) -> tuple[Judgement, Serving | None]:
    """The judgement on the new model, and the serving model with its own judgement on the same matter."""
    matter = Matter.of(project.root)
    run.stage("serve", "starting the new model where no customer meets it")
    judgement = _talked(project, run, archive, matter, "the new model")
    current = registry.current()
    if current is None:
        return judgement, None
    serving = _known(registry, current)
    missing = judge.unknown_to(serving.judgement, matter.conversations)
    dangers = () if serving.judgement and serving.judgement.hazards else matter.hazards
    if missing or dangers:
        try:
            archive = registry.verify(current.id)
            found = _talked(project, run, archive, Matter(missing, dangers), "the serving model")
        except (UnknownModel, CandidateError) as error:
            # After an upgrade the old model may load no more; that must not keep a new one from being made.
            run.note(f"The serving model could not be asked: {error}")
            return judgement, serving
        known = judge.merged(found, serving.judgement)
        serving = replace(serving, judgement=known)
        judge.save(registry.place(current.id, JUDGED), known)
    return judgement, serving


def _talked(project: Settings, run: Run, archive: Path, matter: Matter, who: str) -> Judgement:
    """Start a model and talk to it."""
    serving = run.training.stage == "serve"

    def waited(seconds: float) -> None:
        share = seconds / _USUAL_START if serving else 1.0
        run.tell(share, f"starting {who} ({seconds:.0f} s)")

    def told(done: int, total: int) -> None:
        run.tell(done / max(1, total), f"talking to {who}: {done} of {total}")

    logs = run.folder / who.replace(" ", "-")
    environment = models.rasa_environment()
    with candidate(project.root, archive, logs, environment, stopping=run.stopping, waited=waited) as asker:
        if serving:
            run.stage("judge", "talking to it as customers would")
        return judge.judge(asker, matter.conversations, matter.hazards, told)


def _evidence(
    record: ModelRecord, examples: Sequence[Example], judgement: Judgement, serving: Serving | None
) -> gate.Evidence:
    figures = replace(record.figures, answer_ms=judgement.answer_ms) if record.figures else None
    beside = compare.compare(examples, serving.examples) if serving and serving.examples else None
    changes = compare.conversations(judgement, serving.judgement if serving else None)
    before = serving.record.figures if serving else None
    if serving and before and before.answer_ms is None and serving.judgement:
        before = replace(before, answer_ms=serving.judgement.answer_ms)
    missed = serving.judgement.missed if serving and serving.judgement else ()
    return gate.Evidence(figures, judgement, changes, before, beside, missed)


def _known(registry: Registry, record: ModelRecord) -> Serving:
    examples, judged = registry.kept(record.id, HELD_OUT), registry.kept(record.id, JUDGED)
    return Serving(record, heldout.read(examples) if examples else (), judge.load(judged) if judged else None)
