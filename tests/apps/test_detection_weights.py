"""Files of trained weights and the net that they hold: whole or refused, always the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.train.net import Plan, examples, fitted, train

from hueandcry.apps.detection.grams import grams
from hueandcry.apps.detection.net import Net
from hueandcry.apps.detection.weights import pack, shipped, unpack
from hueandcry.core.errors import Malformed

FILES = ("links.weights", "jobs.weights")
PLAN = Plan(bits=10, width=4, units=4, epochs=3)
BAD = [f"login-wallet{n}.top" for n in range(200)]
HONEST = [f"garden-school{n}.org" for n in range(200)]
TEXTS = [*BAD, *HONEST]
NUMBERS = [[float(len(text)), 1.0] for text in TEXTS]
LABELS = np.repeat(np.array([1, 0], np.float32), 200)


def trained() -> Net:
    return train(examples(TEXTS, NUMBERS, LABELS, np.ones(400, np.float32), PLAN.bits), PLAN)


@pytest.mark.parametrize("file", FILES)
def test_what_ships_can_be_read_and_says_what_it_was_made_with(file: str) -> None:
    weights = shipped(file)
    assert {"bounds", "learnt", "versions"} <= set(weights.about)
    assert weights.name.split()[0] == file.partition(".")[0]


@given(st.data())
def test_a_file_with_one_byte_changed_is_refused(data: st.DataObject) -> None:
    whole = pack("small", {"a": np.arange(6, dtype=np.float32).reshape(2, 3)}, {"x": 1})
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
    with pytest.raises(Malformed):
        unpack(whole[:place] + bytes([other]) + whole[place + 1 :])


@given(st.binary(max_size=300))
def test_no_other_bytes_are_a_model(data: bytes) -> None:
    with pytest.raises(Malformed):
        unpack(data)


def test_what_was_packed_is_unpacked() -> None:
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([-1, 2], np.int8)}
    found = unpack(pack("small", arrays, {"x": [1, "y"]}))
    assert found.about == {"x": [1, "y"]}
    for name, array in arrays.items():
        np.testing.assert_array_equal(found.arrays[name], array)


def test_the_same_examples_give_the_same_weights() -> None:
    one, other = trained().arrays("n"), trained().arrays("n")
    assert pack("n", one, {}) == pack("n", other, {})


def test_a_net_learns_what_its_examples_show() -> None:
    logits = trained().logits(["login-wallet999.top", "garden-school999.org"], [[19.0, 1.0]] * 2)
    assert logits[0] > 0 > logits[1]


def test_a_net_is_the_formula_that_it_states() -> None:
    net = trained()
    text, numbers = "wallet-school7.top", [18.0, 1.0]
    buckets = grams([text], net.bits).buckets
    met = sum(net.table[bucket].astype(float) * net.scale for bucket in buckets)
    first = np.tanh(
        met / np.sqrt(len(buckets))
        + ((np.array(numbers) - net.mean) / net.spread) @ net.shape
        + net.bias
    )
    second = np.maximum(first @ net.hidden + net.hidden_bias, 0)
    stated = float(second @ net.out + net.out_bias[0])
    assert float(net.logits([text], [numbers])[0]) == pytest.approx(stated, rel=1e-4)


def test_a_net_comes_back_from_its_file() -> None:
    net = trained()
    back = Net.of(unpack(pack("n", net.arrays("part"), {})), "part")
    np.testing.assert_array_equal(back.logits(TEXTS, NUMBERS), net.logits(TEXTS, NUMBERS))


def test_likelihoods_are_even_where_logits_say_nothing() -> None:
    slope, offset = fitted(np.zeros(10, np.float32), np.array([1, 0] * 5, np.float32))
    assert offset == pytest.approx(0, abs=1e-6)
    slope, offset = fitted(
        np.array([-2, -1, 1, 2] * 5, np.float32), np.array([0, 1, 0, 1] * 5, np.float32)
    )
    assert slope > 0
