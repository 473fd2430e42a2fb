import signal
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN, MinGRU
from lstm_helpers.layers import Stack
from lstm_helpers.tasks import Batch, adding_problem, running_total
from lstm_helpers.training import (
    Adam,
    DivergenceError,
    History,
    Model,
    Readout,
    clip,
    cross_entropy,
    fit,
    generate,
    softmax,
    squared_error,
)
from tests.support.refusals import assert_refused

pytestmark = pytest.mark.slow


def numeric(loss, y, step=1e-6):
    """dL/dy by central differences."""
    dy = np.empty_like(y)
    for index in np.ndindex(y.shape):
        ends = []
        for sign in (1, -1):
            moved = y.copy()
            moved[index] += sign * step
            ends.append(loss(moved)[0])
        dy[index] = (ends[0] - ends[1]) / (2 * step)
    return dy


def some_model(rng, kind=LSTM, D=2, H=5, K=1, dtype=np.float64):
    if kind is Stack:
        return Model.initialize(Stack.initialize(LSTM, D, H, bidirectional=True, rng=rng, dtype=dtype), K, rng=rng)
    return Model.initialize(kind.initialize(D, H, rng=rng, dtype=dtype), K, rng=rng)


class TestLosses:
    def test_squared_error_is_the_mean_over_weighted_targets(self):
        y, target = np.array([[1.0, 2.0], [5.0, 5.0], [0.0, 3.0]]), np.zeros((3, 2))
        weight = np.array([True, False, True])
        loss, dy = squared_error(y, target, weight)
        assert loss == (1 + 4 + 0 + 9) / 4
        np.testing.assert_allclose(dy, [[0.5, 1], [0, 0], [0, 1.5]])

    def test_cross_entropy_by_hand(self):
        loss, dy = cross_entropy(np.log([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]), np.array([1, 2]))
        assert loss == pytest.approx(-(np.log(0.25) + np.log(0.8)) / 2)
        np.testing.assert_allclose(dy, [[0.25, -0.375, 0.125], [0.05, 0.05, -0.1]], atol=1e-12)

    @pytest.mark.parametrize("masked", [True, False])
    def test_gradients_equal_central_differences(self, masked, rng):
        y, weight = rng.normal(size=(4, 3, 5)), rng.uniform(size=(4, 3)) < 0.6 if masked else None
        numbers, classes = rng.normal(size=y.shape), rng.integers(5, size=(4, 3))
        for loss, target in [(squared_error, numbers), (cross_entropy, classes)]:
            dy = loss(y, target, weight)[1]
            np.testing.assert_allclose(dy, numeric(lambda y: loss(y, target, weight), y), atol=1e-8)  # noqa: B023

    def test_a_weight_counts_as_that_many_targets(self, rng):
        y, target = rng.normal(size=(2, 3)), np.array([0, 2])
        weighted = cross_entropy(y, target, np.array([1.0, 3.0]))[0]
        assert weighted == pytest.approx(cross_entropy(y[[0, 1, 1, 1]], target[[0, 1, 1, 1]])[0])

    def test_targets_with_weight_0_may_hold_anything(self):
        loss, dy = cross_entropy(np.zeros((2, 3)), np.array([1, 99]), np.array([True, False]))
        assert loss == pytest.approx(np.log(3))
        assert not dy[1].any()

    def test_large_numbers_do_not_overflow(self):
        loss, dy = cross_entropy(np.array([[1000.0, 0.0], [-1000.0, 0.0]]), np.array([0, 0]))
        assert loss == 500
        np.testing.assert_array_equal(dy, [[0, 0], [-0.5, 0.5]])

    def test_temperature(self, rng):
        y = rng.normal(size=(3, 4))
        np.testing.assert_allclose(softmax(y), np.exp(y) / np.exp(y).sum(-1, keepdims=True))
        np.testing.assert_allclose(softmax(y, 0.5), softmax(2 * y))
        np.testing.assert_allclose(softmax(y, 1e-9), np.eye(4)[y.argmax(-1)])
        np.testing.assert_allclose(softmax(y, 1e9), np.full((3, 4), 0.25), atol=1e-8)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("temperature", [1e-46, 5e-324])
    def test_a_temperature_near_0_selects_the_largest(self, temperature, dtype):
        """1e-46 is 0 in float32, and 1 over 5e-324 is infinite in float64."""
        p = softmax(np.array([[0, 3, -1], [2, 1, 2]], dtype), temperature)
        assert p.dtype == dtype
        np.testing.assert_array_equal(p, [[0, 1, 0], [0.5, 0, 0.5]])

    def test_what_all_outputs_have_in_common_costs_no_digits(self):
        for y in (np.float32([[1e4, 1e4]]), np.array([[1e16, 1e16]])):
            assert cross_entropy(y, [1])[0] == pytest.approx(np.log(2), rel=1e-6)

    def test_refusals(self):
        y = np.zeros((2, 3))
        assert_refused(
            lambda: squared_error(y, np.zeros(3)),
            ValueError,
            "target must have the shape of y, (2, 3), got shape (3,)",
        )
        assert_refused(
            lambda: cross_entropy(y, np.array([0.0, 1.0])),
            TypeError,
            "target must be whole numbers, got array([0., 1.])",
        )
        assert_refused(
            lambda: cross_entropy(y, np.array([0, 3])), ValueError, "target must lie from 0 to 2, got from 0 to 3"
        )
        assert_refused(
            lambda: cross_entropy(y, np.array([0, 1]), np.array([False, False])),
            ValueError,
            "weight must be 0 or above, and above 0 somewhere, got array([0., 0.])",
        )
        assert_refused(lambda: softmax(y, 0), ValueError, "temperature must be above 0, got 0")


class TestModel:
    @pytest.mark.parametrize("kind", [RNN, LSTM, GRU, MinGRU, Stack])
    def test_gradients_of_all_weights(self, kind, rng):
        model = some_model(rng, kind, D=2, H=3, K=2)
        x, target, weight = rng.normal(size=(4, 2, 2)), rng.normal(size=(4, 2, 2)), rng.uniform(size=(4, 2)) < 0.7
        _, gradients = model.gradients(x, target, squared_error, weight)
        for w, dw in zip(model.weights, gradients, strict=True):
            for index in np.ndindex(w.shape):
                ends, before = [], w[index]
                for sign in (1, -1):
                    w[index] = before + sign * 1e-6
                    ends.append(squared_error(model.forward(x)[0], target, weight)[0])
                w[index] = before
                assert dw[index] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-7)

    def test_readout_of_one_vector_and_of_many(self, rng):
        readout = Readout.initialize(3, 2, rng=rng)
        readout.b_y = [1, -1]
        h = rng.normal(size=(4, 5, 3))
        y = readout.forward(h)
        assert y.shape == (4, 5, 2)
        np.testing.assert_allclose(readout.forward(h[1, 2]), y[1, 2])
        np.testing.assert_allclose(y[1, 2], readout.W_y @ h[1, 2] + [1, -1])

    def test_size_counts_the_weights_in_use(self, rng):
        assert some_model(rng, LSTM, D=2, H=5, K=1).size == 4 * 5 * (5 + 2 + 1) + 6
        coupled = Model.initialize(LSTM.initialize(2, 5, rng=rng, coupled=True), 1, rng=rng)
        assert coupled.size == 3 * 5 * (5 + 2 + 1) + 6
        assert some_model(rng, Stack).size == 2 * 4 * 5 * (5 + 2 + 1) + 2 * 4 * 5 * (5 + 10 + 1) + 11

    def test_refusals(self, rng):
        layer = LSTM.initialize(2, 5, rng=rng)
        assert_refused(
            lambda: Model(layer, Readout(4, 1)),
            ValueError,
            "readout must read 5 units in float64, like the layer, got 4 in float64",
        )
        assert_refused(
            lambda: Model("LSTM", None), TypeError, "layer must be an LSTM, GRU, RNN, MinGRU or Stack, got a str"
        )
        assert_refused(lambda: Model(layer, None), TypeError, "readout must be a Readout, got a NoneType")


class TestAdamAndClip:
    @pytest.mark.parametrize("decay", [0, 0.1])
    def test_equals_pytorch(self, decay, rng):
        torch = pytest.importorskip("torch")
        ours, gradients = [rng.normal(size=(3, 4)), rng.normal(size=2)], []
        theirs = [torch.tensor(w, requires_grad=True) for w in ours]
        adam, other = Adam(0.03, weight_decay=decay), torch.optim.AdamW(theirs, lr=0.03, weight_decay=decay)
        for scale in (1, 100, 1e-6, 0, 1, 1):
            gradients = [scale * rng.normal(size=w.shape) for w in ours]
            for w, dw in zip(theirs, gradients, strict=True):
                w.grad = torch.tensor(dw)
            lengths = clip(gradients, 1.0), float(torch.nn.utils.clip_grad_norm_(theirs, 1.0))
            assert lengths[0] == pytest.approx(lengths[1], rel=1e-12)
            adam.step(ours, gradients)
            other.step()
        for w, their in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(w, their.detach().numpy(), rtol=1e-5)  # they add 1e-6 to the norm

    def test_the_first_step_is_the_learning_rate(self):
        w = [np.zeros(3)]
        Adam(0.1).step(w, [np.array([5.0, -0.001, 0.0])])
        np.testing.assert_allclose(w[0], [-0.1, 0.1, 0], rtol=1e-4)

    def test_clip(self):
        gradients = [np.array([3.0, 0.0]), np.array([[4.0]])]
        assert clip(gradients, 10) == 5 and gradients[0][0] == 3
        assert clip(gradients, None) == 5 and gradients[0][0] == 3
        assert clip(gradients, 1) == 5
        np.testing.assert_allclose(np.concatenate([g.ravel() for g in gradients]), [0.6, 0, 0.8])

    def test_refusals(self):
        assert_refused(lambda: Adam(0), ValueError, "learning_rate must be above 0, got 0")
        assert_refused(lambda: Adam(beta_1=1), ValueError, "beta_1 must be from 0 up to but not 1, got 1")
        for limit in (0, -1):
            gradients, sentence = [np.array([3.0, 4.0])], "limit must be above 0, or None for no clipping, got "
            assert_refused(lambda g=gradients, limit=limit: clip(g, limit), ValueError, f"{sentence}{limit}")
            np.testing.assert_array_equal(gradients, [[3, 4]])
        sentence = "gradients must be a list of arrays, got array([3., 4.])"
        assert_refused(lambda: clip(np.array([3.0, 4.0]), 1.0), TypeError, sentence)
        sentence = "gradients must be a list of arrays of float32 or float64, got array([3.], dtype=float16) among them"
        assert_refused(lambda: clip([np.array([3], np.float16)], 1.0), TypeError, sentence)


class TestFit:
    @staticmethod
    def run(rng, learning_rate=0.02, **options):
        model = some_model(rng)
        options = {"steps": 30, "bar": False} | options
        return model, fit(model, lambda: running_total(8, 16, rng=rng), squared_error, Adam(learning_rate), **options)

    def test_it_learns_and_returns_a_history(self, rng):
        _, history = self.run(rng, steps=300)
        assert len(history) == len(history.norm) == len(history.seconds) == 300
        assert history.loss[-20:].mean() < 0.1 * history.loss[0]
        assert (np.diff(history.seconds) > 0).all() and not history.reached
        assert repr(history) == "History of 300 steps"

    def test_the_same_seed_gives_the_same_run(self):
        losses = [self.run(np.random.default_rng(3))[1].loss for _ in range(2)]
        np.testing.assert_array_equal(*losses)

    def test_stops_at_its_target(self, rng):
        _, history = self.run(rng, steps=1000, target=0.5)
        assert history.reached and 20 <= len(history) < 1000
        assert repr(history) == f"History of {len(history)} steps, stopped at its target"
        assert history.loss[-20:].mean() < 0.5 <= history.loss[-21:-1].mean()

    def test_one_lucky_batch_is_not_enough(self, rng):
        _, history = self.run(rng, steps=30, target=1e9)
        assert history.reached and len(history) == 20

    def test_stops_after_its_time_limit(self, rng):
        _, history = self.run(rng, steps=10**6, seconds=0.2)
        assert 1 <= len(history) < 10**6 and history.seconds[-2] <= 0.2 < history.seconds[-1]

    def test_the_step_that_passes_the_time_limit_is_taken(self, rng):
        model = some_model(rng)
        before = [w.copy() for w in model.weights]
        batch = Batch(rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 3, 1)), np.ones((4, 3)))
        history = fit(model, lambda: batch, squared_error, Adam(), steps=10, seconds=1e-9, bar=False)
        assert len(history) == 1 and all((w != kept).any() for w, kept in zip(model.weights, before, strict=True))

    def test_a_batch_may_be_lists_without_weights(self, rng):
        x, target = rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 3, 1))
        runs = []
        for batch in (Batch(x, target, np.ones((4, 3))), Batch(x.tolist(), target.tolist(), None)):
            model = some_model(np.random.default_rng(0))
            runs.append(fit(model, lambda batch=batch: batch, squared_error, Adam(), steps=3, bar=False).loss)
        np.testing.assert_allclose(*runs)

    def test_a_negative_loss_has_not_diverged(self, rng):
        def loss(y, target, weight):
            value, dy = squared_error(y, target, weight)
            return value - 1000, dy

        batch = Batch(rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 3, 1)), np.ones((4, 3)))
        assert len(fit(some_model(rng), lambda: batch, loss, Adam(), steps=3, bar=False)) == 3

    @pytest.mark.parametrize("limit", [0, -1])
    def test_a_clipping_norm_that_is_not_above_0_is_refused(self, limit, rng):
        model = some_model(rng)
        before, batch = [w.copy() for w in model.weights], lambda: running_total(8, 16, rng=rng)
        sentence = f"clip must be above 0, or None for no clipping, got {limit}"
        assert_refused(lambda: fit(model, batch, squared_error, Adam(), steps=2, clip=limit), ValueError, sentence)
        for w, kept in zip(model.weights, before, strict=True):
            np.testing.assert_array_equal(w, kept)

    def test_recent_is_the_mean_of_the_last_losses(self):
        history = History(np.arange(5.0), np.ones(5), np.arange(5.0))
        np.testing.assert_allclose(history.recent(number=3), [0, 0.5, 1, 2, 3])
        np.testing.assert_allclose(history.recent("norm", 3), np.ones(5))
        for number in (0, -1):
            sentence = f"number must be at least 1, got {number}"
            assert_refused(lambda number=number: history.recent(number=number), ValueError, sentence)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("learning_rate", [100, 1e12, 1e38])
    def test_a_run_that_diverges_is_undone_to_the_step_before(self, learning_rate, dtype):
        """A second run of only the good steps ends with the same weights."""

        def start():
            rng = np.random.default_rng(5)
            model = some_model(rng, D=2, H=8, dtype=dtype)
            return model, lambda: adding_problem(20, 16, rng=rng)

        model, batch = start()
        with warnings.catch_warnings(), pytest.raises(DivergenceError) as caught:
            warnings.simplefilter("error")
            fit(model, batch, squared_error, Adam(learning_rate), steps=50, bar=False)
        assert str(caught.value).startswith("training diverged: after step ") and "\n" not in str(caught.value)
        good = len(caught.value.history) - 1
        again, batch = start()
        if good:
            fit(again, batch, squared_error, Adam(learning_rate), steps=good, bar=False)
        for w, other in zip(model.weights, again.weights, strict=True):
            assert np.isfinite(w).all()
            np.testing.assert_array_equal(w, other)

    def test_good_steps_before_the_bad_one_are_kept(self):
        class Late(Adam):
            """An Adam whose learning rate explodes after five steps."""

            def step(self, weights, gradients):
                self.learning_rate = 0.01 if self._count < 5 else 1e12
                super().step(weights, gradients)

        def run(optimizer, steps):
            rng = np.random.default_rng(5)
            model = some_model(rng)
            batch = partial(running_total, 8, 4, rng=rng)
            return model, partial(fit, model, batch, squared_error, optimizer, steps=steps, bar=False)

        (late, fails), (five, succeeds) = run(Late(), 50), run(Adam(0.01), 5)
        with pytest.raises(DivergenceError):
            fails()
        succeeds()
        for w, other in zip(late.weights, five.weights, strict=True):
            np.testing.assert_array_equal(w, other)

    def test_its_traceback_is_short(self, rng):
        model = some_model(rng)
        with pytest.raises(DivergenceError) as caught:
            fit(model, lambda: adding_problem(20, 16, rng=rng), squared_error, Adam(100), steps=50, bar=False)
        frames = [entry for entry in caught.traceback if "lstm_helpers" in str(entry.path)]
        assert len(frames) == 1

    def test_watch_is_called_before_each_step(self):
        seen = []
        model, batch = some_model(np.random.default_rng(3)), partial(running_total, 8, 4, rng=np.random.default_rng(3))
        before = model.layer.W.copy()
        watch = lambda step: seen.append((step, model.layer.W.copy()))  # noqa: E731
        fit(model, batch, squared_error, Adam(), steps=3, watch=watch, bar=False)
        assert [step for step, _ in seen] == [0, 1, 2]
        np.testing.assert_array_equal(seen[0][1], before)
        assert len({W.tobytes() for _, W in seen}) == 3

    def test_a_batch_of_the_wrong_shape(self, rng):
        model = some_model(rng)
        wrong = Batch(np.zeros((4, 2, 3)), np.zeros((4, 2, 1)), np.ones((4, 2)))
        with pytest.raises(ValueError, match="x must have shape"):
            fit(model, lambda: wrong, squared_error, Adam(), steps=1, bar=False)


class TestInterrupts:
    """The kernel's stop button and Ctrl+C: both send the signal SIGINT."""

    pytestmark = pytest.mark.usefixtures("interruptible")

    @staticmethod
    def fitted(steps, interrupted_in=None, **options):
        """A model, its optimizer and its history. One part of the third step sends an interrupt."""
        rng = np.random.default_rng(3)
        model, adam, calls = some_model(rng), Adam(0.01), dict.fromkeys(("batch", "loss", "step"), 0)

        def interrupting(part, function):
            def call(*args, **kwargs):
                calls[part] += 1
                if part == interrupted_in and calls[part] == 3:
                    signal.raise_signal(signal.SIGINT)
                return function(*args, **kwargs)

            return call

        adam.step = interrupting("step", adam.step)
        batch, loss = interrupting("batch", partial(running_total, 8, 4, rng=rng)), interrupting("loss", squared_error)
        return model, adam, fit(model, batch, loss, adam, **{"steps": steps, "bar": False} | options)

    @pytest.mark.parametrize("part, steps", [("batch", 3), ("loss", 2), ("step", 3)])
    def test_the_step_is_completed_and_the_weights_are_kept(self, part, steps):
        """The first step calls the loss twice, the second time for the limit."""
        model, adam, history = self.fitted(1000, part)
        expected, other, _ = self.fitted(steps)
        assert (len(history), history.interrupted, history.reached) == (steps, True, False)
        assert repr(history) == f"History of {steps} steps, interrupted"
        np.testing.assert_array_equal(model.layer.W, expected.layer.W)
        np.testing.assert_array_equal(model.readout.W, expected.readout.W)
        gradients = [np.ones_like(w) for w in model.weights]
        for one, optimizer in ((model, adam), (expected, other)):
            optimizer.step(one.weights, gradients)
        np.testing.assert_array_equal(model.layer.W, expected.layer.W)

    def test_with_a_bar_a_message_is_printed(self, capsys):
        self.fitted(1000, "batch", bar=True)
        told = "Interrupted after step 3 of 1000. The model keeps what it has learned.\n"
        assert capsys.readouterr().out == told
        self.fitted(1000, "batch")
        self.fitted(5, bar=True)
        assert capsys.readouterr().out == ""

    def test_a_second_interrupt_raises_at_once(self):
        model, rng = some_model(np.random.default_rng(3)), np.random.default_rng(3)

        def batch():
            for _ in range(2):
                signal.raise_signal(signal.SIGINT)
            return running_total(8, 4, rng=rng)

        with pytest.raises(KeyboardInterrupt):
            fit(model, batch, squared_error, Adam(), steps=3, bar=False)

    def test_the_previous_handler_is_restored(self):
        for part in (None, "batch"):
            before = signal.getsignal(signal.SIGINT)
            self.fitted(5, part)
            assert signal.getsignal(signal.SIGINT) is before
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    def test_training_without_interrupts(self, monkeypatch):
        """In a second thread, and if interrupts are ignored, as in a background process."""
        with ThreadPoolExecutor() as pool:
            assert len(pool.submit(self.fitted, 5).result()[2]) == 5
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            assert len(self.fitted(5, "batch")[2]) == 5
        finally:
            signal.signal(signal.SIGINT, before)


class TestGenerate:
    @pytest.mark.parametrize("kind", [RNN, LSTM, GRU, MinGRU])
    def test_token_frequencies_follow_the_probabilities(self, kind, rng):
        """Many first tokens after the same start, compared with softmax(y / temperature)."""
        model = some_model(rng, kind, D=4, H=6, K=4)
        model.readout.W_y = 3 * rng.normal(size=(4, 6))
        start = [0, 2, 1]
        p = softmax(model.forward(np.eye(4)[start])[0][-1], 0.7)
        drawn = [generate(model, start, 1, temperature=0.7, rng=rng)[0] for _ in range(2000)]
        np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 2000, p, atol=0.05)

    @pytest.mark.parametrize("kind", [RNN, LSTM, GRU, MinGRU])
    def test_drawn_tokens_are_fed_back(self, kind, rng):
        model = some_model(rng, kind, D=4, H=6, K=4)
        model.readout.W_y = 3 * rng.normal(size=(4, 6))
        start = [3, 0]
        new = generate(model, start, 12, rng=np.random.default_rng(8))
        draws = np.random.default_rng(8).uniform(size=12)
        y = model.forward(np.eye(4)[[*start, *new]])[0][1:-1]
        again = [np.searchsorted(np.cumsum(softmax(y_t)), u) for y_t, u in zip(y, draws, strict=True)]
        np.testing.assert_array_equal(new, again)

    @pytest.mark.parametrize("kind", [RNN, LSTM, GRU, MinGRU])
    @pytest.mark.parametrize("many", [3, 21])
    def test_several_texts_at_once_equal_single_texts(self, kind, many, rng):
        model = some_model(rng, kind, D=4, H=6, K=4)
        model.readout.W_y = 3 * rng.normal(size=(4, 6))
        start = np.tile([[3, 0, 1], [0, 2, 2]], many // 3)
        new = generate(model, start, 12, temperature=0.8, rng=np.random.default_rng(8))
        draws = np.random.default_rng(8).uniform(size=(12, many))
        assert new.shape == (12, many)
        y = model.forward(np.eye(4)[np.vstack([start, new])])[0][1:-1]
        reached = np.cumsum(softmax(y, 0.8), axis=-1) <= draws[..., None]
        np.testing.assert_array_equal(new, reached.sum(axis=-1))

    @pytest.mark.parametrize("kind", [RNN, LSTM, GRU, MinGRU])
    def test_until_ends_the_texts_without_changing_them(self, kind, rng):
        model = some_model(rng, kind, D=4, H=6, K=4)
        model.readout.W_y = 3 * rng.normal(size=(4, 6))
        for start in ([3, 0], np.array([[3, 0, 1], [0, 2, 2]])):
            whole = generate(model, start, 60, rng=np.random.default_rng(8)).reshape(60, -1)
            new = generate(model, start, 60, until=2, rng=np.random.default_rng(8))
            new = new.reshape(len(new), -1)
            ends = [np.flatnonzero(column == 2)[0] for column in whole.T]
            assert len(new) == max(ends) + 1 < 60
            for k, end in enumerate(ends):
                np.testing.assert_array_equal(new[: end + 1, k], whole[: end + 1, k])

    def test_near_temperature_0_it_draws_the_most_likely_token(self, rng):
        model = some_model(rng, D=4, H=6, K=4)
        new = generate(model, [1], 20, temperature=1e-6, rng=rng)
        y = model.forward(np.eye(4)[[1, *new]])[0][:-1]
        np.testing.assert_array_equal(new, y.argmax(-1))

    def test_refusals(self, rng):
        model = some_model(rng, D=4, H=6, K=4)
        sentence = "start must lie from 0 to 3, got from 4 to 4"
        assert_refused(lambda: generate(model, [4], 2, rng=rng), ValueError, sentence)
        for start in ([[[1]]], []):
            with pytest.raises(ValueError, match="start must be at least one token, of shape"):
                generate(model, start, 2, rng=rng)
        assert_refused(lambda: generate(model, [0.5], 2, rng=rng), TypeError, "start must be whole numbers, got [0.5]")
        sentence = "until must lie from 0 to 3, got 4"
        assert_refused(lambda: generate(model, [1], 2, until=4, rng=rng), ValueError, sentence)
        sentence = "model must have as many inputs as outputs, got 2 and 1"
        assert_refused(lambda: generate(some_model(rng), [0], 2, rng=rng), ValueError, sentence)
        sentence = "model must have a single layer, got a Stack"
        assert_refused(lambda: generate(some_model(rng, Stack), [0], 2, rng=rng), TypeError, sentence)
