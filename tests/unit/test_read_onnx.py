"""ONNX models made by hand and by PyTorch, read; and Stacks written; compared with onnxruntime and ONNX's reference.

Neither of them computes gradients: those of the layers that are read are tested beside PyTorch.
"""

import io
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN
from lstm_helpers.interop import OnnxNode, from_onnx, onnx_node, orders, to_onnx
from lstm_helpers.layers import Reversed, Stack
from tests.support.kept import KEPT, identical
from tests.support.layer_cases import LAYERS, random_layer
from tests.support.peers import close, reference, runtime
from tests.support.refusals import assert_refused

pytestmark = pytest.mark.slow
onnx = pytest.importorskip("onnx")
helper, numpy_helper = onnx.helper, onnx.numpy_helper

KINDS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
STATES = {"RNN": "h", "LSTM": "hc", "GRU": "h"}
DIRECTIONS = ["forward", "reverse", "bidirectional"]
T, N, D, H = 7, 4, 3, 5
LENGTHS = np.array([3, 7, 1, 6], np.int32)

each_kind = pytest.mark.parametrize("kind", KINDS)
each_direction = pytest.mark.parametrize("direction", DIRECTIONS)


class Model:
    """A model that is built node by node, with random weights."""

    def __init__(self, rng, dtype=np.float32, opset=14):
        self.rng, self.dtype, self.opset = rng, np.dtype(dtype), opset
        self.nodes, self.stored, self.inputs, self.outputs, self.functions = [], {}, {"X": dtype}, {}, []
        self.shapes = {}  # of the inputs, where they are declared

    def random(self, name, *shape):
        self.stored[name] = (self.rng.normal(size=shape) / np.sqrt(shape[-1])).astype(self.dtype)
        return name

    def add(self, op_type, inputs, *outputs, **attributes):
        """A node like any other; arrays among its inputs become initializers."""
        names = []
        for k, one in enumerate(inputs):
            if not isinstance(one, str):
                self.stored[f"{outputs[0]}_{k}"], one = one, f"{outputs[0]}_{k}"
            names.append(one)
        self.nodes.append(helper.make_node(op_type, names, outputs, **attributes))
        return outputs[0]

    def recurrent(self, kind, x, end="", *, sees=D, direction="forward", bias=True, extra=None, **attributes):
        """A recurrent node with random weights on `x`; its outputs are Y, Y_h and so on, with this ending."""
        S, G = 1 + (direction == "bidirectional"), GATES[kind]
        given = {"X": x, "W": self.random(f"W{end}", S, G * H, sees), "R": self.random(f"R{end}", S, G * H, H)}
        given |= {"B": self.random(f"B{end}", S, 2 * G * H)} if bias else {}
        given |= extra or {}
        roles = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
        names = [given.get(role, "") for role in roles[: 1 + max(map(roles.index, given))]]
        attributes = {"hidden_size": H, "direction": direction} | attributes
        self.add(kind, names, *[f"{name}{end}" for name in ("Y", *[f"Y_{s}" for s in STATES[kind]])], **attributes)
        self.outputs |= dict.fromkeys(self.nodes[-1].output, dtype_of(self.dtype))
        return f"Y{end}"

    def side_by_side(self, Y, direction):
        """Y (T, S, N, H) as h (T, N, S H), as PyTorch writes it."""
        h = Y.replace("Y", "h")
        if direction == "bidirectional":
            turned = self.add("Transpose", [Y], f"{h}_turned", perm=[0, 2, 1, 3])
            self.add("Reshape", [turned, np.array([0, 0, -1])], h)
        elif self.opset < 13:
            self.add("Squeeze", [Y], h, axes=[1])
        else:
            self.add("Squeeze", [Y, np.array([1])], h)
        self.outputs[h] = dtype_of(self.dtype)
        return h

    def proto(self):
        graph = helper.make_graph(
            self.nodes,
            "by hand",
            [helper.make_tensor_value_info(n, dtype_of(d), self.shapes.get(n)) for n, d in self.inputs.items()],
            [helper.make_tensor_value_info(name, dtype, None) for name, dtype in self.outputs.items()],
            [numpy_helper.from_array(array, name) for name, array in self.stored.items()],
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8, functions=self.functions
        )

    def run(self, run, **inputs):
        """All outputs by name."""
        return dict(zip(self.outputs, run(self.proto(), **inputs), strict=True))


def dtype_of(dtype):
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


def deep(kind, depth, direction, rng, dtype=np.float32, *, lengths=False, opset=14, **options):
    """A model of several recurrent nodes, each on the one below it; `h` of the top is its output of that name."""
    model = Model(rng, dtype, opset)
    sees, below, extra = D, "X", {}
    if lengths:
        model.inputs["lens"], extra = np.int32, {"sequence_lens": "lens"}
    for k in range(depth):
        Y = model.recurrent(kind, below, str(k), sees=sees, direction=direction, extra=extra, **options)
        below, sees = model.side_by_side(Y, direction), H * (1 + (direction == "bidirectional"))
    return model


def of_all_sides(outputs, states, depth):
    """The last states of all layers in the order of a Stack, a list for each state."""
    return [np.concatenate([outputs[f"Y_{s}{k}"] for k in range(depth)]) for s in states]


def lasts(trace, states):
    """The same of a trace."""
    found = [getattr(trace, f"{s}_T") for s in states]
    return [np.array(last if isinstance(last, tuple) else [last]) for last in found]


def same(one, other):
    """Whether two layers or Stacks are equal to the last bit."""
    levels, others = (orders.levels_of(layer, "ONNX") for layer in (one, other))
    if [(direction, len(cells)) for direction, cells in levels] != [(d, len(cells)) for d, cells in others]:
        return False
    ours, theirs = ([cell for _, cells in of for cell in cells] for of in (levels, others))
    return all(identical(a, b) for a, b in zip(ours, theirs, strict=True))


class TestResultsAgree:
    @pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["full", "lengths"])
    @pytest.mark.parametrize("bias", [True, False], ids=["B", "no B"])
    @pytest.mark.parametrize("depth", [1, 2, 3])
    @each_direction
    @each_kind
    def test_onnxruntime(self, kind, direction, depth, bias, lengths, rng):
        pytest.importorskip("onnxruntime")
        model = deep(kind, depth, direction, rng, bias=bias, lengths=lengths is not None)
        x = rng.normal(size=(T, N, D)).astype(np.float32)
        theirs = model.run(runtime, X=x, **({} if lengths is None else {"lens": lengths}))
        trace = from_onnx(model.proto()).forward(x, lengths=lengths)
        close(trace.h, theirs[f"h{depth - 1}"], 1e-5)
        for ours, last in zip(lasts(trace, STATES[kind]), of_all_sides(theirs, STATES[kind], depth), strict=True):
            close(ours, last, 1e-5)

    @pytest.mark.parametrize("opset", [7, 11, 14, 22])
    @each_direction
    @each_kind
    def test_the_reference_in_float64(self, kind, direction, opset, rng):
        """It leaves out sequence_lens, as of onnx 1.23."""
        model = deep(kind, 2, direction, rng, np.float64, opset=opset)
        x = rng.normal(size=(T, N, D))
        theirs = model.run(reference, X=x)
        trace = from_onnx(model.proto()).forward(x)
        close(trace.h, theirs["h1"], 1e-12)
        for ours, last in zip(lasts(trace, STATES[kind]), of_all_sides(theirs, STATES[kind], 2), strict=True):
            close(ours, last, 1e-12)

    @each_direction
    @each_kind
    def test_a_batch_that_comes_first(self, kind, direction, rng):
        """onnxruntime refuses layout=1; the reference runs it."""
        model = Model(rng, np.float64)
        model.recurrent(kind, "X", direction=direction, layout=1)
        x = rng.normal(size=(T, N, D))
        theirs = model.run(reference, X=x.swapaxes(0, 1))
        trace = from_onnx(model.proto()).forward(x)
        close(trace.h, np.moveaxis(theirs["Y"], 0, 1).reshape(T, N, -1), 1e-12)
        close(lasts(trace, "h")[0], theirs["Y_h"].swapaxes(0, 1), 1e-12)

    def test_every_optional_input_at_once(self, rng):
        pytest.importorskip("onnxruntime")
        x = rng.normal(size=(T, N, D)).astype(np.float32)
        for kind, more in {"LSTM": {"input_forget": 1}, "GRU": {"linear_before_reset": 1}}.items():
            model = Model(rng)
            model.inputs |= {"lens": np.int32} | {f"{s}0": np.float32 for s in STATES[kind]}
            extra = {"sequence_lens": "lens"} | {f"initial_{s}": f"{s}0" for s in STATES[kind]}
            extra |= {"P": model.random("P", 2, 3 * H)} if kind == "LSTM" else {}
            model.recurrent(kind, "X", direction="bidirectional", extra=extra, **more)
            begin = {f"{s}0": rng.normal(size=(2, N, H)).astype(np.float32) for s in STATES[kind]}
            theirs = model.run(runtime, X=x, lens=LENGTHS, **begin)
            trace = from_onnx(model.proto()).forward(x, **begin, lengths=LENGTHS)
            close(trace.h, theirs["Y"].swapaxes(1, 2).reshape(T, N, 2 * H), 1e-5)


class TestRoundTrip:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @each_direction
    @pytest.mark.parametrize("case", KEPT["ONNX"][2])
    def test_it_changes_no_bit(self, case, direction, dtype, rng):
        for depth in (1, 2, 3):
            stack = stack_of(case, depth, direction, rng, dtype)
            for layer in stack.layers:
                layer.W[layer.W > 1] = -0.0
            model = to_onnx(stack, initial_states=True, lengths=True)
            onnx.checker.check_model(model, full_check=True)
            assert same(from_onnx(model), stack)
            if depth == 1:
                assert same(from_onnx(onnx_node(stack)), stack)

    def test_levels_of_different_sizes_and_directions(self, rng):
        stack = Stack([[lstm(3, 4, rng), Reversed(lstm(3, 4, rng))], lstm(8, 2, rng), Reversed(lstm(2, 6, rng))])
        assert same(from_onnx(to_onnx(stack)), stack)

    def test_a_layer_that_runs_backward_alone(self, rng):
        layer = Reversed(lstm(3, 4, rng))
        for made in (from_onnx(to_onnx(layer)), from_onnx(onnx_node(layer))):
            assert isinstance(made, Stack) and same(made, layer)

    @pytest.mark.parametrize("run, dtype, tolerance", [(runtime, np.float32, 1e-5), (reference, np.float64, 1e-12)])
    @each_direction
    @pytest.mark.parametrize("case", KEPT["ONNX"][2])
    def test_a_stack_computes_the_same_in_onnx(self, case, direction, run, dtype, tolerance, rng):
        if run is runtime:
            pytest.importorskip("onnxruntime")
        stack = stack_of(case, 2, direction, rng, dtype)
        x, names = rng.normal(size=(T, N, D)).astype(dtype), "hc" if "LSTM" in case else "h"
        start = {s: rng.normal(size=(len(stack.layers), N, H)).astype(dtype) for s in names}
        S, lengths = len(stack.levels[0]), LENGTHS if run is runtime else None
        inputs = {f"initial_{s}_l{k}": a[k * S : (k + 1) * S] for s, a in start.items() for k in range(2)}
        inputs |= {} if lengths is None else {"sequence_lens": lengths}
        model = to_onnx(stack, initial_states=True, lengths=lengths is not None)
        theirs = dict(zip([o.name for o in model.graph.output], run(model, X=x, **inputs), strict=True))
        trace = stack.forward(x, *start.values(), lengths=lengths)
        assert list(theirs) == ["Y", *[f"Y_{s}_l{k}" for k in range(2) for s in names]]
        close(trace.h, theirs["Y"], tolerance)
        for s in names:
            close(
                np.array(getattr(trace, f"{s}_T")), np.concatenate([theirs[f"Y_{s}_l{k}"] for k in (0, 1)]), tolerance
            )

    def test_the_model_of_a_layer_takes_lengths(self, rng):
        pytest.importorskip("onnxruntime")
        layer, x = random_layer(GRU, D, H, rng, np.float32), rng.normal(size=(T, N, D)).astype(np.float32)
        Y, last = runtime(to_onnx(layer, lengths=True), X=x, sequence_lens=LENGTHS)
        trace = layer.forward(x, lengths=LENGTHS)
        close(trace.h, Y[:, 0], 1e-5)
        close(trace.h_T, last[0], 1e-5)


def lstm(D, H, rng):
    return random_layer(LSTM, D, H, rng)


def stack_of(case, depth, direction, rng, dtype=np.float64):
    kind, options = LAYERS[case]
    levels, sees = [], D
    for _ in range(depth):
        cells = [random_layer(kind, sees, H, rng, dtype, **options) for _ in range(1 + (direction == "bidirectional"))]
        levels.append((direction, cells))
        sees = H * len(cells)
    return Stack(orders.stack_of(levels).levels) if direction != "forward" or depth > 1 else Stack(cells)


DEEP = {"num_layers": 3, "bidirectional": True, "batch_first": True}
OLDER = [  # the options of a module, and whether its states before step 1 are inputs of the model
    ({}, False),
    ({"num_layers": 2}, True),
    ({"bidirectional": True}, False),
    ({"num_layers": 2, "bias": False, "dropout": 0.3}, False),
    (DEEP, False),
    (DEEP, True),
]
NEWER = [("LSTM", {"num_layers": 2}), ("GRU", DEEP)]  # it takes an RNN apart into products and sums


class TestExportedByPyTorch:
    @pytest.mark.parametrize("options, states", OLDER, ids=str)
    @each_kind
    def test_the_older_exporter(self, kind, options, states, rng):
        torch = pytest.importorskip("torch")
        module, x, start = self.case(torch, kind, options, rng)
        stream = io.BytesIO()
        given = (x, tuple(start) if kind == "LSTM" else start[0]) if states else (x,)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is older, and that a batch size may be baked in
            torch.onnx.export(module, given, stream, dynamo=False, opset_version=17)
        self.check(module, x, start if states else None, onnx.load_from_string(stream.getvalue()))

    @pytest.mark.long
    @pytest.mark.parametrize("free", [False, True], ids=["fixed sizes", "free sizes"])
    @pytest.mark.parametrize("kind, options", NEWER, ids=str)
    def test_the_newer_exporter(self, kind, options, free, rng):
        torch = pytest.importorskip("torch")
        pytest.importorskip("onnxscript")
        module, x, _ = self.case(torch, kind, options, rng)
        shapes = ({0: torch.export.Dim.AUTO, 1: torch.export.Dim.AUTO},) if free else None  # as far as it can
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(module, (x,), dynamo=True, dynamic_shapes=shapes, verbose=False)
        self.check(module, x, None, program.model_proto)

    def case(self, torch, kind, options, rng):
        module = getattr(torch.nn, kind)(D, H, **options).eval()
        x = torch.tensor(rng.normal(size=(N, T, D) if options.get("batch_first") else (T, N, D)), dtype=torch.float32)
        cells = module.num_layers * (1 + module.bidirectional)
        start = [torch.tensor(rng.normal(size=(cells, N, H)), dtype=torch.float32) for _ in STATES[kind]]
        return module, x, start

    def check(self, module, x, start, model):
        kind = type(module).__name__
        h, last = module(x, *([] if start is None else [tuple(start) if kind == "LSTM" else start[0]]))
        h, x = (a.detach().numpy().swapaxes(0, 1) if module.batch_first else a.detach().numpy() for a in (h, x))
        layer = from_onnx(model)
        single = [] if start is None else [s.numpy() if isinstance(layer, Stack) else s.numpy()[0] for s in start]
        trace = layer.forward(x, *single)
        close(trace.h, h, 1e-5)
        theirs = last if isinstance(last, tuple) else (last,)
        for ours, one in zip(lasts(trace, STATES[kind]), theirs, strict=True):
            close(ours, one.detach().numpy(), 1e-5)


# Every attribute and input of the three operators, in all versions. A value that is computed, or one that is refused.
COMPUTED = {
    "activation_alpha": [0.5],  # Sigmoid and Tanh have none
    "activation_beta": [0.5],
    "activations": ["tanh"],
    "direction": "reverse",
    "hidden_size": H,
    "input_forget": 1,
    "layout": 1,
    "linear_before_reset": 1,
}
REFUSED = {"clip": 0.5, "output_sequence": 1, "activations": ["Relu"], "layout": 2, "direction": "up"}
INPUTS = {"X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"}


def schemas(kind):
    return [s for s in onnx.defs.get_all_schemas_with_history() if s.name == kind and s.domain == ""]


class TestEveryOptionOfTheOperators:
    @each_kind
    def test_all_options_are_listed(self, kind):
        found = schemas(kind)
        assert len(found) > 3
        assert {name for schema in found for name in schema.attributes} <= COMPUTED.keys() | REFUSED.keys()
        assert {one.name for schema in found for one in schema.inputs} <= INPUTS
        assert {t for schema in found for one in schema.inputs if one.name == "W" for t in schema_types(schema)} <= {
            "tensor(float)", "tensor(double)", "tensor(float16)", "tensor(bfloat16)"
        }  # fmt: skip

    @pytest.mark.parametrize("name", COMPUTED)
    @each_kind
    def test_a_supported_attribute(self, kind, name, rng):
        pytest.importorskip("onnxruntime")
        if not any(name in schema.attributes for schema in schemas(kind)):
            node = onnx_node(random_layer(KINDS[kind], D, H, rng))
            sentence = f"source must be a plain {kind} without {name}, got {name}=1"
            assert_refused(lambda: from_onnx(node._replace(attributes={name: 1})), ValueError, sentence)
            return
        value = COMPUTED[name]
        if name == "activations":
            value = {"RNN": ["tanh"], "LSTM": ["sigmoid", "TANH", "tanh"], "GRU": ["SigMoid", "tanh"]}[kind]
        model = Model(rng)
        model.recurrent(kind, "X", **{name: value})
        x = rng.normal(size=(T, N, D)).astype(np.float32)
        if name == "layout":  # onnxruntime refuses it
            h = model.run(reference, X=x.swapaxes(0, 1))["Y"][:, :, 0].swapaxes(0, 1)
        else:  # onnxruntime's RNN refuses small letters
            h = model.run(reference if (kind, name) == ("RNN", "activations") else runtime, X=x)["Y"][:, 0]
        close(from_onnx(model.proto()).forward(x).h, h, 1e-5)

    @pytest.mark.parametrize("name", REFUSED)
    @each_kind
    def test_a_refused_attribute(self, kind, name, rng):
        node = onnx_node(random_layer(KINDS[kind], D, H, rng))
        node.attributes[name] = REFUSED[name]
        with pytest.raises(ValueError, match=name):
            from_onnx(node)

    @pytest.mark.parametrize("role", sorted(INPUTS - {"X"}))
    def test_an_input_of_the_model(self, role, rng):
        """Weights must be stored; `forward` takes states and lengths: see `test_every_optional_input_at_once`."""
        model = Model(rng)
        model.recurrent("LSTM", "X", extra={role: "given"})
        model.inputs["given"] = np.float32
        if role in ("sequence_lens", "initial_h", "initial_c"):
            assert from_onnx(model.proto()).hidden_size == H
        else:
            sentence = f"source must hold the numbers of {role}; 'given' comes from an input, 'given'"
            assert_refused(lambda: from_onnx(model.proto()), ValueError, sentence)

    @pytest.mark.parametrize("role, ours", [("sequence_lens", "lengths"), ("initial_h", "h0"), ("initial_c", "c0")])
    def test_a_constant_input(self, role, ours, rng):
        model = Model(rng)
        model.recurrent("LSTM", "X", extra={role: "one"})
        model.stored["one"] = LENGTHS if role == "sequence_lens" else np.eye(N, H, dtype=np.float32)[None]
        wanted = role if role == "sequence_lens" else f"{role} other than 0"
        advice = f"remove it from the node and pass it to forward, as {ours}"
        sentence = f"source must have no constant {wanted}, got 'one': {advice}"
        assert_refused(lambda: from_onnx(model.proto()), ValueError, sentence)
        if role != "sequence_lens":
            model.stored["one"] = model.stored["one"] * 0
            from_onnx(model.proto())  # states of 0 are none

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
    def test_half_precision(self, dtype, rng):
        model = Model(rng, helper.tensor_dtype_to_np_dtype(getattr(onnx.TensorProto, dtype.upper())))
        model.recurrent("GRU", "X")
        assert_refused(lambda: from_onnx(model.proto()), TypeError, f"W must be float32 or float64, got {dtype}")


def schema_types(schema):
    return next(t.allowed_type_strs for t in schema.type_constraints if t.type_param_str == "T")


PATHS_TO_R = {
    "Identity": lambda m, R: m.add("Identity", [R], "R2"),
    "Constant": lambda m, R: m.add("Constant", [], "R2", value=numpy_helper.from_array(R)),
    "value_floats": lambda m, R: m.add(
        "Reshape", [m.add("Constant", [], "flat", value_floats=R.ravel().tolist()), np.array(R.shape)], "R2"
    ),
    "Transpose": lambda m, R: m.add("Transpose", [R.swapaxes(1, 2)], "R2", perm=[0, 2, 1]),
    "Concat": lambda m, R: m.add("Concat", [R[:, :H], R[:, H:]], "R2", axis=1),
    "Slice": lambda m, R: m.add(
        "Slice", [np.repeat(R, 3, axis=1), np.array([0]), np.array([99]), np.array([1]), np.array([3])], "R2"
    ),
    "Squeeze": lambda m, R: m.add("Squeeze", [R[None], np.array([0])], "R2"),
    "Unsqueeze": lambda m, R: m.add("Unsqueeze", [R[0], np.array([0])], "R2"),
    "Cast": lambda m, R: m.add("Cast", [R.astype(np.float64)], "R2", to=onnx.TensorProto.FLOAT),
    "two of them": lambda m, R: m.add("Identity", [m.add("Unsqueeze", [R[0], np.array([0])], "R1")], "R2"),
}


class TestWeightsBehindOtherNodes:
    """The weight R of an LSTM is the output of another node."""

    @pytest.mark.parametrize("way", PATHS_TO_R)
    def test_they_are_found(self, way, rng):
        model = Model(rng)
        model.recurrent("LSTM", "X")
        wanted = from_onnx(model.proto())
        R, last = model.stored.pop("R"), model.nodes.pop()
        PATHS_TO_R[way](model, R)
        last.input[2] = "R2"
        model.nodes.append(last)
        assert identical(from_onnx(model.proto()), wanted)

    def test_quantized_weights_are_refused(self, rng):
        model = Model(rng)
        model.add("DequantizeLinear", [np.ones((1, 20, 5), np.int8), np.float32(0.1), np.int8(0)], "R2", name="dq")
        model.add("Identity", ["R2"], "R3")
        model.recurrent("LSTM", "X", extra={"R": "R3"})
        sentence = (
            "source must hold the numbers of R; 'R3' comes from the node 'dq', DequantizeLinear; take the model from "
            "before it was quantized"
        )
        assert_refused(lambda: from_onnx(model.proto()), ValueError, sentence)

    def test_weights_in_an_external_file_need_onnx_load(self, rng, tmp_path):
        model = Model(rng)
        model.recurrent("LSTM", "X")
        path = str(tmp_path / "model.onnx")
        onnx.save(model.proto(), path, save_as_external_data=True, location="weights.data", size_threshold=0)
        assert identical(from_onnx(onnx.load(path)), from_onnx(model.proto()))
        without = onnx.load(path, load_external_data=False)
        sentence = (
            "source must hold its numbers; those of 'W' are in the file 'weights.data': load the model with "
            "onnx.load(its path), which reads both"
        )
        assert_refused(lambda: from_onnx(without), ValueError, sentence)


SEEN = {
    "Squeeze": lambda m, Y: m.add("Squeeze", [Y, np.array([1])], "h"),
    "Squeeze, from behind": lambda m, Y: m.add("Squeeze", [Y, np.array([-3])], "h"),
    "Identity": lambda m, Y: m.add("Identity", [m.add("Squeeze", [Y, np.array([1])], "y")], "h"),
    "Dropout": lambda m, Y: m.add("Dropout", [m.add("Squeeze", [Y, np.array([1])], "y"), np.float32(0.5)], "h"),
    "Dropout, not training": lambda m, Y: m.add(
        "Dropout", [m.add("Squeeze", [Y, np.array([1])], "y"), np.float32(0.5), np.array(False)], "h"
    ),
    "turned twice": lambda m, Y: m.add(
        "Transpose",
        [m.add("Transpose", [m.add("Squeeze", [Y, np.array([1])], "y")], "z", perm=[1, 0, 2])],
        "h",
        perm=[1, 0, 2],
    ),
    "Transpose and Reshape": lambda m, Y: m.add(
        "Reshape", [m.add("Transpose", [Y], "y", perm=[0, 2, 1, 3]), np.array([0, 0, H])], "h"
    ),
}


NOT_SEEN = {
    "Relu": lambda m, Y: m.add("Relu", [m.add("Squeeze", [Y, np.array([1])], "y")], "h"),
    "Dropout, training": lambda m, Y: m.add(
        "Dropout", [m.add("Squeeze", [Y, np.array([1])], "y"), np.float32(0.5), np.array(True)], "h"
    ),
    "T and N exchanged": lambda m, Y: m.add(
        "Transpose", [m.add("Squeeze", [Y, np.array([1])], "y")], "h", perm=[1, 0, 2]
    ),
    "its numbers in other places": lambda m, Y: m.add("Reshape", [Y, np.array([N, T, H])], "h"),
    "sides and batch exchanged": lambda m, Y: m.add("Reshape", [Y, np.array([0, 0, -1])], "h"),
    "the last state": lambda m, Y: "Y_h0",
    "the input": lambda m, Y: "X",
    "half of it": lambda m, Y: m.add(
        "Slice", [m.add("Squeeze", [Y, np.array([1])], "y"), np.array([0]), np.array([3]), np.array([0])], "h"
    ),
}


TWO_NODES = (
    "source must have one RNN, LSTM or GRU, or one on top of the other; it has 'Y0' or 'Y_h0' or 'Y_c0', "
    "'Y1' or 'Y_h1' or 'Y_c1'"
)


class TestWhichNodes:
    def two(self, rng, between, shape=None):
        """Two LSTMs, with this between Y0 and the input of the second; `shape` is that of X."""
        model = Model(rng)
        model.shapes["X"] = shape
        Y = model.recurrent("LSTM", "X", "0")
        model.recurrent("LSTM", between(model, Y), "1", sees=H)
        return model

    @pytest.mark.parametrize("way", SEEN)
    def test_a_chain_is_found_without_names(self, way, rng):
        model = self.two(rng, SEEN[way]).proto()
        assert same(from_onnx(model), from_onnx(model, ["Y0", "Y1"]))
        assert [len(level) for level in from_onnx(model).levels] == [1, 1]

    @pytest.mark.parametrize("X, shape, exchanged", [
        ([T, N, D], [T, N, H], [N, T, H]),
        (["T", "N", D], [0, -1, H], [N, -1, H]),
        ([T, "N", D], [T, -1, H], [-1, T, H]),
    ], ids=str)  # fmt: skip
    def test_a_reshape_to_the_sizes_that_follow_from_those_of_x(self, X, shape, exchanged, rng):
        """As PyTorch's newer exporter writes it. With T and N exchanged it is a different network."""

        def between(model, Y):
            return model.add("Reshape", [model.add("Transpose", [Y], "y", perm=[0, 2, 1, 3]), np.array(shape)], "h")

        model = self.two(rng, between, X).proto()
        assert same(from_onnx(model), from_onnx(model, ["Y0", "Y1"]))
        shape = exchanged
        with pytest.raises(ValueError, match="give node"):
            from_onnx(self.two(rng, between, X).proto())

    @pytest.mark.parametrize("exchanged", [False, True])
    def test_a_reshape_to_sizes_that_are_computed(self, exchanged, rng):
        """As PyTorch's newer exporter writes it if T and N are free."""

        def between(model, Y):
            y = model.add("Transpose", [Y], "y", perm=[0, 2, 1, 3])
            sizes = model.add("Shape", [y], "sizes")
            for k in range(2):
                model.add("Slice", [sizes, np.array([k]), np.array([k + 1])], f"size{k}")
            first = ["size1", "size0"] if exchanged else ["size0", "size1"]
            return model.add("Reshape", [y, model.add("Concat", [*first, np.array([H])], "shape", axis=0)], "h")

        model = self.two(rng, between, ["T", "N", D]).proto()
        if exchanged:
            sentence = f"{TWO_NODES} (a list from the bottom to the top is a Stack); give node"
            assert_refused(lambda: from_onnx(model), ValueError, sentence)
        else:
            assert same(from_onnx(model), from_onnx(model, ["Y0", "Y1"]))

    @pytest.mark.parametrize("way", NOT_SEEN)
    def test_nodes_that_are_not_a_chain_are_listed(self, way, rng):
        model = self.two(rng, NOT_SEEN[way]).proto()
        sentence = f"{TWO_NODES} (a list from the bottom to the top is a Stack); give node"
        assert_refused(lambda: from_onnx(model), ValueError, sentence)

    def test_a_list_is_a_stack(self, rng):
        model = self.two(rng, NOT_SEEN["Relu"]).proto()
        a, b = from_onnx(model, "Y0"), from_onnx(model, ["Y_c1"])
        assert same(from_onnx(model, ["Y0", "Y1"]), Stack([a, b]))
        sentence = "source must have one RNN, LSTM or GRU called 'Y9'; it has 'Y0' or 'Y_h0' or 'Y_c0', 'Y1' or 'Y_h1'"
        assert_refused(lambda: from_onnx(model, ["Y0", "Y9"]), ValueError, f"{sentence} or 'Y_c1'")

    def test_nodes_that_do_not_fit_on_one_another(self, rng):
        model = self.two(rng, SEEN["Squeeze"]).proto()
        sentence = (
            "node must give levels that fit on one another, from the bottom: levels[1] must have 5 inputs, the units"
        )
        assert_refused(lambda: from_onnx(model, ["Y1", "Y0"]), ValueError, f"{sentence} below it, got 3")

    def test_batch_first_all_the_way(self, rng):
        model = Model(rng, np.float64)
        Y = model.recurrent("GRU", "X", "0", layout=1)
        h = model.add("Squeeze", [Y, np.array([2])], "h")
        model.recurrent("GRU", h, "1", sees=H, layout=1)
        x = rng.normal(size=(N, T, D))
        theirs = model.run(reference, X=x)["Y1"]
        close(from_onnx(model.proto()).forward(x.swapaxes(0, 1)).h, theirs[:, :, 0].swapaxes(0, 1), 1e-12)

    def test_nodes_of_a_stack_have_the_same_lengths(self, rng):
        model = self.two(rng, SEEN["Squeeze"])
        model.nodes[-1].input.extend(["lens"])
        model.inputs["lens"] = np.int32
        sentence = "source must have the same sequence_lens for all nodes of a Stack; give node"
        assert_refused(lambda: from_onnx(model.proto()), ValueError, sentence)

    @pytest.mark.parametrize("node", [[], [""], ["Y0", 1], 1, ("Y0",)], ids=str)
    def test_invalid_node_names(self, node, rng):
        model = self.two(rng, SEEN["Squeeze"]).proto()
        sentence = f"node must be the name of a node or of one of its outputs, or a list of such names, got {node!r}"
        assert_refused(lambda: from_onnx(model, node), ValueError, sentence)


class TestStatesAndLengthsFromOtherNodes:
    def model(self, rng, name, way, kind="LSTM"):
        model = Model(rng)
        model.inputs |= {"state": np.float32, "lens": np.int64}
        way(model)
        model.recurrent(kind, "X", extra={name: "made"})
        return model.proto()

    @pytest.mark.parametrize("way", [
        lambda m: m.add("Slice", ["state", np.array([0]), np.array([1]), np.array([0])], "made"),
        lambda m: m.add("ConstantOfShape", [m.add("Shape", ["X"], "sizes")], "made"),
        lambda m: m.add("Expand", [np.zeros((1, 1, 5), np.float32), m.add("Shape", ["X"], "sizes")], "made"),
    ], ids=["an input", "zeros", "zeros, expanded"])  # fmt: skip
    def test_no_warning_for_inputs_and_zeros(self, way, rng):
        assert from_onnx(self.model(rng, "initial_h", way)).hidden_size == H

    def test_a_cast_of_the_lengths(self, rng):
        way = lambda m: m.add("Cast", ["lens"], "made", to=onnx.TensorProto.INT32)  # noqa: E731
        assert from_onnx(self.model(rng, "sequence_lens", way)).hidden_size == H

    def test_a_warning_for_a_state_that_another_node_computes(self, rng):
        model = self.model(rng, "initial_c", lambda m: m.add("Tanh", ["state"], "made", name="squash"))
        with pytest.warns(UserWarning) as caught:
            from_onnx(model)
        (one,) = caught
        assert str(one.message) == "initial_c comes from another node, Tanh 'squash': pass it to forward, as c0"
        assert Path(one.filename).name == "test_read_onnx.py"

    def test_a_learned_state_is_refused(self, rng):
        way = lambda m: m.add("Expand", [np.ones((1, 1, 5), np.float32), m.add("Shape", ["X"], "sizes")], "made")  # noqa: E731
        with pytest.raises(ValueError, match="no constant initial_h other than 0, got 'made'"):
            from_onnx(self.model(rng, "initial_h", way))


class TestUnsupportedNodes:
    def listed(self, rng, nodes, functions=()):
        model = Model(rng)
        model.nodes, model.functions = nodes, functions
        with pytest.raises(ValueError, match=r"^source must have one RNN") as caught:
            from_onnx(model.proto())
        return str(caught.value).partition("it has ")[2]

    def test_in_a_body(self, rng):
        inner = helper.make_graph([helper.make_node("LSTM", ["X", "W", "R"], ["Y"], name="deep")], "body", [], [])
        middle = helper.make_graph([helper.make_node("If", ["c"], ["Y"], then_branch=inner)], "body", [], [])
        node = helper.make_node("Loop", ["n"], ["Y"], name="loop", body=middle)
        assert self.listed(rng, [node]) == "'deep' in a body of the If 'Y', which is not read"

    def test_in_a_function(self, rng):
        call = helper.make_node("Mine", ["X"], ["Y"], domain="here")
        inner = helper.make_node("GRU", ["X", "W", "R"], ["Y"])
        function = helper.make_function("here", "Mine", ["X"], ["Y"], [inner], [helper.make_opsetid("", 14)])
        got = "'Y' in the function Mine, which onnx.inliner.inline_local_functions(source) resolves"
        assert self.listed(rng, [call], [function]) == got

    def test_of_another_library(self, rng):
        node = helper.make_node("DynamicQuantizeLSTM", ["X", "W"], ["Y"], name="q", domain="com.microsoft")
        assert self.listed(rng, [node]) == "a DynamicQuantizeLSTM of com.microsoft, which is not read, 'q'"


@pytest.mark.parametrize("source", ["model.onnx", b"model", Path("model.onnx")], ids=str)
def test_a_file_is_read_by_onnx_load(source):
    with pytest.raises(
        TypeError, match=r"^source must be an onnx.ModelProto or an OnnxNode, got .*; onnx.load reads a"
    ):
        from_onnx(source)


def test_a_node_is_one_level(rng):
    stack = Stack([lstm(3, 4, rng), lstm(4, 4, rng)])
    sentence = "layer must have one level, as a node of ONNX has, got 2; to_onnx takes them"
    assert_refused(lambda: onnx_node(stack), ValueError, sentence)
    assert from_onnx(OnnxNode(*onnx_node(stack.layers[0]))).hidden_size == 4


def test_readme_goes_from_a_file_to_a_picture_of_its_gates_in_five_lines(tmp_path, monkeypatch, rng):
    readme = Path(__file__, "../../../README.md").resolve().read_text(encoding="utf-8")
    (block,) = [b for b in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "onnx.load" in b]
    assert len([line for line in block.splitlines() if line]) <= 5
    monkeypatch.chdir(tmp_path)
    layer, x = random_layer(LSTM, D, H, rng, np.float32), rng.normal(size=(T, D))
    onnx.save(to_onnx(layer), "model.onnx")
    *lines, last = block.strip().splitlines()
    names = {"x": x}
    exec("\n".join(lines), names)
    shown = eval(last, names)
    close(shown._layers[0].states["c"], layer.forward(x).c, 1e-6)
