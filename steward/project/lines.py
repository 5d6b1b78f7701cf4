"""A file's text, and edits that leave everything around them as it is: line ends, byte order mark, blanks."""

from __future__ import annotations

import re
from collections.abc import Sequence

# What YAML takes for the end of a line.
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_MARK = "\ufeff"


class Text:
    """The text of a file; `start` is where it begins behind a byte order mark."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.start = len(_MARK) if text.startswith(_MARK) else 0
        found = _BREAK.search(text)
        self.newline = found[0] if found and found[0] in ("\r\n", "\n") else "\n"
        self._starts = [self.start, *(match.end() for match in _BREAK.finditer(text))]

    @property
    def line_count(self) -> int:
        """How many lines there are; the end of the text counts as one when it follows a line's end."""
        return len(self._starts)

    def offset(self, line: int, column: int = 0) -> int:
        """Where a line begins, counted from 0; the end of the text for a line behind the last."""
        return self._starts[line] + column if line < len(self._starts) else len(self.text)

    def line(self, number: int) -> str:
        """A line, counted from 0, without its end."""
        return self.text[self.offset(number) : self.offset(number + 1)].rstrip("\r\n\x85\u2028\u2029")

    def replaced(self, start: int, end: int, text: str) -> str:
        """The text with another stretch."""
        return self.text[:start] + text + self.text[end:]

    def without(self, stretches: Sequence[tuple[int, int]]) -> str:
        """The text without these stretches, which do not overlap."""
        kept, at = [], 0
        for start, end in sorted(stretches):
            kept.append(self.text[at:start])
            at = end
        return "".join([*kept, self.text[at:]])

    def with_lines(self, at: int, lines: Sequence[str]) -> str:
        """The text with these lines at the beginning of a line, or behind the last one.

        A last line without an end gets one, and the new last line has none then.
        """
        added = "".join(line + self.newline for line in lines)
        if self.start < at == len(self.text) and self.text[at - 1] not in "\r\n":
            added = self.newline + added.removesuffix(self.newline)
        return self.text[:at] + added + self.text[at:]
