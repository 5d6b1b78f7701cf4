"""HTML as nested calls: whatever is not markup already is text, and escaped."""

from __future__ import annotations

from html import escape

_VOID = frozenset({"meta", "br", "line", "circle", "rect", "path"})


class Markup(str):
    """Text that is HTML (or SVG) already."""


Child = str | int | None


def el(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Markup:
    """An element; `class_` is `class`, underscores are hyphens, and None leaves a child or attribute out.

    An attribute that is True stands without a value.
    """
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{given}/>" if not children else f"<{name}{given}>{_inside(children)}</{name}>")
    return Markup(f"<{name}{given}>{_inside(children)}</{name}>")


def together(*children: Child) -> Markup:
    """Pieces one after the other."""
    return Markup(_inside(children))


def _inside(children: tuple[Child, ...]) -> str:
    return "".join(
        child if isinstance(child, Markup) else escape(str(child)) for child in children if child is not None
    )


def _attribute(key: str, value: str | float | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    written = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return f' {name}="{escape(written)}"'
