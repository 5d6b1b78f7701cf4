"""Every error that Steward raises on purpose; `str(error)` is a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class StewardError(Exception):
    """The root: catch it to show its sentence to a person."""


class ConfigurationError(StewardError):
    """A setting, tool, file or port that Steward needs is missing or odd."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a data file; `line` counts from 1 with the header, 0 means the whole file."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        """`file:line, column: message`, without the parts that do not apply."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}, {self.column}: {self.message}" if self.column else f"{place}: {self.message}"


class CatalogueError(StewardError):
    """The catalogue's files do not hold; `faults` lists everything found, not just the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"The catalogue has {count} fault{'s' if count != 1 else ''}:\n{lines}")


class ProjectError(StewardError):
    """An edit of the shop's files that cannot be made; the sentence says where and what was expected.

    `field` is the part of the wish that is at fault; `file` and `line` are where the files stand against it.
    """

    def __init__(
        self, message: str, *, field: str | None = None, file: str | None = None, line: int = 0
    ) -> None:
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(place + message)
        self.field = field
        self.file = file
        self.line = line


class ProjectChanged(ProjectError):
    """The shop's files are no longer what an edit was planned on; plan it again."""


class WeightsError(StewardError):
    """The sentence encoder's weights are missing or are not the published ones."""


class ConversationError(StewardError):
    """A command that a conversation refuses; becomes the API's error answer.

    `status` is the HTTP status, `code` the stable word for programs, `field` the input at fault.
    """

    def __init__(self, code: str, message: str, *, status: int = 409, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.field = field
