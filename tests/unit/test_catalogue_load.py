"""A folder of CSV files either becomes a catalogue, or every fault in it is named with its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from steward.catalogue import load_catalogue
from steward.errors import CatalogueError, Fault

SHIPPED = Path(__file__).parents[2] / "data" / "catalogue"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped catalogue that a test may spoil."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "catalogue"))


def faults(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    return caught.value.faults


def only_fault(folder: Path) -> Fault:
    found = faults(folder)
    assert len(found) == 1, found
    return found[0]


def change(path: Path, edit: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = edit(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def append(path: Path, line: str) -> int:
    """Add a line and return its number."""
    change(path, lambda text: text + line + "\n")
    return len(path.read_text(encoding="utf-8").splitlines())


def test_a_folder_that_does_not_exist_is_said_to_be_expected(tmp_path: Path) -> None:
    fault = only_fault(tmp_path / "nowhere")
    assert "expected a folder" in fault.message
    assert "nowhere" in fault.file


def test_a_missing_file_is_one_fault_and_not_one_for_each_row_it_should_have(folder: Path) -> None:
    (folder / "prices.csv").unlink()
    fault = only_fault(folder)
    assert (fault.file, fault.line) == ("prices.csv", 0)
    assert "missing" in fault.message


@pytest.mark.parametrize("file", ["products.csv", "hours.csv", "holidays.csv"])
def test_what_rests_on_a_missing_file_is_not_blamed(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert only_fault(folder).file == file


def test_the_file_with_product_questions_may_be_left_out(folder: Path) -> None:
    (folder / "features.csv").unlink()
    assert load_catalogue(folder).facts("CR-1", "product") == ()


def test_a_misnamed_file_is_reported_with_the_names_that_are_expected(folder: Path) -> None:
    (folder / "instalation.csv").write_text("sku\n", encoding="utf-8")
    fault = only_fault(folder)
    assert fault.file == "instalation.csv"
    assert "installation.csv" in fault.message


def test_an_empty_file_is_told_which_header_it_needs(folder: Path) -> None:
    (folder / "stock.csv").write_text("", encoding="utf-8")
    fault = only_fault(folder)
    assert (fault.file, fault.line) == ("stock.csv", 1)
    assert "sku, count, back_on, note" in fault.message


def test_a_file_with_a_header_alone_lacks_every_product(folder: Path) -> None:
    (folder / "stock.csv").write_text("sku,count,back_on,note\n", encoding="utf-8")
    assert len(faults(folder)) == len(load_catalogue(SHIPPED).products)


@pytest.mark.parametrize(
    ("header", "column", "said"),
    [
        ("sku,amount,currency,offer,instalments", "running_cost", "missing column"),
        ("sku,amount,currency,offer,instalments,running_cost,colour", "colour", "unknown column"),
        ("sku,amount,currency,offer,instalments,running_cost,offer", "offer", "duplicate column"),
    ],
)
def test_a_header_at_fault_is_reported_by_column(folder: Path, header: str, column: str, said: str) -> None:
    path = folder / "prices.csv"
    change(path, lambda text: header + "\n" + text.split("\n", 1)[1])
    named = [fault for fault in faults(folder) if fault.line == 1]
    assert [(fault.file, fault.column) for fault in named] == [("prices.csv", column)]
    assert said in named[0].message


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column", "expected"),
    [
        ("prices.csv", "RL-300,189.00,EUR", "RL-300,,EUR", 2, "amount", "empty"),
        ("prices.csv", "RL-300,189.00,EUR", "RL-300,189,EUR", 2, "amount", "two decimals"),
        ("prices.csv", "RL-300,189.00,EUR", "RL-300,0.00,EUR", 2, "amount", "above 0"),
        ("prices.csv", "RL-300,189.00,EUR", "RL-300,a lot,EUR", 2, "amount", "two decimals"),
        ("prices.csv", "RL-500,648.00,EUR", "RL-500,648.00,euro", 3, "currency", "three capital letters"),
        ("prices.csv", "RL-500,648.00,EUR", "RL-500,648.00,GBP", 3, "currency", "first price is in EUR"),
        ("stock.csv", "RL-300,34,", "RL-300,-1,", 2, "count", "whole number"),
        ("stock.csv", "RL-300,34,", "RL-300,many,", 2, "count", "whole number"),
        ("stock.csv", "2026-12-07", "7 December", 7, "back_on", "a date like"),
        ("stock.csv", "2026-12-07", "2026-02-30", 7, "back_on", "a date like"),
        ("stock.csv", "DS-S2,0,", "DS-S2,3,", 7, "back_on", "although there is stock"),
        ("products.csv", "RL-300,Rill 300,", "RL-300,,", 2, "name", "empty"),
        ("products.csv", "RL-500,Rill 500,", "RL-500,rill-300,", 3, "name", "already means RL-300"),
        ("products.csv", "the 500|", "Rill 300|", 3, "synonyms", "the name of RL-300"),
        ("products.csv", "rill-300.svg", "../rill-300.svg", 2, "image", "bare name of a file"),
        ("products.csv", "the 300|", "the 300||", 2, "synonyms", "empty entry"),
        ("products.csv", "the 300|", "the 300|The 300|", 2, "synonyms", "twice"),
        ("shop.csv", "delivery,overview", "Delivery,overview", 2, "topic", "small letters"),
        ("shop.csv", "delivery,areas", "delivery,Where to", 4, "aspect", "small letters"),
        ("specs.csv", "RL-300,Width,32,cm", "RL-300,Breadth,32,cm", 2, "name", "unknown specification"),
        ("specs.csv", "RL-500,Width,62,cm", "RL-500,Width,620,mm", 13, "unit", "expected one unit"),
    ],
)
def test_a_cell_at_fault_is_reported_with_line_column_and_what_was_expected(
    folder: Path, file: str, old: str, new: str, line: int, column: str, expected: str
) -> None:
    change(folder / file, lambda text: text.replace(old, new, 1))
    fault = only_fault(folder)
    assert (fault.file, fault.line, fault.column) == (file, line, column)
    assert expected in fault.message


@pytest.mark.parametrize(
    ("file", "row", "column", "expected"),
    [
        ("stock.csv", "rl 300,1,,", "sku", "like RL-300"),
        ("prices.csv", "XX-1,10.00,EUR,,,", "sku", 'unknown sku "XX-1"'),
        ("stock.csv", "XX-1,1,,", "sku", 'unknown sku "XX-1"'),
        ("specs.csv", "XX-1,Width,3,cm", "sku", 'unknown sku "XX-1"'),
        ("warranty.csv", "XX-1,overview,Warranty,long,Two years.", "sku", 'unknown sku "XX-1"'),
        ("features.csv", "XX-1,extra,Extra,extra,More.", "sku", 'unknown sku "XX-1"'),
        ("stock.csv", "RL-300,1,,", "sku", "first on line"),
        ("prices.csv", "RL-300,10.00,EUR,,,", "sku", "first on line"),
        ("specs.csv", "RL-300,Width,3,cm", "name", "first on line"),
        ("spec_names.csv", "Width,broad", "name", "first on line"),
        ("usage.csv", "RL-300,basics,Again,again,Again.", "aspect", "first on line"),
        ("shop.csv", "delivery,overview,Again,again,Again.", "aspect", "first on line"),
        ("usage.csv", f"RL-300,novel,Novel,novel,{'word ' * 200}", "text", "at most"),
        ("usage.csv", "RL-300,extra,Extra,Holiday,Text.", "keywords", '"holiday"'),
        ("usage.csv", "RL-300,extra,Extra,,Text.", "keywords", "only the first row"),
        ("topics.csv", "price,Price,no", "topic", "already"),
        ("topics.csv", "Cats,Cats,no", "topic", "small letters"),
        ("topics.csv", "cats,,no", "title", "empty"),
        ("topics.csv", "cats,Cats,maybe", "product_needed", "yes or no"),
        ("topics.csv", "dogs,Dogs,no", "topic", "duplicate"),
        ("topic_facts.csv", "cats,RL-300,Miaow", "topic", "unknown topic"),
        ("topic_facts.csv", "dogs,RL-300,Woof", "topic", "not about a product"),
        ("topic_facts.csv", "wrap,RL-1,Paper", "sku", "unknown sku"),
        ("topic_facts.csv", "wrap,RL-300,", "answer", "empty"),
    ],
)
def test_a_row_at_fault_is_reported_with_its_line_and_column(
    folder: Path, file: str, row: str, column: str, expected: str
) -> None:
    append(folder / "topics.csv", "dogs,Dogs,no")
    append(folder / "topics.csv", "wrap,Wrapping,yes")
    line = append(folder / file, row)
    fault = only_fault(folder)
    assert (fault.file, fault.line, fault.column) == (file, line, column)
    assert expected in fault.message


@pytest.mark.parametrize("topic", ["planning", "installation", "training", "disposal", "warranty"])
def test_a_topic_that_lacks_a_product_is_reported_once_for_it(folder: Path, topic: str) -> None:
    change(
        folder / f"{topic}.csv",
        lambda text: "".join(row for row in text.splitlines(True) if not row.startswith("TP-1,")),
    )
    fault = only_fault(folder)
    assert (fault.file, fault.column) == (f"{topic}.csv", "sku")
    assert "no row for TP-1" in fault.message


def test_a_shop_topic_without_a_row_and_an_unknown_one_are_both_reported(folder: Path) -> None:
    change(folder / "shop.csv", lambda text: text.replace("\nhours,", "\nopening,"))
    messages = [fault.message for fault in faults(folder)]
    assert any("no row for hours" in message for message in messages)
    assert any('unknown topic "opening"' in message for message in messages)


def test_a_row_with_too_many_cells_is_reported_by_its_first_line(folder: Path) -> None:
    append(folder / "usage.csv", 'RL-300,long,Long,long,"Two\nlines."')
    line = append(folder / "usage.csv", "RL-300,odd,Odd,odd,One, two.")
    fault = only_fault(folder)
    assert (fault.line, fault.column) == (line, "")
    assert "expected 5" in fault.message


def test_a_quote_that_is_never_closed_is_reported(folder: Path) -> None:
    append(folder / "usage.csv", 'RL-300,odd,Odd,odd,"One')
    assert "not readable as CSV" in only_fault(folder).message


def test_a_file_that_is_not_utf_8_is_reported_with_the_line(folder: Path) -> None:
    path = folder / "usage.csv"
    path.write_bytes(path.read_bytes() + "RL-300,odd,Odd,odd,Grüße".encode("latin-1"))
    found = [fault for fault in faults(folder) if "UTF-8" in fault.message]
    assert found[0].line == len(path.read_bytes().splitlines())


def test_a_file_saved_by_a_spreadsheet_with_a_byte_order_mark_is_read(folder: Path) -> None:
    path = folder / "stock.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_catalogue(folder).stock("RL-300") is not None


def test_all_faults_of_all_files_are_reported_at_once(folder: Path) -> None:
    change(folder / "prices.csv", lambda text: text.replace("189.00,EUR", "x,EUR").replace("648.00,", "y,"))
    change(folder / "stock.csv", lambda text: text.replace("RL-300,34,", "RL-300,z,"))
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    assert [(fault.file, fault.line) for fault in caught.value.faults] == [
        ("prices.csv", 2),
        ("prices.csv", 3),
        ("stock.csv", 2),
    ]
    assert "3 faults" in str(caught.value)
    assert 'prices.csv:2, amount: "x"' in str(caught.value)


def test_the_fingerprint_follows_the_content_and_nothing_else(folder: Path) -> None:
    before = load_catalogue(SHIPPED).fingerprint
    assert load_catalogue(folder).fingerprint == before
    change(folder / "stock.csv", lambda text: text.replace("RL-300,34,", "RL-300,33,"))
    assert load_catalogue(folder).fingerprint != before


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column", "expected"),
    [
        ("hours.csv", "monday|tuesday", "monday|moonday", 2, "days", "unknown day"),
        ("hours.csv", "saturday,10:00", "saturday|friday,10:00", 3, "days", "do not overlap"),
        ("hours.csv", "saturday,10:00,", "saturday,10,", 3, "opens", "a time from 0:00 to 24:00"),
        ("hours.csv", "saturday,10:00,", "saturday,24:30,", 3, "opens", "a time from 0:00 to 24:00"),
        ("hours.csv", "10:00,17:00,", "10:00,9:00,", 3, "closes", "a later time"),
        ("hours.csv", "10:00,17:00,", "10:00,16:00,", 3, "text", "expected 10:00 and 16:00"),
        ("hours.csv", "17:00,Europe/Dublin", "17:00,Europe/Dubln", 3, "time_zone", "name of a time zone"),
        ("hours.csv", "17:00,Europe/Dublin", "17:00,Europe/Paris", 3, "time_zone", "one time zone"),
        ("holidays.csv", "2026-12-24,9:00", "2026-12-24,", 5, "opens", "both times, or neither"),
        ("holidays.csv", "2026-12-24,9:00,14:00", "2026-12-24,14:00,9:00", 5, "closes", "a later time"),
        ("holidays.csv", "2026-12-13,", "2026-12-06,", 3, "day", "duplicate row for 2026-12-06"),
        ("holidays.csv", "2026-12-13,", "13 December,", 3, "day", "a date like"),
        ("shop.csv", "{monday} and", "{sunday} and", 27, "text", "nothing to put for {sunday}"),
        ("shop.csv", "we are open 9:00 to 14:00", "we are open 9:00 to 15:00", 31, "text", "says 15:00"),
    ],
)
def test_hours_at_fault_are_reported_where_they_stand(
    folder: Path, file: str, old: str, new: str, line: int, column: str, expected: str
) -> None:
    change(folder / file, lambda text: text.replace(old, new, 1))
    found = [fault for fault in faults(folder) if expected in fault.message]
    assert [(fault.file, fault.line, fault.column) for fault in found] == [(file, line, column)]


def test_a_shop_needs_a_day_on_which_it_is_open(folder: Path) -> None:
    change(folder / "hours.csv", lambda text: text.split("\n", 1)[0] + "\n")
    assert any(fault.file == "hours.csv" and "no row" in fault.message for fault in faults(folder))


def test_texts_about_the_shop_say_the_hours_of_the_table(folder: Path) -> None:
    change(folder / "hours.csv", lambda text: text.replace("17:00", "16:30"))
    texts = [fact.text for fact in load_catalogue(folder).shop("hours")]
    assert sum("Saturday 10:00 to 16:30" in text for text in texts) == 3
    assert not any("{" in text or "Saturday 10:00 to 17:00" in text for text in texts)


def test_topics_of_the_shops_own_come_with_their_facts(folder: Path) -> None:
    append(folder / "topics.csv", 'gift_wrap,"Gift wrapping",yes')
    append(folder / "topics.csv", "dogs,Dogs,no")
    append(folder / "topic_facts.csv", "gift_wrap,RL-300,It comes in paper.")
    catalogue = load_catalogue(folder)
    assert [(one.name, one.product_needed) for one in catalogue.own_topics.values()] == [
        ("gift_wrap", True),
        ("dogs", False),
    ]
    (fact,) = catalogue.facts("RL-300", "gift_wrap")
    assert (fact.text, fact.title, fact.source) == (
        "It comes in paper.",
        "Gift wrapping",
        "catalogue:RL-300/gift_wrap",
    )


def test_a_shop_without_topics_of_its_own_needs_no_files_for_them(folder: Path) -> None:
    (folder / "topics.csv").unlink()
    (folder / "topic_facts.csv").unlink()
    assert load_catalogue(folder).own_topics == {}


def test_a_file_may_be_read_as_if_it_held_something_else(folder: Path) -> None:
    before = load_catalogue(folder).fingerprint
    changed = load_catalogue(folder, {"topics.csv": b"topic,title,product_needed\ndogs,Dogs,no\n"})
    assert list(changed.own_topics) == ["dogs"]
    assert changed.fingerprint != before
    assert load_catalogue(folder).own_topics == {}
