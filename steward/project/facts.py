"""The shop's facts: own topics' answers for products, those on built-in topics, prices and stock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from steward.catalogue import GUIDE_TOPICS, SHOP_TOPICS
from steward.catalogue.load import PRICES, STOCK, TABLES
from steward.catalogue.table import REPLY_LIMIT
from steward.errors import ProjectError
from steward.project.draft import Draft
from steward.project.operations import SetFact
from steward.project.tables import Record, Table
from steward.project.topics import CATALOGUE, FACT_COLUMNS, FACTS, PRODUCTS, own_rows, skus

_ASPECT_COLUMNS = ("aspect", "title", "keywords", "text")
_CELLS = {
    "price": (PRICES, ("amount", "offer", "instalments", "running_cost")),
    "availability": (STOCK, ("count", "back_on", "note")),
}
"""Topics on which every product has one row of a file, and the columns of it that are facts."""
_FILES = {
    "product": f"{CATALOGUE}/features.csv",
    **{topic: f"{CATALOGUE}/{topic}.csv" for topic in GUIDE_TOPICS},
    **{topic: f"{CATALOGUE}/shop.csv" for topic in SHOP_TOPICS},
}

Kind = Literal["aspects", "cells"]


@dataclass(frozen=True)
class Fact:
    """What is true of a product (of the shop where `sku` is empty) in one respect.

    A cell of a table has its column for an aspect, and neither title nor keywords.
    """

    sku: str
    aspect: str
    title: str
    keywords: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class FactSheet:
    """The facts on a built-in topic: of each product by sku and name, in the order of the products.

    A topic about the shop has one entry, without sku and name. Of the kind `aspects` there may be more and
    less of them; `cells` are always there.
    """

    kind: Kind
    path: str
    products: tuple[tuple[str, str], ...]
    facts: Mapping[str, tuple[Fact, ...]]


def kind_of(topic: str) -> Kind | None:
    """Of what kind the facts on a built-in topic are; None where it has none that `set_fact` could change."""
    return "cells" if topic in _CELLS else "aspects" if topic in _FILES else None


def facts_on(draft: Draft, topic: str) -> FactSheet | None:
    """The facts on a built-in topic; None where it has none that `set_fact` could change."""
    kind = kind_of(topic)
    if kind is None:
        return None
    path = f"{CATALOGUE}/{_CELLS[topic][0]}" if kind == "cells" else _FILES[topic]
    found = _cells(draft, topic, path) if kind == "cells" else _aspects(draft, topic, path)
    products = (("", ""),) if topic in SHOP_TOPICS else tuple(_names(draft))
    by_sku: dict[str, list[Fact]] = {sku: [] for sku, _ in products}
    for fact in found:
        by_sku.get(fact.sku, []).append(fact)
    return FactSheet(kind, path, products, {sku: tuple(facts) for sku, facts in by_sku.items()})


def _names(draft: Draft) -> Iterator[tuple[str, str]]:
    for row in Table(PRODUCTS, draft.text(PRODUCTS), ("sku", "name")).rows:
        yield row["sku"], row["name"]


def _cells(draft: Draft, topic: str, path: str) -> Iterator[Fact]:
    columns = _CELLS[topic][1]
    for row in Table(path, draft.text(path), ("sku", *columns)).rows:
        for column in columns:
            yield Fact(row["sku"], column, "", (), row[column])


def _aspects(draft: Draft, topic: str, path: str) -> Iterator[Fact]:
    of_shop = topic in SHOP_TOPICS
    for row in _aspect_table(draft, topic).rows if draft.exists(path) else ():
        if not of_shop or row["topic"] == topic:
            words = tuple(word.strip() for word in row["keywords"].split("|") if word.strip())
            yield Fact("" if of_shop else row["sku"], row["aspect"], row["title"], words, row["text"])


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
    elif wish.topic in _CELLS:
        _set_cell(draft, wish, text)
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


def _set_cell(draft: Draft, wish: SetFact, text: str) -> None:
    name, columns = _CELLS[wish.topic]
    if wish.aspect not in columns:
        raise ProjectError(f"{wish.topic} has the facts {', '.join(columns)}; expected one", field="aspect")
    rules = TABLES[name]
    if not text and wish.aspect not in rules.may_be_empty:
        raise ProjectError("empty; expected what is true of it", field="text")
    try:
        rules.columns[wish.aspect](text)
    except ValueError as error:
        raise ProjectError(str(error), field="text") from None
    path = f"{CATALOGUE}/{name}"
    table = Table(path, draft.text(path), ("sku", wish.aspect))
    there = next((row for row in table.rows if row["sku"] == wish.sku), None)
    if there is None:
        raise ProjectError(f"no row for {wish.sku}; expected one", field="sku", file=path)
    draft.write(path, table.with_cell(there, wish.aspect, text))


def _aspect_table(draft: Draft, topic: str) -> Table:
    path = _FILES[topic]
    columns = ("topic" if topic in SHOP_TOPICS else "sku", *_ASPECT_COLUMNS)
    return Table(path, draft.text(path) if draft.exists(path) else ",".join(columns) + "\n", columns)


def _set_aspect(draft: Draft, wish: SetFact, text: str) -> None:
    if not wish.aspect:
        message = f"{wish.topic} has several facts; expected the one meant, or a new one with a title"
        raise ProjectError(message, field="aspect")
    path, table = _FILES[wish.topic], _aspect_table(draft, wish.topic)
    key = {"topic": wish.topic} if wish.topic in SHOP_TOPICS else {"sku": wish.sku}
    group = [row for row in table.rows if all(row[column] == value for column, value in key.items())]
    there = next((row for row in group if row["aspect"] == wish.aspect), None)
    if not text:
        draft.write(path, table.without([_spare(wish, there, group)]))
        return
    if there is None:
        draft.write(path, table.with_row({**key, **_new_aspect(wish, text)}, group[-1] if group else None))
        return
    content = table.with_cell(there, "text", text)
    for column, value in (("keywords", "|".join(_keywords(wish))), ("title", wish.title.strip())):
        if value:
            again = Table(path, content, (*key, *_ASPECT_COLUMNS))
            content = again.with_cell(_same(again, there), column, value)
    draft.write(path, content)


def _spare(wish: SetFact, there: Record | None, group: Sequence[Record]) -> Record:
    """A fact that can go: each product, and each topic about the shop, keeps one."""
    if there is None:
        raise ProjectError("empty; expected what is true of it", field="text")
    if len(group) == 1 and wish.topic != "product":
        message = (
            f"the only fact on {wish.topic}{f' for {wish.sku}' if wish.sku else ''}; expected it to stay"
        )
        raise ProjectError(message, field="text")
    return there


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
