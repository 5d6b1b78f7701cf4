"""The report's drawings, as SVG without scripts: their colours come from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence

from steward.training.heldout import Bin
from steward.training.markup import Markup, el, together

_WIDTH, _HEIGHT = 420, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 20, 16, 44


def hundred(right: float, asked: float, wrong: float, label: str) -> Markup:
    """A hundred dots, one for each of a hundred messages, by what becomes of them."""
    few = [max(1, round(100 * share)) if share > 0 else 0 for share in (asked, wrong)]
    kinds = ["right"] * (100 - sum(few)) + ["asked"] * few[0] + ["wrong"] * few[1]
    dots = [
        el("circle", cx=11 + 22 * (place % 20), cy=11 + 22 * (place // 20), r=8, class_=f"dot {kind}")
        for place, kind in enumerate(kinds)
    ]
    return el("svg", *dots, viewBox="0 0 440 110", role="img", aria_label=label, class_="hundred")


def calibration(bins: Sequence[Bin], label: str) -> Markup:
    """What confidence promised beside what became of it; on the dotted line it kept its word."""
    plane = _Plane(1.0, 1.0)
    most = max((part.count for part in bins), default=1)
    points = [plane.at(part.confidence, part.right) for part in bins]
    line = el("path", d=_path(points), class_="curve")
    marks = []
    for part, (x, y) in zip(bins, points, strict=True):
        _, high = plane.at(0, part.highest)
        _, low = plane.at(0, part.lowest)
        marks.append(el("line", x1=x, x2=x, y1=high, y2=low, class_="whisker"))
        radius = 3 + 5 * (part.count / most) ** 0.5
        told = f"{part.count:,} messages: promised {_percent(part.confidence)}, right {_percent(part.right)}"
        marks.append(el("circle", el("title", told), cx=x, cy=y, r=radius, class_="point"))
    (x1, y1), (x2, y2) = plane.at(0, 0), plane.at(1, 1)
    promise = el("line", x1=x1, y1=y1, x2=x2, y2=y2, class_="promise")
    axes = plane.axes("how sure it says it is", "how often it is right", (0, 0.25, 0.5, 0.75, 1))
    return _chart(label, axes, promise, line, *marks)


def risk(
    curve: Sequence[tuple[float, float]],
    before: Sequence[tuple[float, float]],
    here: tuple[float, float],
    accepted: tuple[float, float],
    label: str,
) -> Markup:
    """How many messages get a wrong answer the more are answered; `here` is where the model stands.

    `accepted` is the share of customers' messages that may be, and what share of these examples that makes.
    """
    highest = max([accepted[1], *(share for _, share in [*curve, *before])]) * 1.15
    plane = _Plane(1.0, highest)
    (left, bar), (right, _) = plane.at(0, accepted[1]), plane.at(1, accepted[1])
    x, y = plane.at(*here)
    _, ground = plane.at(0, 0)
    steps = tuple(share for share in (0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75) if share <= highest)
    return _chart(
        label,
        plane.axes("messages that are answered", "of all, answered wrongly", steps),
        el("line", x1=left, x2=right, y1=bar, y2=bar, class_="bar"),
        el(
            "text",
            f"accepted: {_percent(accepted[0])} of customers’ messages",
            x=left + 6,
            y=bar - 6,
            class_="note",
        ),
        el("path", d=_path([plane.at(*point) for point in before]), class_="curve earlier")
        if before
        else None,
        el("path", d=_path([plane.at(*point) for point in curve]), class_="curve"),
        el("line", x1=x, x2=x, y1=y, y2=ground, class_="whisker"),
        el("circle", cx=x, cy=y, r=6, class_="point here"),
        el(
            "text",
            f"{_percent(here[0])} answered",
            x=x - 10,
            y=y - 12,
            class_="note strong",
            text_anchor="end",
        ),
    )


def share_bar(share: float, before: float | None = None) -> Markup:
    """A share as a bar; a tick shows where it was."""
    parts = [el("rect", width="100", height="8", class_="track")]
    if share > 0:
        parts.append(el("rect", width=100 * share, height="8", class_="fill"))
    if before is not None:
        parts.append(el("rect", x=min(99.4, 100 * before), width="0.6", height="8", class_="tick"))
    svg = {"viewBox": "0 0 100 8", "preserveAspectRatio": "none", "class_": "share", "aria_hidden": "true"}
    return el("svg", *parts, **svg)


class _Plane:
    """Where values lie in a drawing with axes."""

    def __init__(self, most_x: float, most_y: float) -> None:
        self._most_x, self._most_y = most_x, most_y

    def at(self, x: float, y: float) -> tuple[float, float]:
        across = _LEFT + (_WIDTH - _LEFT - _RIGHT) * x / self._most_x
        down = _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * y / self._most_y
        return across, down

    def axes(self, below: str, beside: str, steps: Sequence[float]) -> Markup:
        parts = []
        for share in (0, 0.25, 0.5, 0.75, 1):
            x, ground = self.at(share, 0)
            parts.append(
                el("text", _percent(share), x=x, y=ground + 18, class_="tickmark", text_anchor="middle")
            )
        for share in steps:
            left, y = self.at(0, share)
            right, _ = self.at(self._most_x, share)
            parts.append(el("line", x1=left, x2=right, y1=y, y2=y, class_="grid"))
            parts.append(
                el("text", _percent(share), x=left - 8, y=y + 4, class_="tickmark", text_anchor="end")
            )
        middle = (_LEFT + _WIDTH - _RIGHT) / 2
        name = {"class_": "axis", "text_anchor": "middle"}
        parts.append(el("text", below, x=middle, y=_HEIGHT - 6, **name))
        parts.append(el("text", beside, x=_LEFT, y=_TOP - 4, class_="axis", text_anchor="start"))
        return together(*parts)


def _chart(label: str, *parts: Markup | None) -> Markup:
    return el("svg", *parts, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", aria_label=label, class_="chart")


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points) if points else ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
