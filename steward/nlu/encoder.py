"""What a message means, as a vector: all-MiniLM-L6-v2 on ONNX Runtime."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rich.progress import track
from tokenizers import Tokenizer

from steward.errors import WeightsError
from steward.nlu import kept
from steward.nlu.fingerprint import code_fingerprint
from steward.nlu.matcher import masked_text
from steward.nlu.refusals import told_by_rasa
from steward.nlu.threads import cores
from steward.nlu.weights import SHA256, build_graph, check_weights, find_weights

LONGEST = 128
STRANGE = "strange_words"
_BATCH = 32
# Fewer batches than this are not worth starting threads for: a message's parts are read one after the other.
_MANY = 8
_WORD = re.compile(r"[^\W\d_]{2,}")


class Encoder:
    """Texts in, vectors out: the sentence's meaning (384 numbers of length one), then its middle layer."""

    def __init__(self, graph: bytes, tokenizer: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        # Another graph or word list makes other vectors.
        self.name = hashlib.sha256(graph + tokenizer.encode()).hexdigest()
        # How many numbers a vector has.
        self.size = int(self._session.get_outputs()[0].shape[1])
        self._tokenizer = Tokenizer.from_str(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)

    def encode(self, texts: Sequence[str], progress: str = "") -> np.ndarray:
        """One row a text, in their order; many go through on all cores.

        Texts of equal length go through together, so that nothing is padded.
        """
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors = np.zeros((len(ids), self.size), np.float32)
        batches = list(_equal_lengths(ids))

        def run(batch: list[int]) -> None:
            tokens = np.array([ids[index] for index in batch], np.int32)
            feed = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
            vectors[batch] = self._session.run(None, feed)[0]

        if len(batches) < _MANY:
            for batch in batches:
                run(batch)
            return vectors
        with ThreadPoolExecutor(cores()) as pool:
            done = pool.map(run, batches)
            for _ in track(done, progress, len(batches), transient=True) if progress else done:
                pass
        return vectors

    def is_word(self, word: str) -> bool:
        """Whether its word list has the word as a whole, as it has those that are often written."""
        return self._tokenizer.token_to_id(word.lower()) is not None


def _equal_lengths(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
    batch: list[int] = []
    for index in order:
        if batch and (len(batch) == _BATCH or len(ids[index]) != len(ids[batch[0]])):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEncoder(GraphComponent):
    """Adds a message's meaning to its features. The trained model carries the encoder and runs anywhere."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource, name: str) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._name = name
        self._encoder: Encoder | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`weights`: a folder instead of the installed package; `quantised`: 8-bit, small and fast."""
        return {"weights": None, "quantised": True}

    @staticmethod
    def required_packages() -> list[str]:
        """What reads and runs the weights."""
        return ["onnxruntime", "tokenizers"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Other code or weights mean another encoder."""
        return code_fingerprint() + SHA256

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        """Called by Rasa before training."""
        return cls(config, model_storage, resource, execution_context.node_name or cls.__name__)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceEncoder:
        """Called by Rasa with a trained model; refused if it has another encoder."""
        component = cls.create(config, model_storage, resource, execution_context)
        with told_by_rasa(), model_storage.read_from(resource) as folder:
            component._encoder = _read(Path(folder))
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Nothing is learned: the weights become a graph stored with the model; refused without them."""
        with told_by_rasa():
            weights = find_weights(self._config["weights"])
            check_weights(weights)
        with self._storage.write_to(self._resource) as folder:
            Path(folder, "encoder.onnx").write_bytes(_graph(weights, self._config["quantised"]))
            Path(folder, "tokenizer.json").write_bytes((weights / "tokenizer.json").read_bytes())
            Path(folder, "encoder.json").write_text(json.dumps({"weights_sha256": SHA256}), "utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the meaning to every training example."""
        examples = [message for message in training_data.training_examples if message.get(TEXT)]
        if self._encoder is not None:
            vectors = _vectors(self._encoder, [masked_text(message) for message in examples])
            self._add(examples, vectors)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the meaning to messages that have a text, and notes their words that are no common English."""
        if self._encoder is not None:
            written = [message for message in messages if message.get(TEXT)]
            self._add(written, self._encoder.encode([masked_text(message) for message in written]))
            for message in messages:
                words = _WORD.findall(masked_text(message))
                message.set(STRANGE, [word for word in words if not self._encoder.is_word(word)])
        return messages

    def _add(self, messages: Sequence[Message], vectors: np.ndarray) -> None:
        for message, vector in zip(messages, vectors, strict=True):
            message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._name))


def _graph(weights: Path, quantised: bool) -> bytes:
    """The encoder of these weights, which takes seconds to build."""
    key = f"{SHA256} {quantised} {onnxruntime.__version__} {code_fingerprint()}"
    graph = kept.load("encoder", key).get("graph")
    if graph is None:
        graph = np.frombuffer(build_graph(weights, quantised), np.uint8)
        kept.store("encoder", key, graph=graph)
    return graph.tobytes()


def _vectors(encoder: Encoder, texts: Sequence[str]) -> np.ndarray:
    """One row a text; the texts of the training before this one are not read again.

    Of a text a hash is kept, and that only as long as it is among the examples.
    """
    names = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    before = kept.load("vectors", encoder.name)
    known = dict(zip(before["names"].tolist(), before["vectors"], strict=True)) if before else {}
    new = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
    if new:
        vectors = encoder.encode(list(new.values()), "Reading the training examples")
        known |= dict(zip(new, vectors, strict=True))
    result = np.array([known[name] for name in names])
    if new or len(known) > len(set(names)):
        kept.store("vectors", encoder.name, names=np.array(names), vectors=result)
    return result


def _read(folder: Path) -> Encoder:
    made_from = json.loads((folder / "encoder.json").read_text("utf-8"))["weights_sha256"]
    if made_from != SHA256:
        raise WeightsError(
            "The model was trained with another sentence encoder. Train it again: `rasa train`."
        )
    graph = (folder / "encoder.onnx").read_bytes()
    return Encoder(graph, (folder / "tokenizer.json").read_text("utf-8"))
