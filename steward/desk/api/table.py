"""The table of all calls in `docs/api.md`: `python -m steward.desk.api.table` writes it anew."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import steward.desk.app  # noqa: F401  (declares every operation)
from steward.desk.api.openapi import tag
from steward.desk.api.operations import OPERATIONS, Operation, Who

BEGIN = "<!-- All calls: written by `python -m steward.desk.api.table` -->"
END = "<!-- The end of all calls -->"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"

_TAKES = {Who.ANYONE: "anybody", Who.CUSTOMER: "its customer", Who.AGENT: "agents"}


def table(operations: Iterable[Operation]) -> str:
    """All calls in groups, with who may call them."""
    groups: dict[str, list[Operation]] = {}
    for one in operations:
        groups.setdefault(tag(one.path), []).append(one)
    parts = []
    for name in sorted(groups):
        rows = "\n".join(_row(one) for one in sorted(groups[name], key=lambda one: (one.path, one.method)))
        parts.append(f"### {name}\n\n| call | does | open to |\n| --- | --- | --- |\n{rows}")
    return "\n\n".join(parts)


def written(text: str, operations: Iterable[Operation]) -> str:
    """The page with the table of today."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table(operations)}\n\n{END}{after}"


def _row(one: Operation) -> str:
    who = _TAKES[one.who]
    if one.who is Who.AGENT:
        roles = f" who may `{one.permission.value}`" if one.permission else ""
        who += roles + (f"; keys with `{one.scope}`" if one.scope else "")
    return f"| `{one.method} {one.path}` | {one.summary} | {who} |"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), OPERATIONS), encoding="utf-8")
