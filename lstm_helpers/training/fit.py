"""The loop that trains a model."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from lstm_helpers._arguments import (
    brief,
    function,
    instance,
    one_of,
    real_number,
    refuse,
    short_traceback,
    switch,
    whole_number,
)
from lstm_helpers.training._progress import progress
from lstm_helpers.training.model import Model, called_loss
from lstm_helpers.training.optimize import Adam, clipping_norm
from lstm_helpers.training.optimize import clip as shorten

RECENT = 20  # losses whose mean is compared with the target
RUINED = 100  # times the first loss: no step of a healthy run comes near
LARGEST = 1e10  # a weight: up to here no output and no loss overflows, in float32 either


class DivergenceError(ArithmeticError):
    """A step made the loss or the weights explode. The weights are as they were before it.

    Attributes:
        history: the `History` up to there.
    """

    is_refusal = True  # what was asked for was too much: no defect of ours, so its traceback is short

    def __init__(self, sentence, history):
        super().__init__(sentence)
        self.history = history


@dataclass(frozen=True)
class History:
    """What happened in a run, a value for each step.

    Attributes:
        loss: of the batch, before the step.
        norm: of all gradients together, before they were clipped.
        seconds: since the start of the run.
        reached: True if the run stopped because the loss had come down to its target.
    """

    loss: np.ndarray
    norm: np.ndarray
    seconds: np.ndarray
    reached: bool = False

    def __len__(self):
        return len(self.loss)

    def __repr__(self):
        return f"History of {len(self)} steps" + (", stopped at its target" if self.reached else "")

    @short_traceback
    def recent(self, what="loss", number=RECENT):
        """The mean of the last values of `loss` or `norm`, at every step: a calmer curve."""
        what, number = one_of("what", what, ("loss", "norm")), whole_number("number", number, 1)
        total = np.cumsum(np.concatenate([[0.0], getattr(self, what)]))
        last = np.arange(1, len(total))
        first = np.maximum(last - number, 0)
        return (total[last] - total[first]) / (last - first)


@short_traceback
def fit(model, batch, loss, optimizer, *, steps, clip=1.0, target=None, seconds=None, bar=True):
    """Train a model step by step: a fresh batch, its gradient, clipped, and the weights move.

    Args:
        model: a `Model`; its weights change.
        batch: a function without arguments that gives a `Batch`.
        loss: `squared_error` or `cross_entropy`.
        optimizer: an `Adam`. Given again, it goes on from where it was.
        steps: the most steps to take.
        clip: the norm that all gradients together are shortened to if they are longer; None for never.
        target: stop as soon as the mean of the last 20 losses is below it; None for never.
        seconds: take no new step after this time; None for any time.
        bar: whether to show a progress bar. It goes away in the end.

    Returns:
        A `History`.

    Raises:
        DivergenceError: a step made the loss rise to 100 times that of the beginning (or of saying 0 to everything, if
            that is more), or the gradient or a weight grow out of all bounds. It is undone.
    """
    instance("model", model, Model, "a Model, a layer and its readout")
    function("batch", batch, "without arguments that gives a Batch, as in lambda: adding_problem(20, 32, rng=rng)")
    called_loss(loss)
    instance("optimizer", optimizer, Adam, "an Adam")
    steps, bar = whole_number("steps", steps, 1), switch("bar", bar)
    if clip is not None:
        clip = clipping_norm("clip", clip)
    if target is not None:
        target = real_number("target", target, "a loss, or None", lambda target: True)
    if seconds is not None:
        seconds = real_number("seconds", seconds, "above 0, or None", lambda seconds: seconds > 0)
    rows, limit, start = [], np.inf, perf_counter()
    before = [w.copy() for w in model.weights]
    with progress(steps, bar) as show, np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps):
            x, wanted, weight = _given_by(batch)
            value, gradients = model.gradients(x, wanted, loss, weight)
            norm = shorten(gradients, clip)
            if step == 0:
                nothing = np.zeros((*weight.shape, model.readout.output_size))
                limit = RUINED * max(value, loss(nothing, wanted, weight)[0])
            if value > limit or not np.isfinite(norm):
                _undo(model, before, step, f"the loss was {value:.3g}", rows)
            rows.append((value, norm, perf_counter() - start))
            if target is not None and step + 1 >= RECENT and np.mean([row[0] for row in rows[-RECENT:]]) < target:
                return _history(rows, reached=True)
            if seconds is not None and rows[-1][2] > seconds:
                break
            for copy, w in zip(before, model.weights, strict=True):
                copy[...] = w
            optimizer.step(model.weights, gradients)
            if not all(np.abs(w).max() < LARGEST for w in model.weights):
                _undo(model, before, step + 1, "a weight had no bounds any more", rows)
            show(value)
    return _history(rows)


def _given_by(batch):
    made = batch()
    if not isinstance(made, tuple) or len(made) != 3:
        refuse(TypeError, f"batch must give a Batch, (x, target, weight), it gave {brief(made)}")
    return made


def _undo(model, before, step, what, rows):
    """Take back the last step, and say why."""
    for w, copy in zip(model.weights, before, strict=True):
        w[...] = copy
    raise DivergenceError(
        f"training diverged: after step {step} {what}; that step is undone, try a smaller learning rate",
        _history(rows),
    )


def _history(rows, reached=False):
    loss, norm, seconds = np.array(rows, dtype=float).reshape(-1, 3).T
    return History(loss, norm, seconds, reached)
