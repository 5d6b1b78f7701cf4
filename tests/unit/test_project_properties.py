"""Whatever operators wish one after the other: all files know the same topics afterwards, and can be read."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steward.errors import ProjectError
from steward.project import Project, checks
from steward.project import operations as wishes
from steward.project.domain import intents, response
from steward.project.draft import Draft, Parsed
from steward.project.examples import examples_of
from steward.project.operations import AnswerButton, Operation
from steward.project.plan import carry_out, conversations
from steward.project.topics import facts_of, own_rows

ROOT = Path(__file__).resolve().parents[2]
PARSED: Parsed = {}
NAMES = st.sampled_from(["dogs", "gifts", "arriving", "zoo"])
ANY = st.sampled_from(["dogs", "gifts", "arriving", "zoo", "price", "hours", "greet"])
WORDS = st.sampled_from(
    ["are hounds fine", "Ärger: mit # dem Hund?", "may a 'cat' come", 'a "goat", too', "- a list?", "fur {x}"]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=3, unique=True)
ANSWERS = st.sampled_from(["They are.", "Of course:\nall 'of' \"them\" # welcome", "- no", "Fragen Sie!"])
ABOUT = st.sampled_from(["{answer}", "The {product}: {answer}", "No {product}."])
SKUS = st.sampled_from(["RL-300", "CR-1", "TR-18"])
BUTTONS = st.lists(st.builds(AnswerButton, ANSWERS, ANY.map(lambda name: f"/{name}")), max_size=2)
OPERATIONS: st.SearchStrategy[Operation] = st.one_of(
    st.builds(wishes.CreateTopic, NAMES, ANSWERS, TEXTS, ANSWERS, st.just(False), st.just({}), BUTTONS),
    st.builds(
        wishes.CreateTopic,
        NAMES,
        ANSWERS,
        TEXTS,
        ABOUT,
        st.just(True),
        st.dictionaries(SKUS, ANSWERS, max_size=2),
    ),
    st.builds(wishes.RenameTopic, NAMES, NAMES, ANSWERS),
    st.builds(wishes.MergeTopics, st.lists(NAMES, min_size=1, max_size=2), ANY),
    st.builds(wishes.SplitTopic, ANY, NAMES, ANSWERS, TEXTS, ANSWERS),
    st.builds(wishes.AddExamples, ANY, TEXTS),
    st.builds(wishes.RemoveExamples, ANY, TEXTS),
    st.builds(wishes.MoveExamples, ANY, ANY, TEXTS),
    st.builds(wishes.SetAnswer, ANY, ANSWERS, BUTTONS),
    st.builds(wishes.SetFact, NAMES, SKUS, ANSWERS | st.just("")),
    st.builds(
        wishes.AddConversation, NAMES, st.lists(st.builds(wishes.ExpectedTurn, WORDS, ANY), min_size=1)
    ),
    st.builds(wishes.RemoveConversation, NAMES),
)


@lru_cache
def shipped() -> dict[str, bytes]:
    """The project's files, read once."""
    draft = Project(ROOT)._draft()
    return {path: draft.text(path).encode() for path in draft.paths("data", (".yml", ".csv"))} | {
        "domain.yml": (ROOT / "domain.yml").read_bytes()
    }


def actions_by_intent(draft: Draft) -> dict[str, str]:
    """Which action the rules have for each topic."""
    rules = [
        rule
        for path in draft.paths("data/rules", (".yml",))
        for rule in yaml.load(draft.text(path), yaml.CSafeLoader)["rules"]
    ]
    return {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in rules}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(OPERATIONS, min_size=1, max_size=8))
def test_all_files_know_the_same_topics_whatever_was_wished(operations: list[Operation]) -> None:
    draft = Draft(shipped(), PARSED)
    for operation in operations:
        try:
            draft.attempt(lambda wish=operation: carry_out(draft, wish))  # type: ignore[misc]
        except ProjectError as error:
            assert error.field, f"{operation}: {error}"
    own = {row["topic"] for row in own_rows(draft)}
    rules = actions_by_intent(draft)
    assert {topic for topic, action in rules.items() if action == "action_own_topic"} == own
    assert set(rules) == set(intents(draft))
    assert set(examples_of(draft)) == set(intents(draft)) - {"nlu_fallback"}
    assert all(response(draft, f"utter_{topic}") for topic in own)
    spoken = draft.text("data/stories/spoken_by_actions.yml")
    assert {topic for topic in own if f"- action: utter_{topic}\n" in spoken} == own
    assert set(facts_of(draft)) <= own
    known = set(intents(draft))
    assert {turn.topic for one in conversations(draft) for turn in one.turns if turn.topic} <= known
    texts = [text.casefold() for texts in examples_of(draft).values() for text in texts]
    assert len(texts) == len(set(texts))
    checks.expect_whole(draft, ROOT)
