"""Models as files: what is written is read again, and what was changed is refused."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import zstandard

from databases import child_environment
from hueandcry.apps.detection import shelf
from hueandcry.apps.detection.adapting import Labelled, adapt
from hueandcry.apps.detection.model import Model, read_model, write_model
from hueandcry.core.errors import Malformed

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def model() -> Model:
    return shelf.shipped(shelf.MESSAGES)


@pytest.fixture(scope="module")
def data(model: Model, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("models") / "a.model"
    write_model(model, path)
    return path.read_bytes()


def test_a_model_is_read_as_it_was_written(model: Model, data: bytes) -> None:
    again = read_model(data, "a.model")
    assert again.head == model.head
    assert np.array_equal(again.weights, model.weights)
    assert np.array_equal(again.kinds, model.kinds)


def test_all_models_that_ship_are_ten_megabytes_at_most() -> None:
    folder = Path(shelf.__file__).with_name("models")
    assert 0 < sum(file.stat().st_size for file in folder.glob("*.model")) <= 10 * MEGABYTE


@pytest.mark.parametrize("at", [0, 20, 90, 200, -1])
def test_one_changed_byte_is_refused(data: bytes, at: int) -> None:
    changed = bytearray(data)
    changed[at] ^= 1
    with pytest.raises(Malformed) as refused:
        read_model(bytes(changed), "a.model")
    assert refused.value.code == "bad_model"


@pytest.mark.parametrize("given", [b"", b"\n", b"hueandcry model 2 \n", b"PK\x03\x04" * 100])
def test_what_is_no_model_is_refused(given: bytes) -> None:
    with pytest.raises(Malformed):
        read_model(given, "a.model")


def _sealed(head: bytes, frame: bytes) -> bytes:
    body = head + b"\n" + frame
    return b"hueandcry model 2 " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def test_a_model_of_absurd_size_or_of_other_weights_is_refused(model: Model) -> None:
    frame = zstandard.compress(bytes(100))
    head = msgspec.json.encode(model.head)
    huge = msgspec.json.encode(msgspec.structs.replace(model.head, bits=60))
    bomb = zstandard.compress(bytes(200 * MEGABYTE))
    for given in (
        _sealed(huge, frame),
        _sealed(head, frame),
        _sealed(head, bomb),
        _sealed(b"{", frame),
    ):
        with pytest.raises(Malformed):
            read_model(given, "a.model")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where a member's own model may be; afterwards none is in use."""
    yield tmp_path
    shelf.watch_folder(tmp_path / "nothing here")


def of_version(model: Model, version: str) -> Model:
    return Model(msgspec.structs.replace(model.head, version=version), model.weights, model.kinds)


def test_a_member_s_own_model_is_used_until_it_is_gone(model: Model, folder: Path) -> None:
    shelf.keep(of_version(model, "own"), folder)
    assert shelf.use_folder(folder)
    assert shelf.message_model().name.endswith("own")
    (folder / shelf.MESSAGES).unlink()
    assert shelf.message_model() is model
    assert not shelf.use_folder(folder)


def test_a_running_node_takes_up_what_is_trained_beside_it(model: Model, folder: Path) -> None:
    shelf.watch_folder(folder)
    assert shelf.message_model() is model
    for version in ("first", "second"):
        write_model(of_version(model, version), folder / shelf.MESSAGES)
        assert shelf.message_model().name.endswith(version)


def test_a_broken_model_is_told_once_and_what_was_in_use_stays(
    model: Model, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.keep(of_version(model, "own"), folder)
    (folder / "other").write_bytes(b"hueandcry model 1 abc\n{}\n")
    (folder / "other").replace(folder / shelf.MESSAGES)
    for _ in range(2):
        assert shelf.message_model().name.endswith("own")
    assert len(caplog.records) == 1
    with pytest.raises(Malformed):
        shelf.use_folder(folder)


def test_every_process_that_reads_reports_uses_the_member_s_own_model(
    model: Model, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    write_model(of_version(model, "own"), tmp_path / "models" / shelf.MESSAGES)
    program = (
        "import django; django.setup()\n"
        "import hueandcry.apps.reports.face\n"
        "from hueandcry.apps.detection.face import assess_message\n"
        "print(assess_message('Pay at once, or your account is closed').model)"
    )
    variables = child_environment(
        HUEANDCRY_DATA=str(tmp_path), DJANGO_SETTINGS_MODULE="hueandcry.config.settings"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("own")


WORDS = """harbour market garden library station bakery museum bridge lantern ticket basket
blanket teapot ladder bicycle kettle monday friday sunday tomorrow tonight morning window letter
pepper carpet orange yellow silver winter summer doctor teacher brother sister cousin"""


def _examples(seed: int) -> list[Labelled]:
    """Messages of a scheme that the shipped model cannot know, among others of the same words."""
    chance = random.Random(seed)

    def some() -> str:
        return " ".join(chance.sample(WORDS.split(), 7))

    scams = [f"{some()} golden token blessing ceremony {some()}" for _ in range(150)]
    plain = [f"{some()} shall we fetch it together {some()}" for _ in scams]
    return [Labelled(t, "scam") for t in scams] + [Labelled(t, "ordinary") for t in plain]


def test_a_member_s_messages_teach_what_the_shipped_model_does_not_know(model: Model) -> None:
    adapted = adapt(model, _examples(1))
    assert adapted.better
    (english,) = [each for each in adapted.comparisons if each.language == "en"]
    assert english.after.f1 > english.before.f1
    scores = adapted.model.score(["where shall we have dinner tonight, the usual place?"], ["en"])
    assert adapted.model.likelihoods(scores, ["en"])[0] < 0.5


def test_wrong_labels_make_no_better_model(model: Model) -> None:
    chance = random.Random(5)
    mixed = [Labelled(e.text, chance.choice(["scam", "ordinary"])) for e in _examples(2)]
    adapted = adapt(model, mixed)
    assert all(each.after.f1 < 0.8 for each in adapted.comparisons)


def test_too_few_messages_teach_nothing(model: Model) -> None:
    with pytest.raises(Malformed) as refused:
        adapt(model, [Labelled("a scam of some words", "scam"), Labelled("hello", "ordinary")])
    assert refused.value.code == "too_few_messages"
