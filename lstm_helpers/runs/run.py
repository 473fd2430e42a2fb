"""Runs: the losses and weights of a training, recorded, written to a file of this folder, and opened."""

import re
import sys
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from lstm_helpers._arguments import instance, must_be, short_traceback, whole_number
from lstm_helpers.layers import LSTM
from lstm_helpers.runs.exam import Exam
from lstm_helpers.runs.recipes import NAMES, RECIPES, Recipe
from lstm_helpers.tasks import Vocabulary
from lstm_helpers.training import Adam, Readout, cross_entropy, fit
from lstm_helpers.training.storage import read, write

FOLDER = Path(__file__).parent
STORED_DTYPE = np.float16  # three digits, as no picture shows more; all runs together take 2 MB
_TRAINED = {}  # runs that were trained again in this process because their file was not intact, by name


@dataclass(frozen=True, eq=False)
class Run:
    """A recorded training: its losses, and its model at M moments.

    Attributes:
        name: one of `NAMES`, or "" for a training of your own.
        recipe: the `Recipe`.
        loss: (steps,), the loss of each step's batch, before the step.
        moments: (M,), the steps after which the weights were kept, from 0 to `recipe.steps`.
    """

    name: str
    recipe: Recipe
    loss: np.ndarray
    moments: np.ndarray
    weights: tuple[np.ndarray, np.ndarray] = field(repr=False)  # of the layer and of the readout, at every moment

    def __post_init__(self):
        for array in (self.loss, self.moments, *self.weights):
            array.flags.writeable = False

    @short_traceback
    def model(self, k):
        """The model at the k-th moment, a new one each time; -1 is the last."""
        W, W_y = (w[whole_number("k", k, -len(self.moments), len(self.moments) - 1)] for w in self.weights)
        H, K = self.recipe.units, len(W_y)
        model = self.recipe.kind(LSTM(W.shape[1] - H - 1, H), Readout(H, K))
        model.layer.W, model.readout.W = W, W_y
        return model

    @short_traceback
    def exam(self, k=-1):
        """For "cat": an `Exam` of the model at the k-th moment on the unseen sentences."""
        return Exam(self.model(k), self.unseen, self.vocabulary)

    @cached_property
    @short_traceback
    def unseen(self):
        """For "cat": the sentences held out from the training."""
        return self.recipe.sentences()[1]

    @cached_property
    @short_traceback
    def vocabulary(self):
        """For "cat": the `Vocabulary` of all words."""
        return Vocabulary(word for sentence in self.recipe.sentences()[0] for word in sentence)


@short_traceback
def record(recipe, *, bar=True):
    """Train a `Recipe`, and keep the weights at its moments: a `Run`. An interrupt ends the run early."""
    instance("recipe", recipe, Recipe, "a Recipe, such as open_run(name).recipe")
    model, batch = recipe.begin()
    moments, kept = set(recipe.moments.tolist()), []

    def keep(step):
        if step in moments:
            kept.append([w.astype(STORED_DTYPE) for w in model.weights])

    adam = Adam(recipe.learning_rate, weight_decay=recipe.weight_decay)
    history = fit(model, batch, cross_entropy, adam, steps=recipe.steps, watch=keep, bar=bar)
    recipe = replace(recipe, steps=len(history))
    kept.append([w.astype(STORED_DTYPE) for w in model.weights])
    weights = tuple(np.stack(arrays) for arrays in zip(*kept, strict=True))
    return Run("", recipe, history.loss.astype(np.float32), recipe.moments, weights)


@short_traceback
def open_run(name):
    """The recorded run of this name, one of `NAMES`.

    If its file is missing or damaged, the run is trained again and a sentence says so.

    Raises:
        ValueError: there is no such run.
        KeyboardInterrupt: the new training was interrupted.
    """
    expected = f'one of the {len(NAMES)} in lstm_helpers.runs.NAMES, such as "{NAMES[-1]}"'
    must_be("name", name, expected, isinstance(name, str) and name in NAMES, ValueError)
    try:
        return recorded(name)
    except (OSError, ValueError):
        sentence = f"{file_of(name)} is missing or not intact, so the run is trained again, in half a minute or more."
        print(sentence, file=sys.stderr)
    run = record(RECIPES[name])
    if run.recipe != RECIPES[name]:  # interrupted; explorers need the whole run
        raise KeyboardInterrupt
    _TRAINED[name] = replace(run, name=name)
    return _TRAINED[name]


@short_traceback
def recorded(name):
    """The run of this name, from its file, or the one that `open_run` has trained since.

    Raises:
        FileNotFoundError: its file is missing.
        ValueError: its file is damaged or a different one.
    """
    return _TRAINED.get(name) or read(file_of(name), "name", "run made by `make runs`", partial(_restored, name))


def store(name, run):
    """Write a run to the file of this name."""
    W, W_y = run.weights
    write(file_of(name), _about(run.recipe), {"loss": run.loss, "moments": run.moments, "layer": W, "readout": W_y})


def file_of(name):
    """The file of a run: "cat: document gates, bias 3" is in cat-document-gates-bias-3.npz."""
    return FOLDER / (re.sub(r"\W+", "-", name) + ".npz")


def _about(recipe):
    """The recipe in types of JSON."""
    return asdict(recipe) | {"nouns": list(recipe.nouns)}


def _restored(name, about, arrays):
    """The run in a file, or an error if a part does not fit its recipe."""
    recipe = RECIPES[name]
    if about != _about(recipe):
        raise ValueError("made from another recipe")
    moments, sizes = recipe.moments, [w.shape for w in recipe.begin()[0].weights]
    loss = _part(arrays, "loss", np.float32, (recipe.steps,))
    if not np.array_equal(_part(arrays, "moments", moments.dtype, moments.shape), moments):
        raise ValueError("kept at other moments")
    parts = zip(("layer", "readout"), sizes, strict=True)
    weights = tuple(_part(arrays, part, STORED_DTYPE, (len(moments), *size)) for part, size in parts)
    return Run(name, recipe, loss, moments, weights)


def _part(arrays, name, dtype, shape):
    """An array of a file, or an error if its dtype or shape differs or it is not finite."""
    array = arrays.pop(name)
    if (array.dtype, array.shape) != (dtype, shape) or not np.isfinite(array).all():
        raise ValueError(name)
    return array
