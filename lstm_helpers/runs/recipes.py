"""Recipes: all that a training depends on, so that the same recipe gives the same run."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from lstm_helpers._arguments import one_of, refuse, short_traceback
from lstm_helpers.layers import LSTM
from lstm_helpers.tasks import Vocabulary, cat_sentences, remember_first, sentences_batch
from lstm_helpers.training import Model

BATCH = 32  # sequences in each step
NOUN = 16  # how many times as much as another word the noun counts that comes back: it is one word among many
SYMBOLS = 4  # of "first": one of them comes first, and as many others are fillers


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a training goes.

    Attributes:
        task: "cat", the sentences of `cat_sentences`; or "first", the long lag of `remember_first`.
        units: H, the size of the LSTM.
        forget_bias: b_f of every unit before the first step.
        reads_h: whether i and g read h_{t-1}. In the document's equations they read x_t alone: False.
        delay: of "first", how many steps before the question the symbol stood.
        nouns: of "cat", the nouns that may come back.
        steps, learning_rate, weight_decay: of the training with `fit` and `Adam`.
        seed: of the one random generator that splits the sentences and draws the first weights and every batch.
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
        """The steps after which the weights are kept: 0 and `steps`, and most of the others early."""
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
        """Of "cat": the sentences to learn from, and the unseen ones."""
        if self.task != "cat":
            refuse(ValueError, f'sentences belong to the task "cat"; this is "{self.task}"')
        return cat_sentences(nouns=self.nouns, rng=np.random.default_rng(self.seed))

    def begin(self):
        """The model before its first step, and the function that draws one batch after another."""
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
    """A model of an LSTM whose input gate and candidate read x_t alone, as the document's do.

    The weights of i and g on h_{t-1} are 0 from the start and have no gradient, so that no training moves them.
    """

    def __init__(self, layer, readout):
        super().__init__(layer, readout)
        self._without_h(layer.W)

    def gradients(self, x, target, loss, weight=None):
        """The loss, and its gradient for each of `weights`: 0 for the weights that this model does not have."""
        value, (d_layer, d_readout) = super().gradients(x, target, loss, weight)
        self._without_h(d_layer)
        return value, [d_layer, d_readout]

    def _without_h(self, W):
        """Write 0 where i and g would read h_{t-1}, in the weights or in their gradient."""
        for name in ("W_i", "W_g"):
            W[self.layer.parts[name]][:, : self.layer.hidden_size] = 0


def _sentences(learn, vocabulary, nouns, rng):
    """A batch of sentences, in which the noun that comes back counts more than another word."""
    chosen = rng.integers(len(learn), size=BATCH)
    x, target, weight = sentences_batch([learn[k] for k in chosen], vocabulary)
    weight[1:][np.isin(target[1:], vocabulary.encode(nouns))] = NOUN
    return x, target, weight


_CAT = partial(Recipe, "cat", 16, nouns=("cat", "dog"), weight_decay=0.3)
_FIRST = partial(Recipe, "first", 8, learning_rate=0.01)

RECIPES = {
    f"cat: {gates} gates, bias {bias}": _CAT(bias, reads_h=reads_h)
    for gates, reads_h in (("document", False), ("standard", True))
    for bias in (0, 1, 3)
} | {f"first: delay {delay}, bias {bias}": _FIRST(bias, delay=delay) for delay in (10, 40) for bias in (0, 1, 3)}

NAMES = tuple(RECIPES)
