"""Products of the catalogue in a message, as Rasa entities and as mentions with all they may mean."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from steward.catalogue import Catalogue, Name, load_catalogue
from steward.errors import CatalogueError, WeightsError
from steward.nlu.brands import alike
from steward.nlu.fingerprint import code_fingerprint, fingerprint_of
from steward.nlu.mentions import Mention, Mentions
from steward.nlu.refusals import told_by_rasa
from steward.nlu.spelling import parts_of
from steward.nlu.weights import find_weights
from steward.settings import load_settings

MENTIONS = "mentions"
_MASKED = "masked_text"
_FILE = "names.json"


def masked_text(message: Message) -> str:
    """The message with "product" for our products' names and one brand for others': they tell no topic."""
    return str(message.get(_MASKED) or message.get(TEXT) or "")


def mask(text: str, mentions: Iterable[Mention]) -> str:
    """The text with each mention replaced by the word "product"."""
    for mention in sorted(mentions, key=lambda mention: -mention.start):
        text = f"{text[: mention.start]}product{text[mention.end :]}"
    return text


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR],
    is_trainable=True,
)
class ProductMatcher(GraphComponent):
    """Sets `entities` (one product each) and `mentions` (all). The trained model carries the names."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._mentions = Mentions(())

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`catalogue`: the folder of the shop's facts; by default the project's own."""
        return {"catalogue": None}

    @staticmethod
    def required_packages() -> list[str]:
        """What compares spellings."""
        return ["rapidfuzz", "spacy"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Other names are trained again, other texts are not; training tells what is wrong with either."""
        try:
            return code_fingerprint() + fingerprint_of(_names_in(_catalogue(config)))
        except CatalogueError:
            return code_fingerprint()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ProductMatcher:
        """Called by Rasa before training."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ProductMatcher:
        """Called by Rasa with a trained model."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            stored = json.loads(Path(folder, _FILE).read_text("utf-8"))
        names = [Name(text, tuple(skus), kind) for text, skus, kind in stored["names"]]
        component._mentions = Mentions(names, stored["proper"], stored["ordinary"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Stores the catalogue's names, and which of their words people also use for other things."""
        with told_by_rasa():
            catalogue = _catalogue(self._config)
        names = _names_in(catalogue)
        stored = {**names, "ordinary": sorted(_ordinary_words(training_data, names["proper"]))}
        with self._storage.write_to(self._resource) as folder:
            Path(folder, _FILE).write_text(json.dumps(stored), "utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Masks the examples' product names for the components that follow."""
        for message in training_data.training_examples:
            if message.get(TEXT):
                text = str(message.get(TEXT))
                message.set(_MASKED, alike(mask(text, self._mentions.find(text))))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Finds the products of each message."""
        for message in messages:
            text = str(message.get(TEXT) or "")
            found = self._mentions.find(text)
            message.set(_MASKED, alike(mask(text, found)))
            message.set(MENTIONS, [mention.as_dict() for mention in found], add_to_output=True)
            others = message.get(ENTITIES, [])
            entities = [_entity(mention) for mention in found if len(mention.skus) == 1]
            message.set(ENTITIES, others + entities, add_to_output=True)
        return messages


def proper_names(catalogue: Catalogue) -> list[str]:
    """The names that the maker gave: products' and families'. All others are common nouns."""
    return sorted({product.name for product in catalogue.products.values()} | set(catalogue.families()))


def _names_in(catalogue: Catalogue) -> dict[str, list[Any]]:
    """All that the matcher reads of a catalogue."""
    names = [[name.text, name.skus, name.kind] for name in catalogue.names()]
    return {"names": names, "proper": proper_names(catalogue)}


def _catalogue(config: dict[str, Any]) -> Catalogue:
    settings = load_settings()
    folder = config.get("catalogue")
    return load_catalogue(settings.root / folder if folder else settings.catalogue)


def _entity(mention: Mention) -> dict[str, Any]:
    return {
        "entity": "product",
        "value": mention.skus[0],
        "start": mention.start,
        "end": mention.end,
        "extractor": "ProductMatcher",
        "confidence": mention.score,
    }


def _ordinary_words(training_data: TrainingData, proper: Iterable[str]) -> set[str]:
    """The words of everyday English: the encoder's own word list, or else those of the training examples."""
    try:
        tokenizer = json.loads((find_weights() / "tokenizer.json").read_text("utf-8"))
    except WeightsError:
        texts = [*proper, *(str(message.get(TEXT) or "") for message in training_data.training_examples)]
        words = {part.text for text in texts for part in parts_of(text)}
    else:
        words = set(tokenizer["model"]["vocab"])
    return {word for word in words if len(word) > 1 and word.isalpha()}
