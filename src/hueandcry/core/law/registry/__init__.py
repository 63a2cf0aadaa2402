"""The treaty registry: which instrument is in force for whom since when, and where that was read.

What is shipped is what was found; each row names its source. A member adds to it by files of its
own (`with_file`), and its lawyers tick what they read.
"""

from importlib.resources import files
from typing import Final

from hueandcry.core.law import LAW
from hueandcry.core.law.registry.asking import in_force, standing, unread
from hueandcry.core.law.registry.reading import (
    read_places,
    read_registry,
    read_treaty,
    with_file,
    with_places,
    with_treaty,
)
from hueandcry.core.law.registry.tables import (
    CHANNELS,
    FACTS,
    Fact,
    Group,
    Place,
    Registry,
    Standing,
    Treaty,
)


def _shipped() -> Registry:
    data = files("hueandcry.core.law.registry").joinpath("data")
    treaties = {
        path.name: path.read_bytes()
        for path in sorted(data.joinpath("treaties").iterdir(), key=lambda path: path.name)
        if path.name.endswith(".toml")
    }
    return read_registry(treaties, data.joinpath("places.toml").read_bytes(), LAW)


#: The registry as it is shipped.
REGISTRY: Final = _shipped()

__all__ = [
    "CHANNELS",
    "FACTS",
    "REGISTRY",
    "Fact",
    "Group",
    "Place",
    "Registry",
    "Standing",
    "Treaty",
    "in_force",
    "read_places",
    "read_registry",
    "read_treaty",
    "standing",
    "unread",
    "with_file",
    "with_places",
    "with_treaty",
]
