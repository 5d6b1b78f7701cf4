"""How long it takes from "retrain" to a model that is trained, judged and ready to be promoted.

    python bench/retrain.py [--served]               the shop in this folder
    python bench/retrain.py TRAIN.csv [MORE.csv ...] [--topics 200] [--examples 100] [--peer stock]

With `--served` a Steward runs meanwhile, on PORT and the next two, with a model that it trains first of the
same files; then the new model is promoted, and the time until customers have it is told, too. What that first
training leaves for the next is used as in daily life; otherwise it is the very first that is measured.

With CSV files of `text,intent` a project of so many topics with so many examples each is made of them and of
some of the shop's topics, in the shop's own pipeline; where a topic has too few, its examples are repeated in
other words of courtesy.
`--peer stock` trains Rasa's own pipeline on the same data, which takes hours for twenty thousand examples;
`--peer epochs` trains it for 1 and for 4 epochs and tells what 100 would take at that pace. Everything
happens in a throw-away folder.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
_COURTESY = (
    "{}",
    "please: {}",
    "hi, {}",
    "{}, thanks",
    "hello there, {}",
    "quick question: {}",
    "sorry to bother you, {}",
    "{}, can you help",
    "good morning, {}",
    "just wondering, {}",
)
_READY = "Steward is ready"
_PATIENCE = 900.0
_EPOCHS = 100
_TRIED = (1, 4)
# Topics of the shop that every project has: a model must answer them before customers get it.
_OURS = ("greet", "human", "price")


def read_topics(files: Iterable[Path]) -> dict[str, list[str]]:
    """The examples of each topic, in the order of the files; what is out of scope is no topic."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["intent"] != "out_of_scope":
                    found[row["intent"]].setdefault(" ".join(row["text"].split()))
    return {topic: list(texts) for topic, texts in found.items()}


def chosen(topics: Mapping[str, Sequence[str]], count: int, examples: int) -> dict[str, list[str]]:
    """So many topics with so many examples each: some of the shop's own, and of the others the richest."""
    richest = sorted(topics, key=lambda topic: (-len(topics[topic]), topic))[: count - len(_OURS)]
    found = {topic: topics[topic] for topic in sorted(richest)} | {
        topic: _examples_of(topic) for topic in _OURS
    }
    return {topic: list(itertools.islice(_varied(texts), examples)) for topic, texts in found.items()}


def _examples_of(topic: str) -> list[str]:
    content = yaml.safe_load((ROOT / "data" / "nlu" / f"{topic}.yml").read_text("utf-8"))
    lines = [line for block in content["nlu"] for line in block["examples"].splitlines()]
    return [line.removeprefix("- ").strip() for line in lines if line.strip()]


def _varied(texts: Sequence[str]) -> Iterator[str]:
    for form in _COURTESY:
        for text in texts:
            yield form.format(text)


def write_project(folder: Path, topics: Mapping[str, Sequence[str]]) -> None:
    """A project with these topics, new ones answered with a sentence, and everything else as the shop's."""
    for name in ("config.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("actions", "steward"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("catalogue", "rules", "stories"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    new = {topic: f"topic_{number}" for number, topic in enumerate(topics) if topic not in _OURS}
    domain["intents"] = [*domain["intents"], *new.values()]
    domain["responses"] |= {f"utter_{name}": [{"text": topic}] for topic, name in new.items()}
    _write(folder / "domain.yml", domain)
    nlu = [
        {"intent": new.get(topic, topic), "examples": _Block("".join(f"- {text}\n" for text in texts))}
        for topic, texts in topics.items()
    ]
    _write(folder / "data" / "nlu" / "topics.yml", {"version": "3.1", "nlu": nlu})
    rules = [
        {"rule": name, "steps": [{"intent": name}, {"action": f"utter_{name}"}]} for name in new.values()
    ]
    _write(folder / "data" / "rules" / "topics.yml", {"version": "3.1", "rules": rules})


@contextmanager
def steward_running(root: Path, home: Path) -> Iterator[None]:
    """A Steward that serves customers while the block runs."""
    output = home / "run.txt"
    home.mkdir(parents=True)
    with output.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "steward", "run"],
            cwd=root,
            env=_environment(root, home),
            stdout=sink,
            stderr=sink,
        )
    try:
        deadline = time.monotonic() + _PATIENCE
        while _READY not in output.read_text("utf-8", "replace"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"Steward did not start:\n{output.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.2)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def steward_seconds(root: Path, home: Path) -> dict[str, float]:
    """Run `steward train`; the seconds of each stage, in order, and until the decision."""
    command = [sys.executable, "-m", "steward", "train", "--force", "--json"]
    began = time.perf_counter()
    begins: dict[str, float] = {}
    environment = _environment(root, home)
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            told = json.loads(line)
            begins.setdefault(told["stage"], time.perf_counter() - began)
    total = time.perf_counter() - began
    if told["state"] != "done":
        raise SystemExit(told["text"])
    ends = [*list(begins.values())[1:], total]
    return {
        **{stage: end - start for (stage, start), end in zip(begins.items(), ends, strict=True)},
        "decided after": total,
    }


def promotion_seconds(root: Path, home: Path) -> float:
    """Run `steward promote` for the newest model; the seconds until customers have it."""
    command = [sys.executable, "-m", "steward", "promote", "newest", "--reason", "to be measured", "--json"]
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=root, env=_environment(root, home), capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode != 0 or json.loads(done.stdout)["state"] != "done":
        raise SystemExit(f"The model could not be promoted: {done.stdout}{done.stderr}")
    return seconds


def _environment(root: Path, home: Path) -> dict[str, str]:
    return {**os.environ, "STEWARD_ROOT": str(root), "STEWARD_HOME": str(home)}


def stock_seconds(root: Path, epochs: int) -> float:
    """Run `rasa train` with the stock pipeline, for so many epochs, on the project's data."""
    # Here, since it brings in all of Rasa, which nothing else here needs.
    from understanding import STOCK

    config = yaml.safe_load(STOCK)
    for part in config["pipeline"]:
        if "epochs" in part:
            part["epochs"] = epochs
    config["policies"] = [{"name": "RulePolicy"}]
    _write(root / "stock.yml", config)
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "rasa", "train", "--force", "--config", "stock.yml", "--out", "stock"],
        cwd=root,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"The stock pipeline could not be trained:\n{done.stdout[-2000:]}")
    return time.perf_counter() - began


def peer_seconds(root: Path, peer: str) -> tuple[str, float] | None:
    """What is said of the stock pipeline, and its seconds."""
    if peer == "none":
        return None
    if peer == "stock":
        return "stock rasa train", stock_seconds(root, _EPOCHS)
    short, long = (stock_seconds(root, epochs) for epochs in _TRIED)
    pace = (long - short) / (_TRIED[1] - _TRIED[0])
    if pace <= 0:
        raise SystemExit("The machine is too busy to tell an epoch's time; try again when it is quiet.")
    told = f"stock rasa train, estimated ({pace:.1f} s an epoch)"
    return told, short + pace * (_EPOCHS - _TRIED[0])


class _Block(str):
    """A text of many lines, written line by line as people write it."""

    __slots__ = ()


yaml.SafeDumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
)


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=10_000), "utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--topics", type=int, default=200)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--peer", choices=("stock", "epochs", "none"), default="none")
    parser.add_argument("--served", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root, home = ROOT, Path(scratch, "home")
        if options.files:
            root = Path(scratch, "project")
            root.mkdir()
            topics = chosen(read_topics(options.files), options.topics, options.examples)
            write_project(root, topics)
            print(f"{len(topics)} topics, {sum(map(len, topics.values())):,} examples")
        with steward_running(root, home) if options.served else nullcontext():
            seconds = steward_seconds(root, home)
            if options.served:
                seconds["promotion"] = promotion_seconds(root, home)
                seconds["served after"] = seconds["decided after"] + seconds["promotion"]
        peer = peer_seconds(root, options.peer) if options.files else None
    table = Table("", "seconds")
    for stage, took in seconds.items():
        table.add_row(stage, f"{took:.1f}")
    if peer:
        table.add_row(peer[0], f"{peer[1]:.1f}")
    Console().print(table)
    if options.json:
        told = {**seconds, **({"peer": peer[1], "peer_is": peer[0]} if peer else {})}
        options.json.write_text(json.dumps(told, indent=2), "utf-8")


if __name__ == "__main__":
    main()
