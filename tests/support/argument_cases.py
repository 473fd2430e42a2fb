"""A valid call of everything public, and the slips that an argument may accept after all.

A new public function needs a line here: without one `test_arguments.py` is red.
"""

import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from lstm_helpers import (
    checks,
    equations,
    examples,
    explorers,
    gradients,
    interop,
    interventions,
    layers,
    measures,
    room,
    runs,
    tasks,
)
from lstm_helpers import training as tr
from lstm_helpers.checks._load import FILES
from lstm_helpers.view import plots

HERE = Path(tempfile.mkdtemp(prefix="arguments"))
WORDS = "the cat and the cat".split()
RECIPE = runs.Recipe("cat", 2, 1.0, nouns=("cat", "dog"), steps=3)


def rng():
    return np.random.default_rng(0)


def layer(kind=layers.LSTM, D=2):
    return kind.initialize(D, 3, rng=rng())


def traced(kind=layers.LSTM):
    """A layer, and the trace of its `forward`."""
    one = layer(kind)
    return one, one.forward(np.ones((4, 2)))


def readout():
    return tr.Readout.initialize(3, 2, rng=rng())


def model(D=2, K=2):
    return tr.Model.initialize(layer(D=D), K, rng=rng())


def history():
    return tr.History(np.ones(5), np.ones(5), np.ones(5))


def vocabulary(tokens=WORDS):
    return tasks.Vocabulary(tokens)


def counts():
    return tasks.CountModel([0, 1, 0, 1], 2, 2)


def batch():
    return tasks.adding_problem(4, 2, rng=rng())


def text_file():
    (HERE / "text.txt").write_text("some text", encoding="utf-8")
    return HERE / "text.txt"


def model_file():
    tr.save(HERE / "model.npz", model())
    return HERE / "model.npz"


def backward_of(kind):
    states = {"dc_T": np.ones(3)} if kind is layers.LSTM else {}
    one, trace = traced(kind)
    return one.backward, {"trace": trace, "dh": np.ones((4, 3)), "dh_T": np.ones(3), **states, "to_x": False}


def forward_of(kind):
    states = {"c0": np.ones(3)} if kind is layers.LSTM else {}
    return layer(kind).forward, {"x": np.ones((4, 2)), "h0": np.ones(3), **states, "lengths": 3}


def step_of(kind):
    states = {"c": np.ones(3)} if kind is layers.LSTM else {}
    return layer(kind).step, {"x": np.ones(2), "h": np.ones(3), **states}


def stack(kind=layers.LSTM):
    return layers.Stack.initialize(kind, 2, 3, rng=rng())


def stack_backward():
    one, twice = stack(), np.ones((2, 3))
    return one.backward, {
        "trace": one.forward(np.ones((4, 2))),
        "dh": np.ones((4, 3)),
        "dh_T": twice,
        "dc_T": twice,
        "to_x": False,
    }


def reversed_backward():
    one = layers.Reversed(layer())
    _, given = backward_of(layers.LSTM)
    return one.backward, {**given, "trace": one.forward(np.ones((4, 2)))}


@cache
def run():
    return runs.record(RECIPE, bar=False)


def exam():
    return runs.Exam(run().model(-1), run().unseen[:5], run().vocabulary)


SIZES = {"input_size": 2, "hidden_size": 3, "dtype": np.float64}
CURVES = {"a": [1.0, 2.0], "b": [2.0, 1.0]}
AXES = {"xlabel": "x", "ylabel": "y"}

# name -> a function that makes what is called, and its arguments by name; "*" stands before those in a row.
OPENED = {"labels": list("abcd"), "sequence": 0, "layer": 0, "unit": 1, "step": 2, "prediction": 0.5, "question": ""}
CALLS = {
    "checks.answer": lambda: (checks.answer, {"name": "forget_gate.kept"}),
    "checks.check": lambda: (
        checks.check,
        {"name": "forget_gate.kept", "answer": [0.5, 0.5, 0.5], "**inputs": {"f": [0.1, 0.2, 0.3]}},
    ),
    "checks.load": lambda: (checks.load, {"path": str(FILES[0]), "run_answers": False}),
    "checks.hint": lambda: (checks.hint, {"name": "forget_gate.kept", "number": 1}),
    "equations.candidate": lambda: (equations.candidate, {"W": np.ones((2, 3)), "b": [0, 0], "*inputs": [[1], [2, 3]]}),
    "equations.cell_state": lambda: (equations.cell_state, {"f": [0.5], "c_prev": [1], "i": [0.5], "g": [1]}),
    "equations.gate": lambda: (equations.gate, {"W": np.ones((2, 3)), "b": [0, 0], "*inputs": [[1], [2, 3]]}),
    "equations.hidden_state": lambda: (equations.hidden_state, {"o": [0.5], "c": [1]}),
    "equations.logit": lambda: (equations.logit, {"p": [0.5]}),
    "equations.sigmoid": lambda: (equations.sigmoid, {"z": [0.5]}),
    "equations.weights_for": lambda: (
        equations.weights_for,
        {"target": [0.5], "*inputs": [[1], [2, 3]], "activation": equations.sigmoid},
    ),
    "examples.WorkedExample.agrees": lambda: (examples.EXAMPLES["forget_gate"].agrees, {}),
    "examples.WorkedExample.as_written": lambda: (
        examples.EXAMPLES["forget_gate"].as_written,
        {"values": [0.1, 0.2, 0.3]},
    ),
    "explorers.CellExplorer": lambda: (
        explorers.CellExplorer,
        {"f": 0.5, "c_prev": 1, "i": 0.5, "g": 0.5, "o": 0.5, "prediction": 0.5, "question": "", "inputs": True},
    ),
    "explorers.ForgettingExplorer": lambda: (
        explorers.ForgettingExplorer,
        {"f": 0.5, "i": 0.5, "g": 0.5, "o": 0.5, "c0": 0.5, "prediction": 0.5, "question": ""},
    ),
    "explorers.GateExplorer": lambda: (
        explorers.GateExplorer,
        {
            "symbol": "f",
            "W": np.ones((2, 2)),
            "b": [0, 0],
            "inputs": {"x": [0.5, 0.5]},
            "works_on": "x",
            "opens_on": 1,
            "prediction": 0.5,
            "question": "",
        },
    ),
    "explorers.GradientExplorer": lambda: (
        explorers.GradientExplorer,
        {"w": 0.9, "b_f": 3.0, "T": 50, "rng": rng(), "prediction": 0.5, "question": ""},
    ),
    "explorers.LearningExplorer": lambda: (
        explorers.LearningExplorer,
        {"run": "first: delay 10, bias 3", "moment": 3, "prediction": 50, "question": ""},
    ),
    "explorers.MemoryUnitExplorer": lambda: (
        explorers.MemoryUnitExplorer,
        {
            "model": model(4, 4),
            "vocabulary": vocabulary([*WORDS, "dog"]),
            "sentence": WORDS,
            "unit": 1,
            "nouns": ["cat", "dog"],
            "word": "and",
            "prediction": 0.5,
            "question": "",
        },
    ),
    "explorers.OpenedModelExplorer": lambda: (
        explorers.OpenedModelExplorer,
        {"network": stack(), "x": np.ones((4, 1, 2)), **OPENED},
    ),
    "explorers.PointwiseExplorer": lambda: (
        explorers.PointwiseExplorer,
        {"x": [0.5, 0.1], "y": [0.5, 0.2], "prediction": [0.2, 0.2], "question": ""},
    ),
    "explorers.ScheduleExplorer": lambda: (
        explorers.ScheduleExplorer,
        {
            "schedule": explorers.schedules(12)["leak"],
            "c0": 0.5,
            "words": list("abcdefghijkl"),
            "step": 7,
            "prediction": 0.5,
            "question": "",
        },
    ),
    "explorers.TextExplorer": lambda: (
        explorers.TextExplorer,
        {
            "model": model(3, 3),
            "vocabulary": vocabulary("ab\n"),
            "beginning": "b",
            "temperature": 1.0,
            "before": "\n",
            "length": 4,
            "rng": rng(),
            "prediction": "b",
            "question": "",
        },
    ),
    "explorers.UnrolledExplorer": lambda: (
        explorers.UnrolledExplorer,
        {
            "layer": layers.LSTM(1, 1),
            "x": [[0.5], [1]],
            "h0": [0.5],
            "c0": [1],
            "words": None,
            "names": ["x"],
            "prediction": 0.5,
            "question": "",
        },
    ),
    "explorers.VariantExplorer": lambda: (explorers.VariantExplorer, {"prediction": 0.5, "question": ""}),
    "explorers.cell_chain": lambda: (explorers.cell_chain, {}),
    "explorers.cell_map": lambda: (explorers.cell_map, {"part": "forget"}),
    "explorers.open_lstm": lambda: (
        explorers.open_lstm,
        {"source": interop.onnx_node(layer()), "x": np.ones((4, 1, 2)), "name": None, **OPENED},
    ),
    "explorers.schedules": lambda: (explorers.schedules, {"steps": 8}),
    "explorers.variants": lambda: (explorers.variants, {"steps": 12}),
    "gradients.cell_jacobian": lambda: (
        gradients.cell_jacobian,
        dict(zip(("layer", "trace"), traced(), strict=True)) | {"t": 1},
    ),
    "gradients.check_gradients": lambda: (
        gradients.check_gradients,
        {
            "layer": layer(layers.RNN),
            "x": np.ones((2, 2)),
            "rng": rng(),
            "lengths": 1,
            "backward": None,
            "step": 1e-5,
            "threshold": 1e-6,
            "**states": {"h0": np.zeros(3)},
        },
    ),
    "gradients.half_life": lambda: (gradients.half_life, {"f": [0.5]}),
    "gradients.hidden_jacobian": lambda: (
        gradients.hidden_jacobian,
        dict(zip(("layer", "trace"), traced(layers.RNN), strict=True)),
    ),
    "interop.from_keras": lambda: (interop.from_keras, {"source": interop.keras_weights(layer()), "name": None}),
    "interop.from_onnx": lambda: (interop.from_onnx, {"source": interop.onnx_node(layer()), "node": None}),
    "interop.from_torch": lambda: (
        interop.from_torch,
        {"source": interop.torch_state(layer()), "prefix": None},
    ),
    "interop.keras_weights": lambda: (interop.keras_weights, {"layer": layer()}),
    "interop.onnx_node": lambda: (interop.onnx_node, {"layer": layer()}),
    "interop.to_keras": lambda: (
        interop.to_keras,
        {"layer": layer(), "return_sequences": True, "return_state": False},
    ),
    "interop.to_onnx": lambda: (
        interop.to_onnx,
        {"layer": layer(), "initial_states": False, "lengths": False, "dtype": None},
    ),
    "interop.to_torch": lambda: (interop.to_torch, {"layer": layer(), "batch_first": False}),
    "interop.torch_state": lambda: (interop.torch_state, {"layer": layer()}),
    "interventions.intervene": lambda: (
        interventions.intervene,
        {"layer": stack(), "x": np.ones((4, 2)), "t": 1, "unit": 0, "which": 1, "f": 0.5, "i": 0.5, "c": None},
    ),
    "layers.GRU": lambda: (layers.GRU, {**SIZES, "reset_after": True}),
    "layers.GRU.backward": lambda: backward_of(layers.GRU),
    "layers.GRU.forward": lambda: forward_of(layers.GRU),
    "layers.GRU.initialize": lambda: (
        layers.GRU.initialize,
        {**SIZES, "rng": rng(), "**options": {"reset_after": True}},
    ),
    "layers.GRU.step": lambda: step_of(layers.GRU),
    "layers.LSTM": lambda: (layers.LSTM, {**SIZES, "peepholes": True, "coupled": True, "forget_gate": True}),
    "layers.LSTM.backward": lambda: backward_of(layers.LSTM),
    "layers.LSTM.forward": lambda: forward_of(layers.LSTM),
    "layers.LSTM.initialize": lambda: (
        layers.LSTM.initialize,
        {**SIZES, "forget_bias": 1.0, "rng": rng(), "**options": {"peepholes": True}},
    ),
    "layers.LSTM.step": lambda: step_of(layers.LSTM),
    "layers.MinGRU": lambda: (layers.MinGRU, {**SIZES, "scan": True}),
    "layers.MinGRU.backward": lambda: backward_of(layers.MinGRU),
    "layers.MinGRU.forward": lambda: forward_of(layers.MinGRU),
    "layers.MinGRU.initialize": lambda: (
        layers.MinGRU.initialize,
        {**SIZES, "keep_bias": 1.0, "rng": rng(), "**options": {"scan": True}},
    ),
    "layers.MinGRU.step": lambda: step_of(layers.MinGRU),
    "layers.RNN": lambda: (layers.RNN, {**SIZES}),
    "layers.RNN.backward": lambda: backward_of(layers.RNN),
    "layers.RNN.forward": lambda: forward_of(layers.RNN),
    "layers.RNN.initialize": lambda: (layers.RNN.initialize, {**SIZES, "rng": rng()}),
    "layers.RNN.step": lambda: step_of(layers.RNN),
    "layers.Reversed": lambda: (layers.Reversed, {"layer": layer()}),
    "layers.Reversed.backward": reversed_backward,
    "layers.Reversed.forward": lambda: (layers.Reversed(layer()).forward, forward_of(layers.LSTM)[1]),
    "layers.Stack": lambda: (layers.Stack, {"levels": [layer(), layer(D=3)]}),
    "layers.Stack.backward": stack_backward,
    "layers.Stack.forward": lambda: (
        stack().forward,
        {"x": np.ones((4, 2)), "h0": np.ones((2, 3)), "c0": np.ones((2, 3)), "lengths": 3},
    ),
    "layers.Stack.initialize": lambda: (
        layers.Stack.initialize,
        {
            "kind": layers.LSTM,
            **SIZES,
            "depth": 2,
            "bidirectional": True,
            "rng": rng(),
            "**options": {"peepholes": True},
        },
    ),
    "layers.Stack.step": lambda: (stack().step, {"x": np.ones(2), "h": np.ones((2, 3)), "c": np.ones((2, 3))}),
    "measures.effects": lambda: (
        measures.effects,
        {"layer": stack(), "x": np.ones((4, 2)), "which": 1, "output": np.abs},
    ),
    "measures.forget_bias": lambda: (measures.forget_bias, {"layer": layer()}),
    "measures.half_lives": lambda: (measures.half_lives, {"f": np.full((4, 1, 2), 0.5), "lengths": [3]}),
    "measures.held_at_0": lambda: (measures.held_at_0, {"layer": layer(), "unit": 1}),
    "measures.movement": lambda: (measures.movement, {"h": np.ones((4, 1, 2)), "lengths": [3]}),
    "measures.saturation": lambda: (
        measures.saturation,
        {"gates": np.ones((4, 1, 2)), "low": 0.1, "high": 0.9, "lengths": [3]},
    ),
    "room.listen": lambda: (room.listen, {"listener": None}),
    "room.notice": lambda: (room.notice, {}),
    "room.report": lambda: (
        room.report,
        {"question": "leak.left", "kind": "check", "value": 0.5, "right": True, "diagnosis": ()},
    ),
    "room.room": lambda: (room.room, {"question": "leak.left"}),
    "room.share": lambda: (room.share, {"on": True}),
    "runs.Exam": lambda: (
        runs.Exam,
        {"model": exam().model, "sentences": exam().sentences, "vocabulary": run().vocabulary},
    ),
    "runs.Exam.accuracy": lambda: (exam().accuracy, {"h": exam().forgetting("sat")}),
    "runs.Exam.answers": lambda: (exam().answers, {"h": exam().forgetting("sat")}),
    "runs.Exam.at": lambda: (exam().at, {"word": "because"}),
    "runs.Exam.costs": lambda: (exam().costs, {"word": "on"}),
    "runs.Exam.forgetting": lambda: (exam().forgetting, {"word": "on", "units": [0, 1]}),
    "runs.Recipe.begin": lambda: (RECIPE.begin, {}),
    "runs.Recipe.sentences": lambda: (RECIPE.sentences, {}),
    "runs.Run.exam": lambda: (run().exam, {"k": -1}),
    "runs.Run.model": lambda: (run().model, {"k": 1}),
    "runs.calls_state": lambda: (runs.calls_state, {}),
    "runs.open_run": lambda: (runs.open_run, {"name": runs.NAMES[0]}),
    "runs.recall": lambda: (
        runs.recall,
        {"name": "no such file", "begins_with": [[1.0, 2.0]], "train": lambda: {"loss": [1.0]}},
    ),
    "runs.record": lambda: (runs.record, {"recipe": RECIPE, "bar": False}),
    "tasks.CountModel": lambda: (tasks.CountModel, {"numbers": [0, 1], "K": 2, "order": 2, "restart": None}),
    "tasks.CountModel.bits": lambda: (counts().bits, {"numbers": [0, 1]}),
    "tasks.CountModel.probabilities": lambda: (counts().probabilities, {"before": [0, 1]}),
    "tasks.CountModel.shorter": lambda: (counts().shorter, {"order": 1}),
    "tasks.Vocabulary": lambda: (tasks.Vocabulary, {"tokens": WORDS}),
    "tasks.Vocabulary.decode": lambda: (vocabulary().decode, {"numbers": [0, 1]}),
    "tasks.Vocabulary.encode": lambda: (vocabulary().encode, {"tokens": WORDS}),
    "tasks.adding_problem": lambda: (tasks.adding_problem, {"T": 4, "N": 2, "rng": rng()}),
    "tasks.cat_sentences": lambda: (tasks.cat_sentences, {"rng": rng(), "nouns": ("cat", "dog")}),
    "tasks.crops": lambda: (tasks.crops, {"numbers": [0, 1, 0, 1], "K": 2, "T": 2, "N": 2, "rng": rng()}),
    "tasks.light_switch": lambda: (tasks.light_switch, {"T": 4, "N": 2, "rng": rng(), "press": 0.3}),
    "tasks.nested_calls": lambda: (tasks.nested_calls, {"N": 3, "rng": rng(), "deepest": 2, "closes": 0.5}),
    "tasks.one_hot": lambda: (tasks.one_hot, {"indices": [0, 1], "K": 2}),
    "tasks.read_text": lambda: (tasks.read_text, {"path": text_file(), "longest": 10}),
    "tasks.remember_first": lambda: (
        tasks.remember_first,
        {"T": 4, "N": 2, "rng": rng(), "symbols": 2, "fillers": 2},
    ),
    "tasks.sentences_batch": lambda: (tasks.sentences_batch, {"sentences": [WORDS], "vocabulary": vocabulary()}),
    "tasks.signs": lambda: (tasks.signs, {}),
    "tasks.running_total": lambda: (tasks.running_total, {"T": 4, "N": 2, "rng": rng(), "customer": 0.1}),
    "training.Adam": lambda: (
        tr.Adam,
        {"learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-8, "weight_decay": 0.1},
    ),
    "training.Adam.step": lambda: (tr.Adam().step, {"weights": [np.ones(2)], "gradients": [np.ones(2)]}),
    "training.History.recent": lambda: (history().recent, {"what": "norm", "number": 3}),
    "training.Model": lambda: (tr.Model, {"layer": layer(), "readout": readout()}),
    "training.Model.forward": lambda: (model().forward, {"x": np.ones((4, 2)), "h0": np.ones(3), "c0": np.ones(3)}),
    "training.Model.gradients": lambda: (
        model(2, 1).gradients,
        dict(zip(("x", "target", "weight"), batch(), strict=True)) | {"loss": tr.squared_error},
    ),
    "training.Model.initialize": lambda: (tr.Model.initialize, {"layer": layer(), "output_size": 2, "rng": rng()}),
    "training.Readout": lambda: (tr.Readout, {"hidden_size": 3, "output_size": 2, "dtype": np.float32}),
    "training.Readout.backward": lambda: (readout().backward, {"h": np.ones((4, 3)), "dy": np.ones((4, 2))}),
    "training.Readout.forward": lambda: (readout().forward, {"h": np.ones((4, 3))}),
    "training.Readout.initialize": lambda: (
        tr.Readout.initialize,
        {"hidden_size": 3, "output_size": 2, "rng": rng(), "dtype": np.float32},
    ),
    "training.clip": lambda: (tr.clip, {"gradients": [np.ones(3)], "limit": 1.0}),
    "training.cross_entropy": lambda: (
        tr.cross_entropy,
        {"y": np.ones((4, 2)), "target": [0, 1, 0, 1], "weight": [1] * 4},
    ),
    "training.fit": lambda: (
        tr.fit,
        {
            "model": model(2, 1),
            "batch": batch,
            "loss": tr.squared_error,
            "optimizer": tr.Adam(),
            "steps": 2,
            "clip": 1.0,
            "target": 0.1,
            "seconds": 1.0,
            "watch": print,
            "bar": False,
        },
    ),
    "training.generate": lambda: (
        tr.generate,
        {"model": model(), "start": [0], "length": 2, "temperature": 1.0, "until": 1, "rng": rng()},
    ),
    "training.load": lambda: (tr.load, {"path": model_file()}),
    "training.save": lambda: (tr.save, {"path": HERE / "saved.npz", "model": model()}),
    "training.softmax": lambda: (tr.softmax, {"y": np.ones((4, 2)), "temperature": 1.0}),
    "training.squared_error": lambda: (
        tr.squared_error,
        {"y": np.ones((4, 2)), "target": np.zeros((4, 2)), "weight": [1] * 4},
    ),
    "view.plots.bars": lambda: (
        plots.bars,
        {"values": {"a": 1.0}, "sentence": "A bar.", **AXES, "symbol": "c", "highlight": ["a"]},
    ),
    "view.plots.curve": lambda: (
        plots.curve,
        {
            "function": np.tanh,
            "symbol": "g",
            "marks": {"here": 0.5},
            "sentence": "A curve.",
            "ends": (-6, 6),
            "ylim": (-1, 1),
            "whole": False,
            **AXES,
        },
    ),
    "view.plots.dots": lambda: (
        plots.dots,
        {"panels": {"one": CURVES}, "sentence": "Dots.", "xlabel": "x", "level": ("so much", 1.0)},
    ),
    "view.plots.saturation": lambda: (
        plots.saturation,
        {"gates": {"f": ([0.1, 0.2], [0.3, 0.4])}, "sentence": "Dots.", "units": [1], **AXES},
    ),
    "view.plots.log_log": lambda: (plots.log_log, {"lines": {"a": ([1, 2], [3, 4])}, "sentence": "Lines.", **AXES}),
    "view.plots.traces": lambda: (
        plots.traces,
        {
            "lines": CURVES,
            "sentence": "Lines.",
            **AXES,
            "start": 1,
            "ylim": (0, 3),
            "symbols": ["f", "i"],
            "words": ["one", "two"],
        },
    ),
}

# What of the slips is no slip: an argument that may be left out takes None, and one that is text takes text, by itself.
TAKES = {
    # a report that makes no sense goes nowhere: it may not disturb a learner
    **dict.fromkeys(
        [f"room.report.{name}" for name in ("question", "kind", "value", "right", "diagnosis")],
        "None, text, empty list, ragged list, nan, infinity, too many axes, masked array, another object, "
        "a tensor that requires grad, -1, 1.5",
    ),
    "room.listen.listener": "None",
    "room.room.question": "text",
    "checks.check.answer": (  # a wrong answer is no error
        "None, text, empty list, ragged list, nan, infinity, too many axes, masked array, another object, "
        "a tensor that requires grad"
    ),
    "checks.check.**inputs": "too many axes",
    "equations.sigmoid.z": "too many axes",
    "gradients.half_life.f": "too many axes",
    "runs.Run.exam.k": "-1",  # from the end
    "runs.Run.model.k": "-1",
    "runs.recall.begins_with": "ragged list",  # arrays of any shapes
    "runs.recall.name": "text",
    "tasks.CountModel.numbers": "empty list",
    "tasks.CountModel.probabilities.before": "empty list",
    "tasks.Vocabulary.tokens": "text",
    "tasks.Vocabulary.decode.numbers": "empty list",
    "tasks.Vocabulary.encode.tokens": "empty list",
    "tasks.one_hot.indices": "empty list",
    "training.clip.limit": "None, 1.5",
    "training.fit.clip": "None, 1.5",
    "training.softmax.y": "too many axes",
    "view.plots.bars.highlight": "empty list",
    "view.plots.saturation.units": "empty list",
    "view.plots.traces.symbols": "empty list",
    # numbers of any size, from some end on
    "explorers.CellExplorer.c_prev": "-1, 1.5",
    "explorers.CellExplorer.g": "-1",
    "explorers.CellExplorer.prediction": "-1, 1.5",
    "explorers.UnrolledExplorer.prediction": "-1, 1.5",
    "explorers.ForgettingExplorer.c0": "-1",
    "explorers.ForgettingExplorer.g": "-1",
    "explorers.ForgettingExplorer.prediction": "-1, 1.5",
    "explorers.GateExplorer.prediction": "-1, 1.5",
    "explorers.GradientExplorer.b_f": "-1, 1.5",
    "explorers.GradientExplorer.prediction": "1.5",
    "explorers.GradientExplorer.w": "1.5",
    "explorers.LearningExplorer.moment": "-1",
    "explorers.LearningExplorer.prediction": "1.5",
    "explorers.OpenedModelExplorer.prediction": "-1, 1.5",
    "explorers.open_lstm.prediction": "-1, 1.5",
    "measures.saturation.high": "1.5",
    "measures.saturation.low": "-1",
    "explorers.ScheduleExplorer.c0": "-1, 1.5",
    "explorers.ScheduleExplorer.prediction": "-1, 1.5",
    "explorers.TextExplorer.temperature": "1.5",
    "explorers.VariantExplorer.prediction": "-1, 1.5",
    "gradients.check_gradients.step": "1.5",
    "gradients.check_gradients.threshold": "1.5",
    "layers.LSTM.initialize.forget_bias": "-1, 1.5",
    "layers.MinGRU.initialize.keep_bias": "-1, 1.5",
    "training.Adam.learning_rate": "1.5",
    "training.Adam.epsilon": "1.5",
    "training.Adam.weight_decay": "1.5",
    "training.fit.target": "-1, 1.5",
    "training.fit.seconds": "1.5",
    "training.generate.temperature": "1.5",
    "training.softmax.temperature": "1.5",
    "view.plots.traces.start": "-1",
}
