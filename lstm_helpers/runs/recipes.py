"""Recipes: everything that a training depends on, so that a recipe gives the same run every time."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from lstm_helpers._arguments import one_of, refuse, short_traceback
from lstm_helpers.layers import LSTM
from lstm_helpers.tasks import Vocabulary, cat_sentences, remember_first, sentences_batch
from lstm_helpers.training import Model

BATCH = 32  # sequences in each step
NOUN_WEIGHT = 16  # of the noun that comes back, as it is one word among many
SYMBOLS = 4  # of "first", and the number of fillers


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a training.

    Attributes:
        task: "cat", the sentences of `cat_sentences`; or "first", the long lag of `remember_first`.
        units: H, the size of the LSTM.
        forget_bias: b_f of every unit before the first step.
        reads_h: True if i and g read h_{t-1}; False for the document's equations, where they read x_t alone.
        delay: for "first", the number of steps from the symbol to the question.
        nouns: for "cat", the nouns that may come back.
        steps, learning_rate, weight_decay: the arguments of `fit` and `Adam`.
        seed: of the random generator that splits the sentences and draws the initial weights and every batch.
    """

    task: str
    units: int
    forget_bias: float
    reads_h: bool = True
    delay: int | None = None
    nouns: tuple[str, ...] = ()
    steps: int = 2000
    learning_rate: float = 0.02
    weight_decay: float = 0.0
    seed: int = 1

    @property
    def moments(self):
        """The steps after which the weights are kept, (M,): from 0 to `steps`, most of them early."""
        early = [*range(0, 100, 5), *range(100, 200, 10)]
        late = [200, 250, 300, 400, 500, 700, 1000, 1300, 1600, *range(2000, self.steps, 1000)]
        return np.array([step for step in early + late if step < self.steps] + [self.steps], dtype=np.int64)

    @short_traceback
    def __post_init__(self):
        one_of("task", self.task, ("cat", "first"))
        if (bool(self.nouns), self.delay is not None) != (self.task == "cat", self.task == "first"):
            got = f"nouns {self.nouns} and delay {self.delay}"
            refuse(ValueError, f'a recipe has nouns for "cat", or a delay for "first", got {got} for "{self.task}"')

    @short_traceback
    def sentences(self):
        """For "cat": the sentences to learn from, and the unseen ones."""
        if self.task != "cat":
            refuse(ValueError, f'sentences belong to the task "cat"; this is "{self.task}"')
        return cat_sentences(nouns=self.nouns, rng=np.random.default_rng(self.seed))

    def begin(self):
        """The model before its first step, and a function that draws the next batch."""
        rng = np.random.default_rng(self.seed)
        if self.task == "cat":
            learn, _ = cat_sentences(nouns=self.nouns, rng=rng)
            vocabulary = Vocabulary(word for sentence in learn for word in sentence)
            sizes, batch = (len(vocabulary),) * 2, partial(_sentences, learn, vocabulary, self.nouns, rng)
        else:
            sizes = 2 * SYMBOLS, SYMBOLS
            batch = partial(remember_first, self.delay + 1, BATCH, rng=rng, symbols=SYMBOLS, fillers=SYMBOLS)
        layer = LSTM.initialize(sizes[0], self.units, forget_bias=self.forget_bias, rng=rng)
        return self.kind.initialize(layer, sizes[1], rng=rng), batch

    @property
    def kind(self):
        """The class of its model: a `Model`, or the document's."""
        return Model if self.reads_h else DocumentModel


class DocumentModel(Model):
    """A model of an LSTM whose input gate and candidate read x_t alone, as in the document.

    The weights of i and g on h_{t-1} are 0 and have a gradient of 0, so they stay 0 in training.
    """

    def __init__(self, layer, readout):
        super().__init__(layer, readout)
        self._without_h(layer.W)

    def gradients(self, x, target, loss, weight=None):
        """The loss, and its gradient for each of `weights`: see `Model.gradients`."""
        value, (d_layer, d_readout) = super().gradients(x, target, loss, weight)
        self._without_h(d_layer)
        return value, [d_layer, d_readout]

    def _without_h(self, W):
        """Set the columns of i and g for h_{t-1} to 0, in the weights or in their gradient."""
        for name in ("W_i", "W_g"):
            W[self.layer.parts[name]][:, : self.layer.hidden_size] = 0


def _sentences(learn, vocabulary, nouns, rng):
    """A batch of sentences, in which the noun that comes back has a larger weight."""
    chosen = rng.integers(len(learn), size=BATCH)
    x, target, weight = sentences_batch([learn[k] for k in chosen], vocabulary)
    weight[1:][np.isin(target[1:], vocabulary.encode(nouns))] = NOUN_WEIGHT
    return x, target, weight


_CAT = partial(Recipe, "cat", 16, nouns=("cat", "dog"), weight_decay=0.3)
_FIRST = partial(Recipe, "first", 8, learning_rate=0.01)

RECIPES = {
    f"cat: {gates} gates, bias {bias}": _CAT(bias, reads_h=reads_h)
    for gates, reads_h in (("document", False), ("standard", True))
    for bias in (0, 1, 3)
} | {f"first: delay {delay}, bias {bias}": _FIRST(bias, delay=delay) for delay in (10, 40) for bias in (0, 1, 3)}

NAMES = tuple(RECIPES)
