"""The bot's domain file: which topics there are, and what the bot says on each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from steward.errors import ProjectError
from steward.project.draft import Draft
from steward.project.operations import AnswerButton
from steward.project.yaml_text import (
    Node,
    YamlText,
    entries,
    entry_of,
    items,
    scalar,
    scalars,
    text_of,
    value_of,
)

DOMAIN = "domain.yml"
_OWN = "# ---- Topics made at the desk "
_WIDTH = 108
_PAYLOAD = re.compile(r"/(?P<topic>[a-z][a-z0-9_]*)(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True)
class Response:
    """The first wording of a response."""

    text: str
    buttons: tuple[AnswerButton, ...]
    line: int


def intents(draft: Draft) -> list[str]:
    """The names of the topics, in the order of the file."""
    return [name for name, _ in _intents(draft.yaml(DOMAIN))]


def add_intent(draft: Draft, name: str) -> None:
    """List a topic: in its place where the list is in the order of the alphabet, else at the end."""
    _add_to_list(draft, "intents", name)


def add_action(draft: Draft, name: str) -> None:
    """List an action that rules call."""
    _add_to_list(draft, "actions", name)


def remove_intent(draft: Draft, name: str) -> None:
    """List a topic no more."""
    file = draft.yaml(DOMAIN)
    gone = [(node.start_mark.line, file.last_line(node)) for one, node in _intents(file) if one == name]
    draft.write(DOMAIN, file.without_lines(gone))


def response(draft: Draft, name: str) -> Response | None:
    """What the bot says, or None when it has no such response."""
    file = draft.yaml(DOMAIN)
    entry = entry_of(file.section("responses"), name)
    variants = items(entry[1]) if entry else []
    if not entry or not variants:
        return None
    buttons = [
        AnswerButton(text_of(value_of(one, "title")) or "", text_of(value_of(one, "payload")) or "")
        for one in items(value_of(variants[0], "buttons"))
    ]
    text = (text_of(value_of(variants[0], "text")) or "").strip()
    return Response(text, tuple(buttons), entry[0].start_mark.line + 1)


def response_names(draft: Draft) -> set[str]:
    """The names of all responses."""
    return {text_of(key) or "" for key, _ in entries(draft.yaml(DOMAIN).section("responses"))}


def add_response(
    draft: Draft, name: str, text: str, buttons: Sequence[AnswerButton], beside: Sequence[str]
) -> None:
    """Put a response behind those `beside` which it belongs, or into a part of its own at the end."""
    file = draft.yaml(DOMAIN)
    section = _responses(file)
    known = entries(section)
    key, value = known[0]
    indent = " " * key.start_mark.column
    dash = " " * value.start_mark.column if value.start_mark.line > key.start_mark.line else indent + "  "
    lines = [f"{indent}{name}:", *_wording(dash, text, buttons)]
    neighbours = [one for one, _ in known if text_of(one) in beside]
    ends = {text_of(one): file.last_line(there) for one, there in known}
    heading = [n for n in range(file.lines.line_count) if file.lines.line(n).strip().startswith(_OWN)]
    if neighbours:
        at = max(ends[text_of(one)] for one in neighbours)
    elif heading:
        at = heading[0]
    else:
        at = max(ends.values())
        lines = ["", f"{indent}{_OWN}".ljust(_WIDTH, "-"), *lines]
    draft.write(DOMAIN, file.with_lines(at + 1, lines))


def remove_response(draft: Draft, name: str) -> None:
    """Let the bot have no such response."""
    file = draft.yaml(DOMAIN)
    entry = entry_of(_responses(file), name)
    if entry:
        stretch = (entry[0].start_mark.line, file.last_line(entry[1]))
        draft.write(DOMAIN, file.without_lines([stretch]))


def rename_response(draft: Draft, name: str, to: str) -> None:
    """Give a response another name."""
    file = draft.yaml(DOMAIN)
    entry = entry_of(_responses(file), name)
    if entry:
        draft.write(DOMAIN, file.with_scalars([(entry[0], to)]))


def set_response(draft: Draft, name: str, text: str, buttons: Sequence[AnswerButton]) -> None:
    """Change the first wording of a response, and its buttons; other wordings stay."""
    now = response(draft, name)
    if now is None:
        raise ProjectError(f"no response {name}; expected it under responses", file=DOMAIN)
    if now.text != text:
        file = draft.yaml(DOMAIN)
        node = value_of(_first_variant(file, name), "text")
        if node is None:
            raise ProjectError("no text; expected one", file=DOMAIN, line=now.line)
        draft.write(DOMAIN, file.with_scalar(node, text))
    if now.buttons != tuple(buttons):
        _set_buttons(draft, name, buttons)


def rename_in_payloads(draft: Draft, topic: str, to: str) -> None:
    """Let the buttons that led to one topic lead to another."""
    file = draft.yaml(DOMAIN)
    changes: list[tuple[Node, str]] = []
    for key, node in scalars(_responses(file)):
        found = _PAYLOAD.fullmatch(str(node.value)) if key == "payload" else None
        if found and found["topic"] == topic:
            changes.append((node, f"/{to}{found['rest']}"))
    draft.write(DOMAIN, file.with_scalars(changes))


def _set_buttons(draft: Draft, name: str, buttons: Sequence[AnswerButton]) -> None:
    file = draft.yaml(DOMAIN)
    variant = _first_variant(file, name)
    entry = entry_of(variant, "buttons")
    column = variant.value[0][0].start_mark.column
    lines = _buttons(" " * column, buttons)
    if entry is None:
        draft.write(DOMAIN, file.with_lines(file.last_line(variant) + 1, lines))
        return
    first = entry[0].start_mark.line
    if first == variant.start_mark.line:
        raise file.error(entry[0], "the buttons stand before the text; expected them behind it")
    edited = YamlText(DOMAIN, file.without_lines([(first, file.last_line(entry[1]))]))
    draft.write(DOMAIN, edited.with_lines(first, lines) if lines else edited.lines.text)


def _wording(dash: str, text: str, buttons: Sequence[AnswerButton]) -> list[str]:
    return [f"{dash}- text: {scalar(text)}", *_buttons(dash + "  ", buttons)]


def _buttons(indent: str, buttons: Sequence[AnswerButton]) -> list[str]:
    lines = [f"{indent}buttons:"] if buttons else []
    for button in buttons:
        lines += [f"{indent}- title: {scalar(button.title)}", f"{indent}  payload: {_payload(button)}"]
    return lines


def _payload(button: AnswerButton) -> str:
    """In single quotes where it has double ones, as people write it."""
    return scalar(button.payload, "'" if '"' in button.payload else '"')


def _first_variant(file: YamlText, name: str) -> Node:
    return items(value_of(_responses(file), name))[0]


def _add_to_list(draft: Draft, key: str, name: str) -> None:
    file = draft.yaml(DOMAIN)
    listed = _listed(file, key)
    names = [one for one, _ in listed]
    if name in names:
        return
    place = sum(one < name for one in names) if names == sorted(names) else len(names)
    first = listed[0][1]
    indent = file.lines.line(first.start_mark.line).partition("-")[0]
    line = file.last_line(listed[place - 1][1]) + 1 if place else first.start_mark.line
    draft.write(DOMAIN, file.with_lines(line, [f"{indent}- {name}"]))


def _intents(file: YamlText) -> list[tuple[str, Node]]:
    return _listed(file, "intents")


def _listed(file: YamlText, key: str) -> list[tuple[str, Node]]:
    """The names and items of a list; an item may be a mapping of the name to its settings."""
    section = file.section(key)
    listed = items(section)
    if section is None or not listed or section.flow_style:
        line = section.start_mark.line + 1 if section is not None else 1
        raise ProjectError(f"expected the {key} as a list, a line each", file=file.path, line=line)
    names = [text_of(item) or text_of(next(iter(entries(item)))[0]) or "" for item in listed]
    return list(zip(names, listed, strict=True))


def _responses(file: YamlText) -> Node:
    section = file.section("responses")
    if not entries(section):
        raise ProjectError("no responses; expected a section with them", file=file.path, line=1)
    return section
