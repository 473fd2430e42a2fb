"""Questions of notebook 11: probabilities, bits, and the temperature."""

import numpy as np

from lstm_helpers.checks._function import Function
from lstm_helpers.checks._question import Value


def _softmax(y):
    e = np.exp(y - y.max())
    return e / e.sum()


def _scores(rng):
    return {"y": rng.normal(size=int(rng.integers(3, 6))), "temperature": float(rng.choice([0.4, 0.7, 1.6, 2.5]))}


def _chances(rng):
    return {"p": rng.uniform(0.02, 0.95, int(rng.integers(3, 7)))}


def _lots(rng):
    return {"p": _softmax(2 * rng.normal(size=6)), "lot": float(rng.uniform())}


QUESTIONS = (
    Function(
        name="text.softmax",
        notebook="11",
        todo="Write the softmax with a temperature: from scores y to probabilities.",
        inputs={"y": np.array([2.0, 1.0, 0.0, -1.0]), "temperature": 0.5},
        sample=_scores,
        variable="softmax",
        blank="def softmax(y, temperature):\n    return ...",
        solution="def softmax(y, temperature):\n    e = np.exp(y / temperature)\n    return e / e.sum()",
        right=lambda y, temperature: _softmax(y / temperature),
        mistakes={
            "multiplied": (
                "The scores are multiplied by the temperature. Divide: at a low one the likeliest takes all.",
                lambda y, temperature: _softmax(y * temperature),
            ),
            "forgotten": ("The temperature does not come in.", lambda y, temperature: _softmax(y)),
            "after": (
                "The probabilities are divided at the end: they no longer sum to 1. Divide the scores, before exp.",
                lambda y, temperature: _softmax(y) / temperature,
            ),
            "not divided": (
                "These do not sum to 1: they still have to be divided by their sum.",
                lambda y, temperature: np.exp(y / temperature),
            ),
            "by the largest": (
                "These are divided by the largest. Divide by their sum.",
                lambda y, temperature: np.exp((y - y.max()) / temperature),
            ),
            "no exp": (
                "The scores are divided by their sum, without exp.",
                lambda y, temperature: (y / temperature) / (y / temperature).sum(),
            ),
            "in the sum": (
                "The temperature is only in the numerator. It belongs to every score, in the sum as well.",
                lambda y, temperature: np.exp(y / temperature) / np.exp(y).sum(),
            ),
        },
        hints=(
            "Three steps: temperature, exp, and a sum of 1.",
            "The temperature acts on the scores, before exp. A small one should make large differences.",
        ),
        because="Dividing by a small temperature spreads the scores, and the likeliest takes nearly all.",
    ),
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
    Value(
        name="text.perplexity",
        notebook="11",
        todo="A model has 2.1 bits per character. Between how many equally likely characters is that like choosing?",
        inputs={"bits": 2.1},
        sample=lambda rng: {"bits": float(rng.uniform(1.2, 3.5))},
        variable="choices",
        solution="choices = 2**2.1",
        right=lambda bits: 2**bits,
        mistakes={
            "e": ("This is e to the power of it. Bits belong to base 2.", lambda bits: np.exp(bits)),
            "ten": ("This is 10 to the power of it. Bits belong to base 2.", lambda bits: 10**bits),
            "square": ("This is the square. It is 2 to the power of the bits.", lambda bits: bits**2),
            "doubled": ("This is twice the bits. It is 2 to the power of the bits.", lambda bits: 2 * bits),
            "probability": ("This is the probability of each. How many of them are there?", lambda bits: 2**-bits),
            "logarithm": (
                "This takes the logarithm. Bits are a logarithm already; undo it.",
                lambda bits: np.log2(bits),
            ),
        },
        hints=("One of four is 2 bits, one of eight 3 bits.", "Undo the logarithm to base 2."),
        because="2 to the power of 2.1 is 4.3. This number is called the perplexity.",
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
