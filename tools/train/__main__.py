"""`python -m tools.train`: makes the models that ship, from data that may be learnt from."""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hueandcry.apps.detection.model import write_model
from tools.corpus import DATA, read_messages
from tools.train import jobs, links
from tools.train.examples import FOLDER
from tools.train.message_model import train
from tools.train.rows import example_rows, free_rows

MODELS: Final = Path(__file__).resolve().parents[2] / "src/hueandcry/apps/detection/models"
SEED: Final = 20_261_128
VERSION: Final = "2026.11"


def messages() -> None:
    """`models/messages.model`."""
    rows = [*free_rows(read_messages()), *example_rows(SEED)]
    card = {
        "version": VERSION,
        "seed": str(SEED),
        "messages.csv.gz": _digest(DATA / "messages.csv.gz"),
        "examples": _digest(*sorted(FOLDER.glob("*.json*"))),
    }
    MODELS.mkdir(exist_ok=True)
    write_model(train(rows, card), MODELS / "messages.model")


def _digest(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


#: Name → what makes the model of that name.
TRAINERS: Final[dict[str, Callable[[], None]]] = {
    "messages": messages,
    "links": links.make,
    "jobs": jobs.make,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.train", description=__doc__)
    parser.add_argument("models", nargs="*", help=f"of {', '.join(TRAINERS)}; all without any")
    for name in parser.parse_args().models or TRAINERS:
        began = time.monotonic()
        TRAINERS[name]()
        print(f"{name}: {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
