"""Questions of notebook 01: why the memory of a plain RNN fades."""

import numpy as np

from lstm_helpers.checks._function import Function
from lstm_helpers.checks._question import Value


def _feel(w, h0, steps, *, slope="after", join="product", weight=True):
    """d h_T / d h_0, or what comes out if one thing in it is amiss."""
    h, factors = h0, []
    for _ in range(steps):
        before, h = h, np.tanh(w * h)
        at = {"after": h, "before": before, "twice": np.tanh(h), "none": 0.0}[slope]
        factors.append((w if weight else 1.0) * (1 - at**2))
    return {"product": np.prod, "last": lambda f: f[-1], "sum": np.sum, "fewer": lambda f: np.prod(f[1:])}[join](
        factors
    )


def _feel_sample(rng):
    return {"w": float(rng.uniform(0.5, 1.5)), "h0": float(rng.uniform(0.2, 0.9)), "steps": int(rng.integers(2, 8))}


def _slope_sample(rng):
    return {"w": float(rng.uniform(0.5, 1.5)), "h_prev": float(rng.normal()), "x": float(rng.normal())}


_HEAD = "def my_feel(w, h0, steps):\n    h, product = h0, 1.0\n    for _ in range(steps):\n        h = np.tanh(w * h)\n"

QUESTIONS = (
    Function(
        name="fading.left",
        notebook="01",
        todo="Write the function: how much of a memory is left after T steps, if each multiplies by w (no squeezing)?",
        inputs={"w": 0.9, "T": 10},
        sample=lambda rng: {"w": float(rng.uniform(0.3, 1.5)), "T": int(rng.integers(2, 30))},
        variable="left",
        blank="def left(w, T):\n    return ...",
        solution="def left(w, T):\n    return w**T",
        right=lambda w, T: w**T,
        mistakes={
            "times": ("This is w * T. Each step multiplies what the one before has left.", lambda w, T: w * T),
            "linear": (
                "This takes the same amount away at each step. Each step takes a share of what is left.",
                lambda w, T: 1 - T * (1 - w),
            ),
            "one fewer": ("This is the power T - 1: one step too few.", lambda w, T: w ** (T - 1)),
            "one more": ("This is the power T + 1: one step too many.", lambda w, T: w ** (T + 1)),
            "turned": ("This is T to the power of w. It is w that is multiplied with itself.", lambda w, T: T**w),
            "lost": ("This is what is lost.", lambda w, T: 1 - w**T),
        },
        hints=("After two steps w times w is left.", "Multiply w with itself, T times. Python has a sign for that."),
        because="Each step multiplies by w, so T steps multiply by the T-th power of w.",
    ),
    Value(
        name="fading.steps",
        notebook="01",
        todo="With w = 0.95, and no squeezing: after how many whole steps is less than 1% left?",
        inputs={"w": 0.95, "share": 0.01},
        sample=lambda rng: {"w": float(rng.uniform(0.7, 0.95)), "share": float(rng.uniform(0.001, 0.05))},
        variable="steps_needed",
        solution="steps_needed = np.ceil(np.log(0.01) / np.log(0.95))",
        right=lambda w, share: np.ceil(np.log(share) / np.log(w)),
        mistakes={
            "one fewer": (
                "One step fewer than needed: here a little more than that share is still left.",
                lambda w, share: np.floor(np.log(share) / np.log(w)),
            ),
            "fraction": (
                "This is the exact point. Steps come whole: which is the first one below?",
                lambda w, share: np.log(share) / np.log(w),
            ),
            "fraction, rounded": (
                "This is the exact point, rounded. Steps come whole: which is the first one below?",
                lambda w, share: np.round(np.log(share) / np.log(w), 1),
            ),
            "linear": (
                "This takes the same amount away at each step. Each step takes a share of what is left.",
                lambda w, share: np.ceil((1 - share) / (1 - w)),
            ),
            "turned over": ("The two logarithms have changed places.", lambda w, share: np.log(w) / np.log(share)),
            "one more": ("One step more than needed.", lambda w, share: np.ceil(np.log(share) / np.log(w)) + 1),
        },
        hints=(
            "For which T does 0.95 to the power of T fall below 0.01?",
            "Take the logarithm of both sides, or try it in a loop.",
        ),
        because="0.95^T < 0.01 where T > ln 0.01 / ln 0.95 = 89.8, so after 90 steps.",
    ),
    Function(
        name="fading.slope",
        notebook="01",
        todo="Write one factor: the derivative of h = tanh(w h_prev + x) with respect to h_prev.",
        inputs={"w": 0.9, "h_prev": 0.5, "x": 0.0},
        sample=_slope_sample,
        variable="factor",
        blank="def factor(w, h_prev, x):\n    h = np.tanh(w * h_prev + x)\n    return ...",
        solution="def factor(w, h_prev, x):\n    h = np.tanh(w * h_prev + x)\n    return w * (1 - h**2)",
        right=lambda w, h_prev, x: w * (1 - np.tanh(w * h_prev + x) ** 2),
        mistakes={
            "no weight": (
                "This is the slope of tanh. By the chain rule w comes in as well.",
                lambda w, h_prev, x: 1 - np.tanh(w * h_prev + x) ** 2,
            ),
            "no slope": ("This is w. The squeezing has a slope, too.", lambda w, h_prev, x: w),
            "old h": (
                "This takes the slope at h_prev. It is the new h that has come out of tanh: 1 - h².",
                lambda w, h_prev, x: w * (1 - h_prev**2),
            ),
            "no square": (
                "The slope of tanh is 1 - tanh², with a square.",
                lambda w, h_prev, x: w * (1 - np.tanh(w * h_prev + x)),
            ),
            "at tanh": (
                "Here tanh is taken a second time: h has been through it already.",
                lambda w, h_prev, x: w * (1 - np.tanh(np.tanh(w * h_prev + x)) ** 2),
            ),
            "value": (
                "This is w × h, a value. The derivative has 1 - h² in it.",
                lambda w, h_prev, x: w * np.tanh(w * h_prev + x),
            ),
        },
        hints=(
            "The chain rule: the slope of the curve, times what stands inside before h_prev.",
            "The slope of tanh is 1 minus its value squared.",
        ),
        because="Outer slope 1 - h², inner slope w: their product.",
    ),
    Function(
        name="fading.find_the_bug",
        notebook="01",
        todo="my_feel should give the derivative of the last h with respect to h0. One line has a bug. Mend it.",
        inputs={"w": 0.9, "h0": 0.5, "steps": 20},
        sample=_feel_sample,
        variable="my_feel",
        blank=_HEAD + "        product = w * (1 - h**2)\n    return product",
        shipped=lambda **u: _feel(**u, join="last"),
        solution=_HEAD + "        product *= w * (1 - h**2)\n    return product",
        right=lambda **u: _feel(**u),
        mistakes={
            "sum": ("Now the factors are added. A chain of steps multiplies.", lambda **u: _feel(**u, join="sum")),
            "no slope": ("Now only w is multiplied; the slope of tanh is gone.", lambda **u: _feel(**u, slope="none")),
            "no weight": ("Now w is gone from the factors.", lambda **u: _feel(**u, weight=False)),
            "old h": ("Now the slope is taken at the h before the step.", lambda **u: _feel(**u, slope="before")),
            "at tanh": ("Now tanh is taken twice in the slope.", lambda **u: _feel(**u, slope="twice")),
            "one fewer": ("Now one factor is missing.", lambda **u: _feel(**u, join="fewer")),
        },
        hints=(
            "What is left of the first factor at the end of the loop?",
            "product starts at 1. What should happen to it at each step?",
        ),
        because="The bug overwrites the product at each step, so only the last factor is left. Write *=.",
    ),
)
