"""One fact of the shop: an own topic's answer for a product, or one of those on a built-in topic."""

from __future__ import annotations

from collections.abc import Mapping

from steward.catalogue import GUIDE_TOPICS, SHOP_TOPICS
from steward.catalogue.table import REPLY_LIMIT
from steward.errors import ProjectError
from steward.project.draft import Draft
from steward.project.operations import SetFact
from steward.project.tables import Record, Table
from steward.project.topics import CATALOGUE, FACT_COLUMNS, FACTS, own_rows, skus

_ASPECT_COLUMNS = ("aspect", "title", "keywords", "text")
_FILES = {
    "product": f"{CATALOGUE}/features.csv",
    **{topic: f"{CATALOGUE}/{topic}.csv" for topic in GUIDE_TOPICS},
    **{topic: f"{CATALOGUE}/shop.csv" for topic in SHOP_TOPICS},
}


def set_fact(draft: Draft, wish: SetFact, text: str) -> None:
    """Write the fact where it belongs; raises ProjectError naming the field that does not fit."""
    if len(text) > REPLY_LIMIT:
        raise ProjectError(f"{len(text)} characters; expected at most {REPLY_LIMIT}", field="text")
    if wish.topic in SHOP_TOPICS:
        if wish.sku:
            raise ProjectError(f"{wish.topic} is about the shop; expected no sku", field="sku")
    elif wish.sku not in skus(draft):
        raise ProjectError(f'unknown sku "{wish.sku}"; expected one that products.csv lists', field="sku")
    own = next((row for row in own_rows(draft) if row["topic"] == wish.topic), None)
    if own is not None:
        _set_own(draft, wish, text, own["product_needed"] == "yes")
    elif wish.topic in _FILES:
        _set_aspect(draft, wish, text)
    else:
        raise ProjectError(f"{wish.topic} has no facts of this kind; expected another topic", field="topic")


def _set_own(draft: Draft, wish: SetFact, text: str, product_needed: bool) -> None:
    if not product_needed:
        message = f"{wish.topic} does not need to know the product; expected a topic that does"
        raise ProjectError(message, field="topic")
    content = draft.text(FACTS) if draft.exists(FACTS) else ",".join(FACT_COLUMNS) + "\n"
    table = Table(FACTS, content, FACT_COLUMNS)
    of_topic = [row for row in table.rows if row["topic"] == wish.topic]
    there = next((row for row in of_topic if row["sku"] == wish.sku), None)
    values = {"topic": wish.topic, "sku": wish.sku, "answer": text}
    if not text:
        if there is None:
            raise ProjectError("empty; expected what is true of it", field="text")
        draft.write(FACTS, table.without([there]))
    elif there is not None:
        draft.write(FACTS, table.with_cell(there, "answer", text))
    else:
        draft.write(FACTS, table.with_row(values, of_topic[-1] if of_topic else None))


def _set_aspect(draft: Draft, wish: SetFact, text: str) -> None:
    if not wish.aspect:
        message = f"{wish.topic} has several facts; expected the one meant, or a new one with a title"
        raise ProjectError(message, field="aspect")
    if not text:
        raise ProjectError("empty; expected what is true of it", field="text")
    path = _FILES[wish.topic]
    key = {"topic": wish.topic} if wish.topic in SHOP_TOPICS else {"sku": wish.sku}
    header = ",".join((*key, *_ASPECT_COLUMNS)) + "\n"
    table = Table(path, draft.text(path) if draft.exists(path) else header, (*key, *_ASPECT_COLUMNS))
    group = [row for row in table.rows if all(row[column] == value for column, value in key.items())]
    there = next((row for row in group if row["aspect"] == wish.aspect), None)
    if there is None:
        draft.write(path, table.with_row({**key, **_new_aspect(wish, text)}, group[-1] if group else None))
        return
    content = table.with_cell(there, "text", text)
    for column, value in (("keywords", "|".join(_keywords(wish))), ("title", wish.title.strip())):
        if value:
            again = Table(path, content, (*key, *_ASPECT_COLUMNS))
            content = again.with_cell(_same(again, there), column, value)
    draft.write(path, content)


def _same(table: Table, row: Record) -> Record:
    return next(one for one in table.rows if one.line == row.line)


def _new_aspect(wish: SetFact, text: str) -> Mapping[str, str]:
    title, keywords = " ".join(wish.title.split()), _keywords(wish)
    if not title:
        raise ProjectError(f'"{wish.aspect}" is new; expected a title for it', field="title")
    if not keywords:
        message = f'"{wish.aspect}" is new; expected words by which a question for it is known'
        raise ProjectError(message, field="keywords")
    return {"aspect": wish.aspect, "title": title, "keywords": "|".join(keywords), "text": text}


def _keywords(wish: SetFact) -> list[str]:
    words = list(dict.fromkeys(" ".join(word.split()) for word in wish.keywords if word.strip()))
    if any("|" in word for word in words):
        raise ProjectError('a "|" in a keyword; expected one word or phrase each', field="keywords")
    return words
