"""Models of Keras read into layers of ours, and Stacks of ours written as models, compared with Keras itself."""

import inspect
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN
from lstm_helpers.interop import from_keras, keras_weights, orders, to_keras
from lstm_helpers.layers import Reversed, Stack
from tests.support.kept import identical
from tests.support.layer_cases import random_stack
from tests.support.peers import cells_of_keras, close, masked_pass
from tests.support.refusals import assert_refused
from tests.support.tiers import later

pytestmark = pytest.mark.slow

README = Path(__file__, "../../../README.md").resolve().read_text(encoding="utf-8")

T, N, D, H = 6, 3, 3, 4
LENGTHS = [4, 6, 1]
KINDS = {
    "SimpleRNN": (RNN, {}),
    "LSTM": (LSTM, {}),
    "GRU": (GRU, {}),
    "GRU, reset before": (GRU, {"reset_after": False}),
}
each_kind = pytest.mark.parametrize("kind", KINDS)
each_depth = pytest.mark.parametrize("depth", later([1, 2, 3], [1, 2]))
each_way = pytest.mark.parametrize("both_ways", [False, True], ids=["one way", "both ways"])


@pytest.fixture
def in_float64(keras, monkeypatch):
    """Turn off Keras's product in float32, which it uses for every dtype unless there is a fast path."""
    from keras.src.backend.common import dtypes

    monkeypatch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, "float64", "float64")


def filled(model, rng):
    """A layer or model of Keras, built, with every weight random."""
    model.set_weights([rng.normal(size=w.shape) / np.sqrt(D + H) for w in model.weights])
    return model


def recurrent(kind, keras, both_ways=False, dtype="float32", **options):
    """A recurrent layer of Keras that returns sequences."""
    options = {"return_sequences": True, "dtype": dtype} | KINDS[kind][1] | options
    layer = getattr(keras.layers, kind.partition(",")[0])(H, **options)
    return keras.layers.Bidirectional(layer, dtype=dtype) if both_ways else layer


def row(kind, depth, both_ways, keras, rng, dtype="float64", **options):
    """Recurrent layers of Keras on top of one another, behind a Masking."""
    layers = [recurrent(kind, keras, both_ways, dtype, **options) for _ in range(depth)]
    model = keras.Sequential([keras.Input((None, D), dtype=dtype), keras.layers.Masking(dtype=dtype), *layers])
    return filled(model, rng)


def stack_of(kind, depth, both_ways, rng, dtype=np.float64):
    cls, options = KINDS[kind]
    return random_stack(cls, D, H, depth, both_ways, rng, dtype, **options)


def layers_of(ours):
    return ours.layers if isinstance(ours, Stack) else (ours,)


def all_identical(ours, others):
    """Whether two lists of layers are equal to the last bit, Reversed ones in the same places."""
    kinds = [[type(layer) for layer in layers] for layers in (ours, others)]
    bare = [[getattr(layer, "layer", layer) for layer in layers] for layers in (ours, others)]
    return kinds[0] == kinds[1] and all(identical(a, b) for a, b in zip(*bare, strict=True))


def ends(array, lengths):
    """The array with 0 after the ends of the sequences, where Keras repeats the last h."""
    return array * (np.arange(len(array))[:, None, None] < np.array(lengths)[:, None])


def agrees(ours, model, x, dh, lengths, tolerance):
    """Check that all outputs and gradients equal those of Keras."""
    x, dh = ends(x, lengths), ends(dh, lengths)
    theirs, trace = masked_pass(model, x, dh), ours.forward(x, lengths=lengths)
    back = ours.backward(trace, dh)
    close(trace.h, ends(theirs.h, lengths), tolerance)
    close(back.x, theirs.gradients["x"], tolerance)
    of_layers = back.layers if isinstance(ours, Stack) else [back]
    for gradients, of_theirs in zip(of_layers, theirs.gradients["layers"], strict=True):
        biases = {name for name in gradients.parts if name.startswith("b_")}
        assert set(gradients.parts) - set(of_theirs) in (set(), biases)  # without use_bias Keras has none
        for name in set(gradients.parts) & set(of_theirs):
            close(getattr(gradients, name), of_theirs[name], tolerance)


@pytest.mark.parametrize("lengths", [[T] * N, LENGTHS], ids=["full", "lengths"])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@each_way
@each_depth
@each_kind
def test_outputs_and_all_gradients(kind, depth, both_ways, bias, lengths, keras, in_float64, rng):
    model = row(kind, depth, both_ways, keras, rng, use_bias=bias)
    ours = from_keras(model)
    assert isinstance(ours, Stack) == (depth > 1 or both_ways)
    agrees(ours, model, rng.normal(size=(T, N, D)), rng.normal(size=(T, N, H * (1 + both_ways))), lengths, 1e-12)


@each_kind
def test_outputs_and_all_gradients_with_keras_as_installed(kind, keras, rng):
    for dtype in ("float32", "float64"):
        model = row(kind, 2, True, keras, rng, dtype)
        x, dh = (rng.normal(size=(T, N, size)).astype(dtype) for size in (D, 2 * H))
        agrees(from_keras(model), model, x, dh, LENGTHS, 1e-5)


@each_way
@each_depth
@each_kind
def test_a_round_trip_changes_no_bit(kind, depth, both_ways, keras, rng):
    for dtype in (np.float32, np.float64):
        stack = stack_of(kind, depth, both_ways, rng, dtype)
        stack.layers[-1].W[:, 0] = -0.0
        model = to_keras(stack)
        assert all_identical(layers_of(from_keras(model)), stack.layers)
        held = [w.value.detach().numpy() for w in model.weights]
        assert all(np.array_equal(a, b) for a, b in zip(held, keras_weights(stack), strict=True))
        x, dh = (rng.normal(size=(T, N, size)).astype(dtype) for size in (D, stack.hidden_size))
        agrees(stack, model, x, dh, [T] * N, 1e-5)


@each_way
@each_kind
def test_the_trace_of_each_layer_equals_a_loop_over_keras_cells(kind, both_ways, keras, in_float64, rng):
    import torch

    model = row(kind, 3, both_ways, keras, rng)
    ours, x = from_keras(model), rng.normal(size=(T, N, D))
    below, traces = x, iter(ours.forward(x).layers)
    cells = list(cells_of_keras(model))
    for level in range(3):
        sides = []
        for cell, turn in zip(cells[level * (1 + both_ways) :], (1, -1)[: 1 + both_ways], strict=False):
            trace, states = next(traces), cell.get_initial_state(batch_size=N)
            for t in list(range(T))[::turn]:
                states = cell(torch.tensor(below[t]), states)[1]
                for name, state in zip("hc", states, strict=False):
                    close(getattr(trace, name)[t], state.detach().numpy(), 1e-12)
            sides.append(trace.h)
        below = np.concatenate(sides, axis=-1)


class TestModels:
    def model(self, keras, rng):
        """A typical model: words, two layers, dropout, an answer."""
        layers = keras.layers
        body = [layers.Embedding(20, D), layers.LSTM(H, return_sequences=True, dropout=0.3, name="low"),
                layers.Dropout(0.5), layers.Bidirectional(layers.LSTM(H, recurrent_dropout=0.2), name="high"),
                layers.Dense(2)]  # fmt: skip
        return filled(keras.Sequential([keras.Input((None,)), *body]), rng)

    @pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of saving, with PyTorch
    def test_a_saved_model_by_the_names_of_its_layers(self, keras, rng, tmp_path):
        model = self.model(keras, rng)
        model.save(tmp_path / "mine.keras")
        loaded = keras.saving.load_model(tmp_path / "mine.keras")
        low, high, both = (from_keras(loaded, name) for name in ("low", ["high"], ["low", "high"]))
        assert identical(low, from_keras(model.layers[1]))
        assert all_identical(both.layers, [low, *high.layers])
        words = np.array([[3, 1, 4], [1, 5, 9]])
        x = model.layers[0](words).detach().numpy().swapaxes(0, 1)
        last = np.concatenate(both.forward(x).h_T[1:], axis=1)
        kernel, bias = (w.value.detach().numpy() for w in model.layers[-1].weights)
        close(last @ kernel + bias, model(words).detach().numpy(), 1e-5)

    @pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of saving, with PyTorch
    def test_the_readmes_five_lines(self, keras, rng, tmp_path, monkeypatch):
        (block,) = [b for b in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "load_model" in b]
        assert len([line for line in block.splitlines() if line]) <= 5
        monkeypatch.chdir(tmp_path)
        inner = [keras.layers.Embedding(20, D), keras.layers.LSTM(H, name="lstm"), keras.layers.Dense(2)]
        model = filled(keras.Sequential([keras.Input((None,)), *inner]), rng)
        model.save("model.keras")
        (seen,) = re.findall(r"`x = (keras\.Model.*?)`", README)
        words = rng.integers(20, size=(N, T))
        x = eval(seen, {"keras": keras, "model": model, "words": words})
        close(x, model.layers[0](words).detach().numpy(), 1e-6)
        exec(block, {"x": x})

    def test_the_error_lists_the_layers(self, keras, rng):
        model = self.model(keras, rng)
        sentence = "source must have one RNN, LSTM or GRU; it has 'low', 'high'; give name"
        assert_refused(lambda: from_keras(model), ValueError, sentence)
        sentence = "name must fit exactly one of 'low', 'high', got 'lstm'"
        assert_refused(lambda: from_keras(model, "lstm"), ValueError, sentence)
        empty = keras.Sequential([keras.layers.Dense(2)])
        assert_refused(lambda: from_keras(empty), ValueError, "source must have one RNN, LSTM or GRU; it has none")
        sentence = "source must be a layer, a cell or a model of Keras, or a list of weights, got a str"
        sentence += "; keras.saving.load_model reads a file"
        assert_refused(lambda: from_keras("mine.keras"), TypeError, sentence)
        for name in (3, [], ["low", 3]):
            sentence = f"name must be the name of a layer, or a list of names, got {name}"
            assert_refused(lambda name=name: from_keras(model, name), TypeError, sentence)

    def test_nested_models(self, keras, rng):
        inputs = keras.Input((None, D))
        parts = [keras.Sequential([keras.layers.GRU(H, name="gru")], name=name) for name in ("reader", "writer")]
        model = filled(keras.Model(inputs, [part(inputs) for part in parts], name="whole"), rng)
        for part in parts:
            for name in (f"{part.name}/gru", part.name):
                assert identical(from_keras(model, name), from_keras(part))
        sentence = "name must fit exactly one of 'reader/gru', 'writer/gru', got 'gru'"
        assert_refused(lambda: from_keras(model, "gru"), ValueError, sentence)

    def test_a_subclassed_model(self, keras, rng):
        class Mine(keras.Model):
            def __init__(self):
                super().__init__()
                self.rows = [keras.layers.LSTM(H, return_sequences=True, name=name) for name in ("low", "high")]
                self.cell, self.out = keras.layers.LSTMCell(H, name="cell"), keras.layers.Dense(2)

            def call(self, x):
                x = self.rows[1](self.rows[0](x))
                return self.out(self.cell(x[:, -1], self.cell.get_initial_state(len(x)))[0])

        model, x = Mine(), rng.normal(size=(T, N, D)).astype(np.float32)
        sentence = "source must be built: call the LSTM once, so that it has weights"
        assert_refused(lambda: from_keras(model, "low"), ValueError, sentence)
        model(x.swapaxes(0, 1))
        filled(model, rng)
        h = model.rows[1](model.rows[0](x.swapaxes(0, 1))).detach().numpy().swapaxes(0, 1)
        close(from_keras(model, ["low", "high"]).forward(x).h, h, 1e-5)
        assert identical(from_keras(model, "cell"), from_keras(model.cell))
        with pytest.raises(ValueError, match="it has 'low', 'high', 'cell'; give name"):
            from_keras(model)

    def test_two_layers_of_one_name_are_not_taken_for_one(self, keras, rng):
        class Mine(keras.Model):
            def __init__(self):
                super().__init__()
                self.rows = [keras.layers.LSTM(H, name="row") for _ in range(2)]

        model = Mine()
        for row in model.rows:
            row.build((None, None, D))
        sentence = "source must have one RNN, LSTM or GRU; it has 'row', 'row'; give name"
        assert_refused(lambda: from_keras(filled(model, rng)), ValueError, sentence)
        sentence = "name must fit exactly one of 'row', 'row', got 'row'"
        assert_refused(lambda: from_keras(model, "row"), ValueError, sentence)

    def test_a_shared_layer_counts_once(self, keras, rng):
        one = keras.layers.LSTM(H)
        a, b = keras.Input((None, D)), keras.Input((None, D))
        model = filled(keras.Model([a, b], [one(a), keras.Sequential([one])(b)]), rng)
        assert identical(from_keras(model), from_keras(one))

    def test_layers_that_are_not_connected_are_refused(self, keras, rng):
        layers, inputs = keras.layers, keras.Input((None, D))
        low = layers.GRU(H, return_sequences=True, name="low")(inputs)
        turned = layers.GRU(H, return_sequences=True, go_backwards=True, name="turned")(layers.Dropout(0.1)(low))
        last = layers.GRU(H, name="last")(layers.LayerNormalization(name="norm")(low))
        high = layers.GRU(H, return_sequences=True, name="high")(turned)
        again = layers.GRU(H, name="again")(layers.RepeatVector(3, name="repeat")(last))
        model = filled(keras.Model(inputs, [high, again]), rng)
        on = "source must have {!r} on top of {!r}"
        sentences = {
            ("low", "last"): "{}, but its input comes from 'norm'",
            ("turned", "low"): "{}, without go_backwards: 'turned' returns its h in the order it ran",
            ("high", "low"): f"{{}}, but its input comes from '{model.layers[0].name}'",
            ("last", "again"): "{}, with return_sequences=True, got return_sequences=False",
        }
        for (below, above), sentence in sentences.items():
            said = sentence.format(on.format(above, below))
            assert_refused(lambda names=[below, above]: from_keras(model, names), ValueError, said)
        x = rng.normal(size=(T, N, D)).astype(np.float32)
        h = keras.Model(inputs, turned)(x.swapaxes(0, 1)).detach().numpy().swapaxes(0, 1)
        close(from_keras(model, ["low", "turned"]).forward(x).h[::-1], h, 1e-5)


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_cells_in_a_loop(kind, keras, rng):
    cells = [getattr(keras.layers, f"{kind}Cell")(size) for size in (H, 5, 2)]
    for go_backwards in (False, True):
        theirs = keras.layers.RNN(cells, return_sequences=True, go_backwards=go_backwards)
        theirs.build((None, None, D))
        filled(theirs, rng)
        ours, x = from_keras(theirs), rng.normal(size=(T, N, D)).astype(np.float32)
        h = theirs(x.swapaxes(0, 1)).detach().numpy().swapaxes(0, 1)
        close(ours.forward(x).h[:: -1 if go_backwards else 1], h, 1e-5)
        assert all(isinstance(layer, Reversed) == go_backwards for layer in ours.layers)
        alone = [from_keras(cell) for cell in cells]
        assert all_identical([getattr(layer, "layer", layer) for layer in ours.layers], alone)
        assert all_identical(from_keras(keras.layers.StackedRNNCells(cells)).layers, alone)


class TestGoBackwards:
    """Keras returns its h in the order it ran; ours is in the order of x."""

    @each_kind
    def test_it_is_a_reversed_level(self, kind, keras, rng):
        theirs = recurrent(kind, keras, go_backwards=True)
        theirs.build((None, None, D))
        ours, x = from_keras(filled(theirs, rng)), rng.normal(size=(T, N, D)).astype(np.float32)
        h = theirs(x.swapaxes(0, 1)).detach().numpy().swapaxes(0, 1)
        assert isinstance(ours, Stack) and [type(layer) for layer in ours.layers] == [Reversed]
        close(ours.forward(x).h[::-1], h, 1e-5)
        theirs.set_weights(keras_weights(ours))  # the way back
        close(theirs(x.swapaxes(0, 1)).detach().numpy().swapaxes(0, 1), h, 1e-6)

    def test_to_keras_refuses_such_a_level(self, keras):
        sentence = (
            "layer must have no level that is only Reversed: Keras returns its h in the order it ran; "
            "keras_weights fit a layer with go_backwards=True"
        )
        for levels in ([Reversed(LSTM(3, 2))], [LSTM(3, 2), Reversed(LSTM(2, 2)), LSTM(2, 2)]):
            assert_refused(lambda levels=levels: to_keras(Stack(levels)), ValueError, sentence)


class TestStateful:
    def test_the_states_are_left_out_with_one_warning(self, keras, rng):
        for both_ways in (False, True):
            theirs = recurrent("LSTM", keras, both_ways, stateful=True)
            theirs.build((N, T, D))
            x = rng.normal(size=(T, N, D)).astype(np.float32)
            first = filled(theirs, rng)(x.swapaxes(0, 1)).detach().numpy().swapaxes(0, 1)
            with pytest.warns(UserWarning, match="source is stateful: its states are left out") as said:
                ours = from_keras(theirs)
            assert len(said) == 1 and said[0].filename == __file__
            close(ours.forward(x).h, first, 1e-5)


class TestListsOfWeights:
    @each_way
    @pytest.mark.parametrize("depth", [1, 2, 3])
    @each_kind
    def test_a_round_trip_if_there_is_one_reading(self, kind, depth, both_ways, rng):
        stack = stack_of(kind, depth, both_ways, rng)
        if depth < 3 or both_ways:
            assert all_identical(layers_of(from_keras(keras_weights(stack))), stack.layers)
        else:  # the two at the top, with four inputs and four units each, may stand side by side
            name = KINDS[kind][0].__name__.replace("RNN", "SimpleRNN")
            low, high = f"{name} 3 to 4", f"{name} 4 to 4"
            readings = f"{low}, then {high}, then {high}, or {low}, then {high} beside {high}"
            sentence = f"source must be readable in one way; it may be {readings}: give the model"
            assert_refused(lambda: from_keras(keras_weights(stack)), ValueError, sentence)

    @each_way
    def test_without_biases(self, both_ways, rng):
        stack = stack_of("LSTM", 2, both_ways, rng)
        for layer in stack.layers:
            for gate in "figo":
                setattr(layer, f"b_{gate}", 0)
        arrays = [array for array in keras_weights(stack) if array.ndim > 1]
        assert len(arrays) == 2 * len(stack.layers)
        assert all_identical(from_keras(arrays).layers, stack.layers)

    def test_get_weights_of_keras(self, keras, rng):
        model = row("GRU", 2, True, keras, rng)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # get_weights' own, with PyTorch and NumPy 2
            weights = model.get_weights()
        assert all_identical(from_keras(weights).layers, from_keras(model).layers)


class TestListsThatFitTwoKinds:
    """A list names no kinds: a (2, 3 H) array may be the bias of a GRU, or the kernel of a layer on 2 units."""

    def of(self, stack, bias):
        """The list of weights of a Stack; without biases, those of the Stack become 0."""
        if bias:
            return keras_weights(stack)
        for layer in stack.layers:
            inner = getattr(layer, "layer", layer)
            for name in inner.parts:
                if name.startswith("b_"):
                    setattr(inner, name, 0)
        return [array for array in keras_weights(stack) if array.any()]

    @each_way
    @pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
    @each_kind
    def test_every_small_stack_is_read_right_or_refused(self, kind, bias, both_ways, rng):
        cls, options = KINDS[kind]
        read = 0
        for sees in range(1, 7):
            for size in range(1, 7):
                for depth in range(1, 5):
                    stack = random_stack(cls, sees, size, depth, both_ways, rng, **options)
                    weights = self.of(stack, bias)
                    try:
                        ours = from_keras(weights)
                    except ValueError:
                        continue
                    assert all_identical(layers_of(ours), stack.layers), (sees, size, depth)
                    read += 1
        assert (read == 0) if cls is GRU and not bias else (read > 36)

    @pytest.mark.parametrize("both_ways, sees, depth", [(False, 3, 2), (False, 3, 3), (False, 2, 3), (True, 2, 1)])
    def test_grus_without_biases(self, both_ways, sees, depth, keras, rng):
        layers = [keras.layers.GRU(2, use_bias=False, return_sequences=True) for _ in range(depth)]
        layers = [keras.layers.Bidirectional(layer) for layer in layers] if both_ways else layers
        model = filled(keras.Sequential([keras.Input((None, sees)), *layers]), rng)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # get_weights' own, with PyTorch and NumPy 2
            weights = model.get_weights()
        with pytest.raises(ValueError, match=r"must hold the bias of a GRU|must be readable in one way"):
            from_keras(weights)
        x = rng.normal(size=(T, N, sees)).astype(np.float32)
        close(from_keras(model).forward(x).h, model(x.swapaxes(0, 1)).detach().numpy().swapaxes(0, 1), 1e-5)

    def test_a_long_ambiguous_list_is_refused_at_once(self):
        """There are about 10 to the 10 ways to divide 90 arrays into layers."""
        arrays = [np.ones((2, 6))] * 90
        with pytest.raises(ValueError, match=r"source\[90:\] does not fit: \(5,\)"):
            from_keras([*arrays, np.ones(5)])

    def test_simple_rnns_are_not_called_keras_1_alone(self, rng):
        for depth in (3, 4):
            weights = keras_weights(random_stack(RNN, 4, 4, depth, False, rng))
            with pytest.raises(ValueError, match=f"the weights of {depth} SimpleRNNs have the same shapes: for those"):
                from_keras(weights)


class Fed:
    """Values for an option, and the expected result: `equal` outputs, or a refusal that contains `says`."""

    def __init__(self, *equal, refused=(), says=None):
        self.equal, self.refused, self.says = equal, refused, says


ALIKE = Fed(None, "l2")  # regularizers
INITIAL = Fed("zeros", "random_normal")
CONSTRAINT = Fed(None, "max_norm")
EITHER = Fed(True, False)
OTHERS = ["relu", "hard_sigmoid", "linear", None, np.tanh]

# Every option of Keras's recurrent layers as of 3.15. Words that begin with @ make an object of Keras's.
OPTIONS = {
    "units": Fed(4, 1),
    "activation": Fed("tanh", refused=OTHERS, says="activation='tanh', got activation="),
    "recurrent_activation": Fed("sigmoid", refused=OTHERS, says="recurrent_activation='sigmoid', got "),
    "use_bias": EITHER,
    "kernel_initializer": INITIAL,
    "recurrent_initializer": INITIAL,
    "bias_initializer": INITIAL,
    "unit_forget_bias": EITHER,
    "kernel_regularizer": ALIKE,
    "recurrent_regularizer": ALIKE,
    "bias_regularizer": ALIKE,
    "activity_regularizer": ALIKE,
    "kernel_constraint": CONSTRAINT,
    "recurrent_constraint": CONSTRAINT,
    "bias_constraint": CONSTRAINT,
    "dropout": Fed(0.0, 0.5),
    "recurrent_dropout": Fed(0.0, 0.5),
    "seed": Fed(None, 3),
    "return_sequences": EITHER,
    "return_state": EITHER,
    "go_backwards": EITHER,
    "stateful": EITHER,
    "unroll": EITHER,
    "use_cudnn": Fed("auto", False),
    "reset_after": EITHER,
    "implementation": Fed(1, 2),  # taken from **kwargs
    "zero_output_for_mask": EITHER,  # taken from **kwargs
    "trainable": EITHER,
    "dtype": Fed("float32", "float64", None, refused=["mixed_bfloat16", "bfloat16"], says="float"),
    "autocast": EITHER,
    "name": Fed(None, "mine"),
    "cell": Fed("@LSTMCell", "@GRUCell", "@two", refused=["@other"], says="made of Keras's own"),
    "cells": Fed(["@LSTMCell"], ["@GRUCell", "@GRUCell"], refused=[["@other"]], says="made of Keras's own"),
    "layer": Fed("@LSTM", "@GRU", refused=["@two layers"], says="one cell forward beside one in reverse"),
    "merge_mode": Fed("concat", refused=["sum", "mul", "ave", None], says="merge_mode='concat', got merge_mode="),
    "weights": Fed(None),
    "backward_layer": Fed(None, "@backward", refused=["@backward relu", "@backward other"], says="source must be"),
}  # fmt: skip
TAKES = {
    "SimpleRNN": {}, "LSTM": {}, "GRU": {}, "SimpleRNNCell": {}, "LSTMCell": {}, "GRUCell": {},
    "RNN": {"cell": "@LSTMCell"}, "StackedRNNCells": {"cells": ["@LSTMCell"]}, "Bidirectional": {"layer": "@LSTM"},
}  # fmt: skip
FROM_KWARGS = {"implementation": ["LSTM", "GRU", "LSTMCell", "GRUCell"],
               "zero_output_for_mask": ["SimpleRNN", "LSTM", "GRU"]}  # fmt: skip


def options_of(kind, keras):
    """The options of a class's constructor, and those of every layer."""
    signatures = [inspect.signature(one.__init__) for one in (getattr(keras.layers, kind), keras.layers.Layer)]
    named = [p for signature in signatures for p in signature.parameters.values() if p.kind not in (p.VAR_KEYWORD,)]
    return {p.name for p in named} - {"self"} | {name for name, kinds in FROM_KWARGS.items() if kind in kinds}


def resolved(value, keras):
    """The object of Keras for a word that begins with @."""
    layers = keras.layers
    if isinstance(value, list):
        return [resolved(one, keras) for one in value]
    if not (isinstance(value, str) and value.startswith("@")):
        return value

    class LSTMCell(layers.LSTMCell):
        """A user's class with the name of a Keras class."""

    class LSTM(layers.LSTM):
        """The same."""

    def lstm(**options):
        return layers.LSTM(4, return_sequences=True, **options)

    special = {
        "@two": lambda: [layers.LSTMCell(4), layers.LSTMCell(3)],
        "@other": lambda: LSTMCell(4),
        "@LSTM": lstm,
        "@GRU": lambda: layers.GRU(4, return_sequences=True),
        "@two layers": lambda: layers.RNN([layers.LSTMCell(4), layers.LSTMCell(3)], return_sequences=True),
        "@backward other": lambda: LSTM(4, return_sequences=True, go_backwards=True),
        "@backward": lambda: layers.LSTM(2, return_sequences=True, go_backwards=True),
        "@backward relu": lambda: lstm(activation="relu", go_backwards=True),
    }
    return special.get(value, lambda: getattr(layers, value[1:])(4))()


def layer_with(kind, option, value, keras, rng):
    """A layer of Keras with that option, in a loop if it is a cell, with random weights."""
    options = {name: resolved(default, keras) for name, default in TAKES[kind].items()}
    if "units" in options_of(kind, keras):
        options |= {"units": 4, "recurrent_initializer": "zeros"}  # Keras's own has no bfloat16
    if "return_sequences" in options_of(kind, keras) or kind in ("SimpleRNN", "LSTM", "GRU"):
        options["return_sequences"] = True
    theirs = getattr(keras.layers, kind)(**options | {option: resolved(value, keras)})
    if kind.endswith(("Cell", "Cells")):
        dtype = value if option == "dtype" else None
        theirs = keras.layers.RNN(theirs, return_sequences=True, dtype=dtype)
    theirs.build((N, T, D))
    return filled(theirs, rng)


def keras_h(theirs, x):
    """The h of Keras at all steps in the order of x, or at the last step that it ran."""
    output = theirs(x.swapaxes(0, 1))
    h = (output[0] if isinstance(output, (tuple, list)) else output).detach().numpy()
    h = h.swapaxes(0, 1) if h.ndim == 3 else h
    return h[::-1] if h.ndim == 3 and getattr(theirs, "go_backwards", False) else h


class TestEveryOption:
    @pytest.mark.parametrize("kind", TAKES)
    def test_all_are_known(self, kind, keras):
        """A new option of a newer Keras fails here until it has a row."""
        assert options_of(kind, keras) <= set(OPTIONS)

    @pytest.mark.parametrize("kind", later(TAKES, ["LSTM", "GRUCell", "Bidirectional"]))
    def test_each_is_computed_or_refused(self, kind, keras, rng):
        tried = 0
        for option in sorted(options_of(kind, keras)):
            for value in OPTIONS[option].equal:
                if option == "dtype" and value == "float64" and TAKES[kind]:
                    continue  # of a wrapper alone: below
                theirs = layer_with(kind, option, value, keras, rng)
                dtype = theirs.compute_dtype
                x = rng.normal(size=(T, N, D)).astype(dtype)
                with warnings.catch_warnings(record=True) as said:
                    warnings.simplefilter("always")
                    ours = from_keras(theirs)
                assert [str(w.message)[:18] for w in said] == ["source is stateful"] * (option == "stateful" and value)
                trace, h = ours.forward(x), keras_h(theirs, x)
                top = trace.h if h.ndim == 3 else last_of(ours, trace)
                np.testing.assert_allclose(top, h, rtol=0, atol=1e-5, err_msg=f"{option}={value!r}")
                tried += 1
            for value in OPTIONS[option].refused:
                theirs = layer_with(kind, option, value, keras, rng)
                with pytest.raises((TypeError, ValueError), match=re.escape(OPTIONS[option].says)) as caught:
                    from_keras(theirs)
                assert caught.value.is_refusal, f"{option}={value!r}"
                tried += 1
        assert tried >= 15

    @pytest.mark.parametrize("kind", ["RNN", "StackedRNNCells", "Bidirectional"])
    def test_a_dtype_of_the_wrapper_alone_is_refused(self, kind, keras, rng):
        with pytest.raises(ValueError, match="source must compute in the dtype of its weights, float32, got float64"):
            from_keras(layer_with(kind, "dtype", "float64", keras, rng))


def last_of(ours, trace):
    """The last h of the top level, of all its sides."""
    sides = len(ours.levels[-1]) if isinstance(ours, Stack) else 1
    return np.concatenate(trace.h_T[-sides:], axis=-1) if isinstance(ours, Stack) else trace.h[-1]


def test_a_bidirectional_whose_forward_layer_goes_backwards_is_refused(keras):
    sides = [keras.layers.LSTM(H, return_sequences=True, go_backwards=back) for back in (True, False)]
    theirs = keras.layers.Bidirectional(sides[0], backward_layer=sides[1])
    sentence = "source must be a Bidirectional with one cell forward beside one in reverse, got reverse beside forward"
    assert_refused(lambda: from_keras(theirs), ValueError, sentence)


def test_a_stack_has_one_output(keras, rng):
    stack = stack_of("LSTM", 2, True, rng, np.float32)
    sentence = "return_state must be False for a Stack: a Sequential of Keras has one output"
    assert_refused(lambda: to_keras(stack, return_state=True), ValueError, sentence)
    x = rng.normal(size=(T, N, D)).astype(np.float32)
    last = to_keras(stack, return_sequences=False)(x.swapaxes(0, 1)).detach().numpy()
    close(last_of(stack, stack.forward(x)), last, 1e-5)


def test_swapping_the_two_sides_changes_the_result(keras, rng, monkeypatch):
    stack, x = stack_of("LSTM", 1, True, rng, np.float32), rng.normal(size=(T, N, D)).astype(np.float32)
    model, levels = to_keras(stack), orders.stack_of
    monkeypatch.setattr(orders, "stack_of", lambda found, *_: levels([(way, cells[::-1]) for way, cells in found]))
    assert np.abs(from_keras(model).forward(x).h - model(x.swapaxes(0, 1)).detach().numpy().swapaxes(0, 1)).max() > 0.01
