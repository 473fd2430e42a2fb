"""Text to learn from: tokens and their numbers, batches, and what plain counting can do."""

import unicodedata
from pathlib import Path

import numpy as np

from lstm_helpers._arguments import generator, one_frame, refuse, whole_number
from lstm_helpers.tasks.sequences import Batch, one_hot


class Vocabulary:
    """Tokens (characters or words) and their numbers: 0 to K - 1, in sorted order.

    Args:
        tokens: any tokens, with repetitions: a text, or a list of words.
    """

    @one_frame
    def __init__(self, tokens):
        self.tokens = tuple(sorted(set(tokens)))
        if not self.tokens:
            refuse(ValueError, "tokens must hold at least one token, got none")
        self._numbers = {token: k for k, token in enumerate(self.tokens)}

    def __len__(self):
        return len(self.tokens)

    def __repr__(self):
        return f"Vocabulary of {len(self)}: {' '.join(map(repr, self.tokens))}"

    @one_frame
    def encode(self, tokens):
        """The numbers of the tokens, an integer array."""
        tokens = list(tokens)
        unknown = sorted(set(tokens) - self._numbers.keys())
        if unknown:
            shown = ", ".join(map(repr, unknown[:5])) + (", ..." if len(unknown) > 5 else "")
            verb = "is" if len(unknown) == 1 else "are"
            refuse(ValueError, f"tokens must be in the vocabulary; {shown} {verb} not")
        return np.array([self._numbers[token] for token in tokens], dtype=int)

    def decode(self, numbers):
        """The tokens of these numbers, a list."""
        return [self.tokens[number] for number in numbers]


def signs():
    """The names of the signs of writing in Unicode 3.2, a tuple: "GREEK SMALL LETTER OMEGA", "TIBETAN DIGIT ONE" ...

    Python brings this version along beside the newest, so they are the same wherever it runs. Signs that are only
    numbered (Chinese, Korean and Yi) are left out.
    """
    database = unicodedata.ucd_3_2_0
    names = (database.name(chr(code), "") for code in range(0x110000))
    numbered = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HANGUL SYLLABLE", "YI SYLLABLE")
    return tuple(name for name in names if name and not name.startswith(numbered))


@one_frame
def read_text(path, *, longest=10**6):
    """The text of a file of your own, up to `longest` characters of it; in UTF-8.

    Raises:
        ValueError: there is no such file, it is empty, or it does not hold text in UTF-8.
    """
    longest = whole_number("longest", longest, 1)
    try:
        with Path(path).open(encoding="utf-8-sig") as file:
            text = file.read(longest)
    except OSError as error:
        refuse(ValueError, f"path must be a file that can be read: {path}: {error.strerror}")
    except UnicodeDecodeError:
        refuse(ValueError, f"path must be a text file in UTF-8: {path} is not; save it as UTF-8 text first")
    if "\0" in text:
        refuse(ValueError, f"path must be a text file: {path} holds bytes that are no text")
    if not text.strip():
        refuse(ValueError, f"path must be a file with some text in it: {path} is empty")
    return text


@one_frame
def crops(numbers, K, T, N, *, rng):
    """N pieces of T tokens each, cut out of a text at random, with the token that comes next as the target.

    Args:
        numbers: the text as whole numbers from 0 to K - 1, more than T of them.
        K: the size of the vocabulary.
        T, N: steps and pieces.
        rng: a `numpy.random.Generator`.

    Returns:
        A `Batch` with D = K, one-hot, and a target at every step.
    """
    T, N, rng = whole_number("T", T, 1), whole_number("N", N, 1), generator(rng)
    if len(numbers) <= T:
        refuse(ValueError, f"numbers must be more than T = {T} tokens, got {len(numbers)}")
    start = rng.integers(len(numbers) - T, size=N)
    pieces = np.asarray(numbers)[start + np.arange(T + 1)[:, None]]
    return Batch(one_hot(pieces[:-1], K), pieces[1:], np.ones((T, N)))


@one_frame
def sentences_batch(sentences, vocabulary):
    """Whole sentences, with the word that comes next as the target.

    Args:
        sentences: a list of lists of words, each at least 2 words long.
        vocabulary: a `Vocabulary` that has them all.

    Returns:
        A `Batch` with D = K, the size of the vocabulary; T is one less than the longest sentence. The shorter ones are
        filled up with their last word, with weight 0.
    """
    length = max(map(len, sentences))
    numbers = np.array([vocabulary.encode([*s, *s[-1:] * (length - len(s))]) for s in sentences]).T
    weight = 1.0 * (np.arange(1, length)[:, None] < np.array([len(s) for s in sentences]))
    return Batch(one_hot(numbers[:-1], len(vocabulary)), numbers[1:], weight)


class CountModel:
    """What plain counting can do: the probability of a token after the `order` - 1 tokens before it.

        p(token | before) = (count(before, token) + p(token | before without its first)) / (count(before) + 1)

    down to the empty history, before which every token has 1 / K. Order 1 knows how frequent each token is; order 3 is
    a trigram model: it looks back two tokens.

    Args:
        numbers: the text as whole numbers from 0 to K - 1.
        K: the size of the vocabulary; K ** order must not be above 2 ** 62.
        order: at least 1.

    Source: interpolation with a shorter history, after Witten & Bell (1991), in its simplest form.
    """

    @one_frame
    def __init__(self, numbers, K, order):
        self.order, self.K = whole_number("order", order, 1), whole_number("K", K, 1)
        if self.K**self.order > 2**62:
            refuse(ValueError, f"K ** order must not be above 2 ** 62, got {K} ** {order}")
        # For each length: how often each piece of text occurs, and how often each that something comes after.
        self._counts = []
        for codes in _codes(numbers, self.K, self.order):
            pieces, count = np.unique(codes, return_counts=True)
            before, which = np.unique(pieces // self.K, return_inverse=True)
            self._counts.append((_table(pieces, count), _table(before, np.bincount(which, weights=count))))

    @one_frame
    def probabilities(self, before):
        """The probability of every token after the tokens `before`, whole numbers from 0 to K - 1: (K,)."""
        p, before = np.full(self.K, 1 / self.K), np.asarray(before, dtype=np.int64)
        if before.size and not 0 <= before.min() <= before.max() < self.K:
            refuse(ValueError, f"before must hold whole numbers from 0 to {self.K - 1}, got {before}")
        for length, (pieces, histories) in enumerate(self._counts[: len(before) + 1]):
            history = int(_codes(before[len(before) - length :], self.K, length)[-1][0]) if length else 0
            after = history * self.K + np.arange(self.K, dtype=np.int64)  # whole numbers in a browser have 32 bits
            p = (_count(pieces, after) + p) / (_count(histories, history) + 1)
        return p

    def bits(self, numbers):
        """Bits per token on a text: the mean of -log2 p(token | before)."""
        p = np.full(len(numbers), 1 / self.K)
        for length, codes in enumerate(_codes(numbers, self.K, self.order)):
            pieces, histories = self._counts[length]
            p[length:] = (_count(pieces, codes) + p[length:]) / (_count(histories, codes // self.K) + 1)
        return float(-np.log2(p).mean())


def _codes(numbers, K, order):
    """All pieces of 1, 2 ... order tokens in a row, each written as one whole number: its digits in base K."""
    numbers = np.asarray(numbers, dtype=np.int64)
    codes = [numbers]
    for length in range(1, order):
        codes.append(codes[-1][:-1] * K + numbers[length:])
    return codes


def _table(codes, count):
    """Sorted codes and how often each occurs, closed by one that never does."""
    return np.append(codes, np.iinfo(np.int64).max), np.append(count, 0)


def _count(table, codes):
    """How often each of these occurs."""
    known, count = table
    at = np.searchsorted(known, codes)
    return np.where(known[at] == codes, count[at], 0)
