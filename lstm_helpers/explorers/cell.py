"""One unit of an LSTM cell, live and as a map."""

import numpy as np

from lstm_helpers._arguments import one_of, short_traceback
from lstm_helpers.equations import cell_state, hidden_state
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.view.controls import Slider
from lstm_helpers.view.diagram import CellDiagram
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.plots import Picture
from lstm_helpers.view.prediction import Prediction, predicted, spoken
from lstm_helpers.view.style import number, percent


class CellExplorer(Panel):
    """One unit of an LSTM cell, its gates set by hand.

    Args:
        f, c_prev, i, g, o: where it opens: gates from 0 to 1, the candidate from -1 to 1, the memory from -2 to 2.
            If not given: the first unit of the document's forget, input and output examples.
        prediction: what the new memory will be, a number; or a mapping with "c", "h" or both; `...` if nothing is
            predicted yet. It is drawn beside their numbers.
    """

    title = "Cell explorer"

    @short_traceback
    def __init__(self, f=None, c_prev=None, i=None, g=None, o=None, *, prediction=...):
        units, foreseen = _document_units(), predicted(prediction, dict.fromkeys(_BESIDE, ((),)))
        given = {"f": f, "c_prev": c_prev, "i": i, "g": g, "o": o}
        start = {name: units[0][name] if value is None else value for name, value in given.items()}
        controls = [
            Slider("f", start["f"], 0, 1, words="forget gate"),
            Slider("i", start["i"], 0, 1, words="input gate"),
            Slider("o", start["o"], 0, 1, words="output gate"),
            Slider("g", start["g"], -1, 1, words="candidate"),
            Slider("c_prev", start["c_prev"], -2, 2, words="memory"),
        ]
        presets = {f"document, unit {k}": unit for k, unit in enumerate(units, 1)} | {
            "keep": {"f": 1.0, "i": 0.0},
            "overwrite": {"f": 0.0, "i": 1.0},
            "add up": {"f": 1.0, "i": 1.0},
            "forget": {"f": 0.0, "i": 0.0},
            "keep it to yourself": {"o": 0.0},
        }
        if start != units[0]:
            presets = {"as given": {control.name: control.value for control in controls}} | presets
        diagram = CellDiagram()
        predictions = [_beside(diagram.labels[name].axes, name, value) for name, value in foreseen.items()]
        super().__init__(diagram, [controls[:3], controls[3:]], presets, predictions)

    def show(self, f, c_prev, i, g, o):
        """Every number on the wires of the cell."""
        data = _wires(f, c_prev, i, g, o)
        c = data["c"]
        sentence = (
            f"Keep {percent(f)} of {number(c_prev)}, write {percent(i)} of {number(g)}: "
            f"the memory is now {number(data['kept'])} + {_in_sum(data['written'])} = {number(c)}. "
            f"Show {percent(o)} of tanh({number(c)}) = {number(data['tanh_c'])}: h = {number(data['h'])}."
        )
        return data, sentence


# Where a prediction of c and h stands on the diagram.
_BESIDE = {"c": (560, 308), "h": (672, 156)}


def _beside(axes, name, value):
    label = f"you {spoken(value)}"
    said = f"{spoken(value)} for {name}"
    return Prediction(axes, _BESIDE[name], said, lambda data: number(data[name]), label=label, side="right")


@short_traceback
def cell_map(part):
    """The cell as a diagram in which one part stands out, with the first numbers of the document's example of it.

    Args:
        part: `"cell"` for all of it, or `"pointwise"`, `"forget"`, `"input"`, `"output"`.
    """
    cell = _wires(**_document_units()[0])
    example = EXAMPLES["output_gate"]
    output = _shown(example.on_the_way["o"][0], example.inputs["c"][0])
    parts = {
        "cell": (cell, "all of it", ("kept", "written", "c", "h")),
        "pointwise": (_only(cell, "c_prev f kept i g written c"), "two products and a sum", ("kept", "written", "c")),
        "forget": (_only(cell, "c_prev f kept"), "the old memory times the forget gate", ("c_prev", "f", "kept")),
        "input": (_only(cell, "i g written"), "the candidate times the input gate", ("i", "g", "written")),
        "output": (output, "tanh of the memory times the output gate", ("c", "tanh_c", "o", "h")),
    }
    one_of("part", part, parts)
    numbers, words, told = parts[part]
    diagram = CellDiagram()
    diagram.light(numbers)
    listing = ", ".join(f"{_WORDS[name]} {number(numbers[name])}" for name in told)
    return Picture(diagram.figure, f"The LSTM cell as a diagram. What stands out is {words}: {listing}.")


_WORDS = {
    "c_prev": "old memory",
    "f": "forget gate",
    "kept": "kept",
    "i": "input gate",
    "g": "candidate",
    "written": "written",
    "c": "memory",
    "tanh_c": "its tanh",
    "o": "output gate",
    "h": "shown",
}


def _document_units():
    """The three units of the document's forget, input and output examples, as one thread: f c_prev i g o of each."""
    forget, write, show = (EXAMPLES[f"{name}_gate"] for name in ("forget", "input", "output"))
    vectors = {"f": forget.stated, "c_prev": forget.inputs["c_prev"], **write.on_the_way, "o": show.on_the_way["o"]}
    return [{name: float(vector[k]) for name, vector in vectors.items()} for k in range(len(forget.stated))]


def _wires(f, c_prev, i, g, o):
    """Every number on the wires of the cell, by the name of its wire."""
    c = float(cell_state(f, c_prev, i, g))
    return {"f": f, "c_prev": c_prev, "kept": f * c_prev, "i": i, "g": g, "written": i * g, **_shown(o, c)}


def _shown(o, c):
    return {"c": c, "tanh_c": float(np.tanh(c)), "o": o, "h": float(hidden_state(o, c))}


def _only(numbers, names):
    return {name: numbers[name] for name in names.split()}


def _in_sum(value):
    """A term as it stands behind a plus sign: in brackets when negative."""
    text = number(value)
    return f"({text})" if text.startswith("−") else text
