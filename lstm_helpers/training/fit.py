"""The loop that trains a model."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from lstm_helpers import _arguments as arguments
from lstm_helpers._arguments import brief, refuse, short_traceback
from lstm_helpers.training._progress import interrupts, progress
from lstm_helpers.training.model import Model, check_loss
from lstm_helpers.training.optimize import Adam, clipping_norm
from lstm_helpers.training.optimize import clip as clip_norm

RECENT = 20  # losses in the mean that is compared with the target
MAX_GROWTH = 100  # of the first loss; a healthy run comes nowhere near it
MAX_WEIGHT = 1e10  # below it no output and no loss overflows, even in float32


class DivergenceError(ArithmeticError):
    """Error after a step that made the loss or the weights explode. The weights are restored to those before it.

    Its `history` is the `History` up to that step.
    """

    is_refusal = True  # shortens the traceback: the learning rate is at fault, not our code

    def __init__(self, sentence, history):
        super().__init__(sentence)
        self.history = history


@dataclass(frozen=True)
class History:
    """The course of a run, with one value for each step.

    Attributes:
        loss: the loss of the batch, before the step.
        norm: the norm of all gradients together, before clipping.
        seconds: the time since the start of the run, in seconds.
        reached: True if the run stopped because the loss reached its target.
        interrupted: True if an interrupt stopped it.
    """

    loss: np.ndarray
    norm: np.ndarray
    seconds: np.ndarray
    reached: bool = False
    interrupted: bool = False

    def __len__(self):
        return len(self.loss)

    def __repr__(self):
        why = ", stopped at its target" if self.reached else ", interrupted" if self.interrupted else ""
        return f"History of {len(self)} steps{why}"

    @short_traceback
    def recent(self, what="loss", number=RECENT):
        """The moving average of `what`, "loss" or "norm": at every step, the mean of the last `number` values."""
        what = arguments.one_of("what", what, ("loss", "norm"))
        number = arguments.whole_number("number", number, 1)
        total = np.cumsum(np.concatenate([[0.0], getattr(self, what)]))
        last = np.arange(1, len(total))
        first = np.maximum(last - number, 0)
        return (total[last] - total[first]) / (last - first)


@short_traceback
def fit(model, batch, loss, optimizer, *, steps, clip=1.0, target=None, seconds=None, watch=None, bar=True):
    """Train a model: at each step, draw a batch, compute and clip its gradient, and move the weights.

    After an interrupt (the kernel's stop button, Ctrl+C), `fit` finishes its step and returns; the model keeps what it
    has learned. A second interrupt raises `KeyboardInterrupt` in the middle of a step.

    Args:
        model: a `Model`; its weights change.
        batch: a function without arguments that returns a `Batch`.
        loss: `squared_error` or `cross_entropy`.
        optimizer: an `Adam`. It continues where its last run ended.
        steps: the largest number of steps to take.
        clip: the largest norm of all gradients together; longer ones are scaled down to it. None for no clipping.
        target: stop as soon as the mean of the last 20 losses is below it; None for never.
        seconds: the time after which no new step starts; None for no limit.
        watch: a function, called before each step with the number of steps taken so far; None for none.
        bar: True for a progress bar, which disappears at the end.

    Returns:
        A `History`.

    Raises:
        DivergenceError: a step raised the loss to more than 100 times the first one (or the loss of answering 0 to
            everything, if that is larger), the gradient became infinite, or a weight reached 1e10. The step is undone.
        TypeError, ValueError: an argument makes no sense.
    """
    arguments.instance("model", model, Model, "a Model, a layer and its readout")
    arguments.function(
        "batch", batch, "without arguments that returns a Batch, as in lambda: adding_problem(20, 32, rng=rng)"
    )
    check_loss(loss)
    arguments.instance("optimizer", optimizer, Adam, "an Adam")
    if watch is not None:
        arguments.function("watch", watch, "of the number of steps taken, or None")
    steps, bar = arguments.whole_number("steps", steps, 1), arguments.switch("bar", bar)
    clip = clipping_norm("clip", clip)
    if target is not None:
        target = arguments.real_number("target", target)
    if seconds is not None:
        seconds = arguments.above_0("seconds", seconds, "above 0, or None")
    rows, max_loss, start = [], np.inf, perf_counter()
    before = [w.copy() for w in model.weights]
    no_warnings = np.errstate(over="ignore", invalid="ignore")
    with progress(steps, bar) as show, interrupts() as interrupted, no_warnings:
        for step in range(steps):
            if watch is not None:
                watch(step)
            x, targets, weight = _draw(batch)
            value, gradients = model.gradients(x, targets, loss, weight)
            norm = clip_norm(gradients, clip)
            if step == 0:
                zeros = np.zeros((*np.shape(x)[:-1], model.readout.output_size))
                first = max(value, loss(zeros, targets, weight)[0])
                max_loss = MAX_GROWTH * first if first > 0 else np.inf  # a loss of your own may be negative
            if value > max_loss or not np.isfinite(norm):
                _undo(model, before, step, f"the loss was {value:.3g}", rows)
            rows.append((value, norm, perf_counter() - start))
            if target is not None and step + 1 >= RECENT and np.mean([row[0] for row in rows[-RECENT:]]) < target:
                return _history(rows, reached=True)
            for copy, w in zip(before, model.weights, strict=True):
                copy[...] = w
            optimizer.step(model.weights, gradients)
            if not all(np.abs(w).max() < MAX_WEIGHT for w in model.weights):
                _undo(model, before, step + 1, f"a weight exceeded {MAX_WEIGHT:g}", rows)
            show(value)
            if interrupted() or (seconds is not None and rows[-1][2] > seconds):
                break
    if interrupted() and bar:
        print(f"Interrupted after step {len(rows)} of {steps}. The model keeps what it has learned.")
    return _history(rows, interrupted=interrupted())


def _draw(batch):
    """The next batch, or a refusal of anything else."""
    drawn = batch()
    if not isinstance(drawn, tuple) or len(drawn) != 3:
        refuse(TypeError, f"batch must return a Batch, (x, target, weight), got {brief(drawn)}")
    return drawn


def _undo(model, before, step, what, rows):
    """Restore the weights and raise a `DivergenceError`."""
    for w, copy in zip(model.weights, before, strict=True):
        w[...] = copy
    advice = "that step was undone: try a smaller learning rate"
    raise DivergenceError(f"training diverged: after step {step} {what}; {advice}", _history(rows))


def _history(rows, **why):
    loss, norm, seconds = np.array(rows, dtype=float).reshape(-1, 3).T
    return History(loss, norm, seconds, **why)
