"""What an operator can wish of the shop's files, one wish a value; as JSON each carries its `kind`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Union

import msgspec

from steward.errors import ProjectError

TEXT_LENGTH = 600
EXAMPLE_LENGTH = 1000
_MISSING = re.compile(r"missing required field `(\w+)`")
_FIELD = re.compile(r"(\w+)")

Name = Annotated[
    str,
    msgspec.Meta(
        pattern="^[a-z][a-z0-9_]*$",
        max_length=40,
        description="A topic's name: small letters, digits and underscores.",
    ),
]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Example = Annotated[str, msgspec.Meta(min_length=1, max_length=EXAMPLE_LENGTH)]
Examples = Annotated[list[Example], msgspec.Meta(min_length=1, max_length=2000)]
Answer = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LENGTH)]
Sku = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Line = Annotated[str, msgspec.Meta(max_length=200)]


class AnswerButton(msgspec.Struct, frozen=True):
    """A button below an answer; its payload is a topic like `/delivery` or `/price{"product":"RL-300"}`."""

    title: Title
    payload: Annotated[str, msgspec.Meta(pattern="^/", max_length=200)]


Buttons = Annotated[list[AnswerButton], msgspec.Meta(max_length=8)]
Answers = dict[Sku, Answer]


class _Wish(msgspec.Struct, frozen=True, tag_field="kind"):
    """A wish; its tag is its kind."""

    @property
    def kind(self) -> str:
        """The word for the kind of wish."""
        return str(self.__struct_config__.tag)


class AddExamples(_Wish, frozen=True, tag="add_examples"):
    """Messages that mean a topic."""

    topic: Name
    texts: Examples


class RemoveExamples(_Wish, frozen=True, tag="remove_examples"):
    """Messages that are no longer examples of a topic."""

    topic: Name
    texts: Examples


class MoveExamples(_Wish, frozen=True, tag="move_examples"):
    """Messages that mean another topic than they are examples of."""

    source: Name
    target: Name
    texts: Examples


class CreateTopic(_Wish, frozen=True, tag="create_topic"):
    """A topic of the shop's own.

    Where it needs to know the product, `{product}` and `{answer}` in the answer stand for the product's name
    and for the text that `answers` has for it.
    """

    name: Name
    title: Title
    examples: Examples
    answer: Answer
    product_needed: bool = False
    answers: Answers = {}
    buttons: Buttons = []


class RenameTopic(_Wish, frozen=True, tag="rename_topic"):
    """Another name for a topic of the shop's own, and another title for any topic."""

    name: Name
    to: Name
    title: Title


class MergeTopics(_Wish, frozen=True, tag="merge_topics"):
    """Topics of the shop's own whose messages another topic is to answer from now on."""

    names: Annotated[list[Name], msgspec.Meta(min_length=1, max_length=50)]
    into: Name


class SplitTopic(_Wish, frozen=True, tag="split_topic"):
    """A new topic of the shop's own that takes some messages of another."""

    name: Name
    into: Name
    title: Title
    texts: Examples
    answer: Answer
    product_needed: bool = False
    answers: Answers = {}


class SetAnswer(_Wish, frozen=True, tag="set_answer"):
    """Other words for what the bot says on a topic."""

    topic: Name
    text: Answer
    buttons: Buttons = []


class SetFact(_Wish, frozen=True, tag="set_fact"):
    """What is true of one product on a topic; an empty text takes the fact away where another is left.

    A topic that the bot came with has several facts: `aspect` names the one meant, for `price` and
    `availability` the column. A new aspect needs a title and the keywords by which a question is known to
    ask for it. A topic about the shop has no sku.
    """

    topic: Name
    sku: Annotated[str, msgspec.Meta(max_length=40)]
    text: Annotated[str, msgspec.Meta(max_length=TEXT_LENGTH)]
    aspect: Annotated[str, msgspec.Meta(pattern="^([a-z][a-z0-9_]*)?$", max_length=40)] = ""
    title: Annotated[str, msgspec.Meta(max_length=80)] = ""
    keywords: Annotated[list[Line], msgspec.Meta(max_length=60)] = []


class ExpectedTurn(msgspec.Struct, frozen=True):
    """A customer's message and what is expected of the bot; what is left out, or null, is left open."""

    text: Example
    topic: Line | None = None
    skus: Annotated[list[Sku], msgspec.Meta(max_length=20)] = []
    act: Line | None = None


class AddConversation(_Wish, frozen=True, tag="add_conversation"):
    """A conversation that every new model is tried on."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    turns: Annotated[list[ExpectedTurn], msgspec.Meta(min_length=1, max_length=100)]
    source: Line = ""


class RemoveConversation(_Wish, frozen=True, tag="remove_conversation"):
    """A conversation that no model is tried on any more."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


Operation = Union[  # noqa: UP007 - msgspec reads this form on Python 3.10
    AddExamples,
    RemoveExamples,
    MoveExamples,
    CreateTopic,
    RenameTopic,
    MergeTopics,
    SplitTopic,
    SetAnswer,
    SetFact,
    AddConversation,
    RemoveConversation,
]
"""Any wish."""


def to_json(operation: Operation) -> dict[str, Any]:
    """A wish as JSON."""
    found: dict[str, Any] = msgspec.to_builtins(operation)
    return found


def from_json(value: object) -> Operation:
    """A wish from JSON; raises ProjectError naming the field that does not fit."""
    try:
        return msgspec.convert(value, Operation)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        field = _MISSING.search(message) or _FIELD.search(place)
        raise ProjectError(message, field=field[1] if field else None) from None


def summary(operation: Operation) -> str:
    """A wish in a few words, as the first line of a commit has it."""
    match operation:
        case AddExamples(topic=topic, texts=texts):
            return f"{_count(texts)} more for {topic}"
        case RemoveExamples(topic=topic, texts=texts):
            return f"{_count(texts)} less for {topic}"
        case MoveExamples(source=source, target=target, texts=texts):
            return f"{_count(texts)} moved from {source} to {target}"
        case CreateTopic(name=name, examples=examples):
            return f"new topic {name} with {_count(examples)}"
        case RenameTopic(name=name, to=to, title=title):
            return f"{name} is called {to} now" if name != to else f'{name} has the title "{title}"'
        case MergeTopics(names=names, into=into):
            return f"{' and '.join(names)} merged into {into}"
        case SplitTopic(name=name, into=into, texts=texts):
            return f"new topic {into} with {_count(texts)} of {name}"
        case SetAnswer(topic=topic):
            return f"another answer to {topic}"
        case SetFact(topic=topic, sku=sku, text=text, aspect=aspect):
            meant = f"{topic}{f' ({aspect})' if aspect else ''}{f' for {sku}' if sku else ''}"
            return f"{'fact' if text else 'no fact any more'} on {meant}"
        case AddConversation(name=name):
            return f'conversation "{name}" to try models on'
    return f'conversation "{operation.name}" is tried no more'


def _count(texts: list[str]) -> str:
    return f"{len(texts)} example{'s' if len(texts) != 1 else ''}"
