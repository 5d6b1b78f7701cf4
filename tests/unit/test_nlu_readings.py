"""Topics are learned from examples, with a confidence that can be believed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from steward.nlu.classifier import IntentClassifier
from steward.nlu.confidence import Confidence, calibration_error, reliability, threshold_for
from steward.nlu.readings import Readings
from steward.nlu.refusals import Refused
from steward.nlu.regression import fit_softmax, log_softmax
from steward.nlu.ridge import fit
from steward.nlu.writing import Writing
from steward.training.heldout import read

EXAMPLES = {
    "price": "what does it cost|how much is it|the price please|how much is the product|"
    "what is the price of it|is it expensive to buy|tell me the price|"
    "how much money is that|cost of the product|"
    "what would it cost me",
    "delivery": "when will it arrive|"
    "how long does delivery take|do you ship to ireland|shipping times please|"
    "what about delivery|how fast do you deliver|can it be shipped abroad|when does the parcel come|"
    "do you deliver on saturdays|delivery time",
    "greet": "hello|hi|hey there|good morning|hi there|hello bot|good evening|hey|howdy|greetings",
    "inform": "the product|"
    "product|it is the product|i mean the product|my product|product please|product i think|"
    "about the product|for the product|the product one",
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts.split("|")]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts.split("|")]
NO_MEANING = np.zeros((len(TEXTS), 0), np.float32)


@pytest.fixture(scope="module")
def readings() -> Readings:
    return Readings.learn(TEXTS, LABELS, NO_MEANING, accepted_error=0.2)


def classifier(folder: Path, **config: object) -> IntentClassifier:
    storage = LocalModelStorage.create(folder)
    context = ExecutionContext(GraphSchema({}), node_name="IntentClassifier")
    settings = {**IntentClassifier.get_default_config(), **config}
    return IntentClassifier.create(settings, storage, Resource("train_classifier"), context)


def trained(folder: Path, **more: str) -> IntentClassifier:
    component = classifier(folder, accepted_error_rate=0.2)
    examples = [
        Message.build(text, label)
        for label, texts in {**EXAMPLES, **more}.items()
        for text in texts.split("|")
    ]
    component.train(TrainingData(examples))
    context = ExecutionContext(GraphSchema({}), node_name="IntentClassifier")
    return IntentClassifier.load(component._config, component._storage, component._resource, context)


def parse(component: IntentClassifier, text: str, **data: object) -> Message:
    [message] = component.process([Message({"text": text, **data})])
    return message


def test_messages_like_the_examples_get_their_topic(readings: Readings) -> None:
    nothing = np.zeros(0, np.float32)
    assert readings.read("what is the cost", nothing).ranking[0][0] == "price"
    assert readings.read("do you deliver to wales", nothing).ranking[0][0] == "delivery"


def test_a_familiar_message_is_surer_than_a_strange_one(readings: Readings) -> None:
    nothing = np.zeros(0, np.float32)
    familiar, strange = (
        readings.read("how much is it", nothing),
        readings.read("zebra quantum xylophone", nothing),
    )
    assert familiar.confidence > strange.confidence
    assert strange.confidence < readings.threshold
    assert familiar.nearest == "how much is it"


def test_what_was_saved_reads_the_same(readings: Readings, tmp_path: Path) -> None:
    readings.save(tmp_path)
    loaded = Readings.load(tmp_path)
    for text in ("what does it cost me", "hello", "shipping to france"):
        before, after = (model.read(text, np.zeros(0, np.float32)) for model in (readings, loaded))
        assert [name for name, _ in before.ranking] == [name for name, _ in after.ranking]
        assert before.confidence == pytest.approx(after.confidence, abs=0.01)
        assert before.nearest == after.nearest
    assert loaded.threshold == readings.threshold
    assert loaded.report == readings.report


def test_training_twice_gives_the_same_model(readings: Readings) -> None:
    again = Readings.learn(TEXTS, LABELS, NO_MEANING, accepted_error=0.2)
    assert again.threshold == readings.threshold
    nothing = np.zeros(0, np.float32)
    assert again.read("the price", nothing) == readings.read("the price", nothing)


def test_accepting_less_error_asks_for_more_confidence() -> None:
    confidence, harmful = np.array([0.95, 0.9, 0.8, 0.7, 0.6]), np.array([False, False, False, True, True])
    assert threshold_for(confidence, harmful, np.ones(5), 0.05) == 0.8
    assert threshold_for(confidence, harmful, np.ones(5), 0.2) == 0.7


def test_the_accepted_error_is_a_share_of_all_messages_not_of_the_answers() -> None:
    confidence, harmful = np.linspace(0.99, 0.6, 20), np.zeros(20, bool)
    harmful[1] = True
    assert threshold_for(confidence, harmful, np.ones(20), 0.05) == pytest.approx(0.6)


def test_readings_of_one_confidence_clear_the_bar_together() -> None:
    assert threshold_for(np.array([0.9, 0.8, 0.8]), np.array([False, False, True]), np.ones(3), 0.1) == 0.9


def test_no_confidence_is_enough_when_even_the_surest_readings_are_wrong() -> None:
    assert threshold_for(np.array([0.9, 0.8]), np.array([True, True]), np.ones(2), 0.05) > 0.9


def test_confidence_learned_from_flawless_readings_is_not_certainty() -> None:
    evidence = np.linspace(0, 1, 20)[:, None]
    confidence = Confidence.learn(evidence, np.ones(20, bool), np.ones(20), np.zeros(20, bool), 0.05)
    assert 0.8 < confidence.of(evidence).mean() < 1


def likeness_and_targets() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(40, 5)), rng.integers(0, 3, 40)
    return np.asarray(points @ points.T), np.asarray(labels[:, None] == np.arange(3)).astype(float)


def test_an_example_left_out_scores_as_if_it_had_never_been_learned_from() -> None:
    likeness, targets = likeness_and_targets()
    others = np.arange(40) != 7
    fitted = fit(likeness, targets, 0.5)
    without = fit(likeness[np.ix_(others, others)], targets[others], 0.5)
    assert fitted.left_out[7] == pytest.approx(likeness[7, others] @ without.weights, abs=1e-4)


def test_examples_left_out_together_score_as_if_none_of_them_had_been_learned_from() -> None:
    likeness, targets = likeness_and_targets()
    rows, others = np.arange(10), np.arange(10, 40)
    fitted = fit(likeness, targets, 0.5)
    without = fit(likeness[np.ix_(others, others)], targets[others], 0.5)
    assert fitted.without(rows) == pytest.approx(likeness[np.ix_(rows, others)] @ without.weights, abs=1e-4)


def test_a_message_without_a_known_letter_is_never_sure(readings: Readings) -> None:
    assert readings.read("....,,;;", np.zeros(0, np.float32)).confidence == 0


def test_more_examples_than_can_be_learned_from_are_drawn_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("steward.nlu.readings._MOST", 20)
    drawn = Readings.learn(TEXTS, LABELS, NO_MEANING, accepted_error=0.2)
    assert drawn.labels == sorted(EXAMPLES)


def test_calibration_error_is_the_gap_between_confidence_and_success() -> None:
    assert calibration_error(np.array([0.9] * 10), np.array([True] * 9 + [False])) == pytest.approx(0.0)
    assert calibration_error(np.array([0.9] * 10), np.array([False] * 10)) == pytest.approx(0.9)


def test_reliability_sets_what_was_promised_beside_what_became_of_it() -> None:
    confidence = np.array([0.92, 0.98, 0.31, 1.0])
    low, high = reliability(confidence, np.array([True, False, False, True]))
    assert (low.confidence, low.right, low.share) == pytest.approx((0.31, 0, 0.25))
    assert (high.confidence, high.right, high.share) == pytest.approx((2.9 / 3, 2 / 3, 0.75))


def test_the_report_counts_the_wrong_readings_that_would_be_answered(readings: Readings) -> None:
    report = readings.report
    assert (report.examples, report.topics) == (len(TEXTS), len(EXAMPLES))
    assert report.threshold == readings.threshold
    assert report.answered_wrongly <= min(report.accepted_error_rate / 0.75, 1 - report.accuracy)


def test_the_regression_separates_what_can_be_separated() -> None:
    features = np.array([[-1.0], [-2.0], [1.0], [2.0]])
    targets = np.array([[1, 0], [1, 0], [0, 1], [0, 1]])
    matrix, offsets = fit_softmax(features, targets, 0.01)
    assert (log_softmax(features @ matrix + offsets).argmax(1) == [0, 0, 1, 1]).all()


def test_a_text_weighs_its_words_and_its_letters_alike_and_is_of_length_one() -> None:
    writing = Writing.learn(["hello there", "hello again", "hello hello world"])
    row = writing.vectors(["hello hello there"]).toarray()[0]
    first_word = min(writing.row(word)[0][-1] for word in ("hello", "there"))
    assert np.square(row[:first_word]).sum() == pytest.approx(0.5)
    assert np.square(row[first_word:]).sum() == pytest.approx(0.5)


def test_a_text_without_known_words_has_no_written_features() -> None:
    writing = Writing.learn(["hello there", "hello again"])
    assert writing.vectors(["qqq"]).nnz == 0


def test_a_sure_reading_is_the_intent_and_an_unsure_one_a_fallback(tmp_path: Path) -> None:
    component = trained(tmp_path)
    sure, unsure = parse(component, "how much is it"), parse(component, "zebra quantum xylophone")
    assert sure.get("intent")["name"] == "price"
    assert unsure.get("intent")["name"] == "nlu_fallback"
    assert {"intent", "intent_ranking", "evidence"} <= unsure.output_properties


def test_the_ranking_keeps_the_readings_from_before_the_gate(tmp_path: Path) -> None:
    message = parse(trained(tmp_path), "zebra quantum xylophone")
    names = [entry["name"] for entry in message.get("intent_ranking")]
    assert sorted(names) == sorted(EXAMPLES)
    confidences = [entry["confidence"] for entry in message.get("intent_ranking")]
    assert confidences == sorted(confidences, reverse=True)
    evidence = message.get("evidence")
    assert len(evidence["readings"]) == 3
    assert set(evidence["nearest"]) == {"text", "intent", "similarity"}
    assert evidence["threshold"] > message.get("intent")["confidence"]


def test_nothing_but_a_product_name_informs(tmp_path: Path) -> None:
    data = {"masked_text": "the product", "mentions": [{"skus": ["RL-300"]}]}
    assert parse(trained(tmp_path), "the rill 300", **data).get("intent")["name"] == "inform"


def test_a_few_unknown_words_are_not_sure_to_be_foreign(tmp_path: Path) -> None:
    component = trained(
        tmp_path, out_of_scope="blorp wuggle|who won the match|the weather in rome|sing a song"
    )
    strange = parse(component, "blorft wugglet", strange_words=["blorft", "wugglet"])
    assert strange.get("intent_ranking")[0]["name"] == "out_of_scope"
    assert strange.get("intent")["name"] == "nlu_fallback"
    assert parse(component, "who won the match", strange_words=[]).get("intent")["name"] == "out_of_scope"


def test_a_message_without_text_is_left_alone(tmp_path: Path) -> None:
    assert parse(trained(tmp_path), "").get("evidence") is None


@pytest.mark.parametrize("rate", [0, 1, -0.1, "low", True])
def test_an_error_rate_that_cannot_be_is_refused(tmp_path: Path, rate: object) -> None:
    with pytest.raises(Refused, match="accepted_error_rate"):
        classifier(tmp_path, accepted_error_rate=rate)


def test_what_the_report_counts_is_told_example_by_example(readings: Readings) -> None:
    found = readings.held_out

    assert [one.row for one in found] == list(range(len(TEXTS)))
    right = [one.predicted == LABELS[one.row] for one in found]
    assert sum(right) / len(right) == pytest.approx(readings.report.accuracy)
    answered = [one.confidence >= readings.threshold for one in found]
    assert sum(answered) / len(answered) == pytest.approx(readings.report.answered)


def test_a_model_keeps_each_example_as_it_was_written_with_what_it_is_read_as_without_itself(
    tmp_path: Path,
) -> None:
    component = trained(tmp_path, greet='say "hello", please|hi')
    with component._storage.read_from(component._resource) as folder:
        examples = read(Path(folder, "heldout.csv"))

    assert len(examples) == len(TEXTS) - len(EXAMPLES["greet"].split("|")) + 2
    assert 'say "hello", please' in {one.text for one in examples if one.topic == "greet"}
    assert {one.predicted for one in examples} <= set(EXAMPLES)
    assert all(0 <= one.confidence <= 1 for one in examples)
