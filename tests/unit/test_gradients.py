from types import SimpleNamespace

import numpy as np
import pytest

from lstm_helpers import LSTM, RNN, Reversed, cell_jacobian, check_gradients, half_life, sigmoid
from tests.support.layer_cases import LAYERS, random_layer, states
from tests.support.refusals import assert_refused


class TestCheckGradients:
    @pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 2, 3, 2), (6, 3, 2, 3), (9, None, 2, 2)], ids=str)
    @pytest.mark.parametrize("kind, options", LAYERS.values(), ids=LAYERS)
    def test_every_gradient_of_every_layer(self, kind, options, shape, rng):
        T, N, D, H = shape
        layer = random_layer(kind, D, H, rng, **options)
        table = check_gradients(layer, rng.normal(size=(T, N, D) if N else (T, D)), rng=rng)
        assert [row.name for row in table.rows] == [*layer.parts, "x", *states(layer)]
        assert table.passed, f"\n{table}"
        assert max(row.error for row in table.rows) < 1e-7

    def test_it_prints_as_a_table(self, rng):
        layer = random_layer(RNN, 2, 3, rng)
        lines = repr(check_gradients(layer, rng.normal(size=(4, 2)), rng=rng)).splitlines()
        assert lines[0].split() == ["gradient", "of", "shape", "analytic", "numeric", "error"]
        assert [line.split()[0] for line in lines[1:-1]] == ["W_h", "b_h", "x", "h0"]
        assert [line.split()[-1] for line in lines[1:-1]] == ["ok"] * 4

    def test_a_float32_layer_is_checked_in_float64_and_left_alone(self, rng):
        layer = random_layer(LSTM, 2, 3, rng, np.float32)
        before = layer.W.copy()
        assert check_gradients(layer, rng.normal(size=(4, 2)), rng=rng).passed
        assert layer.W.dtype == np.float32
        np.testing.assert_array_equal(layer.W, before)

    def test_a_wrong_gradient_is_found_in_its_row(self, rng):
        layer = random_layer(LSTM, 2, 3, rng)

        def backward(trace, dh, dh_T, dc_T):
            gradients = trace.layer.backward(trace, dh, dh_T, dc_T)
            gradients.W_g *= 1.001
            return gradients

        table = check_gradients(layer, rng.normal(size=(4, 2)), rng=rng, backward=backward)
        assert [row.name for row in table.rows if row.error > table.threshold] == ["W_g"]
        assert not table.passed
        assert table["W_g"].error == pytest.approx(0.001, rel=0.01)
        assert "WRONG" in repr(table)

    def test_states_may_be_given(self, rng):
        layer, x = random_layer(LSTM, 2, 3, rng), rng.normal(size=(4, 2))
        assert check_gradients(layer, x, rng=rng, h0=np.zeros(3), c0=[1, 2, 3]).passed
        with pytest.raises(TypeError, match="RNN has no c0"):
            check_gradients(random_layer(RNN, 2, 3, rng), x, rng=rng, c0=np.zeros(3))
        with pytest.raises(TypeError, match="layer must be an RNN, LSTM, GRU or MinGRU, got a str"):
            check_gradients("LSTM", x, rng=rng)
        with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
            check_gradients(layer, x, rng=0)

    @pytest.mark.parametrize("kind", [RNN, LSTM])
    def test_backward_may_write_into_its_arguments(self, kind, rng):
        layer, x = random_layer(kind, 2, 3, rng), rng.normal(size=(5, 2))

        def backward(trace, *into):
            right = trace.layer.backward(trace, *into)
            for array in into:
                array *= 0.5
            trace.layer.W *= 0.5
            return right

        table = check_gradients(layer, x, rng=rng, backward=backward)
        assert table.passed, f"\n{table}"

    def test_gradients_in_a_dictionary_as_attributes_and_from_a_method_of_the_layer(self, rng):
        layer, x = random_layer(LSTM, 2, 3, rng, np.float32), rng.normal(size=(5, 2))
        names = [*layer.parts, "x", "h0", "c0"]

        def as_dictionary(trace, *into, wrong=1.0):
            gradients = trace.layer.backward(trace, *into)
            return {name: getattr(gradients, name) for name in names} | {"b_o": gradients.b_o * wrong}

        for backward in (
            as_dictionary,
            lambda *given: SimpleNamespace(**as_dictionary(*given)),
            layer.backward,
            lambda trace, *into: trace.layer.backward(trace, *into),
        ):
            table = check_gradients(layer, x, rng=np.random.default_rng(1), backward=backward)
            assert table.passed and [row.name for row in table.rows] == names, f"\n{table}"
        table = check_gradients(layer, x, rng=rng, backward=lambda *given: as_dictionary(*given, wrong=0.9))
        assert [row.name for row in table.rows if not row.error < table.threshold] == ["b_o"]

    def test_a_gradient_that_is_not_a_number_is_wrong(self, rng):
        layer = random_layer(RNN, 2, 3, rng)

        def backward(trace, *into):
            gradients = trace.layer.backward(trace, *into)
            gradients.b_h[0] = np.nan
            return gradients

        table = check_gradients(layer, rng.normal(size=(4, 2)), rng=rng, backward=backward)
        assert not table.passed and "WRONG" in repr(table)

    @pytest.mark.parametrize(
        ("options", "kind", "sentence"),
        [
            ({"step": 0}, ValueError, "step must be above 0, got 0"),
            ({"step": "small"}, TypeError, "step must be a number above 0, got 'small'"),
            ({"threshold": -1e-6}, ValueError, "threshold must be above 0, got -1e-06"),
            ({"threshold": 0}, ValueError, "threshold must be above 0, got 0"),
            (
                {"backward": 3},
                TypeError,
                "backward must be a function that is called as backward(trace, dh, dh_T), got 3",
            ),
            (
                {"backward": lambda *given: None},
                TypeError,
                "backward must return the gradients, got None: does it end with return?",
            ),
            (
                {"backward": lambda *given: {"W_h": np.zeros((3, 5))}},
                ValueError,
                "backward must return a gradient for every tensor; the one for b_h is missing",
            ),
            (
                {"backward": lambda *given: {"W_h": 0}},
                ValueError,
                "the gradient of W_h must have shape (3, 5), got shape ()",
            ),
            (
                {"backward": lambda *given: {"W_h": [[1, 2], [3]]}},
                ValueError,
                "the gradient of W_h must be a regular array; its rows differ in length",
            ),
            (
                {"backward": lambda *given: {"W_h": "up"}},
                TypeError,
                "the gradient of W_h must hold real numbers, got 'up'",
            ),
            (
                {"x": 3.0},
                ValueError,
                "x must have shape (T, N, D) or (T, D) with D = 2, got shape ()",
            ),
        ],
        ids=lambda value: str(value)[:30],
    )
    def test_bad_input_gets_one_sentence_before_anything_is_drawn(self, options, kind, sentence):
        layer, generator = random_layer(RNN, 2, 3, np.random.default_rng(0)), np.random.default_rng(1)
        given = {"x": np.ones((4, 2)), "rng": generator} | options
        assert_refused(lambda: check_gradients(layer, **given), kind, sentence)
        nothing_drawn = generator.bit_generator.state == np.random.default_rng(1).bit_generator.state
        assert nothing_drawn == (not callable(options.get("backward")))  # it is called with what was drawn

    def test_an_unknown_row_lists_the_known_ones(self, rng):
        table = check_gradients(random_layer(RNN, 2, 3, rng), np.ones((2, 2)), rng=rng)
        assert_refused(lambda: table["W_forget"], ValueError, "the row must be one of W_h, b_h, x, h0, got 'W_forget'")


LSTM_OPTIONS = {name: options for name, (kind, options) in LAYERS.items() if kind is LSTM}


class TestCellJacobian:
    @pytest.mark.parametrize("options", LSTM_OPTIONS.values(), ids=LSTM_OPTIONS)
    def test_matches_finite_differences(self, options, rng):
        """Forward from step t on, with c_t moved, and h_t = o_t * tanh(c_t) moved with it."""
        layer = random_layer(LSTM, 2, 3, rng, **options)
        x = rng.normal(size=(7, 2))
        trace = layer.forward(x, rng.normal(size=3), rng.normal(size=3))
        exact, gates = cell_jacobian(layer, trace)
        assert exact.shape == (8, 3, 3) and gates.shape == (8, 3)
        for t in range(1, 7):

            def last(c, t=t):
                o = trace.o[t - 1]
                if layer.peepholes:
                    z = np.log(o / (1 - o)) + layer.p_o * (c - trace.c[t - 1])
                    o = sigmoid(z)
                return layer.forward(x[t:], o * np.tanh(c), c).c[-1]

            e = 1e-5 * np.eye(3)
            numeric = [(last(trace.c[t - 1] + e[j]) - last(trace.c[t - 1] - e[j])) / 2e-5 for j in range(3)]
            np.testing.assert_allclose(exact[t], np.transpose(numeric), rtol=0, atol=1e-9)
            np.testing.assert_allclose(gates[t], trace.f[t:].prod(axis=0), rtol=1e-14)
        np.testing.assert_array_equal(exact[7], np.eye(3))

    def test_without_recurrent_weights_it_is_the_product_of_the_forget_gates(self, rng):
        layer = random_layer(LSTM, 2, 3, rng)
        for gate in "figo":
            getattr(layer, f"W_{gate}")[:, :3] = 0
        trace = layer.forward(rng.normal(size=(5, 4, 2)))
        exact, gates = cell_jacobian(layer, trace, 2)
        np.testing.assert_allclose(exact, gates[..., None] * np.eye(3), rtol=1e-13)
        np.testing.assert_allclose(gates, trace.f[2:].prod(axis=0), rtol=1e-14)

    def test_refusals(self, rng):
        rnn, layer = random_layer(RNN, 2, 3, rng), random_layer(LSTM, 2, 3, rng)
        trace = layer.forward(np.ones((5, 2)))
        with pytest.raises(TypeError, match="layer must be an LSTM, got an RNN"):
            cell_jacobian(rnn, rnn.forward(np.ones((5, 2))), 0)
        with pytest.raises(TypeError, match="layer must be an LSTM, got a Reversed"):
            cell_jacobian(Reversed(layer), Reversed(layer).forward(np.ones((5, 2))), 0)
        for t in (-1, 6, 1.5):
            with pytest.raises((ValueError, TypeError), match=r"t must (lie from 0 to 5|be a whole number)"):
                cell_jacobian(layer, trace, t)


class TestHalfLife:
    def test_of_a_bias(self):
        of_bias = half_life(sigmoid([0.0, 1.0, 2.0, 3.0, 5.0]))
        assert [float(f"{steps:.3g}") for steps in of_bias] == [1, 2.21, 5.46, 14.3, 103]

    def test_is_the_time_after_which_half_is_left(self, rng):
        f = rng.uniform(0.01, 0.99, 10)
        np.testing.assert_allclose(f ** half_life(f), 0.5)

    def test_at_the_ends(self):
        assert half_life([0, 1]).tolist() == [0, np.inf]
        with pytest.raises(ValueError, match="f must lie from 0 to 1"):
            half_life(1.1)
