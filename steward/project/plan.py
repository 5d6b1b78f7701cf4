"""Carrying out wishes on a draft: each checks what it needs, then edits every file that it concerns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from steward.errors import ProjectError
from steward.project import domain, examples, rules
from steward.project import operations as wishes
from steward.project.conversations import (
    ACTS,
    ADDED,
    COLUMNS,
    FOLDER,
    Conversation,
    Turn,
    read_conversations,
    rows_of,
)
from steward.project.draft import Draft
from steward.project.facts import set_fact
from steward.project.operations import AnswerButton, Operation
from steward.project.tables import Table
from steward.project.topics import (
    FACT_COLUMNS,
    FACTS,
    TOPIC_COLUMNS,
    TOPICS,
    UNSURE,
    fact_rows,
    facts_of,
    is_own,
    own_rows,
    skus,
)
from steward.project.wording import example, filled, one_line, placeholders, plain

# A topic called so would have the name of another part's response.
_FAMILIES = tuple("ask_ button_ desk_ handoff_ other_language_ safety_ shop_ title_ widget_".split())
_NOT_TOPICS = frozenset((UNSURE, "clarify", "own_topic"))
_PAYLOAD = re.compile(r"/([a-z][a-z0-9_]*)(\{.*\})?", re.DOTALL)
_VALUES = frozenset(("product", "answer"))


def carry_out(draft: Draft, operation: Operation) -> None:
    """Edit the files as wished; raises ProjectError naming the field or the place that stands against it."""
    match operation:
        case wishes.AddExamples():
            _add_examples(draft, operation)
        case wishes.RemoveExamples(topic=topic, texts=texts):
            _expect_topic(draft, topic, "topic")
            examples.remove(draft, topic, texts)
        case wishes.MoveExamples():
            _move_examples(draft, operation)
        case wishes.CreateTopic():
            _create_topic(draft, operation)
        case wishes.RenameTopic():
            _rename_topic(draft, operation)
        case wishes.MergeTopics():
            _merge_topics(draft, operation)
        case wishes.SplitTopic():
            _split_topic(draft, operation)
        case wishes.SetAnswer():
            _set_answer(draft, operation)
        case wishes.SetFact():
            _expect_topic(draft, operation.topic, "topic")
            set_fact(draft, operation, plain(operation.text, "text"))
        case wishes.AddConversation():
            _add_conversation(draft, operation)
        case wishes.RemoveConversation(name=name):
            _remove_conversation(draft, name)


def _examples(texts: Iterable[str], field: str = "texts") -> list[str]:
    return [example(text, field) for text in texts]


def _add_examples(draft: Draft, wish: wishes.AddExamples) -> None:
    _expect_topic(draft, wish.topic, "topic")
    texts = _examples(wish.texts)
    _expect_free(draft, wish.topic, texts, "texts")
    examples.add(draft, wish.topic, texts)


def _expect_free(draft: Draft, topic: str, texts: Sequence[str], field: str) -> None:
    """No message is an example of two topics."""
    wanted = {text.casefold(): text for text in texts}
    for block in examples.blocks(draft):
        for there in block.examples:
            text = wanted.get(there.text.casefold())
            if text is not None and block.topic != topic:
                message = f'"{text}" is an example of {block.topic}; expected it to be moved, or another one'
                raise ProjectError(message, field=field)


def _move_examples(draft: Draft, wish: wishes.MoveExamples) -> None:
    _expect_topic(draft, wish.source, "source")
    _expect_topic(draft, wish.target, "target")
    if wish.source == wish.target:
        raise ProjectError("the topic that they are in already; expected another", field="target")
    texts = _examples(wish.texts)
    examples.remove(draft, wish.source, texts)
    examples.add(draft, wish.target, texts)


def _create_topic(draft: Draft, wish: wishes.CreateTopic) -> None:
    _expect_new(draft, wish.name, "name")
    texts = _examples(wish.examples, "examples")
    _expect_free(draft, wish.name, texts, "examples")
    _make_topic(draft, wish, texts)


def _make_topic(draft: Draft, wish: wishes.CreateTopic, texts: Sequence[str]) -> None:
    """Write down a new topic of the shop's own, in every file that knows of topics."""
    answer = filled(plain(wish.answer, "answer"), _VALUES if wish.product_needed else frozenset(), "answer")
    answers = _facts(draft, wish.answers, wish.product_needed)
    title = one_line(wish.title, "title")
    beside = [f"utter_{row['topic']}" for row in own_rows(draft)]
    domain.add_intent(draft, wish.name)
    domain.add_response(draft, f"utter_{wish.name}", answer, _buttons(draft, wish.buttons), beside)
    domain.add_action(draft, rules.ACTION)
    rules.add_rule(draft, wish.name)
    rules.add_spoken(draft, f"utter_{wish.name}")
    needed = "yes" if wish.product_needed else "no"
    _add_rows(draft, TOPICS, TOPIC_COLUMNS, [{"topic": wish.name, "title": title, "product_needed": needed}])
    facts = [{"topic": wish.name, "sku": sku, "answer": text} for sku, text in answers.items()]
    _add_rows(draft, FACTS, FACT_COLUMNS, facts)
    examples.add(draft, wish.name, texts)


def _rename_topic(draft: Draft, wish: wishes.RenameTopic) -> None:
    _expect_topic(draft, wish.name, "name")
    title = one_line(wish.title, "title")
    if not is_own(draft, wish.name):
        if wish.to != wish.name:
            message = f"{wish.name} came with the bot; expected its own name, only its title can change"
            raise ProjectError(message, field="to")
        if domain.response(draft, f"utter_title_{wish.name}") is None:
            raise ProjectError(f"{wish.name} is on no button; expected a topic with a title", field="name")
        domain.set_response(draft, f"utter_title_{wish.name}", title, ())
        return
    row = next(row for row in own_rows(draft) if row["topic"] == wish.name)
    table = Table(TOPICS, draft.text(TOPICS), TOPIC_COLUMNS)
    if row["title"] != title:
        draft.write(TOPICS, table.with_cell(row, "title", title))
    if wish.to != wish.name:
        _expect_new(draft, wish.to, "to")
        _move_name(draft, wish.name, wish.to)


def _move_name(draft: Draft, name: str, to: str) -> None:
    """An own topic's name, wherever it stands."""
    _rename_cells(draft, TOPICS, TOPIC_COLUMNS, name, to)
    _rename_cells(draft, FACTS, FACT_COLUMNS, name, to)
    _rename_in_conversations(draft, name, to)
    examples.rename_topic(draft, name, to)
    rules.rename_topic(draft, name, to)
    domain.remove_intent(draft, name)
    domain.add_intent(draft, to)
    domain.rename_response(draft, f"utter_{name}", f"utter_{to}")
    domain.rename_in_payloads(draft, name, to)


def _merge_topics(draft: Draft, wish: wishes.MergeTopics) -> None:
    _expect_topic(draft, wish.into, "into")
    if wish.into in wish.names:
        raise ProjectError("it would be merged into itself; expected another topic", field="names")
    for name in dict.fromkeys(wish.names):
        _expect_own(draft, name, "names")
        texts = examples.examples_of(draft).get(name, [])
        examples.remove_topic(draft, name)
        examples.add(draft, wish.into, texts)
        _hand_over_facts(draft, name, wish.into)
        rules.remove_rules(draft, name)
        rules.remove_spoken(draft, f"utter_{name}")
        domain.remove_intent(draft, name)
        domain.remove_response(draft, f"utter_{name}")
        domain.rename_in_payloads(draft, name, wish.into)
        _rename_in_conversations(draft, name, wish.into)
        table = Table(TOPICS, draft.text(TOPICS), TOPIC_COLUMNS)
        draft.write(TOPICS, table.without([row for row in table.rows if row["topic"] == name]))


def _hand_over_facts(draft: Draft, name: str, into: str) -> None:
    """The facts of a topic that goes become those of the other where that has none and can have them."""
    takes = any(row["topic"] == into and row["product_needed"] == "yes" for row in own_rows(draft))
    known = facts_of(draft).get(into, {})
    for row in reversed([row for row in fact_rows(draft) if row["topic"] == name]):
        table = Table(FACTS, draft.text(FACTS), FACT_COLUMNS)
        if takes and row["sku"] not in known:
            draft.write(FACTS, table.with_cell(row, "topic", into))
        else:
            draft.write(FACTS, table.without([row]))


def _split_topic(draft: Draft, wish: wishes.SplitTopic) -> None:
    _expect_topic(draft, wish.name, "name")
    _expect_new(draft, wish.into, "into")
    texts = _examples(wish.texts)
    examples.remove(draft, wish.name, texts)
    new = wishes.CreateTopic(
        wish.into, wish.title, wish.texts, wish.answer, wish.product_needed, wish.answers
    )
    _make_topic(draft, new, texts)


def _set_answer(draft: Draft, wish: wishes.SetAnswer) -> None:
    _expect_topic(draft, wish.topic, "topic")
    name = f"utter_{wish.topic}"
    now = domain.response(draft, name)
    if now is None:
        message = f"the bot's answer to {wish.topic} is no single text; expected a topic that has one"
        raise ProjectError(message, field="topic")
    own = next((row for row in own_rows(draft) if row["topic"] == wish.topic), None)
    if own is not None:
        known = _VALUES if own["product_needed"] == "yes" else frozenset()
    else:
        known = placeholders(now.text)
    text = filled(plain(wish.text, "text"), known, "text")
    domain.set_response(draft, name, text, _buttons(draft, wish.buttons))


def _add_conversation(draft: Draft, wish: wishes.AddConversation) -> None:
    turns = tuple(_turn(draft, number, turn) for number, turn in enumerate(wish.turns))
    name, source = one_line(wish.name, "name"), one_line(wish.source, "source", may_be_empty=True)
    if name in [one.name for one in conversations(draft)]:
        raise ProjectError(f'there is a conversation "{name}"; expected another name', field="name")
    _add_rows(draft, ADDED, COLUMNS, rows_of(Conversation(name, turns, source)))


def _turn(draft: Draft, number: int, turn: wishes.ExpectedTurn) -> Turn:
    field = f"turns[{number}]"
    if turn.topic:
        _expect_topic(draft, turn.topic, f"{field}.topic")
    if turn.act and turn.act not in ACTS:
        message = f'unknown act "{turn.act}"; expected one of {", ".join(ACTS)}'
        raise ProjectError(message, field=f"{field}.act")
    _expect_skus(draft, turn.skus, f"{field}.skus")
    return Turn(one_line(turn.text, f"{field}.text"), turn.topic or None, tuple(turn.skus), turn.act or None)


def _remove_conversation(draft: Draft, name: str) -> None:
    for path in draft.paths(FOLDER, (".csv",)):
        table = Table(path, draft.text(path), COLUMNS)
        rows = [row for row in table.rows if row["conversation"] == name]
        if rows:
            draft.write(path, table.without(rows))
            return
    raise ProjectError(f'there is no conversation "{name}"; expected one that is', field="name")


def conversations(draft: Draft) -> tuple[Conversation, ...]:
    """The regression conversations."""
    return read_conversations({path: draft.text(path) for path in draft.paths(FOLDER, (".csv",))})


def _buttons(draft: Draft, buttons: Sequence[AnswerButton]) -> list[AnswerButton]:
    known = domain.intents(draft)
    found = []
    for number, button in enumerate(buttons):
        field = f"buttons[{number}]"
        match = _PAYLOAD.fullmatch(button.payload)
        if match is None or match[1] not in known or match[1] == UNSURE:
            message = f'"{button.payload}" leads nowhere; expected a topic like /human'
            raise ProjectError(message, field=f"{field}.payload")
        found.append(
            AnswerButton(
                one_line(button.title, f"{field}.title"), one_line(button.payload, f"{field}.payload")
            )
        )
    return found


def _facts(draft: Draft, answers: Mapping[str, str], product_needed: bool) -> dict[str, str]:
    if answers and not product_needed:
        message = "answers for products, but the topic is not about one; expected product_needed, or none"
        raise ProjectError(message, field="answers")
    _expect_skus(draft, answers, "answers")
    facts = {sku: plain(text, f"answers.{sku}") for sku, text in answers.items()}
    empty = next((sku for sku, text in facts.items() if not text), None)
    if empty is not None:
        raise ProjectError("empty; expected what is true of it", field=f"answers.{empty}")
    return facts


def _expect_skus(draft: Draft, wanted: Iterable[str], field: str) -> None:
    known = skus(draft)
    odd = next((sku for sku in wanted if sku not in known), None)
    if odd is not None:
        raise ProjectError(f'unknown sku "{odd}"; expected one that products.csv lists', field=field)


def _expect_topic(draft: Draft, name: str, field: str) -> None:
    if name == UNSURE or name not in domain.intents(draft):
        raise ProjectError(f'there is no topic "{name}"; expected one that the bot knows', field=field)


def _expect_own(draft: Draft, name: str, field: str) -> None:
    _expect_topic(draft, name, field)
    if not is_own(draft, name):
        raise ProjectError(f"{name} came with the bot; expected a topic of the shop's own", field=field)


def _expect_new(draft: Draft, name: str, field: str) -> None:
    taken = name in domain.intents(draft) or name in _NOT_TOPICS
    if taken or f"utter_{name}" in domain.response_names(draft) or name.startswith(_FAMILIES):
        raise ProjectError(f'"{name}" is taken; expected another name', field=field)


def _add_rows(draft: Draft, path: str, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    """Rows at the end of a file, which is made if need be."""
    if rows:
        text = draft.text(path) if draft.exists(path) else ",".join(columns) + "\n"
        draft.write(path, Table(path, text, columns).with_rows(rows))


def _rename_cells(draft: Draft, path: str, columns: Sequence[str], name: str, to: str) -> None:
    """A topic's name in a file's column of topics."""
    if not draft.exists(path):
        return
    text = draft.text(path)
    for row in reversed(Table(path, text, columns).rows):
        if row["topic"] == name:
            text = Table(path, text, columns).with_cell(row, "topic", to)
    draft.write(path, text)


def _rename_in_conversations(draft: Draft, name: str, to: str) -> None:
    for path in draft.paths(FOLDER, (".csv",)):
        _rename_cells(draft, path, COLUMNS, name, to)
