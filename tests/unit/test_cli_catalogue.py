from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from steward.cli import main
from tests.support.project import a_project, git

Output = pytest.CaptureFixture[str]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shop's files, to be changed."""
    project = a_project(tmp_path, committed=True)
    monkeypatch.setenv("STEWARD_ROOT", str(project))
    monkeypatch.setenv("STEWARD_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return project


def stock(root: Path) -> str:
    return (root / "data" / "catalogue" / "stock.csv").read_text(encoding="utf-8")


def test_a_catalogue_that_holds_is_told_so(root: Path, capsys: Output) -> None:
    assert main(["catalogue", "check"]) == 0
    assert "The catalogue holds: 14 products" in capsys.readouterr().out


def test_a_catalogue_with_faults_is_told_with_every_line(root: Path, capsys: Output) -> None:
    path = root / "data" / "catalogue" / "stock.csv"
    path.write_text(stock(root).replace("RL-300,", "RL-999,").replace("RL-500,8", "RL-500,many"))

    assert main(["catalogue", "check"]) == 1
    said = capsys.readouterr().err
    assert "stock.csv:2, sku" in said and "stock.csv:3, count" in said

    assert main(["catalogue", "check", "--json"]) == 1
    faults = json.loads(capsys.readouterr().out)["faults"]
    assert {"file": "stock.csv", "line": 3, "column": "count"}.items() <= faults[-1].items()


def test_products_are_listed_and_one_of_a_category_alone(root: Path, capsys: Output) -> None:
    assert main(["catalogue", "list", "--category", "dishwasher"]) == 0
    heads, *rows = capsys.readouterr().out.splitlines()
    assert heads.split() == ["SKU", "NAME", "CATEGORY", "PRICE", "STOCK"]
    assert [row.split()[0] for row in rows] == ["SP-45", "SP-60"]

    assert main(["catalogue", "list", "--category", "cars"]) == 1
    assert "There are: water filter, " in capsys.readouterr().err


@pytest.mark.parametrize("typed", [["RL-300"], ["rl-300"], ["Rill", "300"], ["the", "rill", "300"]])
def test_a_product_is_shown_by_sku_and_by_name(root: Path, capsys: Output, typed: list[str]) -> None:
    assert main(["catalogue", "show", *typed]) == 0

    said = capsys.readouterr().out
    assert said.startswith("Rill 300  RL-300\n")
    assert "€189.00" in said and "installation" in said


def test_a_product_that_is_not_there_or_may_be_several_is_asked_for_again(root: Path, capsys: Output) -> None:
    assert main(["catalogue", "show", "rill", "30"]) == 1
    assert "Did you mean 'rill 300'?" in capsys.readouterr().err
    assert main(["catalogue", "show", "rill"]) == 1
    assert "may be RL-300, RL-500. Which one?" in capsys.readouterr().err


def test_facts_are_found_by_their_words_in_any_form_what_is_about_them_first(
    root: Path, capsys: Output
) -> None:
    assert main(["catalogue", "search", "rill", "300", "drip", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found[0]["sku"], found[0]["title"]) == ("RL-300", "It leaks")
    assert {"installation", "troubleshooting"} <= {one["topic"] for one in found}

    assert main(["catalogue", "search", "saturday", "--most", "1"]) == 0
    assert "more; --most" in capsys.readouterr().out
    assert main(["catalogue", "search", "zeppelin"]) == 1


def test_a_price_list_is_shown_as_a_difference_and_becomes_a_commit_of_that_file(
    root: Path, tmp_path: Path, capsys: Output
) -> None:
    (root / "domain.yml").write_text((root / "domain.yml").read_text() + "# somebody is at work here\n")
    Path("new.csv").write_text("sku;count\nRL-300;5\n")

    assert (
        main(["catalogue", "import", "new.csv", "--table", "stock", "--merge", "--yes", "--by", "Mia"]) == 0
    )

    said = capsys.readouterr().out
    assert "-RL-300,34,," in said and "+RL-300,5,," in said
    assert "RL-300,5,,\n" in stock(root)
    assert git(root, "log", "-1", "--format=%an: %s").strip() == "Mia: Take stock.csv from new.csv"
    assert git(root, "show", "--format=", "--name-only", "HEAD").split() == ["data/catalogue/stock.csv"]
    assert git(root, "status", "--porcelain").split() == ["M", "domain.yml"]


def test_without_a_yes_and_with_faults_nothing_is_changed(root: Path, capsys: Output) -> None:
    before = stock(root)
    Path("stock.csv").write_text("sku,count\nRL-300,5\n")
    assert main(["catalogue", "import", "stock.csv", "--merge"]) == 1
    assert "Nothing was changed" in capsys.readouterr().err
    assert main(["catalogue", "import", "stock.csv", "--merge", "--json"]) == 1
    assert capsys.readouterr().out == ""
    assert main(["catalogue", "import", "stock.csv", "--merge", "--dry-run"]) == 0
    assert "+RL-300,5,," in capsys.readouterr().out

    Path("stock.csv").write_text("sku,count\nRL-300,five\n")
    assert main(["catalogue", "import", "stock.csv", "--merge", "--yes"]) == 1
    assert "stock.csv:2, count" in capsys.readouterr().err
    assert stock(root) == before


def test_who_says_no_changes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    before = stock(root)
    Path("stock.csv").write_text("sku,count\nRL-300,5\n")
    terminal = io.StringIO("n\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", terminal)

    assert main(["catalogue", "import", "stock.csv", "--merge"]) == 1

    assert "Change data/catalogue/stock.csv? [y/N]" in capsys.readouterr().out
    assert stock(root) == before


def test_several_tables_come_together_or_not_at_all(root: Path, capsys: Output) -> None:
    tables: dict[str, list[dict[str, object]]] = {
        "stock": [{"sku": "RL-300", "count": 1}],
        "prices": [{"sku": "RL-300", "amount": "cheap"}],
    }
    before = stock(root)
    Path("night.json").write_text(json.dumps(tables))
    assert main(["catalogue", "import", "night.json", "--merge", "--yes"]) == 1
    assert stock(root) == before

    tables["prices"][0]["amount"] = 199
    Path("night.json").write_text(json.dumps(tables))
    capsys.readouterr()
    assert main(["catalogue", "import", "night.json", "--merge", "--yes", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["files"] == ["data/catalogue/prices.csv", "data/catalogue/stock.csv"]
    assert git(root, "rev-parse", "HEAD").strip() == done["commit"]


def test_an_exported_catalogue_changes_nothing_when_it_comes_back(root: Path, capsys: Output) -> None:
    assert main(["catalogue", "export", "shop.zip"]) == 0
    assert main(["catalogue", "import", "shop.zip"]) == 0
    assert "The catalogue is like that already" in capsys.readouterr().out

    assert main(["catalogue", "export", "shop.zip"]) == 1
    assert main(["catalogue", "export", "shop.zip", "--yes"]) == 0
    assert main(["catalogue", "export", "stock.csv"]) == 0
    assert Path("stock.csv").read_text() == stock(root)
    capsys.readouterr()
    assert main(["catalogue", "export", "--table", "stock"]) == 0
    assert capsys.readouterr().out == stock(root)


def test_a_file_that_is_not_there_or_has_no_place_is_told_in_a_sentence(root: Path, capsys: Output) -> None:
    assert main(["catalogue", "import", "none.csv"]) == 1
    assert capsys.readouterr().err == "steward: none.csv cannot be read: No such file or directory.\n"
    assert main(["catalogue", "export", "no/such/folder.zip"]) == 1
    assert "cannot be written" in capsys.readouterr().err
