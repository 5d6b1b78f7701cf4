"""What operators wish of the shop's files, carried out on a copy of those that ship."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from steward.catalogue import load_catalogue
from steward.errors import ProjectError
from steward.project import Author, Project
from steward.project import operations as wishes
from steward.project.operations import AnswerButton, Operation
from tests.support.project import a_project

OLGA = Author("Olga", "olga@example.org")
DOGS = wishes.CreateTopic(
    "dogs",
    "Dogs in the shop",
    ["may my poodle come along", "  is the   poodle welcome "],
    "Dogs are welcome.",
    buttons=[AnswerButton("Opening hours", "/hours")],
)
WRAP = wishes.CreateTopic(
    "gift_wrap",
    "Gift wrapping",
    ["shall you put paper round it for me"],
    "The {product}: {answer}",
    product_needed=True,
    answers={"RL-300": 'it comes in "paper".', "CR-1": "in a box, with a bow."},
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(a_project(tmp_path))


def apply(project: Project, *operations: Operation) -> None:
    project.apply(project.plan(operations), OLGA)


def fault(project: Project, *operations: Operation) -> ProjectError:
    with pytest.raises(ProjectError) as caught:
        project.plan(operations)
    return caught.value


def changed(project: Project, *operations: Operation) -> dict[str, str]:
    return {file.path: file.diff for file in project.plan(operations).files}


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and ".steward" not in str(path))
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_a_plan_changes_nothing(project: Project) -> None:
    before = contents(project.root)
    assert len(project.plan([DOGS, WRAP]).files) == 8
    assert contents(project.root) == before


def test_a_new_topic_is_in_every_file_that_knows_of_topics(project: Project) -> None:
    apply(project, DOGS)
    topic = project.topic("dogs")
    assert (topic.title, topic.kind, topic.product_needed) == ("Dogs in the shop", "own", False)
    assert topic.examples == ("may my poodle come along", "is the poodle welcome")
    assert (topic.answer, topic.buttons) == ("Dogs are welcome.", (AnswerButton("Opening hours", "/hours"),))
    rule = yaml.safe_load((project.root / "data/rules/dogs.yml").read_text())
    assert rule["rules"] == [{"rule": "dogs", "steps": [{"intent": "dogs"}, {"action": "action_own_topic"}]}]
    spoken = (project.root / "data/stories/spoken_by_actions.yml").read_text()
    assert spoken.endswith("  - action: utter_dogs\n")
    read = yaml.safe_load((project.root / "domain.yml").read_text())
    assert "dogs" in read["intents"] and "action_own_topic" in read["actions"]


def test_a_new_topic_about_a_product_has_its_facts_in_the_catalogue(project: Project) -> None:
    apply(project, WRAP)
    catalogue = load_catalogue(project.root / "data" / "catalogue")
    assert catalogue.own_topics["gift_wrap"].product_needed
    assert [fact.text for fact in catalogue.facts("CR-1", "gift_wrap")] == ["in a box, with a bow."]
    assert project.topic("gift_wrap").answers == WRAP.answers


def test_edits_of_the_domain_take_no_line_away(project: Project) -> None:
    diff = changed(project, DOGS)["domain.yml"]
    assert [line for line in diff.splitlines()[2:] if line.startswith("-")] == []


def test_a_topic_that_is_made_and_renamed_back_leaves_the_files_as_one_that_was_made(
    project: Project,
) -> None:
    once = {file.path: file.after for file in project.plan([DOGS]).files}
    there = wishes.RenameTopic("dogs", "pets", "Pets")
    back = wishes.RenameTopic("pets", "dogs", "Dogs in the shop")
    assert {file.path: file.after for file in project.plan([DOGS, there, back]).files} == once


def test_a_rename_reaches_rules_answers_facts_buttons_and_conversations(project: Project) -> None:
    talk = wishes.AddConversation("wrap", [wishes.ExpectedTurn("wrap it", "gift_wrap", ["CR-1"], "answer")])
    button = wishes.SetAnswer("thanks", "You're welcome.", [AnswerButton("Wrap it?", "/gift_wrap")])
    apply(project, WRAP, talk, button)
    apply(project, wishes.RenameTopic("gift_wrap", "wrapping", "Wrapping"))
    left = [path for path, content in contents(project.root).items() if b"gift_wrap" in content]
    assert left == []
    topic = project.topic("wrapping")
    assert (topic.title, topic.answers["CR-1"]) == ("Wrapping", "in a box, with a bow.")
    assert project.topic("thanks").buttons == (AnswerButton("Wrap it?", "/wrapping"),)
    added = next(one for one in project.conversations() if one.name == "wrap")
    assert added.turns[0].topic == "wrapping"
    assert not (project.root / "data/nlu/gift_wrap.yml").exists()
    load_catalogue(project.root / "data" / "catalogue")


def test_a_topic_that_came_with_the_bot_gets_another_title_only(project: Project) -> None:
    diff = changed(project, wishes.RenameTopic("warranty", "warranty", "The guarantee"))
    assert list(diff) == ["domain.yml"]
    assert '+  - text: "The guarantee"' in diff["domain.yml"]
    error = fault(project, wishes.RenameTopic("warranty", "guarantee", "The guarantee"))
    assert error.field == "to"


def test_a_merge_hands_examples_and_facts_over_and_leaves_nothing_behind(project: Project) -> None:
    paper = wishes.CreateTopic(
        "paper",
        "Paper",
        ["which paper do you have for it"],
        "{answer}",
        True,
        {"RL-300": "blue paper", "TR-18": "red paper"},
    )
    apply(project, WRAP, paper)
    apply(project, wishes.MergeTopics(["paper"], "gift_wrap"))
    topic = project.topic("gift_wrap")
    assert topic.examples == (*WRAP.examples, "which paper do you have for it")
    assert topic.answers == {**WRAP.answers, "TR-18": "red paper"}
    assert project.topic("paper") is None
    assert [path for path in contents(project.root) if "paper" in path] == []
    assert b"utter_paper" not in b"".join(contents(project.root).values())


def test_topics_made_and_merged_away_leave_the_domain_nearly_as_it_was(project: Project) -> None:
    before = (project.root / "domain.yml").read_bytes()
    apply(project, DOGS)
    apply(project, wishes.MergeTopics(["dogs"], "hours"))
    after = (project.root / "domain.yml").read_bytes()
    assert after.startswith(before)
    assert b"Topics made at the desk" in after.removeprefix(before)
    assert "is the poodle welcome" in project.topic("hours").examples


def test_a_split_moves_the_messages_to_a_topic_of_their_own(project: Project) -> None:
    texts = list(project.topic("hours").examples[:3])
    count = len(project.topic("hours").examples)
    apply(project, wishes.SplitTopic("hours", "arriving", "How to get here", texts, "Take the bus."))
    assert project.topic("arriving").examples == tuple(texts)
    assert len(project.topic("hours").examples) == count - 3


def test_examples_move_from_one_topic_to_another(project: Project) -> None:
    text = project.topic("price").examples[0]
    apply(project, wishes.MoveExamples("price", "usage", [text.upper()]))
    assert text not in project.topic("price").examples
    assert project.topic("usage").examples[-1].casefold() == text.casefold()


def test_an_example_that_is_there_already_changes_nothing(project: Project) -> None:
    text = project.topic("price").examples[0]
    planned = project.plan([wishes.AddExamples("price", [text.upper()])])
    assert planned.files == ()
    assert project.apply(planned, OLGA) is None


def test_facts_are_set_where_they_stand(project: Project) -> None:
    apply(project, WRAP)
    diff = changed(
        project,
        wishes.SetFact("gift_wrap", "RL-300", "in green paper."),
        wishes.SetFact("gift_wrap", "RL-500", "in a crate."),
        wishes.SetFact("gift_wrap", "CR-1", ""),
        wishes.SetFact("warranty", "RL-300", "Three years.", "overview"),
        wishes.SetFact("delivery", "", "We deliver on Mars.", "mars", "Mars", ["mars", "red planet"]),
    )
    assert set(diff) == {f"data/catalogue/{name}.csv" for name in ("topic_facts", "warranty", "shop")}
    for path, (gone, new) in {"topic_facts": (2, 2), "warranty": (1, 1), "shop": (0, 1)}.items():
        lines = diff[f"data/catalogue/{path}.csv"].splitlines()[2:]
        assert sum(line.startswith("-") for line in lines) == gone
        assert sum(line.startswith("+") for line in lines) == new


def test_facts_on_a_built_in_topic_are_told_product_by_product(project: Project) -> None:
    sheet = project.facts("warranty")
    assert sheet is not None and sheet.kind == "aspects"
    assert sheet.products[0] == ("RL-300", "Rill 300")
    first = sheet.facts["RL-300"][0]
    assert (first.aspect, first.title) == ("overview", "Warranty")
    assert "guarantee" in first.keywords and "3 years" in first.text
    shop = project.facts("delivery")
    assert shop is not None and shop.products == (("", ""),)
    assert {fact.sku for fact in shop.facts[""]} == {""}
    prices = project.facts("price")
    assert prices is not None and prices.kind == "cells"
    amount, offer, *_ = prices.facts["RL-300"]
    assert (amount.aspect, amount.text, offer.aspect) == ("amount", "189.00", "offer")
    assert project.facts("greet") is None


def test_prices_and_stock_are_set_cell_by_cell(project: Project) -> None:
    diff = changed(
        project,
        wishes.SetFact("price", "RL-300", "199.00", "amount"),
        wishes.SetFact("price", "RL-300", "", "offer"),
        wishes.SetFact("availability", "ZP-MINI", "", "back_on"),
        wishes.SetFact("availability", "ZP-MINI", "12", "count"),
    )
    assert '+RL-300,199.00,EUR,"",' in diff["data/catalogue/prices.csv"]
    assert "+ZP-MINI,12,,You can order it now" in diff["data/catalogue/stock.csv"]
    error = fault(project, wishes.SetFact("availability", "ZP-MINI", "12", "count"))
    assert "a date although there is stock" in str(error)


def test_a_fact_goes_where_another_is_left(project: Project) -> None:
    sheet = project.facts("warranty")
    assert sheet is not None
    first, *others = (fact.aspect for fact in sheet.facts["RL-300"])
    diff = changed(project, *(wishes.SetFact("warranty", "RL-300", "", aspect) for aspect in others))
    assert diff["data/catalogue/warranty.csv"].count("\n-RL-300,") == len(others)
    gone = [wishes.SetFact("warranty", "RL-300", "", aspect) for aspect in (*others, first)]
    with pytest.raises(ProjectError, match="the only fact on warranty for RL-300") as refused:
        project.plan(gone)
    assert refused.value.field == "text"


def test_conversations_come_and_go(project: Project) -> None:
    shipped = project.conversations()
    turn = wishes.ExpectedTurn("how much, is it?", "price", ["RL-300", "RL-500"])
    apply(project, wishes.AddConversation("mine", [turn], "must"))
    mine = project.conversations()[0]
    assert (mine.name, mine.must, mine.turns[0].skus, mine.turns[0].act) == (
        "mine",
        True,
        ("RL-300", "RL-500"),
        None,
    )
    apply(project, wishes.RemoveConversation("mine"))
    assert project.conversations() == shipped
    assert fault(project, wishes.RemoveConversation("mine")).field == "name"


@pytest.mark.parametrize(
    ("operation", "field", "said"),
    [
        (wishes.AddExamples("nowhere", ["hi"]), "topic", "no topic"),
        (wishes.AddExamples("nlu_fallback", ["hi"]), "topic", "no topic"),
        (wishes.AddExamples("price", ["  "]), "texts", "empty"),
        (wishes.AddExamples("price", ["/price"]), "texts", "slash"),
        (wishes.AddExamples("price", ["the [rill](product)"]), "texts", "brackets"),
        (wishes.AddExamples("price", ["a\x07b"]), "texts", "signs"),
        (wishes.AddExamples("price", ["guarantee?"]), "texts", "example of warranty"),
        (wishes.RemoveExamples("price", ["never said by anyone"]), "texts", "no example of price"),
        (wishes.MoveExamples("price", "price", ["hi"]), "target", "already"),
        (wishes.CreateTopic("price", "Price", ["hm"], "x"), "name", "taken"),
        (wishes.CreateTopic("missing_fact", "Price", ["hm"], "x"), "name", "taken"),
        (wishes.CreateTopic("desk_x", "Price", ["hm"], "x"), "name", "taken"),
        (wishes.CreateTopic("dogs", "Dogs", ["guarantee?"], "x"), "examples", "example of warranty"),
        (wishes.CreateTopic("dogs", " ", ["hm yes"], "x"), "title", "empty"),
        (wishes.CreateTopic("dogs", "Dogs", ["hm yes"], "{answer}"), "answer", "stands for nothing"),
        (wishes.CreateTopic("dogs", "Dogs", ["hm yes"], "a { b"), "answer", "brace"),
        (wishes.CreateTopic("dogs", "Dogs", ["hm yes"], "x" * 601), "answer", "601 characters"),
        (wishes.CreateTopic("dogs", "Dogs", ["hm yes"], "x", False, {"RL-300": "y"}), "answers", "not about"),
        (wishes.CreateTopic("dogs", "Dogs", ["hm yes"], "x", True, {"RL-1": "y"}), "answers", "RL-1"),
        (
            wishes.CreateTopic("dogs", "Dogs", ["hm yes"], "x", buttons=[AnswerButton("a", "/nowhere")]),
            "buttons[0].payload",
            "leads nowhere",
        ),
        (wishes.MergeTopics(["price"], "usage"), "names", "came with the bot"),
        (wishes.MergeTopics(["usage"], "usage"), "names", "itself"),
        (wishes.SplitTopic("hours", "price", "x", ["hm"], "y"), "into", "taken"),
        (wishes.SetAnswer("price", "It costs {money}."), "text", "{money} stands for nothing"),
        (wishes.SetAnswer("safety", "Run."), "topic", "no single text"),
        (wishes.SetFact("warranty", "RL-300", "x"), "aspect", "several facts"),
        (wishes.SetFact("warranty", "RL-300", "x", "moon"), "title", "is new"),
        (wishes.SetFact("warranty", "RL-300", "x", "moon", "Moon"), "keywords", "is new"),
        (wishes.SetFact("warranty", "RL-1", "x", "overview"), "sku", "unknown sku"),
        (wishes.SetFact("delivery", "RL-300", "x", "overview"), "sku", "about the shop"),
        (wishes.SetFact("greet", "RL-300", "x"), "topic", "no facts"),
        (wishes.SetFact("warranty", "RL-300", "", "moon"), "text", "empty"),
        (wishes.SetFact("price", "RL-300", "199", "amount"), "text", "like 189.00"),
        (wishes.SetFact("price", "RL-300", "", "amount"), "text", "empty"),
        (wishes.SetFact("price", "RL-300", "USD", "currency"), "aspect", "amount, offer"),
        (wishes.SetFact("availability", "RL-300", "tomorrow", "back_on"), "text", "a date like"),
        (wishes.AddConversation("x", [wishes.ExpectedTurn("hi", "nowhere")]), "turns[0].topic", "no topic"),
        (wishes.AddConversation("x", [wishes.ExpectedTurn("hi", act="x")]), "turns[0].act", "unknown act"),
        (wishes.AddConversation("x", [wishes.ExpectedTurn("hi", skus=["x"])]), "turns[0].skus", "sku"),
        (wishes.AddConversation("gas", [wishes.ExpectedTurn("hi")]), "name", "there is a conversation"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_by_field(
    project: Project, operation: Operation, field: str, said: str
) -> None:
    error = fault(project, operation)
    assert (error.field, said in str(error)) == (field, True), str(error)


def test_a_wish_that_would_break_the_catalogue_is_told_with_file_and_line(project: Project) -> None:
    twice = wishes.SetFact("warranty", "RL-300", "x", "moon", "Moon", ["receipt"])
    error = fault(project, twice)
    assert str(error).startswith("data/catalogue/warranty.csv:7: keywords:")


@pytest.mark.parametrize(
    ("path", "edit", "place"),
    [
        ("data/nlu/price.yml", ("- intent: price", "- intent: [price"), "data/nlu/price.yml:"),
        (
            "domain.yml",
            ("intents:\n", "intents: none\nnot_intents:\n"),
            "domain.yml:10: expected the intents",
        ),
        (
            "data/conversations/limits.csv",
            (",clarify,", ",clarifies,"),
            "data/conversations/limits.csv:2: unknown act",
        ),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_left_alone(
    project: Project, path: str, edit: tuple[str, str], place: str
) -> None:
    file = project.root / path
    text = file.read_text(encoding="utf-8")
    assert edit[0] in text
    file.write_text(text.replace(*edit, 1), encoding="utf-8")
    before = contents(project.root)
    assert str(fault(project, DOGS)).startswith(place)
    assert contents(project.root) == before


def test_a_file_that_is_not_utf_8_is_told_with_its_line(project: Project) -> None:
    path = project.root / "data/nlu/price.yml"
    path.write_bytes(path.read_bytes().replace(b"- intent: price", b"- intent: pr\xffce", 1))
    assert str(fault(project, DOGS)).startswith("data/nlu/price.yml:4: not UTF-8")


def test_one_wish_that_cannot_be_does_not_stand_in_the_way_of_the_others(project: Project) -> None:
    odd = wishes.MergeTopics(["dogs", "price"], "usage")
    planned, refused = project.attempt([DOGS, odd, WRAP])
    assert list(refused) == [1]
    assert planned.operations == (DOGS, WRAP)
    assert planned.files == project.plan([DOGS, WRAP]).files


def test_an_example_nearly_like_another_topics_is_a_warning_with_its_line(project: Project) -> None:
    near = project.topic("warranty").examples[0].upper() + " ?"
    warned = project.plan([wishes.AddExamples("price", [near])]).warnings
    (warning,) = [one for one in warned if "nearly" in one.text]
    lines = project.plan([wishes.AddExamples("price", [near])]).files[0].after.decode().splitlines()
    assert (warning.path, lines[(warning.line or 0) - 1].strip()) == ("data/nlu/price.yml", f"- {near}")


def test_what_an_operator_may_have_overlooked_is_a_warning(project: Project) -> None:
    mail = wishes.AddExamples("price", ["write to anna@example.org what it costs"])
    bare = wishes.SetAnswer("warranty", "Three years.")
    said = " ".join(one.text for one in project.plan([WRAP, mail, bare]).warnings)
    assert "gift_wrap has 1 examples" in said
    assert "gift_wrap has no answer for RL-500" in said
    assert "somebody's address" in said
    assert "its facts are not told" in said


def test_every_wish_is_the_same_after_it_was_json(project: Project) -> None:
    all_of_them: list[Operation] = [
        DOGS,
        WRAP,
        wishes.SetFact("warranty", "RL-300", "x", "moon", "Moon", ["a"]),
        wishes.AddConversation("x", [wishes.ExpectedTurn("hi", None, [], None)], "y"),
        wishes.MergeTopics(["a"], "b"),
        wishes.SplitTopic("a", "b", "B", ["x"], "y"),
        wishes.RenameTopic("a", "b", "B"),
        wishes.RemoveConversation("x"),
        wishes.RemoveExamples("a", ["b"]),
        wishes.MoveExamples("a", "b", ["c"]),
        wishes.SetAnswer("a", "b", [AnswerButton("c", "/d")]),
        wishes.AddExamples("a", ["b"]),
    ]
    assert [wishes.from_json(wishes.to_json(one)) for one in all_of_them] == all_of_them
    assert len({one.kind for one in all_of_them}) == 11


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"kind": "add_examples", "topic": "Price", "texts": ["a"]}, "topic"),
        ({"kind": "add_examples", "topic": "price", "texts": []}, "texts"),
        ({"kind": "add_examples", "topic": "price"}, "texts"),
        ({"kind": "add_conversation", "name": "x", "turns": [{"text": ""}]}, "turns"),
        ({"kind": "nonsense"}, "kind"),
        ({}, "kind"),
        ([], None),
    ],
)
def test_json_that_is_no_wish_is_refused_by_field(value: object, field: str | None) -> None:
    with pytest.raises(ProjectError) as caught:
        wishes.from_json(value)
    assert caught.value.field == field
