"""Text to learn from: tokens and their numbers, batches, and a baseline, the count model."""

import unicodedata
from collections.abc import Sequence
from copy import copy
from typing import NamedTuple

import numpy as np

from lstm_helpers import _arguments as arguments
from lstm_helpers._arguments import refuse, short_traceback, whole_number
from lstm_helpers.tasks.sequences import Batch, one_hot, sizes


class Vocabulary:
    """Tokens and their numbers: 0 to K - 1, in sorted order. Made from a text, or from a list of words."""

    @short_traceback
    def __init__(self, tokens):
        self.tokens = tuple(sorted(set(_as_tokens("tokens", tokens))))
        if not self.tokens:
            refuse(ValueError, "tokens must hold at least one token, got none")
        self._numbers = {token: k for k, token in enumerate(self.tokens)}

    def __len__(self):
        return len(self.tokens)

    def __repr__(self):
        return f"Vocabulary of {len(self)}: {' '.join(map(repr, self.tokens))}"

    @short_traceback
    def encode(self, tokens):
        """The numbers of the tokens, an array of whole numbers. A token that is not in the vocabulary is refused."""
        tokens = _as_tokens("tokens", tokens)
        unknown = sorted(set(tokens) - self._numbers.keys())
        if unknown:
            shown = ", ".join(map(repr, unknown[:5])) + (", ..." if len(unknown) > 5 else "")
            verb = "is" if len(unknown) == 1 else "are"
            refuse(ValueError, f"tokens must be in the vocabulary; {shown} {verb} not")
        return np.array([self._numbers[token] for token in tokens], dtype=int)

    @short_traceback
    def decode(self, numbers):
        """The tokens with these numbers, a list."""
        return [self.tokens[number] for number in _tokens("numbers", numbers, len(self))]


def signs():
    """The names of characters in Unicode 3.2, a tuple: "GREEK SMALL LETTER OMEGA", "TIBETAN DIGIT ONE" ...

    Every Python contains this version, so the names are the same everywhere. The tuple leaves out the Chinese
    ideographs, which only have numbers, and the syllables of Korean (11,172) and Yi (1,165), whose names spell their
    sounds.
    """
    database = unicodedata.ucd_3_2_0
    names = (database.name(chr(code), "") for code in range(0x110000))
    excluded = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HANGUL SYLLABLE", "YI SYLLABLE")
    return tuple(name for name in names if name and not name.startswith(excluded))


@short_traceback
def read_text(path, *, longest=10**6):
    """The text of a UTF-8 file, cut after `longest` characters.

    Raises `ValueError` if there is no such file, it is blank, or it does not hold text in UTF-8.
    """
    longest = whole_number("longest", longest, 1)
    path = arguments.file_name("path", path)
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(longest)
    except OSError as error:
        refuse(ValueError, f"path must be a readable file, got {path}: {error.strerror}")
    except UnicodeDecodeError:
        refuse(ValueError, f"path must be a text file in UTF-8; {path} is not: save it as UTF-8 text first")
    if "\0" in text:
        refuse(ValueError, f"path must be a text file; {path} contains bytes that are not text")
    if not text.strip():
        refuse(ValueError, f"path must be a file with some text in it; {path} has none")
    return text


@short_traceback
def crops(numbers, K, T, N, *, rng):
    """N random pieces of a text, T tokens each, with the next token as the target.

    `numbers` is the text as whole numbers from 0 to K - 1, more than T of them; `rng` is a `numpy.random.Generator`.
    Returns a `Batch` with D = K, one-hot, and a target at every step.
    """
    T, N, rng = sizes(T, N, rng)
    numbers = _tokens("numbers", numbers, whole_number("K", K, 1))
    if len(numbers) <= T:
        refuse(ValueError, f"numbers must be more than T = {T} tokens, got {len(numbers)}")
    start = rng.integers(len(numbers) - T, size=N)
    pieces = numbers[start + np.arange(T + 1)[:, None]]
    return Batch(one_hot(pieces[:-1], K), pieces[1:], np.ones((T, N)))


@short_traceback
def sentences_batch(sentences, vocabulary):
    """Whole sentences, with the next word as the target.

    Args:
        sentences: a list of lists of words, each at least 2 words long; or of strings, read character by character.
        vocabulary: a `Vocabulary` that contains all their words.

    Returns a `Batch` with D = K, the size of the vocabulary; T is one less than the longest sentence. Shorter sentences
    are padded with their last word, with weight 0.
    """
    arguments.instance("vocabulary", vocabulary, Vocabulary, "a Vocabulary")
    is_list = isinstance(sentences, Sequence) and not isinstance(sentences, str) and bool(sentences)
    arguments.must_be("sentences", sentences, "a list of lists of words", is_list)
    sentences = [_as_tokens(f"sentences[{k}]", sentence, at_least=2) for k, sentence in enumerate(sentences)]
    length = max(map(len, sentences))
    numbers = np.array([vocabulary.encode([*s, *s[-1:] * (length - len(s))]) for s in sentences]).T
    weight = 1.0 * (np.arange(1, length)[:, None] < np.array([len(s) for s in sentences]))
    return Batch(one_hot(numbers[:-1], len(vocabulary)), numbers[1:], weight)


class CountModel:
    """An n-gram model: the probability of a token given the `order` - 1 tokens before it, from counts.

        p(token | before) = (count(before, token) + t p(token | before without its first)) / (count(before) + t)

    where t is the number of different tokens seen after `before`. Below the empty history, every token has the
    probability 1 / K. If `before` was never seen, only the shorter history counts. Order 1 knows the frequency of each
    token; order 3 is a trigram model, which looks back two tokens.

    Args:
        numbers: the text as whole numbers from 0 to K - 1.
        K: the size of the vocabulary.
        order: at least 1.
        restart: the number of a token at which every history starts over: tokens before it are ignored, in the counts
            and in predictions. Use the end of a line if lines follow one another at random.

    Source: Witten & Bell (1991), "The Zero-Frequency Problem: Estimating the Probabilities of Novel Events in
    Adaptive Text Compression", method C, mixed with the shorter history.
    """

    @short_traceback
    def __init__(self, numbers, K, order, *, restart=None):
        self.order, self.K = whole_number("order", order, 1), whole_number("K", K, 1)
        self.restart = -1 if restart is None else whole_number("restart", restart, 0, self.K - 1)
        self._counts = []  # for each length, from 1
        for codes in self._codes(_tokens("numbers", numbers, self.K)):
            pieces, count = np.unique(codes[codes >= 0], return_counts=True)
            histories = self._counts[-1].pieces.size if self._counts else 1
            after = np.bincount(pieces // self.K, count, histories), np.bincount(pieces // self.K, minlength=histories)
            self._counts.append(_Counts(pieces, *(np.append(part, 0) for part in (count, *after))))

    @property
    def size(self):
        """The number of different pieces of text, of 1 to `order` tokens, in the counts."""
        return sum(counts.pieces.size for counts in self._counts)

    @short_traceback
    def shorter(self, order):
        """The count model of a lower order, from the same counts."""
        model, order = copy(self), whole_number("order", order, 1, self.order)
        model.order, model._counts = order, self._counts[:order]
        return model

    @short_traceback
    def probabilities(self, before):
        """The probability of every token after the tokens `before`: (K,)."""
        p, after = np.full(self.K, 1 / self.K), np.arange(self.K, dtype=np.int64)
        before = _tokens("before", before, self.K)[-self.order :]
        for codes, counts in zip(self._codes(np.append(before, 0)), self._counts, strict=True):
            if codes[-1] >= 0:
                p = _mixed(counts, codes[-1] + after, self.K, p)
        return p

    @short_traceback
    def bits(self, numbers):
        """The mean of -log2 p(token | before) over a text, in bits per token."""
        numbers = _tokens("numbers", numbers, self.K)
        if not numbers.size:
            refuse(ValueError, "numbers must hold at least one token, got none")
        p = np.full(len(numbers), 1 / self.K)
        for codes, counts in zip(self._codes(numbers), self._counts, strict=True):
            p = _mixed(counts, codes, self.K, p)
        return float(-np.log2(p).mean())

    def _codes(self, numbers):
        """For each length 1, 2 ... `order`: the code of the piece of text that ends at each token, or -1 if none does.

        The code is K times the index of the piece without its last token, among the counted pieces, plus that token. A
        generator, as the codes of a length depend on the counts of the one before.
        """
        steps = np.arange(len(numbers), dtype=np.int64)  # the default integer in a browser has 32 bits
        starts = np.maximum.accumulate(np.where(numbers == self.restart, steps, 0))  # of the next history
        reach, history = steps - np.append(0, starts)[: len(steps)], np.zeros_like(steps)
        for length in range(self.order):
            codes = np.where((history >= 0) & (length <= reach), history * self.K + numbers, -1)
            yield codes
            history = np.append(-1, _indices(self._counts[length].pieces, codes))[: len(steps)]


class _Counts(NamedTuple):
    """The counts of all pieces of one length. A history is a piece without its last token."""

    pieces: np.ndarray  # the codes of the pieces, sorted
    count: np.ndarray  # of each piece; here and below, an extra 0 is appended
    after: np.ndarray  # for each history, the number of tokens after it
    different: np.ndarray  # for each history, the number of different tokens after it


def _mixed(counts, codes, K, p):
    """The probabilities of these pieces' last tokens, from their counts and from p, that of the shorter history."""
    n, t = counts.after[codes // K], counts.different[codes // K]  # code -1 finds the appended 0
    return np.where(n > 0, (counts.count[_indices(counts.pieces, codes)] + t * p) / np.maximum(n + t, 1), p)


def _indices(pieces, codes):
    """The index of each code among the pieces, or -1 if it is not one of them."""
    k = np.searchsorted(pieces, codes)
    return np.where(np.append(pieces, -2)[k] == codes, k, -1)


def _tokens(name, numbers, K):
    """A vector of whole numbers from 0 to K - 1, or a refusal."""
    return arguments.whole_numbers(name, numbers, K, ndim=1)


def _as_tokens(name, tokens, at_least=0):
    """The characters of a string, or a list of words."""
    return arguments.words(name, list(tokens) if isinstance(tokens, str) else tokens, at_least)
