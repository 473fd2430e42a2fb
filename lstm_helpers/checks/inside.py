"""Questions of notebook 10: experiments on a trained LSTM."""

import numpy as np

from lstm_helpers.checks._function import Function


def _guesses(rng):
    N, K = int(rng.integers(6, 12)), 5
    scores = np.exp(2 * rng.normal(size=(N, K)))
    return {"p": scores / scores.sum(axis=1, keepdims=True), "right": rng.integers(K, size=N)}


def _nouns(rng):
    p = np.exp(3 * rng.normal(size=(40, 5)))
    right = rng.integers(2, size=40)
    return {"p": p / p.sum(axis=1, keepdims=True), "right": right, "wrong": 1 - right}


def _unit_sample(rng):
    H = int(rng.integers(4, 7))
    f, i = rng.uniform(0.05, 0.95, (2, H))
    return {
        "f": f,
        "c_prev": rng.normal(size=H),
        "i": i,
        "g": rng.uniform(-0.9, 0.9, H),
        "unit": int(rng.integers(1, H)),
    }


def _at(p, right):
    return p[np.arange(len(right)), right]


def _forget(f, c_prev, i, g, unit, *, kept=None, written=1.0):
    """The memory when one unit forgets; `kept` in place of its f, `written` the share of its i that stays."""
    f, i = f.copy(), i.copy()
    f[unit], i[unit] = 0.0 if kept is None else kept, i[unit] * written
    return f * c_prev + i * g


QUESTIONS = (
    Function(
        name="inside.surprise",
        notebook="10",
        todo="p is (N, K), a row of probabilities for each sentence; right is (N,). Write the mean surprise, in bits.",
        inputs=_guesses(np.random.default_rng(10)),
        sample=_guesses,
        variable="surprise",
        blank="def surprise(p, right):\n    return ...",
        solution="def surprise(p, right):\n    return -np.log2(p[np.arange(len(right)), right]).mean()",
        right=lambda p, right: -np.log2(_at(p, right)).mean(),
        mistakes={
            "nats": (
                "This is in nats: the natural logarithm. Bits take log2.",
                lambda p, right: -np.log(_at(p, right)).mean(),
            ),
            "base 10": (
                "This takes the logarithm to base 10. Bits take log2.",
                lambda p, right: -np.log10(_at(p, right)).mean(),
            ),
            "sign": (
                "The minus is missing: the logarithm of a probability is negative.",
                lambda p, right: np.log2(_at(p, right)).mean(),
            ),
            "of the mean": (
                "This is the surprise at the mean probability. First the surprise of each sentence, then the mean.",
                lambda p, right: -np.log2(_at(p, right).mean()),
            ),
            "sum": (
                "This is the sum over the sentences. The mean is asked for.",
                lambda p, right: -np.log2(_at(p, right)).sum(),
            ),
            "likeliest": (
                "This is the surprise at the likeliest word. The right one counts.",
                lambda p, right: -np.log2(p.max(axis=1)).mean(),
            ),
            "all words": (
                "This is the mean over all words. Only the right one counts.",
                lambda p, right: -np.log2(p).mean(),
            ),
            "probability": (
                "This is the mean probability. The surprise is minus its logarithm.",
                lambda p, right: _at(p, right).mean(),
            ),
            "not one": (
                "This is 1 - p on average. The surprise is -log2 p.",
                lambda p, right: 1 - _at(p, right).mean(),
            ),
        },
        hints=(
            "First pick, from each row, the probability of the right word.",
            "p with two index arrays picks one number from each row. Then the logarithm, then the mean.",
        ),
        because="p[np.arange(N), right] picks one number from each row. The mean comes after the logarithm.",
    ),
    Function(
        name="inside.forget_by_hand",
        notebook="10",
        todo="One unit forgets in this step, all others do as they would. Write the new memory c of all units.",
        inputs=_unit_sample(np.random.default_rng(10)),
        sample=_unit_sample,
        variable="forgetting",
        blank="def forgetting(f, c_prev, i, g, unit):\n    return ...",
        solution="def forgetting(f, c_prev, i, g, unit):\n    f = f.copy()\n    f[unit] = 0\n"
        "    return f * c_prev + i * g",
        right=lambda **u: _forget(**u),
        mistakes={
            "emptied": (
                "The unit's memory is exactly 0 here. f = 0 empties the old; i * g is written all the same.",
                lambda **u: _forget(**u, written=0.0),
            ),
            "all forget": ("All units forget here. Only one should.", lambda f, c_prev, i, g, unit: i * g),
            "none": ("Nobody forgets here: every unit keeps its f.", lambda f, c_prev, i, g, unit: f * c_prev + i * g),
            "kept": (
                "f of the unit is 1 here: it keeps everything. To forget, f is 0.",
                lambda **u: _forget(**u, kept=1.0),
            ),
            "not written": (
                "Here the unit's input gate is shut, and f as it was. To forget, f is 0.",
                lambda **u: _forget(**u, kept=u["f"][u["unit"]], written=0.0),
            ),
            "first unit": (
                "The first unit forgets here. It should be the one that is named.",
                lambda **u: _forget(**{**u, "unit": 0}),
            ),
        },
        hints=(
            "Change one element of one gate, and compute c as always.",
            "Work on a copy of f, so that the trace stays what it was.",
        ),
        because="Forgetting means f = 0 for this unit. What is written in this step still comes in.",
    ),
    Function(
        name="inside.changed",
        notebook="10",
        todo="Write the share of sentences that now end with the other noun, wrong; p is (N, K).",
        inputs=_nouns(np.random.default_rng(10)),
        sample=_nouns,
        variable="changed_share",
        blank="def changed_share(p, right, wrong):\n    return ...",
        solution="def changed_share(p, right, wrong):\n    return np.mean(p.argmax(axis=1) == wrong)",
        right=lambda p, right, wrong: np.mean(p.argmax(axis=1) == wrong),
        mistakes={
            "not right": (
                "This counts every sentence that is not right any more. The answer must have become the other noun.",
                lambda p, right, wrong: np.mean(p.argmax(axis=1) != right),
            ),
            "still right": (
                "This is the share that still says the right noun.",
                lambda p, right, wrong: np.mean(p.argmax(axis=1) == right),
            ),
            "probability": (
                "This is the mean probability of the other noun. Count where it is the likeliest word.",
                lambda p, right, wrong: _at(p, wrong).mean(),
            ),
            "likelier": (
                "This counts where the other noun is likelier than the right one. It must be the likeliest of all.",
                lambda p, right, wrong: np.mean(_at(p, wrong) > _at(p, right)),
            ),
            "count": (
                "This is their number. The share is asked for.",
                lambda p, right, wrong: np.sum(p.argmax(axis=1) == wrong),
            ),
        },
        hints=(
            "What does the model say? The word with the largest probability.",
            "Compare the likeliest word of each row with the other noun, and take the mean.",
        ),
        because="A third word counts for neither side. So compare with the other noun, and not with the right one.",
    ),
    Function(
        name="inside.units_for",
        notebook="10",
        todo="Each unit stands on one of two sides. Write how many units at least keep so many nouns apart.",
        inputs={"nouns": 5},
        sample=lambda rng: {"nouns": int(rng.integers(2, 200))},
        variable="units_for",
        blank="def units_for(nouns):\n    return ...",
        solution="def units_for(nouns):\n    return int(np.ceil(np.log2(nouns)))",
        right=lambda nouns: np.ceil(np.log2(nouns)),
        mistakes={
            "half": (
                "This is half the number. Each further unit doubles the combinations.",
                lambda nouns: np.ceil(nouns / 2),
            ),
            "one each": ("That is a unit for each noun. Combinations need fewer.", lambda nouns: nouns),
            "one each but one": (
                "That is a unit for each noun but one. Combinations need fewer.",
                lambda nouns: nouns - 1,
            ),
            "rounded down": (
                "Rounded down, there are too few combinations: round up.",
                lambda nouns: np.floor(np.log2(nouns)),
            ),
            "fraction": ("There are no fractions of a unit: round up.", lambda nouns: np.log2(nouns)),
            "natural": ("Two sides make a logarithm to base 2.", lambda nouns: np.ceil(np.log(nouns))),
        },
        hints=(
            "Two units have 4 combinations. And three?",
            "n units have 2 to the power of n combinations. That has to reach the number of nouns.",
        ),
        because="n units have 2^n combinations, so n has to reach log2 of the number of nouns: rounded up.",
    ),
)
