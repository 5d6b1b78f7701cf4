"""What a large catalogue costs: a full parse with thousands of products beside one with the shop's own.

    python bench/large_catalogue.py [--products 10000] [--messages 500] [--json FILE]

Makes up a plausible catalogue around the shop's own, trains the project's pipeline with each, and parses the
shop's own messages with both in turn, so that whatever else the machine does slows both.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import logging
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.constants import TEXT
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.log_utils import configure_structlog
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from steward.catalogue import load_catalogue
from steward.settings import load_settings

_MATCHER = "steward.nlu.matcher.ProductMatcher"
_KINDS = """fridge freezer oven hob cooker kettle toaster blender juicer microwave dehumidifier humidifier fan
heater radiator vacuum iron dryer washer mower saw drill sander chainsaw hedgecutter sprinkler pump doorbell
camera lock alarm lamp speaker projector television monitor printer router scale shaver hairdryer toothbrush
massager mattress sofa desk chair shelf wardrobe mirror bicycle scooter treadmill rower tent grill
smoker""".split()
_SORTS = "electric cordless compact smart portable built-in outdoor steam digital folding".split()
_VARIANTS = ("100", "200", "300", "500", "Mini", "Pro", "Max", "Plus", "S2", "S2 Pro", "45", "60 Pro")
_SYLLABLES = """ba be ka ko la li lo ma mi na no pa ra ri ro sa ta ti to va ve vo za zen dor mel nor tal
vin""".split()
_TOLD = ("sku", "name", "family", "category", "synonyms")
_WARM_UP = 20


def grown(source: Path, target: Path, count: int) -> None:
    """A copy of a catalogue with so many products: to its own come made-up ones with all that it has."""
    shutil.copytree(source, target)
    rng = random.Random(0)
    own = load_catalogue(source).products
    made_up = list(_products(rng, count - len(own)))
    model = next(iter(own))
    for file in sorted(target.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            reader = csv.DictReader(opened)
            rows, columns = list(reader), list(reader.fieldnames or ())
        if "sku" not in columns or not rows:
            continue
        like = next((row for row in rows if row["sku"] == model), rows[0])
        told = _TOLD if file.name == "products.csv" else ("sku",)
        rows += [{**like, **{column: product[column] for column in told}} for product in made_up]
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, columns)
            writer.writeheader()
            writer.writerows(rows)


def _products(rng: random.Random, count: int) -> Iterator[dict[str, str]]:
    families: set[str] = set()
    made = 0
    while made < count:
        family = "".join(rng.choices(_SYLLABLES, k=rng.choice((2, 3, 3, 4)))).capitalize()
        if family in families:
            continue
        families.add(family)
        sort, kind = rng.choice(_SORTS), rng.choice(_KINDS)
        for variant in rng.sample(_VARIANTS, min(rng.randint(1, 6), count - made)):
            made += 1
            yield {
                "sku": f"MU-{made}",
                "name": f"{family} {variant}",
                "family": family,
                "category": kind,
                "synonyms": f"{sort} {kind}|{family.lower()} {kind}",
            }


def learn(folder: Path, catalogue: Path) -> Agent:
    """The project's pipeline, trained with a catalogue."""
    settings = load_settings()
    config: dict[str, Any] = yaml.safe_load((settings.root / "config.yml").read_text("utf-8"))
    for part in config["pipeline"]:
        if part["name"] == _MATCHER:
            part["catalogue"] = str(catalogue)
    folder.mkdir()
    (folder / "config.yml").write_text(yaml.safe_dump(config), "utf-8")
    data, domain = str(settings.root / "data" / "nlu"), str(settings.root / "domain.yml")
    model = train_nlu(str(folder / "config.yml"), data, str(folder), domain=domain)
    if model is None:
        raise SystemExit("Rasa could not train a model.")
    return Agent.load(model)


def messages(count: int) -> list[str]:
    """So many of the shop's training examples, an even sample."""
    folder = load_settings().root / "data" / "nlu"
    found = training_data_from_paths(sorted(map(str, folder.glob("*.yml"))), "en")
    texts = sorted({str(message.get(TEXT)) for message in found.intent_examples if message.get(TEXT)})
    return random.Random(0).sample(texts, min(count, len(texts)))


async def measure(agents: Sequence[Agent], texts: Sequence[str]) -> list[np.ndarray]:
    """Seconds for each message with each agent, taken in turn."""
    seconds: list[list[float]] = [[] for _ in agents]
    for text in texts[:_WARM_UP]:
        for agent in agents:
            await agent.parse_message(text)
    order = list(range(len(agents)))
    for text in track(texts, "Parsing", transient=True):
        for number in order:
            started = time.perf_counter()
            await agents[number].parse_message(text)
            seconds[number].append(time.perf_counter() - started)
        order.reverse()
    return [np.array(times) for times in seconds]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    configure_logging_and_warnings(logging.WARNING)
    configure_structlog(logging.WARNING)
    source = load_settings().catalogue
    with tempfile.TemporaryDirectory() as scratch:
        large = Path(scratch, "catalogue")
        grown(source, large, options.products)
        agents = [learn(Path(scratch, "small"), source), learn(Path(scratch, "large"), large)]
        small_s, large_s = asyncio.run(measure(agents, messages(options.messages)))
    found = {
        "products": options.products,
        "own_ms": 1000 * float(np.median(small_s)),
        "large_ms": 1000 * float(np.median(large_s)),
        "ratio": float(np.median(large_s) / np.median(small_s)),
        "ratio_of_means": float(large_s.mean() / small_s.mean()),
        "own_p95_ms": 1000 * float(np.quantile(small_s, 0.95)),
        "large_p95_ms": 1000 * float(np.quantile(large_s, 0.95)),
    }
    for key, value in found.items():
        print(f"{key:15} {value:.2f}" if isinstance(value, float) else f"{key:15} {value}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2), "utf-8")


if __name__ == "__main__":
    main()
