"""What is looked at before edits are written: that they hold, and what an operator may want to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rapidfuzz import fuzz, process

from steward.catalogue import load_catalogue
from steward.errors import CatalogueError, ProjectError
from steward.privacy import mask
from steward.project import domain, examples, plan
from steward.project import operations as wishes
from steward.project.changeset import Warning
from steward.project.draft import Draft
from steward.project.operations import Operation
from steward.project.topics import CATALOGUE, facts_of, own_rows, skus
from steward.project.wording import example, placeholders

ENOUGH = 20
"""Examples from which on a topic is understood well enough to begin with."""

_ALIKE = 92
_NAMED = 5


def expect_whole(draft: Draft, root: Path) -> None:
    """Raise ProjectError, naming file and line, if the edited files do not hold together."""
    for change in draft.changes():
        if change.after is not None and change.path.endswith(examples.YAML):
            draft.yaml(change.path)
    plan.conversations(draft)
    changed = draft.contents(CATALOGUE, ".csv")
    if changed:
        try:
            load_catalogue(root / CATALOGUE, changed)
        except CatalogueError as error:
            fault = error.faults[0]
            message = f"{fault.column}: {fault.message}" if fault.column else fault.message
            raise ProjectError(message, file=f"{CATALOGUE}/{fault.file}", line=fault.line) from None


def warnings(draft: Draft, operations: Sequence[Operation]) -> tuple[Warning, ...]:
    """What is allowed and perhaps not wanted in the files as edited."""
    known = examples.examples_of(draft)
    new = list(_new_examples(operations, known))
    found = [
        *_alike(draft, known, new),
        *_personal(draft, new),
        *_few(draft, known, operations),
        *_without_facts(draft, operations),
        *_without_answer(draft, operations),
    ]
    return tuple(dict.fromkeys(found))


def _new_examples(operations: Sequence[Operation], known: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Topic and text of the examples that the operations put somewhere."""
    for operation in operations:
        match operation:
            case (
                wishes.AddExamples(topic=topic, texts=texts) | wishes.MoveExamples(target=topic, texts=texts)
            ):
                given = texts
            case wishes.CreateTopic(name=topic, examples=texts) | wishes.SplitTopic(into=topic, texts=texts):
                given = texts
            case _:
                continue
        here = set(known.get(topic, ()))
        yield from ((topic, text) for text in map(example, given) if text in here)


def _alike(draft: Draft, known: dict[str, list[str]], new: Sequence[tuple[str, str]]) -> Iterator[Warning]:
    """New examples that say nearly what an example of another topic says."""
    labelled = [(topic, text) for topic, texts in known.items() for text in texts]
    folded = [_sorted(text) for _, text in labelled]
    for topic, text in new:
        near = process.extract(
            _sorted(text), folded, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=_NAMED * 4
        )
        others = [labelled[at] for _, _, at in near if labelled[at][0] != topic]
        if others:
            message = f'"{text}" for {topic} is nearly "{others[0][1]}", an example of {others[0][0]}'
            yield _at(draft, topic, text, message)


def _sorted(text: str) -> str:
    """The words in the order of the alphabet: who says the same in another order says the same."""
    return " ".join(sorted(text.casefold().split()))


def _personal(draft: Draft, new: Sequence[tuple[str, str]]) -> Iterator[Warning]:
    for topic, text in new:
        if mask(text) != text:
            message = f'"{text}" seems to hold somebody\'s address, number or card; better without'
            yield _at(draft, topic, text, message)


def _few(draft: Draft, known: dict[str, list[str]], operations: Sequence[Operation]) -> Iterator[Warning]:
    for topic in _touched(operations):
        count = len(known.get(topic, ()))
        if 0 < count < ENOUGH:
            message = f"{topic} has {count} examples; from {ENOUGH} on it is understood better"
            yield Warning(message, next((b.path for b in examples.blocks(draft) if b.topic == topic), None))


def _without_facts(draft: Draft, operations: Sequence[Operation]) -> Iterator[Warning]:
    """Own topics whose answer asks for a fact that some products do not have."""
    touched = _touched(operations)
    for row in own_rows(draft):
        name = row["topic"]
        said = domain.response(draft, f"utter_{name}")
        if name not in touched or not said or "answer" not in placeholders(said.text):
            continue
        facts = facts_of(draft).get(name, {})
        missing = [sku for sku in skus(draft) if sku not in facts]
        if missing:
            named = ", ".join(missing[:_NAMED]) + (" and others" if len(missing) > _NAMED else "")
            message = f"{name} has no answer for {named}; the bot offers a person there"
            yield Warning(message, domain.DOMAIN, said.line)


def _without_answer(draft: Draft, operations: Sequence[Operation]) -> Iterator[Warning]:
    """Answers of the bot's own topics that do not tell the shop's facts any more."""
    own = {row["topic"] for row in own_rows(draft)}
    for operation in operations:
        if isinstance(operation, wishes.SetAnswer) and operation.topic not in own:
            said = domain.response(draft, f"utter_{operation.topic}")
            facts = f"{CATALOGUE}/{operation.topic}.csv"
            told = said is not None and "answer" in placeholders(said.text)
            if said is not None and not told and draft.exists(facts):
                message = f"{{answer}} is gone from the answer to {operation.topic}: its facts are not told"
                yield Warning(message, domain.DOMAIN, said.line)


def _touched(operations: Sequence[Operation]) -> list[str]:
    """The topics whose examples or answers are other than before."""
    found: list[str] = []
    for operation in operations:
        match operation:
            case (
                wishes.AddExamples(topic=topic)
                | wishes.RemoveExamples(topic=topic)
                | wishes.SetAnswer(topic=topic)
                | wishes.SetFact(topic=topic)
                | wishes.CreateTopic(name=topic)
                | wishes.MergeTopics(into=topic)
            ):
                found.append(topic)
            case wishes.MoveExamples(source=one, target=other) | wishes.SplitTopic(name=one, into=other):
                found += [one, other]
    return list(dict.fromkeys(found))


def _at(draft: Draft, topic: str, text: str, message: str) -> Warning:
    place = examples.line_of(draft, topic, text)
    return Warning(message, *place) if place else Warning(message)
