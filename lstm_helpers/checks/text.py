"""Questions of notebook 11: bits, and how a character is drawn."""

import numpy as np

from lstm_helpers.checks._function import Function
from lstm_helpers.checks._question import Value


def _softmax(y):
    e = np.exp(y - y.max())
    return e / e.sum()


def _chances(rng):
    return {"p": rng.uniform(0.02, 0.95, int(rng.integers(3, 7)))}


def _lots(rng):
    return {"p": _softmax(2 * rng.normal(size=6)), "lot": float(rng.uniform())}


QUESTIONS = (
    Function(
        name="text.bits",
        notebook="11",
        todo="p holds the probability that was given to each character that came. Write the bits per character.",
        inputs={"p": np.array([0.5, 0.25, 1.0, 0.125])},
        sample=_chances,
        variable="bits_per_character",
        blank="def bits_per_character(p):\n    return ...",
        solution="def bits_per_character(p):\n    return -np.log2(p).mean()",
        right=lambda p: -np.log2(p).mean(),
        mistakes={
            "nats": ("This takes the natural logarithm. Bits take log2.", lambda p: -np.log(p).mean()),
            "base 10": ("This takes the logarithm to base 10. Bits take log2.", lambda p: -np.log10(p).mean()),
            "sign": ("The minus is missing.", lambda p: np.log2(p).mean()),
            "of the mean": (
                "This is the logarithm of the mean. First the logarithm of each, then the mean.",
                lambda p: -np.log2(p.mean()),
            ),
            "sum": (
                "This is the sum: the bits of the whole text. Per character is asked for.",
                lambda p: -np.log2(p).sum(),
            ),
            "perplexity": ("This is 2 to the power of the bits, the perplexity.", lambda p: 2 ** -np.log2(p).mean()),
            "weighed": (
                "Here each surprise is weighed with p. Each character that came counts once.",
                lambda p: -(p * np.log2(p)).sum(),
            ),
        },
        hints=("The surprise at one character is -log2 p.", "The mean of the surprises over all characters that came."),
        because="1, 2, 0 and 3 bits: 1.5 on average. The mean comes after the logarithm.",
    ),
    Value(
        name="text.nats_to_bits",
        notebook="11",
        todo="A framework reports a loss of 1.2 with the natural logarithm. How many bits per character are that?",
        inputs={"loss": 1.2},
        sample=lambda rng: {"loss": float(rng.uniform(0.5, 3))},
        variable="in_bits",
        solution="in_bits = 1.2 / np.log(2)",
        right=lambda loss: loss / np.log(2),
        mistakes={
            "multiplied": (
                "Here it is multiplied by ln 2. One nat is more than one bit, so there must be more bits.",
                lambda loss: loss * np.log(2),
            ),
            "halved": ("This is half of it. The step from nats to bits is ln 2 = 0.693.", lambda loss: loss / 2),
            "doubled": ("This is twice as much. The step from nats to bits is ln 2 = 0.693.", lambda loss: loss * 2),
            "base 10": (
                "This has log10(2) in it. From the natural logarithm to bits it is ln 2.",
                lambda loss: loss / np.log10(2),
            ),
            "logarithm": ("This is log2 of the loss. The loss is a logarithm already.", lambda loss: np.log2(loss)),
            "perplexity": ("This is e to the power of the loss, the perplexity.", lambda loss: np.exp(loss)),
        },
        hints=("log2(p) = ln(p) / ln(2).", "Every surprise in the mean is scaled by the same number."),
        because="log2 p = ln p / ln 2, so 1.2 / 0.693 = 1.73 bits.",
    ),
    Function(
        name="text.draw",
        notebook="11",
        todo="lot is a random number from 0 to 1. Write the index of the character that it draws from p.",
        inputs={"p": np.array([0.5, 0.3, 0.2]), "lot": 0.6},
        sample=_lots,
        variable="draw",
        blank="def draw(p, lot):\n    return ...",
        solution="def draw(p, lot):\n    return int((np.cumsum(p) <= lot).sum())",
        right=lambda p, lot: (np.cumsum(p) <= lot).sum(),
        mistakes={
            "likeliest": ("This always gives the likeliest. Then nothing is drawn.", lambda p, lot: p.argmax()),
            "next": (
                "This is one place too far: Python counts from 0.",
                lambda p, lot: (np.cumsum(p) <= lot).sum() + 1,
            ),
            "backward": (
                "This counts from the other end: the pieces are the wrong way around.",
                lambda p, lot: (np.cumsum(p) > lot).sum(),
            ),
            "evenly": ("This gives every character the same chance.", lambda p, lot: int(lot * len(p))),
            "nearest": (
                "This gives the one whose probability is nearest to the lot.",
                lambda p, lot: np.abs(p - lot).argmin(),
            ),
            "single": (
                "This compares each p by itself. Lay the probabilities end to end first.",
                lambda p, lot: (p <= lot).sum(),
            ),
        },
        hints=(
            "Lay the probabilities end to end, from 0 to 1. In whose piece does the lot fall?",
            "np.cumsum gives where each piece ends. How many pieces end before the lot?",
        ),
        because="np.cumsum([0.5, 0.3, 0.2]) is [0.5, 0.8, 1]. A lot of 0.6 has one end before it: index 1.",
    ),
)
