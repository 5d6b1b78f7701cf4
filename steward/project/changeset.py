"""What a plan comes to: files before and after, the differences to read, and what to think about first."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from steward.project.operations import Operation, summary

_CONTEXT = 3
_NO_NEWLINE = "\n\\ No newline at end of file\n"


@dataclass(frozen=True)
class FileChange:
    """A file's bytes before and after; None where there is no such file."""

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def diff(self) -> str:
        """The difference as a unified diff, as `patch` and git read it."""
        old = f"a/{self.path}" if self.before is not None else "/dev/null"
        new = f"b/{self.path}" if self.after is not None else "/dev/null"
        return "".join(
            difflib.unified_diff(_lines(self.before), _lines(self.after), old, new, n=_CONTEXT)
        ).replace("\r", "")


@dataclass(frozen=True)
class Warning:
    """Something that is allowed, and perhaps not wanted; with its place where it has one."""

    text: str
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class ChangeSet:
    """Planned edits. They hold for the files as they were read, and are refused by any others."""

    operations: tuple[Operation, ...]
    files: tuple[FileChange, ...]
    warnings: tuple[Warning, ...]

    @property
    def message(self) -> str:
        """What the edits come to, as a commit says it when nobody has said it better."""
        told = [summary(operation) for operation in self.operations]
        if len(told) == 1:
            return _sentence(told[0])
        return "\n".join(["Improve what the bot knows", "", *(f"- {_sentence(one)}" for one in told)])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lines(content: bytes | None) -> list[str]:
    return list(_written_lines((content or b"").decode("utf-8", "replace")))


def _written_lines(text: str) -> Iterator[str]:
    lines = text.split("\n")
    for line in lines[:-1]:
        yield line + "\n"
    if lines[-1]:
        yield lines[-1] + _NO_NEWLINE
