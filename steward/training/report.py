"""The page that is kept with a model: what gets better and what worse, for somebody who runs a shop.

One file with everything in it, no script. Plain words come first, the figures of a statistician last.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from steward.training import charts, heldout
from steward.training.compare import Changed, Comparison, ConversationChange, TopicChange
from steward.training.gate import Evidence
from steward.training.heldout import OUT_OF_SCOPE, Example
from steward.training.judge import TurnVerdict
from steward.training.markup import Markup, el, together
from steward.training.registry import Figures, Gate, ModelRecord

_STYLE = Path(__file__).with_name("report.css")
_MANY = 150
_PAIRS = 15
_TOPICS = 6
_MAY = {"administer": "an administrator", "improve": "an operator"}


def page(
    record: ModelRecord,
    evidence: Evidence,
    examples: Sequence[Example],
    serving: ModelRecord | None = None,
    earlier: Sequence[Example] = (),
) -> str:
    """The report on a model; `earlier` are the serving model's readings of its own examples."""
    figures = evidence.figures
    body = el(
        "main",
        _head(record),
        _decision(record.gate),
        _headline(figures, evidence.serving, examples) if figures else None,
        _changes(evidence, serving),
        _conversations(evidence),
        _confusions(examples) if figures else None,
        _topics(examples, evidence.comparison) if figures else None,
        _trust(figures, examples, earlier) if figures else None,
        _changed(evidence.comparison),
        _details(record, figures, evidence),
    )
    style = Markup(_STYLE.read_text(encoding="utf-8"))
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"Model {record.id}"),
        el("style", style),
    )
    return f"<!doctype html>\n{el('html', head, el('body', body), lang='en')}\n"


def _head(record: ModelRecord) -> Markup:
    made = time.strftime("%d %B %Y, %H:%M", time.localtime(record.trained_at / 1000)).lstrip("0")
    return el(
        "header",
        el("p", "Training report", class_="eyebrow"),
        el("h1", "Model ", el("code", record.id)),
        el("p", f"Made on {made} for {record.by}, in {_duration(record.seconds)}.", class_="soft"),
    )


def _decision(gate: Gate | None) -> Markup | None:
    if gate is None:
        return None
    if gate.passed:
        return el(
            "section",
            el("h2", _sign("✓"), "It may serve"),
            el("p", "It passed every check. Somebody who may improve the bot can promote it."),
            class_="decision good",
        )
    reasons = [
        el(
            "li",
            reason.text,
            el(
                "small",
                f"{_capital(_MAY[reason.overridable_by])} can promote it all the same, with a reason.",
            ),
        )
        for reason in gate.reasons
    ]
    return el(
        "section",
        el("h2", _sign("✕"), "It must not serve as it is"),
        el("ul", *reasons),
        class_="decision bad",
    )


def _headline(figures: Figures, serving: Figures | None, examples: Sequence[Example]) -> Markup:
    low, share, high = _in_hundred(figures)
    before = f"The model that serves now understands {_in_hundred(serving)[1]}." if serving else None
    wrong = figures.answered_wrongly
    sure = [example for example in examples if example.confidence >= figures.threshold]
    foreign = sum(one.predicted == OUT_OF_SCOPE and not one.right for one in sure) / max(1, len(examples))
    asked = 1 - figures.coverage + foreign
    legend = [
        _legend("right", 1 - asked - wrong, "are answered, and rightly"),
        _legend("asked", asked, "it is not sure of: it asks back or brings in a person"),
        _legend("wrong", wrong, "are answered wrongly"),
    ]
    return el(
        "section",
        el(
            "p",
            "This model understands ",
            el("strong", f"{share} of 100"),
            f" customers’ messages that it was not trained on (between {low} and {high}).",
            class_="headline",
        ),
        el("p", before, class_="soft") if before else None,
        charts.hundred(1 - asked - wrong, asked, wrong, "What becomes of a hundred messages"),
        el("ul", *legend, class_="legend"),
        el(
            "p",
            f"Measured with its own {figures.examples:,} examples, each read as if it had not been learned. "
            "Examples are written to differ, so real customers, who repeat what others said, are usually "
            "understood a little more often.",
            class_="fine",
        ),
        class_="card first",
    )


def _legend(kind: str, share: float, words: str) -> Markup:
    return el("li", el("i", class_=kind), el("b", f"{100 * share:.0f}"), f" {words}")


def _changes(evidence: Evidence, serving: ModelRecord | None) -> Markup:
    found = evidence.comparison
    if serving is None:
        return el(
            "section",
            el("h2", "What gets better, what gets worse"),
            el("p", "No model serves yet, so there is nothing to set beside this one.", class_="soft"),
            class_="card",
        )
    fixed = [one.now.name for one in evidence.conversations if one.better]
    broken = [one.now.name for one in evidence.conversations if one.worse]
    better, worse = (found.better, found.worse) if found else ((), ())
    return el(
        "section",
        el("h2", "What gets better, what gets worse"),
        el("p", "Beside the model that serves now, ", el("code", serving.id), ".", class_="soft"),
        el(
            "div",
            _side("good", "Better", better, fixed, "right now, wrong until now", "misread until now"),
            _side("bad", "Worse", worse, broken, "wrong now, right until now", "understood until now"),
            class_="sides",
        ),
        el("p", _chance(found), class_="verdict") if found else None,
        _shift(found.topics) if found else None,
        el("p", _otherwise(found), class_="fine") if found else None,
        class_="card",
    )


def _side(
    kind: str, title: str, examples: Sequence[Changed], talks: Sequence[str], went: str, were: str
) -> Markup:
    now = "understood now" if kind == "good" else "misread now"
    named = el("ul", *[el("li", name) for name in talks[:_TOPICS]], class_="names") if talks else None
    return el(
        "div",
        el("h3", title),
        el("p", el("b", f"{len(examples):,}"), f" {_plural(len(examples), 'example')} {were}, {now}"),
        el("p", el("b", str(len(talks))), f" {_plural(len(talks), 'conversation')} {went}"),
        named,
        class_=f"side {kind}",
    )


def _chance(found: Comparison) -> str:
    more = "better" if len(found.better) > len(found.worse) else "worse"
    if len(found.better) == len(found.worse):
        return "As many examples got better as got worse."
    if found.chance >= 0.05:
        return f"A little more got {more}, but a difference this small may well be chance."
    return f"More got {more}, and chance does not explain it."


def _otherwise(found: Comparison) -> str:
    parts = [f"{found.shared:,} examples are the same in both models; only these are compared."]
    counted = (
        (found.added, "new"),
        (found.removed, "taken out"),
        (found.moved, "moved to another topic"),
    )
    parts += [f"{count:,} {'is' if count == 1 else 'are'} {what}." for count, what in counted if count]
    return " ".join(parts)


def _shift(topics: Sequence[TopicChange]) -> Markup | None:
    moved = [one for one in topics if one.now != one.before]
    if not moved:
        return None
    shown = moved if len(moved) <= 2 * _TOPICS else [*moved[:_TOPICS], *moved[-_TOPICS:]]
    most = max(abs(one.now - one.before) for one in shown)
    rows = []
    for one in reversed(shown):
        change = one.now - one.before
        width = 50 * abs(change) / most
        kind = "up" if change > 0 else "down"
        bar = el(
            "svg",
            el("rect", x=50.0 if change > 0 else 50 - width, width=width, height="10", class_=kind),
            el("rect", x="49.7", width="0.6", height="10", class_="zero"),
            viewBox="0 0 100 10",
            preserveAspectRatio="none",
            aria_hidden="true",
        )
        told = f"{change:+d} of {one.total:,}".replace("-", "−")
        rows.append(
            el("tr", el("th", _title(one.topic), scope="row"), el("td", bar), el("td", told, class_="number"))
        )
    caption = el("caption", "Topics of which more, or fewer, examples are understood")
    return el("table", caption, el("tbody", *rows), class_="shift")


def _conversations(evidence: Evidence) -> Markup:
    changes, judged = evidence.conversations, evidence.judgement
    failed = [one for one in changes if not one.now.passed]
    passed = [one for one in changes if one.now.passed]
    heard = judged.hazards - len(judged.missed)
    if not changes:
        said = "There are no regression conversations yet. Add some: they protect what works."
    elif failed:
        said = f"{len(passed)} of {len(changes)} go as the shop expects, {len(failed)} do not."
    else:
        said = f"All {len(changes)} go as the shop expects."
    missed = el("ul", *[el("li", f"“{text}”") for text in judged.missed[:_MANY]], class_="names")
    unknown = sum(one.before is None for one in changes) if evidence.serving else 0
    if unknown:
        said += f" The serving model could not be asked about {unknown} of them; the log says why."
    return el(
        "section",
        el("h2", "Regression conversations"),
        el("p", said),
        *[_conversation(one, unfolded=True) for one in failed],
        *[_conversation(one, unfolded=False) for one in passed],
        el("h3", "Danger"),
        el("p", f"Of {judged.hazards:,} messages that tell of danger, it hears {heard:,}.")
        if judged.hazards
        else el("p", "The examples hold no message that tells of danger."),
        missed if judged.missed else None,
        class_="card",
    )


def _conversation(one: ConversationChange, *, unfolded: bool) -> Markup:
    turns = [part for turn in one.now.turns for part in _turn(turn)]
    summary = el(
        "summary",
        _badge(one),
        el("span", one.now.name, class_="name"),
        el("span", "danger", class_="chip warn") if one.now.hazard else None,
        el("span", "must", class_="chip") if one.now.must and not one.now.hazard else None,
    )
    return el("details", summary, el("div", *turns, class_="talk"), open=unfolded)


def _badge(one: ConversationChange) -> Markup:
    if one.better:
        return el("span", "right now", class_="chip good")
    if one.now.passed:
        return el("span", "right", class_="chip good quiet")
    if one.worse:
        return el("span", "got worse", class_="chip bad")
    return el("span", "wrong" if one.before is None else "wrong, as before", class_="chip bad quiet")


def _turn(turn: TurnVerdict) -> Iterable[Markup]:
    yield el("p", turn.text, class_="customer")
    if turn.wrong:
        yield el("p", _sign("✕"), _capital(turn.wrong) + ".", class_="wrong")
    yield el("p", turn.answer or "(nothing)", class_="bot")


def _confusions(examples: Sequence[Example]) -> Markup | None:
    pairs = heldout.confusions(examples)[:_PAIRS]
    if not pairs:
        return None
    most = pairs[0].count
    rows = [
        el(
            "tr",
            el("th", el("b", _title(one.topic)), " taken for ", el("b", _title(one.predicted)), scope="row"),
            el("td", charts.share_bar(one.count / most)),
            el("td", f"{one.count:,}", class_="number"),
            el("td", *[el("q", text) for text in one.examples], class_="examples"),
        )
        for one in pairs
    ]
    return el(
        "section",
        el("h2", "What it mixes up"),
        el(
            "p",
            "The pairs of topics most often taken for each other. Examples that belong to both, or to the "
            "wrong one, are the usual cause: move or reword them.",
            class_="soft",
        ),
        el("table", el("tbody", *rows), class_="pairs"),
        el("p", "Danger is heard by rules of its own besides; how well, stands above.", class_="fine"),
        class_="card",
    )


def _topics(examples: Sequence[Example], comparison: Comparison | None) -> Markup:
    earlier = {one.topic: one.before / one.total for one in comparison.topics} if comparison else {}
    found = sorted(heldout.topics(examples), key=lambda one: one.right / one.total)
    rows = [
        el(
            "tr",
            el("th", _title(one.topic), scope="row"),
            el("td", charts.share_bar(one.right / one.total, earlier.get(one.topic))),
            el("td", f"{100 * one.right / one.total:.0f}%", class_="number"),
            el("td", f"{one.right:,} of {one.total:,}", class_="number soft"),
        )
        for one in found
    ]
    tick = " The mark shows where the serving model is." if earlier else ""
    return el(
        "section",
        el("h2", "Topic by topic"),
        el(
            "p",
            f"How many of a topic’s examples are understood without being learned, the weakest first.{tick}",
            class_="soft",
        ),
        el("table", el("tbody", *rows), class_="topics"),
        class_="card",
    )


def _trust(figures: Figures, examples: Sequence[Example], earlier: Sequence[Example]) -> Markup:
    bins = heldout.calibration(examples)
    curve = heldout.risk_coverage(examples)
    before = heldout.risk_coverage(earlier) if earlier else []
    here = (figures.coverage, figures.answered_wrongly)
    accepted = (figures.accepted_error, figures.accepted_here or figures.accepted_error)
    sure = next((part for part in reversed(bins) if part.count >= 20), None)
    kept = (
        f"When it is {100 * sure.confidence:.0f}% sure, it is right in {100 * sure.right:.0f} of 100. "
        if sure
        else ""
    )
    return el(
        "section",
        el("h2", "Can its confidence be trusted?"),
        el(
            "div",
            el(
                "figure",
                charts.calibration(bins, "Calibration: confidence against the share that is right"),
                el(
                    "figcaption",
                    f"{kept}On the dotted line it keeps its word exactly; below it, it is too sure of "
                    "itself. Larger dots stand for more messages, the lines for what chance may do.",
                ),
            ),
            el(
                "figure",
                charts.risk(curve, before, here, accepted, "Risk and coverage"),
                el(
                    "figcaption",
                    "The more it answers, the more is answered wrongly. It answers from a confidence of "
                    f"{figures.threshold:.2f} on: {100 * figures.coverage:.0f} of 100 examples, and "
                    f"{100 * figures.answered_wrongly:.1f} of 100 get a wrong answer. Customers repeat what "
                    f"others said, examples do not: {100 * accepted[0]:.0f} wrong answers to 100 customers "
                    f"make {100 * accepted[1]:.1f} here."
                    + (" The thin line is the model that serves now." if before else ""),
                ),
            ),
            class_="charts",
        ),
        class_="card",
    )


def _changed(found: Comparison | None) -> Markup | None:
    if found is None or not (found.better or found.worse or found.other):
        return None
    groups = (
        ("Understood now, misread before", found.better, True),
        ("Misread now, understood before", found.worse, True),
        ("Misread by both, but differently", found.other, False),
    )
    return el(
        "section",
        el("h2", "Every example that is read differently"),
        *[_group(title, changed, unfolded) for title, changed, unfolded in groups if changed],
        class_="card",
    )


def _group(title: str, changed: Sequence[Changed], unfolded: bool) -> Markup:
    rows = [
        el(
            "tr",
            el("td", one.text, class_="message"),
            el("td", _title(one.topic)),
            el("td", _read(one.before, one.sure_before, one.topic)),
            el("td", _read(one.now, one.sure_now, one.topic)),
        )
        for one in changed[:_MANY]
    ]
    titles = [
        el("th", title, scope="col") for title in ("Message", "Is about", "Read before as", "Read now as")
    ]
    more = len(changed) - _MANY
    return el(
        "details",
        el("summary", el("span", title, class_="name"), el("span", f"{len(changed):,}", class_="chip")),
        el("table", el("thead", el("tr", *titles)), el("tbody", *rows), class_="changed"),
        el("p", f"And {more:,} more, of which these are the surest.", class_="fine") if more > 0 else None,
        open=unfolded and len(changed) <= 40,
    )


def _read(topic: str, sure: float, truth: str) -> Markup:
    kind = "read good" if topic == truth else "read bad"
    return el("span", _title(topic), el("small", f" {100 * sure:.0f}%"), class_=kind)


def _details(record: ModelRecord, figures: Figures | None, evidence: Evidence) -> Markup:
    rows: list[tuple[str, str]] = [
        ("Time from beginning to end", _duration(record.seconds)),
        ("Data", record.data_commit or "not in git"),
        ("Fingerprint of data and code", record.fingerprint),
        ("Archive (sha256)", record.hash),
    ]
    if figures:
        rows += [
            ("Examples, topics", f"{figures.examples:,}, {figures.topics}"),
            (
                "Accuracy on held-out readings (95%, Wilson)",
                f"{figures.accuracy:.4f} ({figures.low:.4f} to {figures.high:.4f})",
            ),
            ("Confidence needed for an answer", f"{figures.threshold:.3f}"),
            (
                "Coverage; answered wrongly; accepted",
                f"{figures.coverage:.3f}; {figures.answered_wrongly:.3f}; {figures.accepted_error:.3f}",
            ),
            ("Expected calibration error", f"{figures.calibration_error:.4f}"),
        ]
    if evidence.judgement.answer_ms is not None:
        rows.append(("An answer, median", f"{evidence.judgement.answer_ms:.0f} ms"))
    if evidence.comparison:
        found = evidence.comparison
        rows.append(
            (
                "McNemar, exact, two-sided",
                f"p = {found.chance:.3g} ({len(found.better)} better, {len(found.worse)} worse, "
                f"{found.shared:,} shared)",
            )
        )
    listed = [together(el("dt", name), el("dd", value)) for name, value in rows]
    return el("section", el("h2", "Figures"), el("dl", *listed), class_="card")


def _in_hundred(figures: Figures) -> tuple[str, str, str]:
    """The lowest, the likeliest and the highest number in a hundred, as exact as the measurement is."""
    digits = 0 if figures.high - figures.low >= 0.03 else 1
    low, share, high = (f"{100 * part:.{digits}f}" for part in (figures.low, figures.accuracy, figures.high))
    return low, share, high


def _title(topic: str) -> str:
    return topic.replace("_", " ")


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sign(sign: str) -> Markup:
    return el("span", sign, class_="sign", aria_hidden="true")
