import math
import traceback
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from lstm_helpers import candidate, cell_state, gate, hidden_state, logit, sigmoid, weights_for
from tests.support.refusals import assert_refused

few = settings(max_examples=30)
FLOATS = [np.float32, np.float64]
numbers = st.floats(-50, 50)
fractions = st.floats(0, 1)


def vectors(elements, size=None):
    return arrays(np.float64, size or st.integers(1, 6), elements=elements)


def exact_sigmoid(z):
    """The sigmoid to 40 digits, with integers, independently of the code under test."""
    scale = 10**60
    x = Fraction(float(-abs(z)))
    term = total = Fraction(1)
    k = 0
    while abs(term) > Fraction(1, scale):
        k += 1
        term = Fraction(int(term * x / k * scale * 100), scale * 100)
        total += term
    return total / (1 + total) if z < 0 else 1 / (1 + total)


class TestSigmoid:
    @pytest.mark.parametrize("dtype", FLOATS)
    def test_extreme_inputs_give_0_and_1_without_a_warning(self, dtype):
        with np.errstate(all="raise"):
            y = sigmoid(np.array([-1000, 1000], dtype))
        assert y.dtype == dtype
        assert y.tolist() == [0, 1]

    @pytest.mark.parametrize("dtype", FLOATS)
    @pytest.mark.parametrize("z", [-16.118095, -30.0, -12.5, -3.0, -0.3, 0.0, 0.3, 3.0, 12.5, 30.0])
    def test_a_nearly_shut_gate_keeps_its_relative_accuracy(self, dtype, z):
        z = dtype(z)
        exact = exact_sigmoid(z)
        assert abs(Fraction(float(sigmoid(z))) / exact - 1) < 4 * Fraction(float(np.finfo(dtype).eps))

    @few
    @given(vectors(numbers))
    def test_the_opposite_sign_gives_the_complement(self, z):
        np.testing.assert_allclose(sigmoid(z) + sigmoid(-z), 1, rtol=0, atol=3e-16)

    @few
    @given(vectors(st.floats(1e-12, 1 - 1e-12)))
    def test_logit_is_its_inverse(self, p):
        np.testing.assert_allclose(sigmoid(logit(p)), p, rtol=1e-13)

    def test_logit_keeps_float32(self):
        assert logit(np.float32([0.2])).dtype == np.float32


class TestGate:
    def test_is_the_equation_element_by_element(self, rng):
        W, b = rng.normal(size=(4, 5)), rng.normal(size=4)
        h_prev, x = rng.normal(size=2), rng.normal(size=3)
        stacked = [*h_prev, *x]
        for function, activation in [(gate, lambda z: 1 / (1 + math.exp(-z))), (candidate, math.tanh)]:
            expected = [activation(sum(w * u for w, u in zip(row, stacked, strict=True)) + bias)
                        for row, bias in zip(W, b, strict=True)]  # fmt: skip
            np.testing.assert_allclose(function(W, b, h_prev, x), expected, rtol=1e-14)

    def test_the_order_of_the_inputs_matters(self, rng):
        W, b, u, v = rng.normal(size=(2, 4)), rng.normal(size=2), rng.normal(size=2), rng.normal(size=2)
        assert not np.allclose(gate(W, b, u, v), gate(W, b, v, u))

    def test_float32_stays_float32(self):
        W, b, x = np.ones((2, 3), np.float32), np.ones(2, np.float32), np.ones(3, np.float32)
        assert gate(W, b, x).dtype == candidate(W, b, x).dtype == np.float32


class TestCell:
    @few
    @given(st.integers(1, 5).flatmap(lambda n: st.tuples(*[vectors(fractions, n)] * 2, *[vectors(numbers, n)] * 2)))
    def test_cell_state_is_keep_plus_write(self, vectors):
        f, i, c_prev, g = vectors
        g = np.tanh(g)
        expected = [a * b + c * d for a, b, c, d in zip(f, c_prev, i, g, strict=True)]
        np.testing.assert_array_equal(cell_state(f, c_prev, i, g), expected)

    @few
    @given(arrays(np.float64, array_shapes(max_dims=3), elements=numbers))
    def test_open_forget_gate_and_shut_input_gate_keep_everything(self, c_prev):
        np.testing.assert_array_equal(cell_state(1, c_prev, 0, 0.5), c_prev)

    def test_the_cell_state_has_no_bound_and_the_hidden_state_has(self):
        c = 0.0
        for _ in range(10):
            c = cell_state(1, c, 1, 1)
        assert c == 10
        assert hidden_state(1, c) == math.tanh(10)

    @few
    @given(vectors(fractions, 3), vectors(numbers, 3))
    def test_hidden_state(self, o, c):
        expected = [a * math.tanh(b) for a, b in zip(o, c, strict=True)]
        np.testing.assert_allclose(hidden_state(o, c), expected, rtol=1e-15)

    def test_a_plain_number_does_not_turn_float32_into_float64(self):
        c = np.ones(3, np.float32)
        assert cell_state(0.5, c, 1, 0.1).dtype == hidden_state(0.5, c).dtype == np.float32


class TestWeightsFor:
    @few
    @given(vectors(st.floats(1e-9, 1 - 1e-9)), vectors(st.floats(-3, 3)), vectors(st.floats(-3, 3)))
    def test_the_gate_gives_the_target(self, target, c_prev, x):
        W, b = weights_for(target, c_prev, x)
        assert W.shape == (len(target), len(c_prev) + len(x))
        np.testing.assert_allclose(gate(W, b, c_prev, x), target, rtol=1e-12)

    @pytest.mark.parametrize("target", [1e-300, 1e-20, 1e-7, 1 - 1e-7, 1 - 1e-16])
    def test_close_to_the_ends(self, target):
        W, b = weights_for([target], [0.8, 0.6, 0.9])
        shown = gate(W, b, [0.8, 0.6, 0.9])[0]
        assert math.isclose(shown, target, rel_tol=1e-12)
        assert math.isclose(1 - shown, 1 - target, rel_tol=1e-9, abs_tol=2e-16)

    @few
    @given(vectors(st.floats(-1 + 1e-6, 1 - 1e-6)), vectors(st.floats(-3, 3)))
    def test_the_candidate_gives_the_target(self, target, x):
        np.testing.assert_allclose(candidate(*weights_for(target, x, activation=np.tanh), x), target, atol=1e-13)

    def test_no_other_weights_are_smaller(self, rng):
        """Compare with the pseudo-inverse, which also gives the solution of least norm."""
        target, x = rng.uniform(0.05, 0.95, 4), rng.normal(size=3)
        W, b = weights_for(target, x)
        least = np.outer(np.log(target / (1 - target)), np.linalg.pinv(np.append(x, 1.0)[:, None]))
        np.testing.assert_allclose(np.column_stack([W, b]), least, rtol=1e-12)


V = [0.1, 0.2, 0.3]
W33, B3 = np.eye(3), np.zeros(3)

REFUSALS = {
    "a word": (lambda: sigmoid("0.5"), TypeError, "z must hold real numbers, got '0.5'"),
    "words": (lambda: hidden_state(["a", "b"], [1, 2]), TypeError, "o must hold real numbers, got ['a', 'b']"),
    "nothing": (lambda: sigmoid(None), TypeError, "z must hold real numbers, got None"),
    "complex": (lambda: sigmoid(1j), TypeError, "z must hold real numbers, got 1j"),
    "nan": (lambda: sigmoid([0, math.nan]), ValueError, "z must be finite, got nan at index 1"),
    "infinity": (lambda: sigmoid(math.inf), ValueError, "z must be finite, got inf"),
    "nan in 2-D": (lambda: sigmoid([[0, 1], [2, math.nan]]), ValueError, "z must be finite, got nan at index (1, 1)"),
    "an empty list": (lambda: sigmoid([]), ValueError, "z must hold at least one number, got shape (0,)"),
    "ragged": (lambda: sigmoid([[1, 2], [3]]), ValueError,
               "z must be a regular array of numbers; its rows differ in length"),
    "an open end": (lambda: logit([0.5, 1.0]), ValueError,
                    "p must lie between 0 and 1, the ends excluded, got 1.0: sigmoid approaches "
                    "0 and 1, but no finite weight reaches them"),
    "target 0": (lambda: weights_for([0.0], V), ValueError,
                 "target must lie between 0 and 1, the ends excluded, got 0.0: sigmoid approaches "
                 "0 and 1, but no finite weight reaches them"),
    "target 1 of tanh": (lambda: weights_for([1.0], V, activation=np.tanh), ValueError,
                         "target must lie between -1 and 1, the ends excluded, got 1.0: tanh approaches "
                         "-1 and 1, but no finite weight reaches them"),
    "2-D target": (lambda: weights_for([[0.5]], V), ValueError, "target must be a vector (one axis), got shape (1, 1)"),
    "a sum that overflows": (lambda: candidate([[1e308, 1e308]], [0], [10, -10]), ValueError,
                             "W [inputs stacked] + b must be finite, got nan at index 0"),
    "squares that overflow": (lambda: weights_for([0.5], [1e200]), ValueError,
                              "the sum of the squares of the inputs must be finite, got inf"),
    "beyond float32": (lambda: cell_state(np.float32(V), 1e300, np.float32(V), np.float32(V)), ValueError,
                       "c_prev must be finite in float32, got 1e+300"),
    "no inputs": (lambda: weights_for([0.5]), TypeError, "inputs must be one or more vectors, got none"),
    "other activation": (lambda: weights_for([0.5], V, activation=max), ValueError,
                         "activation must be sigmoid or np.tanh, got <built-in function max>"),
    "unequal lengths": (lambda: cell_state(V, [1, 2], V, V), ValueError,
                        "f, c_prev, i and g must have the same shape, got f (3,), c_prev (2,), i (3,), g (3,)"),
    "unequal lengths of h": (lambda: hidden_state(V, [1, 2]), ValueError,
                             "o and c must have the same shape, got o (3,), c (2,)"),
    "a gate above 1": (lambda: hidden_state([0.5, 1.5], [1, 2]), ValueError,
                       "o must lie from 0 to 1, got 1.5 at index 1"),
    "a gate below 0": (lambda: cell_state(-0.1, V, V, V), ValueError, "f must lie from 0 to 1, got -0.1"),
    "a candidate below -1": (lambda: cell_state(V, V, V, -2), ValueError, "g must lie from -1 to 1, got -2.0"),
    "2-D input": (lambda: gate(W33, B3, [V]), ValueError, "input 1 must be a vector (one axis), got shape (1, 3)"),
    "second input": (lambda: gate(W33, B3, V, []), ValueError, "input 2 must hold at least one number, got shape (0,)"),
    "1-D matrix": (lambda: gate(V, B3, V), ValueError, "W must be a matrix (two axes), got shape (3,)"),
    "W too narrow": (lambda: candidate(W33, B3, V, V), ValueError,
                     "W must have shape (3, 6): a row for each element of b, a column for each element of the stacked "
                     "inputs; got shape (3, 3)"),
}  # fmt: skip


@pytest.mark.parametrize("call, kind, sentence", REFUSALS.values(), ids=REFUSALS)
def test_bad_input_gets_one_sentence_and_one_frame(call, kind, sentence):
    assert_refused(call, kind, sentence)


def test_a_bug_keeps_its_whole_traceback():
    from lstm_helpers._arguments import short_traceback

    def inner():
        raise ValueError("a defect")

    with pytest.raises(ValueError) as caught:
        short_traceback(lambda: inner())()
    assert [f.name for f in traceback.extract_tb(caught.value.__traceback__)][-2:] == ["<lambda>", "inner"]


def test_arguments_are_not_changed(rng):
    given = [rng.uniform(0, 1, 3) for _ in range(4)]
    before = [a.copy() for a in given]
    cell_state(*given), hidden_state(*given[:2]), sigmoid(given[0]), logit(given[1])
    gate(W33, B3, given[0]), weights_for(given[0], given[1])
    for a, b in zip(given, before, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("bad", [[np.inf, 0.0], [0.0, -np.inf], [np.nan, 0.0]])
def test_a_single_non_finite_number_is_refused(bad):
    with pytest.raises(ValueError, match="c must be finite, got"):
        hidden_state([0.5, 0.5], bad)
