from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from steward.catalogue import load_catalogue
from steward.catalogue.exchange import Sheet, exported, merged, read_sheets, replaced
from steward.errors import CatalogueError

DATA = Path(__file__).resolve().parents[2] / "data" / "catalogue"
STOCK = b'sku,count,back_on,note\nA-1,3,,\nB-2,0,2027-01-18,"Soon, we hope."\nC-3,8,,"quoted for no reason"\n'


def test_only_the_rows_that_changed_are_written_anew() -> None:
    sheet = read_sheets("stock.csv", STOCK.replace(b"A-1,3", b"A-1,4"))["stock.csv"]

    after = replaced("stock.csv", sheet, STOCK)

    assert after == STOCK.replace(b"A-1,3", b"A-1,4")


def test_columns_in_another_order_and_a_spreadsheets_semicolons_make_no_difference() -> None:
    content = "\ufeffcount;sku;note;back_on\r\n3;A-1;;\r\n0;B-2;Soon, we hope.;2027-01-18\r\n;;;\r\n"

    sheet = read_sheets("stock.csv", content.encode())["stock.csv"]

    assert sheet.rows == (("3", "A-1", "", ""), ("0", "B-2", "Soon, we hope.", "2027-01-18"))
    assert replaced("stock.csv", sheet, STOCK) == STOCK[: STOCK.index(b"C-3")]


def test_merging_changes_and_adds_rows_and_keeps_the_rest() -> None:
    sheet = Sheet(("sku", "count"), (("C-3", "0"), ("D-4", "5"), ("A-1", "3")))

    after = merged("stock.csv", sheet, STOCK).decode().splitlines()

    assert after[1:3] == STOCK.decode().splitlines()[1:3]
    assert after[3:] == ["C-3,0,,quoted for no reason", "D-4,5,,"]


def test_line_ends_stay_as_they_are() -> None:
    sheet = Sheet(("sku", "count"), (("A-1", "9"),))
    windows = STOCK.replace(b"\n", b"\r\n")

    assert merged("stock.csv", sheet, windows) == windows.replace(b"A-1,3", b"A-1,9")


def test_a_value_over_several_lines_stays_one() -> None:
    current = b'sku,count,back_on,note\nA-1,3,,"two\nlines"\nB-2,1,,\n'

    after = merged("stock.csv", Sheet(("sku", "count"), (("B-2", "2"),)), current)

    assert after == current.replace(b"B-2,1", b"B-2,2")


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (Sheet(("count",), (("1",),)), "sku: missing column; it says which row is meant"),
        (Sheet(("sku", "colour"), (("A-1", "red"),)), "colour: unknown column"),
    ],
)
def test_what_cannot_be_merged_is_told(sheet: Sheet, said: str) -> None:
    with pytest.raises(CatalogueError, match=said):
        merged("stock.csv", sheet, STOCK)


def test_rows_without_a_key_can_only_be_replaced() -> None:
    with pytest.raises(CatalogueError, match="no key"):
        merged("hours.csv", Sheet(("days",), (("monday",),)), b"days,opens,closes,time_zone,text\n")


@pytest.mark.parametrize("ending", [".zip", ".json"])
def test_a_whole_catalogue_comes_back_as_it_went(ending: str) -> None:
    content = exported(DATA, ending)

    sheets = read_sheets(f"shop{ending}", content)
    after = {name: replaced(name, sheet, (DATA / name).read_bytes()) for name, sheet in sheets.items()}

    assert set(after) == {path.name for path in DATA.glob("*.csv")}
    assert after == {name: (DATA / name).read_bytes() for name in after}


def test_json_has_lists_where_cells_hold_several_and_takes_numbers() -> None:
    tables = json.loads(exported(DATA, ".json", ["products", "prices"]))

    assert isinstance(tables["products"][0]["synonyms"], list)
    prices = json.dumps({"prices": [{"sku": "RL-300", "amount": 199}, {"sku": "RL-500", "amount": 5.5}]})
    sheet = read_sheets("p.json", prices.encode())["prices.csv"]
    assert sheet.rows == (("RL-300", "199.00"), ("RL-500", "5.50"))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "colours.csv",
            b"a,b\n",
            "colours.csv: not a table of the catalogue",
        ),
        ("stock.xlsx", b"PK", "expected a file that ends with .csv, .json, .zip"),
        ("stock.csv", "sku,count\nRL-300,\xe9\n".encode("latin-1"), "stock.csv:2: not UTF-8"),
        ("stock.csv", b"", "empty; expected a header"),
        ("stock.csv", b"sku,count\nRL-300\n", "row 1: 1 cells; expected 2"),
        ("all.json", b"[]", "expected an object of tables"),
        ("all.json", b"{", "not readable as JSON"),
        ("all.json", b'{"stock": [1]}', "expected a list of objects"),
        ("all.zip", b"nonsense", "not readable as a ZIP file"),
    ],
)
def test_what_is_no_catalogue_is_told_with_its_place(name: str, content: bytes, said: str) -> None:
    with pytest.raises(CatalogueError, match=said):
        read_sheets(name, content)


def test_a_zip_with_folders_in_it_is_understood_and_one_without_tables_is_not() -> None:
    def packed(**files: bytes) -> bytes:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as archive:
            for name, content in files.items():
                archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
        return whole.getvalue()

    assert list(read_sheets("all.zip", packed(shop__stock_csv=STOCK, shop__readme=b"hello"))) == ["stock.csv"]
    with pytest.raises(CatalogueError, match="no CSV file in it"):
        read_sheets("all.zip", packed(readme=b"hello"))


def test_what_is_exported_still_loads(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(exported(DATA, ".zip"))) as archive:
        archive.extractall(tmp_path)

    assert load_catalogue(tmp_path).fingerprint == load_catalogue(DATA).fingerprint
