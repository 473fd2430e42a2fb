"""Any LSTM, GRU or RNN of PyTorch, from modules and state dicts of all kinds; and a Stack of ours in PyTorch.

The classes at the top need no PyTorch: state dicts are dictionaries of arrays. The others compare with PyTorch itself.
"""

import inspect
import io
import re
import typing
import warnings
from pathlib import Path

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN
from lstm_helpers.interop import from_torch, to_torch, torch_state
from lstm_helpers.layers import MinGRU, Reversed, Stack
from tests.support.kept import identical
from tests.support.layer_cases import random_layer, random_stack
from tests.support.peers import close, packed_pass
from tests.support.refusals import assert_refused

README = Path(__file__, "../../../README.md").resolve().read_text(encoding="utf-8")
T, N, D, H = 7, 4, 3, 4
KINDS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
each_kind = pytest.mark.parametrize("kind", KINDS)
each_depth = pytest.mark.parametrize("depth", [1, 2, 3])
each_direction = pytest.mark.parametrize("both_ways", [False, True], ids=["one way", "both ways"])


def stack_of(kind, depth, both_ways, rng, dtype=np.float64):
    """A Stack such as PyTorch has, every weight random."""
    return random_stack(KINDS[kind], D, H, depth, both_ways, rng, dtype)


def as_stack(layer):
    return layer if isinstance(layer, Stack) else Stack([layer])


def all_identical(ours, other):
    """Whether two Stacks are equal to the last bit; a single layer counts as a Stack of one."""
    shapes = [[[type(side) for side in level] for level in as_stack(one).levels] for one in (ours, other)]
    cells = [[getattr(one, "layer", one) for one in as_stack(both).layers] for both in (ours, other)]
    return shapes[0] == shapes[1] and all(identical(*pair) for pair in zip(*cells, strict=True))


def under(path, state):
    return {f"{path}.{name}": array for name, array in state.items()}


def lstm_state(rng, D=D, H=H):
    return torch_state(random_layer(LSTM, D, H, rng))


class TestRoundTrip:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @each_direction
    @each_depth
    @each_kind
    def test_it_changes_no_bit(self, kind, depth, both_ways, dtype, rng):
        stack = stack_of(kind, depth, both_ways, rng, dtype)
        for layer in stack.layers:
            layer.W[layer.W > 1] = -0.0
        back = from_torch(torch_state(stack))
        assert all_identical(back, stack)
        assert isinstance(back, Stack) == (len(stack.layers) > 1)

    @pytest.mark.parametrize("kind", ["f4", "f8"])
    def test_the_order_of_the_bytes_does_not_matter(self, kind, rng):
        layer = stack_of("LSTM", 1, False, rng, np.dtype(kind).type).layers[0]
        state = {name: array.astype(f">{kind}") for name, array in torch_state(layer).items()}
        assert all_identical(from_torch(state), layer)

    def test_the_names_are_those_of_pytorch_in_its_order(self, rng):
        stack = stack_of("GRU", 2, True, rng)
        state, alone = torch_state(stack), [torch_state(getattr(one, "layer", one)) for one in stack.layers]
        ends = "_l0", "_l0_reverse", "_l1", "_l1_reverse"
        parts = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
        assert list(state) == [part + end for end in ends for part in parts]
        for end, one in zip(ends, alone, strict=True):
            for part in parts:
                np.testing.assert_array_equal(state[part + end], one[f"{part}_l0"])

    def test_a_stack_of_one_layer_is_that_layer(self, rng):
        layer = random_layer(LSTM, D, H, rng)
        assert identical(from_torch(torch_state(Stack([layer]))), layer)


WHERE = {
    "as it is": lambda s: s,
    "a cell": lambda s: {name.removesuffix("_l0"): array for name, array in s.items()},
    "a whole model": lambda s: under("encoder.lstm", s) | {"fc.weight": 0, "fc.bias": 0},
    "DataParallel": lambda s: under("module.encoder.lstm", s) | {"module.fc.weight": 0},
    "DataParallel, the layer itself": lambda s: under("module", s),
    "compiled": lambda s: under("_orig_mod.encoder.lstm", s),
    "a checkpoint": lambda s: {"epoch": 3, "state_dict": under("encoder.lstm", s), "optimizer": {"state": {0: 1}}},
    "another": lambda s: {"model_state_dict": under("module.lstm", s), "loss": 0.5},
    "a checkpoint of a checkpoint": lambda s: {"best": {"epoch": 3, "model": under("lstm", s)}},
}


class TestAStateDict:
    """State dicts that contain a layer, and prefixes that select it."""

    @pytest.mark.parametrize("where", WHERE)
    def test_the_only_layer_is_found(self, where, rng):
        state = lstm_state(rng)
        assert identical(from_torch(WHERE[where](state)), from_torch(state))

    @pytest.mark.parametrize("prefix", ["module.encoder.lstm", "encoder.lstm", "encoder", "encoder.lstm."])
    def test_a_prefix_may_be_a_part_of_the_name(self, prefix, rng):
        encoder, decoder = lstm_state(rng), lstm_state(rng)
        both = under("module.encoder.lstm", encoder) | under("module.decoder.lstm", decoder)
        assert identical(from_torch(both, prefix), from_torch(encoder))

    def test_the_exact_name_takes_precedence(self, rng):
        one, other = lstm_state(rng), lstm_state(rng)
        assert identical(from_torch(under("rnn", one) | under("encoder.rnn", other), "rnn"), from_torch(one))

    def test_a_prefix_matches_whole_words_between_dots(self, rng):
        one, other = lstm_state(rng), lstm_state(rng)
        assert identical(from_torch(under("lstm", one) | under("lstm2", other), "lstm2"), from_torch(other))

    def test_several_by_name_are_a_stack_from_the_bottom(self, rng):
        top, bottom = lstm_state(rng, H, 5), lstm_state(rng, D, H)
        stack = from_torch(under("top", top) | under("bottom", bottom), ["bottom", "top"])
        assert all_identical(stack, Stack([from_torch(bottom), from_torch(top)]))

    @each_kind
    def test_without_biases_ours_are_0(self, kind, rng):
        stack = stack_of(kind, 2, True, rng)
        for layer in stack.layers:
            for name in layer.parts:
                if name.startswith("b_"):
                    setattr(layer, name, 0)
        weights = {name: array for name, array in torch_state(stack).items() if name.startswith("weight")}
        assert all_identical(from_torch(weights), stack)


TWO = under("encoder.lstm", lstm_state(np.random.default_rng(0))) | under(
    "decoder", lstm_state(np.random.default_rng(1))
)
ONE = lstm_state(np.random.default_rng(0))
AS_THEY_ARE = "source must hold the weights of {} as they are, not normed, pruned or quantized; it {}"


def without(name, more=(), path="lstm"):
    """The state dict of a model whose LSTM has these names in place of that one."""
    return under(path, {n: a for n, a in ONE.items() if n != name} | dict.fromkeys(more, 0))


READING = {
    "two": (lambda: from_torch(TWO), ValueError,
            "source must have one RNN, LSTM or GRU; it has 'encoder.lstm', 'decoder'; give prefix"),
    "a prefix of none": (lambda: from_torch(TWO, "lstm2"), ValueError,
                         "prefix must fit exactly one of 'encoder.lstm', 'decoder', got 'lstm2'"),
    "a prefix of two": (lambda: from_torch(under("model", TWO) | under("other", ONE), "model"), ValueError,
                        "prefix must fit exactly one of 'model.encoder.lstm', 'model.decoder', got 'model'"),
    "part of a word": (lambda: from_torch(TWO, "encode"), ValueError,
                       "prefix must fit exactly one of 'encoder.lstm', 'decoder', got 'encode'"),
    "a prefix of what has none": (lambda: from_torch(ONE, "lstm"), ValueError,
                                  "prefix must fit exactly one of '' (source itself), got 'lstm'"),
    "a prefix of TensorFlow 1's": (lambda: from_torch({"basic_lstm_cell/kernel": np.zeros((5, 8)),
                                                       "basic_lstm_cell/bias": np.zeros(8)}, "encoder"), ValueError,
                                   "prefix must fit exactly one of 'basic_lstm_cell', got 'encoder'"),
    "no name": (lambda: from_torch(TWO, 0), TypeError, "prefix must be the name of a layer, or a list of names, got 0"),
    "no names": (lambda: from_torch(TWO, []), TypeError,
                 "prefix must be the name of a layer, or a list of names, got []"),
    "names that do not fit together": (lambda: from_torch(TWO, ["decoder", "encoder"]), ValueError,
                                       "prefix must give levels that fit on one another, from the bottom: "
                                       "levels[1] must have 4 inputs, the units below it, got 3"),
    "none": (lambda: from_torch({"fc.weight": 0, "fc.bias": 0}), ValueError,
             "source must hold an RNN, LSTM or GRU, with names such as weight_ih_l0; it holds fc.weight, fc.bias"),
    "none among many": (lambda: from_torch({"net": dict.fromkeys(range(20))}), ValueError,
                        "source must hold an RNN, LSTM or GRU, with names such as weight_ih_l0; it holds net.0, net.1, "
                        "net.2, net.3, net.4, net.5, net.6, net.7, ... (20 in all)"),
    "nothing": (lambda: from_torch({}), ValueError,
                "source must hold an RNN, LSTM or GRU, with names such as weight_ih_l0; it holds nothing"),
    "a file": (lambda: from_torch("model.pt"), TypeError,
               "source must be a module of PyTorch or a state dict, got a str; torch.load reads a file"),
    "an array": (lambda: from_torch(np.zeros(3)), TypeError,
                 "source must be a module of PyTorch or a state dict, got a ndarray"),
    "a missing bias": (lambda: from_torch(without("bias_hh_l0")), ValueError,
                       AS_THEY_ARE.format("lstm", "lacks bias_hh_l0")),
    "a missing level": (lambda: from_torch(ONE | {"weight_ih_l1": 0}), ValueError,
                        AS_THEY_ARE.format("a layer", "lacks weight_hh_l1, bias_ih_l1, bias_hh_l1")),
    "a missing way back": (lambda: from_torch(ONE | {"weight_ih_l0_reverse": 0}), ValueError,
                           AS_THEY_ARE.format("a layer", "lacks weight_hh_l0_reverse, bias_ih_l0_reverse, "
                                              "bias_hh_l0_reverse")),
    "a normed weight, old": (lambda: from_torch(without("weight_hh_l0", ["weight_hh_l0_g", "weight_hh_l0_v"])),
                             ValueError, AS_THEY_ARE.format("lstm", "lacks weight_hh_l0 and has weight_hh_l0_g, "
                                                            "weight_hh_l0_v instead")),
    "a normed weight, new": (lambda: from_torch(without("weight_hh_l0", ["parametrizations.weight_hh_l0.original0"])),
                             ValueError, AS_THEY_ARE.format("lstm", "lacks weight_hh_l0 and has "
                                                            "parametrizations.weight_hh_l0.original0 instead")),
    "dropout of weights": (lambda: from_torch(without("weight_hh_l0", ["weight_hh_l0_raw"])), ValueError,
                           AS_THEY_ARE.format("lstm", "lacks weight_hh_l0 and has weight_hh_l0_raw instead")),
    "a normed layer": (lambda: from_torch(without("", ["norm.weight"])), ValueError,
                       AS_THEY_ARE.format("lstm", "has norm.weight as well")),
    "projections": (lambda: from_torch(without("", ["weight_hr_l0"])), ValueError,
                    "source must be a plain LSTM with proj_size=0, got one with projections, weight_hr_l0"),
    "whole numbers": (lambda: from_torch(under("lstm", ONE | {"weight_hh_l0": np.zeros((16, 4), np.int8)})), TypeError,
                      "lstm.weight_hh_l0 must be float32 or float64, got int8"),
    "half precision of another machine": (lambda: from_torch({k: v.astype(">f2") for k, v in ONE.items()}), TypeError,
                                          "weight_ih_l0 must be float32 or float64, got float16"),
    "two kinds": (lambda: from_torch(ONE | {f"{k[:-1]}1": v for k, v in
                                            torch_state(GRU(H, H)).items()}), ValueError,
                  "source must give levels that fit on one another, from the bottom: "
                  "levels must be like the first, an LSTM in float64, got a GRU in float64"),
}  # fmt: skip

WRITING = {
    "two sizes": (Stack([LSTM(3, 4), LSTM(4, 2)]), ValueError,
                  "layer must have levels of one size and direction, as PyTorch's are, got 4 forward, "
                  "2 forward"),
    "two directions": (Stack([[LSTM(3, 4), Reversed(LSTM(3, 4))], LSTM(8, 4)]), ValueError,
                       "layer must have levels of one size and direction, as PyTorch's are, got "
                       "4 bidirectional, 4 forward"),
    "backward only": (Reversed(LSTM(3, 4)), ValueError,
                      "layer must run forward or both ways: PyTorch has none that only runs backward"),
    "both forward": (Stack([[LSTM(3, 4), LSTM(3, 4)]]), ValueError,
                     "levels[0] must hold one layer, or one and beside it a Reversed one: PyTorch has no other levels"),
    "peepholes": (Stack([LSTM(3, 4), LSTM(4, 4, peepholes=True)]), ValueError,
                  "layer must have no peepholes: an LSTM of PyTorch has none"),
    "minimal": (Stack([MinGRU(3, 4)]), TypeError,
                "layer must be an RNN, LSTM or GRU of lstm_helpers, got a MinGRU"),
}  # fmt: skip


@pytest.mark.parametrize("call, kind, sentence", READING.values(), ids=READING)
def test_unreadable_sources_are_refused_in_one_sentence(call, kind, sentence):
    assert_refused(call, kind, sentence, frames=2)


@pytest.mark.parametrize("write", [torch_state, to_torch])
@pytest.mark.parametrize("layer, kind, sentence", WRITING.values(), ids=WRITING)
def test_layers_that_pytorch_does_not_have_are_refused(layer, kind, sentence, write):
    assert_refused(lambda: write(layer), kind, sentence)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def random_module(torch, kind, rng, depth=1, both_ways=False, bias=True, **options):
    """A layer made by PyTorch in float64, with every weight random, including both biases."""
    theirs = getattr(torch.nn, kind)(D, H, depth, bias=bias, bidirectional=both_ways, dtype=torch.float64, **options)
    return with_random_weights(torch, theirs, rng)


def with_random_weights(torch, module, rng):
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(torch.from_numpy(rng.normal(size=weight.shape) / 2))
    return module


def data(layers, width, has_c, rng):
    """x, dh, random lengths, the states before the first step and the gradients into the last ones."""
    start, into = ([rng.normal(size=(layers, N, H)) for _ in range(1 + has_c)] for _ in range(2))
    lengths = rng.permutation([T, *rng.integers(1, T + 1, N - 1)]).tolist()
    return rng.normal(size=(T, N, D)), rng.normal(size=(T, N, width)), lengths, start, into


@pytest.mark.slow
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@each_direction
@each_depth
@each_kind
def test_outputs_and_all_gradients_are_pytorchs(kind, depth, both_ways, bias, torch, rng):
    """Read from PyTorch, and written back: all three compute the same, over packed sequences of random lengths."""
    theirs = random_module(torch, kind, rng, depth, both_ways, bias)
    stack = as_stack(from_torch(theirs))
    x, dh, lengths, start, into = data(len(stack.layers), stack.hidden_size, kind == "LSTM", rng)
    trace = stack.forward(x, *start, lengths=lengths)
    back = stack.backward(trace, dh, *into)
    for module in (theirs, to_torch(stack)):
        expected = packed_pass(module, x, dh, lengths, start, into)
        close(trace.h, expected.h, 1e-12)
        close(back.x, expected.gradients["x"], 1e-12)
        for name, last in zip("hc", expected.last, strict=False):
            close(np.array(getattr(trace, f"{name}_T")), last, 1e-12)
            close(np.array(getattr(back, f"{name}0")), expected.gradients[f"{name}0"], 1e-12)
        for gradients, of_theirs in zip(back.layers, expected.gradients["layers"], strict=True):
            assert {name for name in gradients.parts if module.bias or name.startswith("W_")} == set(of_theirs)
            for name, gradient in of_theirs.items():
                close(getattr(gradients, name), gradient, 1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@each_direction
@each_depth
@each_kind
def test_the_trace_of_each_layer_equals_a_loop_over_pytorch_cells(kind, depth, both_ways, bias, torch, rng):
    theirs = random_module(torch, kind, rng, depth, both_ways, bias)
    stack = as_stack(from_torch(theirs))
    x, *_, start, _ = data(len(stack.layers), 1, kind == "LSTM", rng)
    traces = iter(stack.forward(x, *start).layers)
    below, sides = torch.tensor(x), []
    for k, names in enumerate(theirs._all_weights):
        cell = getattr(torch.nn, f"{kind}Cell")(below.shape[-1], H, bias=bias, dtype=torch.float64)
        cell.load_state_dict({name[:9].rstrip("_l"): getattr(theirs, name) for name in names})
        assert identical(from_torch(cell), getattr(stack.layers[k], "layer", stack.layers[k]))
        found, trace = loop(torch, cell, below, [s[k] for s in start], names[0].endswith("reverse")), next(traces)
        for name, over_time in zip("hc", found, strict=False):
            close(getattr(trace, name), over_time.numpy(), 1e-12)
        sides.append(found[0])
        if len(sides) == 1 + both_ways:
            below, sides = torch.cat(sides, dim=-1), []


def loop(torch, cell, x, start, backward):
    """h, and of an LSTM c, at every step, (T, N, H), in the order of x."""
    state, found = [torch.tensor(s) for s in start], [None] * len(x)
    with torch.no_grad():
        for t in reversed(range(len(x))) if backward else range(len(x)):
            after = cell(x[t], tuple(state) if len(state) == 2 else state[0])
            found[t] = state = list(after) if len(state) == 2 else [after]
    return [torch.stack(one) for one in zip(*found, strict=True)]


@pytest.mark.slow
class TestModules:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @each_direction
    @each_depth
    @each_kind
    def test_a_round_trip_changes_no_bit(self, kind, depth, both_ways, dtype, torch, rng):
        stack = stack_of(kind, depth, both_ways, rng, dtype)
        module = to_torch(stack, batch_first=True)
        assert (module.num_layers, module.bidirectional, module.batch_first) == (depth, both_ways, True)
        assert all_identical(from_torch(module), stack)
        again = to_torch(from_torch(module)).state_dict()
        assert all(torch.equal(weight, again[name]) for name, weight in module.state_dict().items())

    def model(self, torch, rng, **layers):
        layers = layers or {"lstm": random_module(torch, "LSTM", rng, 2, True)}
        encoder = torch.nn.ModuleDict(layers)
        return torch.nn.ModuleDict({"encoder": encoder, "fc": torch.nn.Linear(H, 2)})

    def test_a_model_that_contains_a_layer(self, torch, rng):
        model = self.model(torch, rng)
        expected = from_torch(model["encoder"]["lstm"])
        parallel = torch.nn.DataParallel(model)
        for source in (model, parallel, model.state_dict(), parallel.state_dict()):
            assert all_identical(from_torch(source), expected)
            assert all_identical(from_torch(source, "encoder.lstm"), expected)

    def test_a_saved_checkpoint(self, torch, rng):
        model, file = self.model(torch, rng), io.BytesIO()
        torch.save({"epoch": 7, "model_state_dict": torch.nn.DataParallel(model).state_dict()}, file)
        file.seek(0)
        ours, x = from_torch(torch.load(file, weights_only=True), prefix="encoder.lstm"), rng.normal(size=(T, N, D))
        close(ours.forward(x).h, model["encoder"]["lstm"](torch.tensor(x))[0].detach().numpy(), 1e-12)

    def test_the_readmes_five_lines(self, torch, rng, tmp_path, monkeypatch):
        (block,) = [b for b in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "torch.load" in b]
        assert len([line for line in block.splitlines() if line]) <= 5
        monkeypatch.chdir(tmp_path)
        torch.save(self.model(torch, rng).state_dict(), "model.pt")
        exec(block, {"x": rng.normal(size=(T, D))})

    def test_the_state_dict_of_a_compiled_model(self, torch, rng):
        """torch.compile keeps the model as `_orig_mod`. This test imitates that, as compiling takes seconds."""
        compiled = torch.nn.ModuleDict({"_orig_mod": self.model(torch, rng)})
        expected = from_torch(compiled["_orig_mod"])
        assert all_identical(from_torch(compiled.state_dict(), "encoder.lstm"), expected)

    @pytest.mark.long
    def test_the_result_of_torch_compile(self, torch, rng):
        model = self.model(torch, rng)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own
            compiled = torch.compile(model)
        for source in (compiled, compiled.state_dict()):
            assert all_identical(from_torch(source, "encoder.lstm"), from_torch(model))

    def test_cells_by_name_are_a_stack(self, torch, rng):
        cells = [torch.nn.GRUCell(D, H, dtype=torch.float64), torch.nn.GRUCell(H, H, bias=False, dtype=torch.float64)]
        module = torch.nn.ModuleDict({"cells": torch.nn.ModuleList(cells)})
        stack, x = from_torch(module, ["cells.0", "cells.1"]), torch.tensor(rng.normal(size=(N, D)))
        h = cells[1](cells[0](x)).detach().numpy()
        close(stack.forward(x.numpy()[None]).h[0], h, 1e-12)
        sentence = "source must have one RNN, LSTM or GRU; it has 'cells.0', 'cells.1'; give prefix"
        assert_refused(lambda: from_torch(module), ValueError, sentence)

    def test_normed_and_pruned_weights_are_refused_by_name(self, torch, rng):
        parametrized, old, pruned = (random_module(torch, "LSTM", rng) for _ in range(3))
        torch.nn.utils.parametrizations.weight_norm(parametrized, "weight_hh_l0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # it says that it is old
            torch.nn.utils.weight_norm(old, "weight_hh_l0")
        import torch.nn.utils.prune

        torch.nn.utils.prune.random_unstructured(pruned, "weight_hh_l0", 0.5)
        for module, instead in [
            (parametrized, "parametrizations.weight_hh_l0.original0, parametrizations.weight_hh_l0.original1"),
            (old, "weight_hh_l0_g, weight_hh_l0_v"),
            (pruned, "weight_hh_l0_orig, weight_hh_l0_mask"),
        ]:
            sentence = AS_THEY_ARE.format("a layer", f"lacks weight_hh_l0 and has {instead} instead")
            assert_refused(lambda source=module: from_torch(source), ValueError, sentence)
            assert_refused(lambda source=module: from_torch(source.state_dict()), ValueError, sentence)
        torch.nn.utils.parametrize.remove_parametrizations(parametrized, "weight_hh_l0")  # as the sentence says
        x = rng.normal(size=(T, N, D))
        close(from_torch(parametrized).forward(x).h, parametrized(torch.tensor(x))[0].detach().numpy(), 1e-12)

    def test_quantized_weights_are_refused_by_name(self, torch):
        dynamic = torch.ao.nn.quantized.dynamic
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that it will move
            layer, cell = dynamic.LSTM(D, H), dynamic.LSTMCell(D, H)
            states = {"weight": torch.nn.ModuleDict({"rnn": layer}), "_packed": torch.nn.ModuleDict({"rnn": cell})}
            for name, module in states.items():
                with pytest.raises(ValueError, match=f"of rnn as they are, not normed, pruned or quantized.*{name}"):
                    from_torch(module)
        tensor = torch.quantize_per_tensor(torch.zeros(16, 4), 1.0, 0, torch.qint8)
        sentence = "weight_hh_l0 must be float32 or float64, got qint8"
        assert_refused(lambda: from_torch(ONE | {"weight_hh_l0": tensor}), TypeError, sentence)

    def test_a_subclass_is_refused(self, torch, rng):
        class Residual(torch.nn.LSTM):
            def forward(self, x, hx=None):
                h, last = super().forward(x, hx)
                return h + x, last

        module, x = Residual(4, 4, dtype=torch.float64), rng.normal(size=(T, N, 4))
        sentence = (
            "source must hold an RNN, LSTM, GRU or cell of torch.nn itself, got a Residual; "
            "if it computes the same, give its state_dict()"
        )
        assert_refused(lambda: from_torch(module), TypeError, sentence)
        close(from_torch(module.state_dict()).forward(x).h + x, module(torch.tensor(x))[0].detach().numpy(), 1e-12)

    def test_a_scripted_module_is_read_from_its_state_dict(self, torch, rng):
        """Its class is not PyTorch's own, and does not show whether an RNN's nonlinearity is tanh."""
        theirs = random_module(torch, "LSTM", rng)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that it is old
            scripted = torch.jit.script(torch.nn.Sequential(theirs))
        with pytest.raises(
            TypeError, match=r"got a RecursiveScriptModule, .*; if it computes the same, give its state"
        ):
            from_torch(scripted)
        assert identical(from_torch(scripted.state_dict()), from_torch(theirs))

    def test_nothing_is_changed(self, torch, rng):
        theirs = random_module(torch, "GRU", rng, 2, True)
        before, numbers = {n: w.clone() for n, w in theirs.state_dict().items()}, torch.get_rng_state()
        for layer in from_torch(theirs).layers:
            layer.W[...] = 9
        to_torch(from_torch(theirs))
        assert torch.equal(torch.get_rng_state(), numbers)
        assert all(torch.equal(weight, before[name]) for name, weight in theirs.state_dict().items())


# Every option of PyTorch's constructors, with values that must be tried. `from_torch` computes what it means, or
# refuses it with the words given. An option that a newer PyTorch has is not here: decide what it means for us.
OPTIONS = {
    "input_size": [1, 5],
    "hidden_size": [1, 5],
    "num_layers": [1, 2, 3],
    "bias": [True, False],
    "batch_first": [False, True],
    "dropout": [0.0, 0.5],
    "bidirectional": [False, True],
    "nonlinearity": ["tanh", "relu"],
    "proj_size": [0, 2],
    "device": ["cpu", "meta"],
    "dtype": ["float32", "float64", "bfloat16", "float16"],
}
REFUSED = {
    ("nonlinearity", "relu"): "with nonlinearity='tanh', got nonlinearity='relu'",
    ("proj_size", 2): "with proj_size=0, got one with projections, weight_hr_l0",
    ("device", "meta"): "must be a tensor that NumPy can read, got .* on meta",
    ("dtype", "bfloat16"): "must be float32 or float64, got bfloat16",
    ("dtype", "float16"): "must be float32 or float64, got float16",
}
CELLS = "RNNCell", "LSTMCell", "GRUCell"


def options_of(torch, name):
    """The options of a constructor: its own, those it passes on, and those of the calls it documents."""
    kind = getattr(torch.nn, name)
    calls = [kind.__init__, *typing.get_overloads(kind.__init__)]
    calls += [] if name in CELLS else [torch.nn.RNNBase.__init__]
    found = {p.name for call in calls for p in inspect.signature(call).parameters.values() if p.kind != p.VAR_KEYWORD}
    only_for_lstms = {"proj_size"} if name in ("RNN", "GRU") else set()
    return found - {"self", "args", "mode"} - only_for_lstms  # the mode is the class itself


@pytest.mark.slow
@pytest.mark.parametrize("name", [*KINDS, *CELLS])
class TestEveryOption:
    def test_all_options_are_listed(self, name, torch):
        found = options_of(torch, name)
        assert found <= set(OPTIONS), "PyTorch has a new option: compute it or refuse it"
        assert ("nonlinearity" in found) == name.startswith("RNN")  # which stands in an overload only

    def test_it_is_computed_or_refused_by_name(self, name, torch, rng):
        for option in sorted(options_of(torch, name)):
            for value in OPTIONS[option]:
                self.check_option(torch, name, option, value, rng)

    def check_option(self, torch, name, option, value, rng):
        given = {"input_size": D, "hidden_size": H, "dtype": "float64"} | {option: value}
        given |= {"dtype": getattr(torch, given["dtype"])} | ({"num_layers": 2} if option == "dropout" else {})
        theirs = getattr(torch.nn, name)(**given).eval()
        if sentence := REFUSED.get((option, value)):
            with pytest.raises((TypeError, ValueError), match=sentence) as caught:
                from_torch(theirs)
            assert caught.value.is_refusal
            return
        with_random_weights(torch, theirs, rng)
        ours = from_torch(theirs)
        x = rng.normal(size=(T, N, given["input_size"])).astype(ours.dtype)
        expected = outputs(torch, theirs, torch.tensor(x), name in CELLS)
        close(ours.forward(x).h, expected, 1e-12 if ours.dtype == np.float64 else 1e-5)


def outputs(torch, theirs, x, is_cell):
    """The h at every step for x (T, N, D), for any order of axes and with initial states of 0."""
    with torch.no_grad():
        if not is_cell:
            turn = (lambda a: a.swapaxes(0, 1)) if theirs.batch_first else (lambda a: a)
            return turn(theirs(turn(x))[0]).numpy()
        state, found = None, []
        for row in x:
            state = theirs(row, state)
            found.append(state[0] if isinstance(state, tuple) else state)
        return torch.stack(found).numpy()
