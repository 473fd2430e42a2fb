"""One memory over time: its gates set by hand at every step."""

from collections.abc import Mapping

import numpy as np

from lstm_helpers._arguments import brief, real_array, refuse, same_shape, short_traceback, whole_number
from lstm_helpers._arguments import words as listed
from lstm_helpers.equations import cell_state, hidden_state
from lstm_helpers.view.controls import Choice, Slider
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, labels, predicted, spoken
from lstm_helpers.view.style import number, percent, vector
from lstm_helpers.view.timeline import SchedulePicture

_ALL = -1  # what the buttons say when a slider moves every step at once


class ScheduleExplorer(Panel):
    """One unit of an LSTM over time, its gates and its candidate set by hand at every step.

    Args:
        schedule: a mapping with vectors `f i g o`, T values each, T from 2 to 16: gates from 0 to 1, candidates from
            -1 to 1. If not given: 12 steps, and presets to choose from.
        c0: the memory before step 1, from -2 to 2.
        words: a word for each step, if the steps are words.
        prediction: what the memory will be after the last step, a number; or after every step, a list of T; or a
            mapping with "c", "h" or both, each one or the other; `...` if nothing is predicted yet.
    """

    title = "Schedule explorer"

    @short_traceback
    def __init__(self, schedule=None, c0=0.0, words=None, *, prediction=...):
        self.presets = schedules(12) if schedule is None else {"as given": _checked(schedule)}
        self.state = next(iter(self.presets.values()))
        steps = len(self.state["f"])
        if words is not None and len(listed("words", words)) != steps:
            refuse(ValueError, f"words must be a list of {steps} words, one for each step, got {words!r}")
        c0 = float(real_array("c0", c0, ndim=0, within=(-2, 2)))
        given = predicted(prediction, dict.fromkeys("ch", ((), (steps,))))
        buttons = {"all": _ALL} | {
            f"{k}" if words is None else f"{k} {words[k - 1]}": k - 1 for k in range(1, steps + 1)
        }
        first = {name: values[0] for name, values in self.state.items()}
        rows = [
            [Choice("step", buttons, "step")],
            [
                Slider("f", first["f"], 0, 1, words="forget gate"),
                Slider("i", first["i"], 0, 1, words="input gate"),
                Slider("o", first["o"], 0, 1, words="output gate"),
            ],
            [Slider("g", first["g"], -1, 1, words="candidate"), Slider("c_0", c0, -2, 2, words="at the start")],
        ]
        picture, names = SchedulePicture(steps, words), labels(given)
        predictions = [_on(picture.lines[name], name, values, names[name]) for name, values in given.items()]
        super().__init__(picture, rows, self.presets, predictions)

    @property
    def values(self):
        """The schedule as it stands, the memory at the start, and which step is chosen."""
        chosen = super().values
        return {**self.state, "c_0": chosen["c_0"], "step": chosen["step"]}

    def show(self, f, i, g, o, c_0, step):
        """The memory and what is shown of it at every step."""
        c = [c_0]
        for now in zip(f, i, g, strict=True):
            c.append(float(cell_state(now[0], c[-1], now[1], now[2])))
        c = np.array(c)
        data = {"f": f, "i": i, "g": g, "o": o, "c": c, "h": hidden_state(o, c[1:])}
        data["step"] = None if step == _ALL else step
        end = f"After {len(f)} steps the memory is {number(c[-1])}."
        if step == _ALL:
            return data, f"The memory starts at {number(c_0)}. {end}"
        before, now, shown = c[step], c[step + 1], data["h"][step]
        return data, (
            f"Step {step + 1}: keep {percent(f[step])} of {number(before)}, write {percent(i[step])} of "
            f"{number(g[step])}: the memory is {number(now)}, what is shown {number(shown)}. {end}"
        )

    def follow(self, name, value):
        """Another step is chosen: the sliders go to its dials. A slider moves: the chosen step follows, or all do."""
        step = self.controls["step"].value
        if name == "step":
            for symbol in "figo":
                self.controls[symbol].put(float(self.state[symbol][max(step, 0)]))
        elif name in self.state:
            changed = self.state[name].copy()
            changed[slice(None) if step == _ALL else step] = value
            self.state = {**self.state, name: changed}

    def apply(self, preset):
        """Take a preset's schedule, and put the sliders where it is."""
        self.state = preset
        self.follow("step", None)


@short_traceback
def schedules(steps):
    """The named schedules: what one unit can do with a memory in `steps` steps, written at step 2.

    Returns:
        name -> {"f", "i", "g", "o"} with vectors of that length. There is a candidate at every step, so that it is the
        input gate that decides what is written.
    """
    at = np.arange(1, whole_number("steps", steps, 2) + 1)
    middle = steps // 2 + 1
    g = np.where(at % 2, 0.5, -0.4)
    g[1] = 0.8
    quiet = {"f": np.ones(steps), "i": 1.0 * (at == 2), "g": g, "o": np.ones(steps)}
    return {
        "write, hold, read": {**quiet, "o": 1.0 * (at == steps - 1)},
        "leak": {**quiet, "f": np.full(steps, 0.8)},
        "overwrite": {
            **quiet,
            "f": 1.0 * (at != middle),
            "i": 1.0 * ((at == 2) | (at == middle)),
            "g": np.where(at == middle, -0.6, g),
        },
        "reset": {**quiet, "f": 1.0 * (at != middle)},
        "hidden store": {**quiet, "o": 1.0 * (at >= middle)},
        "all gates half open": {**quiet, **dict.fromkeys("fio", np.full(steps, 0.5))},
    }


def _on(line, name, values, label):
    """A prediction of the memory, or of what is shown of it: after the last step, or after every step."""
    steps, n = line.get_xdata()[-values.size :], values.size
    if values.ndim:
        said, truth = f"{spoken(values)} for {name} step by step", lambda data: vector(data[name][-n:])
    else:
        said, truth = f"{spoken(values)} for {name} after step {steps[-1]}", lambda data: number(data[name][-1])

    def not_over_the_line(data):
        return "above" if values.flat[-1] >= data[name][-1] else "below"

    return Prediction(line.axes, (steps, values), said, truth, label=label, side=not_over_the_line)


def _checked(schedule):
    if not isinstance(schedule, Mapping) or set(schedule) != set("figo"):
        refuse(ValueError, f"schedule must be a mapping with f, i, g and o, got {brief(schedule)}")
    ends = {"f": (0, 1), "i": (0, 1), "g": (-1, 1), "o": (0, 1)}
    arrays = {name: real_array(name, schedule[name], ndim=1, within=ends[name]).astype(float) for name in "figo"}
    same_shape(**arrays)
    if not 2 <= len(arrays["f"]) <= 16:
        refuse(ValueError, f"schedule must have from 2 to 16 steps, got {len(arrays['f'])}")
    return arrays
