"""Read a catalogue's folder and prove it whole, or say everything that is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from steward.catalogue.catalogue import Catalogue
from steward.catalogue.model import (
    BUILT_IN_TOPICS,
    GUIDE_TOPICS,
    SHOP_TOPICS,
    Fact,
    OwnTopic,
    Price,
    Product,
    Spec,
    Stock,
)
from steward.catalogue.names import written_forms
from steward.catalogue.opening import HOLIDAYS, HOURS, filled, opening_faults, opening_of
from steward.catalogue.table import (
    Row,
    Table,
    amount,
    clock,
    count,
    currency,
    day,
    file_name,
    key,
    many,
    read_table,
    reply,
    sku,
    text,
    time_zone,
    yes_or_no,
)
from steward.catalogue.text import fold, tokens
from steward.errors import CatalogueError, Fault

PRODUCTS, PRICES, STOCK, SPECS = "products.csv", "prices.csv", "stock.csv", "specs.csv"
SPEC_NAMES, SHOP, FEATURES = "spec_names.csv", "shop.csv", "features.csv"
OWN_TOPICS, OWN_FACTS = "topics.csv", "topic_facts.csv"

_FACT_COLUMNS = {"aspect": key, "title": text, "keywords": many, "text": reply}
TABLES = {
    PRODUCTS: Table(
        {
            "sku": sku,
            "name": text,
            "family": text,
            "category": text,
            "synonyms": many,
            "summary": reply,
            "highlights": many,
            "in_the_box": many,
            "size": reply,
            "fits": reply,
            "good_for": reply,
            "image": file_name,
        },
        may_be_empty=("synonyms", "image"),
        unique=("sku",),
    ),
    PRICES: Table(
        {
            "sku": sku,
            "amount": amount,
            "currency": currency,
            "offer": reply,
            "instalments": reply,
            "running_cost": reply,
        },
        may_be_empty=("offer", "instalments", "running_cost"),
        unique=("sku",),
    ),
    STOCK: Table(
        {"sku": sku, "count": count, "back_on": day, "note": reply},
        may_be_empty=("back_on", "note"),
        unique=("sku",),
    ),
    SPECS: Table(
        {"sku": sku, "name": text, "value": text, "unit": text},
        may_be_empty=("unit",),
        unique=("sku", "name"),
    ),
    SPEC_NAMES: Table({"name": text, "keywords": many}, may_be_empty=("keywords",), unique=("name",)),
    SHOP: Table(
        {"topic": key, **_FACT_COLUMNS},
        may_be_empty=("keywords",),
        unique=("topic", "aspect"),
    ),
    HOURS: Table({"days": many, "opens": clock, "closes": clock, "time_zone": time_zone, "text": text}),
    HOLIDAYS: Table(
        {"day": day, "opens": clock, "closes": clock, "name": text},
        may_be_empty=("opens", "closes"),
        unique=("day",),
    ),
    FEATURES: Table(
        {"sku": sku, **_FACT_COLUMNS},
        may_be_empty=("keywords",),
        unique=("sku", "aspect"),
        may_be_missing=True,
    ),
    **{
        f"{topic}.csv": Table(
            {"sku": sku, **_FACT_COLUMNS}, may_be_empty=("keywords",), unique=("sku", "aspect")
        )
        for topic in GUIDE_TOPICS
    },
    OWN_TOPICS: Table(
        {"topic": key, "title": text, "product_needed": yes_or_no}, unique=("topic",), may_be_missing=True
    ),
    OWN_FACTS: Table(
        {"topic": key, "sku": sku, "answer": reply}, unique=("topic", "sku"), may_be_missing=True
    ),
}
"""Every file of a catalogue and its columns."""


def load_catalogue(folder: Path, changed: Mapping[str, bytes] | None = None) -> Catalogue:
    """Read the CSV files in ``folder``; raises ``CatalogueError`` with all faults when they do not hold.

    ``changed`` are files, by name, that are read as if they held these bytes.
    """
    if not folder.is_dir():
        raise CatalogueError([Fault(str(folder), 0, "", "expected a folder with the catalogue's CSV files")])
    faults = _unknown_files(folder)
    digest = hashlib.sha256()
    rows: dict[str, tuple[Row, ...]] = {}
    for name in sorted(TABLES):
        rows[name], content, found = read_table(folder / name, TABLES[name], (changed or {}).get(name))
        digest.update(f"{name}:{len(content)}\n".encode() + content)
        faults += found
    sound = set(TABLES) - {fault.file for fault in faults if fault.line <= 1}
    faults += _faults_between(rows, sound)
    if faults:
        raise CatalogueError(sorted(faults, key=lambda fault: (fault.file, fault.line, fault.column)))
    return Catalogue(
        products=(Product(**row.values) for row in rows[PRODUCTS]),
        prices=(Price(**row.values) for row in rows[PRICES]),
        stock=(Stock(**row.values) for row in rows[STOCK]),
        specs=(Spec(**row.values) for row in rows[SPECS]),
        spec_keywords={row["name"]: row["keywords"] for row in rows[SPEC_NAMES]},
        facts=_facts(rows),
        own_topics=_own_topics(rows),
        opening=opening_of(rows[HOURS], rows[HOLIDAYS]),
        fingerprint=digest.hexdigest(),
    )


def _facts(rows: dict[str, tuple[Row, ...]]) -> Iterable[Fact]:
    for name, topic in _guides().items():
        for row in rows[name]:
            yield Fact(topic=topic, **row.values)
    for row in rows[SHOP]:
        yield Fact(sku="", **{**row.values, "text": filled(row["text"], rows[HOURS])})
    titles = {row["topic"]: row["title"] for row in rows[OWN_TOPICS]}
    for row in rows[OWN_FACTS]:
        yield Fact(row["sku"], row["topic"], "answer", titles[row["topic"]], (), row["answer"])


def _own_topics(rows: dict[str, tuple[Row, ...]]) -> Iterable[OwnTopic]:
    return (OwnTopic(row["topic"], row["title"], row["product_needed"]) for row in rows[OWN_TOPICS])


def _guides() -> dict[str, str]:
    return {FEATURES: "product", **{f"{topic}.csv": topic for topic in GUIDE_TOPICS}}


def _unknown_files(folder: Path) -> list[Fault]:
    return [
        Fault(path.name, 0, "", f"not a file of the catalogue; expected one of {', '.join(sorted(TABLES))}")
        for path in folder.glob("*.csv")
        if path.name not in TABLES
    ]


def _faults_between(rows: dict[str, tuple[Row, ...]], sound: Collection[str]) -> list[Fault]:
    """What no single cell shows: references, completeness, and things that must agree or differ.

    A file that is not among the ``sound`` (it is missing, or its header is wrong) has said so already: what
    would only follow from that is left out.
    """
    skus = {row["sku"]: row for row in rows[PRODUCTS] if row["sku"]}
    faults = _shared_names(rows[PRODUCTS])
    if PRODUCTS in sound:
        for name in (PRICES, STOCK, SPECS, *_guides(), OWN_FACTS):
            faults += _unknown_skus(name, rows[name], skus)
    for name in (PRICES, STOCK, *(f"{topic}.csv" for topic in GUIDE_TOPICS)):
        if name in sound:
            faults += _without_row(name, rows[name], skus)
    faults += _mixed_currencies(rows[PRICES])
    faults += _stock_that_contradicts_itself(rows[STOCK])
    faults += _odd_specs(rows[SPECS], rows[SPEC_NAMES] if SPEC_NAMES in sound else None)
    if SHOP in sound:
        faults += _shop_topics(rows[SHOP])
    faults += _taken_names(rows[OWN_TOPICS])
    if OWN_TOPICS in sound:
        faults += _odd_own_facts(rows[OWN_FACTS], rows[OWN_TOPICS])
    faults += opening_faults(rows[HOURS], rows[HOLIDAYS], rows[SHOP], SHOP, sound)
    for name in _guides():
        faults += _keyword_faults(name, rows[name], "sku")
    return faults + _keyword_faults(SHOP, rows[SHOP], "topic")


def _shared_names(products: tuple[Row, ...]) -> list[Fault]:
    """Two products that answer to one name, or a synonym that is another product's own name."""
    faults: list[Fault] = []
    own: dict[str, tuple[str, int]] = {}
    for row in products:
        for column in ("sku", "name"):
            claimed = [
                own.setdefault(form, (row["sku"], row.line)) for form in written_forms(row[column] or "")
            ]
            others = [(first, line) for first, line in claimed if line != row.line]
            if row[column] and others:
                first, line = others[0]
                message = f'"{row[column]}" already means {first} (line {line}); expected another'
                faults.append(Fault(PRODUCTS, row.line, column, message))
    for row in products:
        for synonym in row["synonyms"] or ():
            meant, line = own.get(" ".join(tokens(synonym)), (row["sku"], row.line))
            if line != row.line:
                message = f'"{synonym}" is the name of {meant} (line {line}); expected another'
                faults.append(Fault(PRODUCTS, row.line, "synonyms", message))
    return faults


def _unknown_skus(name: str, rows: tuple[Row, ...], skus: dict[str, Row]) -> list[Fault]:
    return [
        Fault(name, row.line, "sku", f'unknown sku "{row["sku"]}"; expected one that {PRODUCTS} lists')
        for row in rows
        if row["sku"] and row["sku"] not in skus
    ]


def _without_row(name: str, rows: tuple[Row, ...], skus: dict[str, Row]) -> list[Fault]:
    there = {row["sku"] for row in rows}
    return [
        Fault(name, 0, "sku", f"no row for {missing}; expected at least one for every product")
        for missing in skus
        if missing not in there
    ]


def _mixed_currencies(prices: tuple[Row, ...]) -> list[Fault]:
    usual = next((row["currency"] for row in prices if row["currency"]), None)
    return [
        Fault(PRICES, row.line, "currency", f"{row['currency']}, but the first price is in {usual}")
        for row in prices
        if row["currency"] and row["currency"] != usual
    ]


def _stock_that_contradicts_itself(stock: tuple[Row, ...]) -> list[Fault]:
    message = "a date although there is stock; expected it empty, or a count of 0"
    return [Fault(STOCK, row.line, "back_on", message) for row in stock if row["count"] and row["back_on"]]


def _odd_specs(specs: tuple[Row, ...], names: tuple[Row, ...] | None) -> list[Fault]:
    known = None if names is None else {row["name"] for row in names}
    units: dict[str, Row] = {}
    faults = []
    for row in specs:
        name, unit = row["name"], row["unit"]
        if name and known is not None and name not in known:
            message = f'unknown specification "{name}"; expected a name that {SPEC_NAMES} lists'
            faults.append(Fault(SPECS, row.line, "name", message))
        first = units.setdefault(name, row)
        if name and unit != first["unit"]:
            message = f'"{unit}" for {name}, but line {first.line} has "{first["unit"]}"; expected one unit'
            faults.append(Fault(SPECS, row.line, "unit", message))
    return faults


def _shop_topics(shop: tuple[Row, ...]) -> list[Fault]:
    expected = ", ".join(SHOP_TOPICS)
    there = {row["topic"] for row in shop}
    faults = [
        Fault(SHOP, row.line, "topic", f'unknown topic "{row["topic"]}"; expected one of {expected}')
        for row in shop
        if row["topic"] and row["topic"] not in SHOP_TOPICS
    ]
    return faults + [
        Fault(SHOP, 0, "topic", f"no row for {topic}; expected at least one")
        for topic in SHOP_TOPICS
        if topic not in there
    ]


def _taken_names(topics: tuple[Row, ...]) -> list[Fault]:
    message = "is a topic that the bot has already; expected another name"
    return [
        Fault(OWN_TOPICS, row.line, "topic", f'"{row["topic"]}" {message}')
        for row in topics
        if row["topic"] in BUILT_IN_TOPICS
    ]


def _odd_own_facts(facts: tuple[Row, ...], topics: tuple[Row, ...]) -> list[Fault]:
    needed = {row["topic"]: row["product_needed"] for row in topics}
    faults = []
    for row in facts:
        if row["topic"] and row["topic"] not in needed:
            message = f'unknown topic "{row["topic"]}"; expected one that {OWN_TOPICS} lists'
            faults.append(Fault(OWN_FACTS, row.line, "topic", message))
        elif row["topic"] and needed[row["topic"]] is False:
            message = f'"{row["topic"]}" is not about a product; expected product_needed to be yes for it'
            faults.append(Fault(OWN_FACTS, row.line, "topic", message))
    return faults


def _keyword_faults(name: str, rows: tuple[Row, ...], group: str) -> list[Fault]:
    """Rows that could never be picked, and keywords on which two aspects of one group both insist."""
    faults = []
    seen: dict[tuple[str, str], Row] = {}
    groups: set[str] = set()
    for row in rows:
        if not row[group] or row["keywords"] is None:
            continue
        if row[group] in groups and not row["keywords"]:
            message = "empty; expected keywords, since only the first row is given without any"
            faults.append(Fault(name, row.line, "keywords", message))
        groups.add(row[group])
        for keyword in row["keywords"]:
            first = seen.setdefault((row[group], fold(keyword)), row)
            if first is not row:
                message = f'"{keyword}" is a keyword of "{first["aspect"]}" too (line {first.line})'
                faults.append(Fault(name, row.line, "keywords", message))
    return faults
