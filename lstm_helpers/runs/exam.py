"""Exams for models of the cat sentences: the noun that comes back, and the effect of forgetting at a word."""

import numpy as np

from lstm_helpers._arguments import instance, must_be, one_of, real_array, refuse, short_traceback, whole_numbers
from lstm_helpers.interventions import intervene
from lstm_helpers.tasks import Vocabulary, sentences_batch
from lstm_helpers.training import Model, softmax


class Exam:
    """Sentences of `cat_sentences` that ask a model for the noun that comes back.

    Args:
        model: a `Model` of an `LSTM`, trained to predict the next word.
        sentences: a list of sentences, each a list of words.
        vocabulary: the `Vocabulary` of all their words.

    Attributes:
        x: (T, N, D), the sentences.
        asked: (N,), the step whose output is the answer: the last "the".
        right: (N,), the number of the right noun.
    """

    @short_traceback
    def __init__(self, model, sentences, vocabulary):
        self.model = instance("model", model, Model, "a Model")
        self.vocabulary = instance("vocabulary", vocabulary, Vocabulary, "a Vocabulary")
        self.sentences, self.x = sentences, sentences_batch(sentences, vocabulary).x
        if min(map(len, sentences)) < 6:
            refuse(ValueError, "sentences must be such as cat_sentences makes, in which a noun comes back")
        self.asked = np.array([len(sentence) - 5 for sentence in sentences])
        self.right = vocabulary.encode([sentence[1] for sentence in sentences])

    @short_traceback
    def at(self, word):
        """The step of this word in each sentence, (N,); for a word that all have, such as "sat", "on", "because"."""
        common = sorted(set.intersection(*map(set, self.sentences)))
        word = one_of("word", word, common)
        return np.array([sentence.index(word) for sentence in self.sentences])

    @short_traceback
    def answers(self, h=None):
        """The probability of every word as the answer, (N, K), from hidden states h (T, N, H); None: the model's."""
        layer = self.model.layer
        sizes = dict(zip(("T", "N", "H"), (*self.x.shape[:2], layer.hidden_size), strict=True))
        h = layer.forward(self.x).h if h is None else real_array("h", h, shape=sizes, dtype=layer.dtype)
        return softmax(self.model.readout.forward(h[self.asked, np.arange(len(self.asked))]))

    @short_traceback
    def accuracy(self, h=None):
        """The share of right answers."""
        return float(np.mean(self.answers(h).argmax(axis=-1) == self.right))

    @short_traceback
    def forgetting(self, word, units=None):
        """The hidden states h, (T, N, H), if these units forget, f = 0, at this word; None: all units."""
        H = self.model.layer.hidden_size
        units = np.arange(H) if units is None else np.atleast_1d(whole_numbers("units", units, H))
        must_be("units", units, "one or more different ones", 0 < len(set(units.tolist())) == units.size, ValueError)
        return intervene(self.model.layer, self.x, self.at(word), units, f=0.0).h

    def costs(self, word):
        """The loss of accuracy, (H,), if one unit alone forgets at this word, for each unit."""
        units = range(self.model.layer.hidden_size)
        return self.accuracy() - np.array([self.accuracy(self.forgetting(word, unit)) for unit in units])
