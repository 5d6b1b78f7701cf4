"""A YAML file as text: parts are found by parsing it, and changed where they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from steward.errors import ProjectError
from steward.project.lines import Text

Node = Any
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LITERAL = ("|", ">")
# What JSON leaves as it is and YAML does not read as it was written.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_PLAIN = re.compile(r"[A-Za-z0-9][\w ./-]*(?<! )")
_NOT_TEXT = re.compile(
    r"(?:y|n|yes|no|on|off|true|false|null|~|[\d._]+|0x[\da-f]+|\d+e\d+|\d{4}-\d\d?-\d\d?.*)", re.I
)


class YamlText:
    """A parsed YAML file; each change gives the text that the file then has.

    Raises ProjectError, naming file and line, where it cannot be read.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = Text(text)
        try:
            self.root: Node = yaml.compose(text[self.lines.start :], Loader=_Loader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "it cannot be read"
            line = min(mark.line + 1, self.lines.line_count) if mark else 1
            raise ProjectError(f"not valid YAML: {problem}", file=path, line=line) from None

    def section(self, key: str) -> Node | None:
        """The value of a key at the top level."""
        return value_of(self.root, key)

    def error(self, node: Node, message: str) -> ProjectError:
        """What is odd about a part, with its place."""
        return ProjectError(message, file=self.path, line=node.start_mark.line + 1)

    def span(self, node: Node) -> tuple[int, int]:
        """Where a scalar or a flow collection stands."""
        start, end = node.start_mark, node.end_mark
        return self.lines.offset(start.line, start.column), self.lines.offset(end.line, end.column)

    def last_line(self, node: Node) -> int:
        """The last line, counted from 0, that a part really fills: no blanks and comments behind it."""
        if isinstance(node, yaml.ScalarNode):
            if node.style not in _LITERAL:
                return int(node.end_mark.line)
            line = node.end_mark.line - (node.end_mark.column == 0)
            while line > node.start_mark.line and not self.lines.line(line).strip():
                line -= 1
            return int(line)
        inside = list(_inside(node))
        if node.flow_style or not inside:
            return int(node.end_mark.line if node.flow_style else node.start_mark.line)
        return max(self.last_line(one) for one in inside)

    def with_scalar(self, node: Node, text: str) -> str:
        """The text with another value in the place of a scalar, written as that one was."""
        start, end = self.span(node)
        if node.style not in _LITERAL:
            return self.lines.replaced(start, end, scalar(text, node.style))
        first, last = node.start_mark.line, self.last_line(node)
        end = self.lines.offset(last) + len(self.lines.line(last))
        inner = next((line for line in map(self.lines.line, range(first + 1, last + 1)) if line.strip()), "")
        indent = len(inner) - len(inner.lstrip(" ")) if inner else node.start_mark.column
        return self.lines.replaced(start, end, _literal(text, indent, self.lines.newline))

    def with_scalars(self, changes: Sequence[tuple[Node, str]]) -> str:
        """The text with other values in the places of several scalars on one line each."""
        result = self.lines.text
        for node, text in sorted(changes, key=lambda change: self.span(change[0]), reverse=True):
            start, end = self.span(node)
            result = result[:start] + scalar(text, node.style) + result[end:]
        return result

    def with_lines(self, line: int, lines: Sequence[str]) -> str:
        """The text with these lines before a line, counted from 0."""
        return self.lines.with_lines(self.lines.offset(line), lines)

    def without_lines(self, stretches: Sequence[tuple[int, int]]) -> str:
        """The text without these lines, the last of each included."""
        return self.lines.without(
            [(self.lines.offset(first), self.lines.offset(last + 1)) for first, last in stretches]
        )


def entries(node: Node | None) -> list[tuple[Node, Node]]:
    """A mapping's keys and values; none for anything else."""
    return list(node.value) if isinstance(node, yaml.MappingNode) else []


def items(node: Node | None) -> list[Node]:
    """A sequence's items; none for anything else."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def entry_of(node: Node | None, key: str) -> tuple[Node, Node] | None:
    """A mapping's entry of this name."""
    return next((entry for entry in entries(node) if entry[0].value == key), None)


def value_of(node: Node | None, key: str) -> Node | None:
    """The value of a mapping's key."""
    entry = entry_of(node, key)
    return entry[1] if entry else None


def text_of(node: Node | None) -> str | None:
    """A scalar's text."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def scalars(node: Node | None, key: str = "") -> Iterator[tuple[str, Node]]:
    """Every scalar below a part with the key that it is the value of, or an item of the value of."""
    if isinstance(node, yaml.ScalarNode):
        yield key, node
    for item in items(node):
        yield from scalars(item, key)
    for name, value in entries(node):
        yield from scalars(value, text_of(name) or "")


def scalar(text: str, style: str | None = '"') -> str:
    """A text on one line of YAML, in the style asked for where that can hold it, else in double quotes."""
    if not style and _PLAIN.fullmatch(text) and not _NOT_TEXT.fullmatch(text):
        return text
    if style == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    written = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _literal(text: str, indent: int, newline: str) -> str:
    rows = [" " * indent + line if line else "" for line in text.split("\n")]
    # A first line that begins with a blank would be taken for the indentation.
    hint = str(indent) if text.startswith((" ", "\n")) else ""
    return newline.join([f"|{hint}-", *rows])


def _inside(node: Node) -> Iterator[Node]:
    yield from items(node)
    for key, value in entries(node):
        yield from (key, value)
