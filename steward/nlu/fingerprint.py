"""What Rasa's training cache cannot see: code and facts that a component leans on besides its own class."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """A hash over every file of this package, so that changed code is trained again."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.iterdir()):
        if file.suffix in (".py", ".yml"):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def fingerprint_of(facts: object) -> str:
    """A hash over what a component stores of the catalogue: what it does not read may change freely."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
