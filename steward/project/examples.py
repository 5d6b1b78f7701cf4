"""The training examples among the project's files: where each stands, and how to put one there or away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from steward.errors import ProjectError
from steward.project.draft import Draft
from steward.project.yaml_text import Node, YamlText, entry_of, items, text_of, value_of

FOLDER = "data"
NLU = "data/nlu"
YAML = (".yml", ".yaml")
_DASH = "-"


@dataclass(frozen=True)
class Example:
    """An example and its line in the file, counted from 0; -1 where it is not written a line each."""

    text: str
    line: int


@dataclass(frozen=True)
class Block:
    """The examples of a topic in one place: an entry of a file's `nlu` section."""

    path: str
    topic: str
    examples: tuple[Example, ...]
    first_line: int
    last_line: int
    indent: int
    editable: bool


def blocks(draft: Draft) -> list[Block]:
    """Every block of examples, file by file."""
    return [block for path in draft.paths(FOLDER, YAML) for block in _blocks_of(draft.yaml(path))]


def examples_of(draft: Draft) -> dict[str, list[str]]:
    """The examples by topic, in the order of the files."""
    found: dict[str, list[str]] = {}
    for block in blocks(draft):
        found.setdefault(block.topic, []).extend(example.text for example in block.examples)
    return found


def add(draft: Draft, topic: str, texts: Sequence[str]) -> None:
    """Put examples behind the others of the topic; those that are there already stay as they are."""
    there = [block for block in blocks(draft) if block.topic == topic]
    known = {_key(example.text) for block in there for example in block.examples}
    new = [text for text in dict.fromkeys(texts) if _key(text) not in known]
    if not new:
        return
    if not there:
        path = f"{NLU}/{topic}.yml"
        if draft.exists(path):
            raise ProjectError(f'no examples of "{topic}"; expected them here', file=path)
        draft.write(path, _new_file(topic, new))
        return
    own = [block for block in there if PurePosixPath(block.path).stem == topic]
    block = (own or there)[0]
    _expect_lines(block)
    after = block.examples[-1].line if block.examples else block.last_line
    lines = [f"{' ' * block.indent}- {text}" for text in new]
    draft.write(block.path, draft.yaml(block.path).with_lines(after + 1, lines))


def remove(draft: Draft, topic: str, texts: Sequence[str]) -> None:
    """Take examples away; raises ProjectError when one is not there or none would be left."""
    wanted = {_key(text): text for text in texts}
    missing = dict(wanted)
    left = 0
    for block in [block for block in blocks(draft) if block.topic == topic]:
        gone = [example for example in block.examples if _key(example.text) in wanted]
        left += len(block.examples) - len(gone)
        for example in gone:
            missing.pop(_key(example.text), None)
        if gone:
            _expect_lines(block)
            stretches = [(example.line, example.line) for example in gone]
            draft.write(block.path, draft.yaml(block.path).without_lines(stretches))
    if missing:
        text = next(iter(missing.values()))
        raise ProjectError(f'"{text}" is no example of {topic}; expected one that is', field="texts")
    if not left:
        message = f"{topic} would have no example left; expected one at least, or the topics merged"
        raise ProjectError(message, field="texts")


def remove_topic(draft: Draft, topic: str) -> None:
    """Take all examples of a topic away, and with them the files that hold no others."""
    for path in dict.fromkeys(block.path for block in blocks(draft) if block.topic == topic):
        file = draft.yaml(path)
        entries = items(file.section("nlu"))
        gone = [entry for entry in entries if text_of(value_of(entry, "intent")) == topic]
        if len(gone) == len(entries):
            draft.remove(path)
        else:
            draft.write(path, file.without_lines([_stretch(file, entry) for entry in gone]))


def rename_topic(draft: Draft, topic: str, to: str) -> None:
    """Give the examples of a topic another name, and their file if it is called like the topic."""
    for path in dict.fromkeys(block.path for block in blocks(draft) if block.topic == topic):
        file = draft.yaml(path)
        names = [value_of(entry, "intent") for entry in items(file.section("nlu"))]
        draft.write(path, file.with_scalars([(name, to) for name in names if text_of(name) == topic]))
        place = PurePosixPath(path)
        if place.stem == topic:
            draft.rename(path, str(place.with_name(to + place.suffix)))


def line_of(draft: Draft, topic: str, text: str) -> tuple[str, int] | None:
    """The file and the line, counted from 1, of an example."""
    for block in blocks(draft):
        for example in block.examples:
            if block.topic == topic and _key(example.text) == _key(text):
                return block.path, example.line + 1
    return None


@lru_cache(maxsize=1000)
def _blocks_of(file: YamlText) -> tuple[Block, ...]:
    """The blocks of a file; a parsed file never changes."""
    return tuple(_blocks(file))


def _blocks(file: YamlText) -> Iterator[Block]:
    for entry in items(file.section("nlu")):
        topic, examples = text_of(value_of(entry, "intent")), value_of(entry, "examples")
        if topic and examples is not None:
            yield _block(file, topic, entry, examples)


def _block(file: YamlText, topic: str, entry: Node, examples: Node) -> Block:
    first, last = examples.start_mark.line, file.last_line(examples)
    text = text_of(examples)
    if text is None or examples.style != "|":
        texts = [line for line in (text or "").splitlines() if line.strip()]
        texts = texts or [text_of(value_of(item, "text")) or "" for item in items(examples)]
        found = tuple(Example(line.strip().removeprefix(_DASH).strip(), -1) for line in texts)
        return Block(file.path, topic, found, first, last, 0, editable=False)
    lines = [(number, file.lines.line(number)) for number in range(first + 1, last + 1)]
    written = [(number, line) for number, line in lines if line.strip().startswith(_DASH)]
    found = tuple(Example(line.strip()[1:].strip(), number) for number, line in written)
    key = entry_of(entry, "examples")
    column = key[0].start_mark.column if key else 2
    indent = len(written[0][1]) - len(written[0][1].lstrip(" ")) if written else column + 2
    return Block(file.path, topic, found, first, last, indent, editable=True)


def _expect_lines(block: Block) -> None:
    if not block.editable:
        message = "written in another way; expected `examples: |` and a line with a dash for each"
        raise ProjectError(message, file=block.path, line=block.first_line + 1)


def _stretch(file: YamlText, entry: Node) -> tuple[int, int]:
    return entry.start_mark.line, file.last_line(entry)


def _new_file(topic: str, texts: Sequence[str]) -> str:
    lines = ['version: "3.1"', "", "nlu:", f"- intent: {topic}", "  examples: |"]
    return "\n".join([*lines, *(f"    - {text}" for text in texts), ""])


def _key(text: str) -> str:
    """What makes two examples the same: nobody writes capitals or blanks to tell them apart."""
    return " ".join(text.split()).casefold()
