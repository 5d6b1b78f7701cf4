"""Models in a registry, without the price of a training."""

from __future__ import annotations

from pathlib import Path

from steward.training.registry import ARCHIVE, REPORT, Figures, Gate, ModelRecord, Reason, Registry

FIGURES = Figures(0.9, 0.88, 0.92, 1000, 12, 0.6, 0.85, 0.03, 0.05, 0.01, 12.5)
REASON = Reason("regression", "1 conversation goes wrong.", "improve")


def made(home: Path, content: str, at: int, gate: Gate | None, made_of: str = "other files") -> ModelRecord:
    """Take in a model whose archive is this content."""
    folder = home / "trainings" / "made"
    folder.mkdir(parents=True)
    (folder / ARCHIVE).write_text(content)
    (folder / REPORT).write_text("<p>fine</p>")
    record = ModelRecord("", "", made_of, "abc123", at, "Robin", 21.0, FIGURES, gate)
    return Registry(home).add(folder, record)
