"""The document's numbers, typed again independently, compared with `EXAMPLES`."""

import dataclasses

import numpy as np
import pytest

from lstm_helpers import EXAMPLES

STATED = {
    "pointwise_product": [0.06, 0.56, 0.20],
    "context_update": [0.9, 0.8, 0.5],
    "forget_gate": [0.7, 0.2, 0.6],
    "input_gate": [0.15, -0.14, 0.4],
    "output_gate": [0.36, 0.04, 0.414],
}
WRITTEN = {
    "pointwise_product": "[0.06, 0.56, 0.20]",
    "context_update": "[0.9, 0.8, 0.5]",
    "forget_gate": "[0.7, 0.2, 0.6]",
    "input_gate": "[0.15, -0.14, 0.4]",
    "output_gate": "[0.36, 0.04, 0.414]",
}
GIVEN = {
    "pointwise_product": {"x": [0.2, 0.8, 0.5], "y": [0.3, 0.7, 0.4]},
    "context_update": {"c_prev": [0.5, 0.1, 0.3], "new": [0.4, 0.7, 0.2]},
    "forget_gate": {"c_prev": [0.8, 0.3, 0.5], "x": [0.9, 0.4, 0.7]},
    "input_gate": {"x": [0.8, 0.6, 0.9], "i": [0.5, 0.7, 0.8], "g": [0.3, -0.2, 0.5]},
    "output_gate": {"c": [0.7, 0.1, 0.5], "x": [0.8, 0.6, 0.9], "o": [0.6, 0.4, 0.9], "tanh_c": [0.6, 0.1, 0.46]},
}


def test_the_five_examples_in_the_order_of_the_document():
    assert list(EXAMPLES) == list(STATED)


@pytest.mark.parametrize("name", STATED)
def test_the_numbers_are_those_of_the_document(name):
    example = EXAMPLES[name]
    np.testing.assert_array_equal(example.stated, STATED[name])
    assert example.as_written(example.computed_as_stated) == example.written == WRITTEN[name]
    numbers = {**example.inputs, **example.on_the_way}
    assert list(numbers) == list(GIVEN[name])
    for symbol, vector in GIVEN[name].items():
        np.testing.assert_array_equal(numbers[symbol], vector)


@pytest.mark.parametrize("name", STATED)
def test_computed_and_stated_results_agree(name):
    assert EXAMPLES[name].agrees()


@pytest.mark.parametrize("name", STATED)
@pytest.mark.parametrize("element", range(3))
def test_a_wrong_digit_in_the_document_would_be_noticed(name, element):
    example = EXAMPLES[name]
    stated = example.stated.copy()
    stated[element] += 10.0**-example.decimals
    wrong = dataclasses.replace(example, written=str([round(float(v), example.decimals) for v in stated]))
    # The forget gate's weights are fitted to the stated result, so it agrees with any gate value.
    assert wrong.agrees() == (name == "forget_gate")


def test_only_the_output_gate_differs_in_full_precision():
    """The document rounds tanh(c) before it multiplies: 0.9 x 0.46 = 0.414, but 0.9 x tanh(0.5) = 0.4159."""
    example = EXAMPLES["output_gate"]
    np.testing.assert_allclose(example.computed, np.array([0.6, 0.4, 0.9]) * np.tanh([0.7, 0.1, 0.5]), rtol=1e-14)
    assert np.round(example.computed, 3).tolist() == [0.363, 0.04, 0.416]
    for name in set(STATED) - {"output_gate"}:
        np.testing.assert_allclose(EXAMPLES[name].computed, STATED[name], rtol=1e-14)


def test_the_documents_numbers_are_read_only():
    example = EXAMPLES["forget_gate"]
    with pytest.raises(ValueError, match="read-only"):
        example.inputs["x"][0] = 1
    example.stated[0] = 1
    assert example.stated[0] == 0.7
    with pytest.raises(TypeError):
        example.inputs["x"] = 1
    with pytest.raises(TypeError):
        EXAMPLES["forget_gate"] = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        example.written = []


def test_a_fitted_example_says_so():
    for name, example in EXAMPLES.items():
        first = example.written[3]  # the first decimal
        other = dataclasses.replace(example, written=f"[0.{(int(first) + 1) % 10}{example.written[4:]}")
        assert other.agrees() is example.fitted, name
