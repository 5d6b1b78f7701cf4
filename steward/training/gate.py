"""Whether a model may be given to customers: a decision on figures alone, with a reason for each "no"."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from steward.training.compare import Comparison, ConversationChange
from steward.training.judge import Judgement
from steward.training.registry import Figures, Gate, Reason

# The permissions of those who may promote a model all the same, with a reason.
_ADMINISTRATOR = "administer"
_OPERATOR = "improve"
# Of what was answered before, less than this share; or sure of so few that the bot only asks back.
_COLLAPSED = 0.8
_ALMOST_NONE = 0.1
_SLOWER = 3.0
_NOTICED_MS = 100.0
_NAMED = 3


@dataclass(frozen=True)
class Evidence:
    """All that the decision rests on. What is about the serving model is None where there is none.

    `missed_before` are the messages of danger that it does not hear.
    """

    figures: Figures | None
    judgement: Judgement
    conversations: Sequence[ConversationChange]
    serving: Figures | None
    comparison: Comparison | None
    missed_before: Collection[str] = ()


def decide(evidence: Evidence) -> Gate:
    """The decision; every reason against is told, not only the first."""
    reasons = tuple(_reasons(evidence))
    return Gate(not reasons, reasons)


def _reasons(evidence: Evidence) -> Iterator[Reason]:
    yield from _dangers(evidence)
    yield from _conversations(evidence)
    yield from _accuracy(evidence)
    yield from _coverage(evidence)
    yield from _speed(evidence)


def _dangers(evidence: Evidence) -> Iterator[Reason]:
    unsafe = [verdict.name for verdict in evidence.judgement.failed if verdict.hazard]
    if unsafe:
        text = f"It misses danger in {_counted(len(unsafe), 'conversation')}: {_some(unsafe)}."
        yield Reason("hazard", text, _ADMINISTRATOR)
    # What the serving model does not hear either is told in the report, and is no reason to keep that one.
    missed = [text for text in evidence.judgement.missed if text not in evidence.missed_before]
    if missed:
        said = f"{len(missed)} of {_counted(evidence.judgement.hazards, 'message')}"
        text = f"It does not hear the danger in {said}: {_some([f'“{one}”' for one in missed])}."
        yield Reason("hazard", text, _ADMINISTRATOR)


def _conversations(evidence: Evidence) -> Iterator[Reason]:
    failed = [one for one in evidence.conversations if not one.now.passed and not one.now.hazard]
    broken = [one.now.name for one in failed if one.worse]
    if broken:
        text = (
            f"{_counted(len(broken), 'conversation')} that the serving model gets right "
            f"{_goes(len(broken))} wrong with it: {_some(broken)}."
        )
        yield Reason("regression", text, _OPERATOR)
    musts = [one.now.name for one in failed if one.now.must and not one.worse]
    if musts:
        many = _counted(len(musts), "conversation")
        text = f"{many} that must always go right {_goes(len(musts))} wrong: {_some(musts)}."
        yield Reason("must", text, _OPERATOR)


def _accuracy(evidence: Evidence) -> Iterator[Reason]:
    found = evidence.comparison
    if found is not None and found.significantly_worse:
        text = (
            f"It understands fewer messages: of {_counted(found.shared, 'example')}, {len(found.worse)} got "
            f"worse and {len(found.better)} better. Chance does not explain that (p = {found.chance:.2g})."
        )
        yield Reason("accuracy", text, _OPERATOR)


def _coverage(evidence: Evidence) -> Iterator[Reason]:
    now, before = evidence.figures, evidence.serving
    if now is None:
        yield Reason("coverage", "It has learned no topics: the data holds fewer than two.", _OPERATOR)
    elif now.coverage < _ALMOST_NONE or (before and now.coverage < _COLLAPSED * before.coverage):
        then = f", where the serving model answers {_percent(before.coverage)}" if before else ""
        text = (
            f"It is sure enough to answer only {_percent(now.coverage)} of messages{then}; "
            "to all others it asks back or brings in a person."
        )
        yield Reason("coverage", text, _OPERATOR)


def _speed(evidence: Evidence) -> Iterator[Reason]:
    now = evidence.judgement.answer_ms
    before = evidence.serving.answer_ms if evidence.serving else None
    if now is None or before is None:
        return
    if now > _SLOWER * before and now - before > _NOTICED_MS:
        text = f"An answer takes it {now:.0f} ms, where the serving model takes {before:.0f} ms."
        yield Reason("slow", text, _OPERATOR)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _goes(count: int) -> str:
    return "goes" if count == 1 else "go"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
