"""The project's files with the edits made so far: nothing is written, everything can be read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from steward.errors import ProjectError
from steward.project.changeset import FileChange
from steward.project.yaml_text import YamlText

Parsed = dict[str, tuple[str, YamlText]]
"""The text and the parsed form of files, by path."""


class Draft:
    """Files by their path below the project's root, as bytes; a change replaces one, removes or adds it."""

    def __init__(self, files: Mapping[str, bytes], parsed: Parsed | None = None) -> None:
        """`parsed` carries what was parsed from one draft to the next."""
        self._before = files
        self._after: dict[str, bytes | None] = {}
        self._parsed: Parsed = {} if parsed is None else parsed

    def exists(self, path: str) -> bool:
        """Whether the file is there."""
        return self._content(path) is not None

    def paths(self, folder: str, suffixes: Sequence[str]) -> list[str]:
        """The files of these kinds below a folder, in the order of their paths."""
        known = {*self._before, *self._after}
        return sorted(
            path
            for path in known
            if path.startswith(f"{folder}/") and path.endswith(tuple(suffixes)) and self.exists(path)
        )

    def text(self, path: str) -> str:
        """A file's text; raises ProjectError when it is missing or not UTF-8."""
        content = self._content(path)
        if content is None:
            raise ProjectError("missing; expected this file", file=path)
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise ProjectError("not UTF-8; expected the file saved as UTF-8", file=path, line=line) from None

    def yaml(self, path: str) -> YamlText:
        """A file as parsed YAML."""
        text = self.text(path)
        known = self._parsed.get(path)
        if known is None or known[0] != text:
            known = self._parsed[path] = (text, YamlText(path, text))
        return known[1]

    def write(self, path: str, text: str) -> None:
        """Let a file hold this text."""
        self._after[path] = text.encode("utf-8")

    def put(self, path: str, content: bytes | None) -> None:
        """Let a file hold these bytes; None for no such file."""
        self._after[path] = content

    def remove(self, path: str) -> None:
        """Let there be no such file."""
        self._after[path] = None

    def rename(self, path: str, to: str) -> None:
        """Move a file; raises ProjectError when there is one already."""
        if self.exists(to):
            raise ProjectError("there already; expected no file of this name", file=to)
        self.write(to, self.text(path))
        self.remove(path)

    def attempt(self, edit: Callable[[], None]) -> None:
        """Make an edit as a whole: when it raises, none of it is left."""
        before = dict(self._after)
        try:
            edit()
        except ProjectError:
            self._after = before
            raise

    def contents(self, folder: str, suffix: str) -> dict[str, bytes]:
        """The files directly in a folder, by name, that were edited."""
        return {
            PurePosixPath(path).name: content
            for path, content in self._after.items()
            if content is not None
            and PurePosixPath(path).parent == PurePosixPath(folder)
            and path.endswith(suffix)
        }

    def changes(self) -> tuple[FileChange, ...]:
        """What is different now, in the order of the paths."""
        return tuple(self._changes())

    def _changes(self) -> Iterable[FileChange]:
        for path in sorted(self._after):
            before, after = self._before.get(path), self._after[path]
            if before != after:
                yield FileChange(path, before, after)

    def _content(self, path: str) -> bytes | None:
        return self._after[path] if path in self._after else self._before.get(path)
