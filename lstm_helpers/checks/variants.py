"""Questions of notebook 12: what is left out in a GRU, a coupled gate, a peephole."""

import numpy as np

from lstm_helpers.checks._function import Function
from lstm_helpers.checks._sample import vectors
from lstm_helpers.equations import sigmoid

_MIX = vectors(z="gate", n="candidate", h_prev="state")
_COUPLED = vectors(f="gate", c_prev="state", g="candidate")


def _reset_sample(rng):
    return {
        "r": rng.uniform(0.05, 0.95, 3),
        "h_prev": rng.normal(size=3),
        "U": rng.normal(size=(3, 3)),
        "b_hn": rng.normal(size=3),
        "from_x": rng.normal(size=3),
    }


def _peephole_sample(rng):
    return {"z": rng.normal(size=4), "p": rng.normal(size=4), "c_prev": rng.normal(size=4), "c": rng.normal(size=4)}


def _sizes(rng):
    return {"D": int(rng.integers(2, 40)), "H": int(rng.integers(2, 40))}


def _first(sample):
    return sample(np.random.default_rng(12))


QUESTIONS = (
    Function(
        name="variants.gru_mix",
        notebook="12",
        todo="Write the last line of the GRU: z is the fraction of h_prev that is kept, n the new.",
        inputs=_first(_MIX),
        sample=_MIX,
        variable="gru_mix",
        blank="def gru_mix(z, n, h_prev):\n    return ...",
        solution="def gru_mix(z, n, h_prev):\n    return (1 - z) * n + z * h_prev",
        right=lambda z, n, h_prev: (1 - z) * n + z * h_prev,
        mistakes={
            "swapped": (
                "Here z is what is new. Some papers write it so; in this series, as in PyTorch, z is what is kept.",
                lambda z, n, h_prev: z * n + (1 - z) * h_prev,
            ),
            "both": (
                "Here the new is added in full. What is kept leaves only 1 - z for it.",
                lambda z, n, h_prev: n + z * h_prev,
            ),
            "both z": (
                "Both have the factor z here. The two shares should make 1.",
                lambda z, n, h_prev: z * n + z * h_prev,
            ),
            "squashed": (
                "tanh is taken of the result. n has been through it, and nothing more is needed.",
                lambda z, n, h_prev: np.tanh((1 - z) * n + z * h_prev),
            ),
            "only new": ("What is kept of h_prev is missing.", lambda z, n, h_prev: (1 - z) * n),
            "only kept": ("The new is missing.", lambda z, n, h_prev: z * h_prev),
        },
        hints=("Two shares that make 1.", "h_prev gets z. What is left for n?"),
        because="One gate does what f and i do: what is not kept is filled with the new.",
    ),
    Function(
        name="variants.coupled",
        notebook="12",
        todo="Write the cell state with coupled gates: what is forgotten makes room for what is written.",
        inputs=_first(_COUPLED),
        sample=_COUPLED,
        variable="coupled",
        blank="def coupled(f, c_prev, g):\n    return ...",
        solution="def coupled(f, c_prev, g):\n    return f * c_prev + (1 - f) * g",
        right=lambda f, c_prev, g: f * c_prev + (1 - f) * g,
        mistakes={
            "same": (
                "Here i equals f: where much is kept, much is written. It should be the other way around.",
                lambda f, c_prev, g: f * c_prev + f * g,
            ),
            "full": ("Here i is 1: g is written in full.", lambda f, c_prev, g: f * c_prev + g),
            "complement": (
                "Here 1 - f is kept. f is the fraction that is kept.",
                lambda f, c_prev, g: (1 - f) * c_prev + f * g,
            ),
            "kept in full": ("The old memory is kept in full here.", lambda f, c_prev, g: c_prev + (1 - f) * g),
            "only kept": ("What is written is missing.", lambda f, c_prev, g: f * c_prev),
        },
        hints=(
            "There is no input gate of its own. Which number takes its place?",
            "The share that is lost is the share that is written.",
        ),
        because="i = 1 - f: the room that forgetting makes is filled. So c stays between -1 and 1, if it starts there.",
    ),
    Function(
        name="variants.reset",
        notebook="12",
        todo="Write the GRU's new part n as PyTorch has it: reset after the product. from_x is W x + b.",
        inputs=_first(_reset_sample),
        sample=_reset_sample,
        variable="new_part",
        blank="def new_part(r, h_prev, U, b_hn, from_x):\n    return ...",
        solution="def new_part(r, h_prev, U, b_hn, from_x):\n    return np.tanh(from_x + r * (U @ h_prev + b_hn))",
        right=lambda r, h_prev, U, b_hn, from_x: np.tanh(from_x + r * (U @ h_prev + b_hn)),
        mistakes={
            "before": (
                "This resets before the product, as the paper does. PyTorch and Keras multiply by r afterward.",
                lambda r, h_prev, U, b_hn, from_x: np.tanh(from_x + U @ (r * h_prev) + b_hn),
            ),
            "bias outside": (
                "The bias b_hn stands outside of the reset. r multiplies it, too.",
                lambda r, h_prev, U, b_hn, from_x: np.tanh(from_x + r * (U @ h_prev) + b_hn),
            ),
            "all reset": (
                "Here r resets what comes from x as well.",
                lambda r, h_prev, U, b_hn, from_x: np.tanh(r * (from_x + U @ h_prev + b_hn)),
            ),
            "no reset": (
                "The reset gate is missing.",
                lambda r, h_prev, U, b_hn, from_x: np.tanh(from_x + U @ h_prev + b_hn),
            ),
            "no tanh": ("tanh is missing.", lambda r, h_prev, U, b_hn, from_x: from_x + r * (U @ h_prev + b_hn)),
            "sigmoid": (
                "n is no gate: it goes through tanh.",
                lambda r, h_prev, U, b_hn, from_x: sigmoid(from_x + r * (U @ h_prev + b_hn)),
            ),
            "transposed": (
                "U is transposed here.",
                lambda r, h_prev, U, b_hn, from_x: np.tanh(from_x + r * (U.T @ h_prev + b_hn)),
            ),
        },
        hints=(
            "r works on all that comes from h_prev, and on nothing else.",
            "First the product of U and h_prev with its bias. Then r. Then what comes from x, and tanh.",
        ),
        because="The reset gate scales the whole part that comes from h_prev, its bias included.",
    ),
    Function(
        name="variants.peephole",
        notebook="12",
        todo="Write an output gate with a peephole: z is W [h_prev; x] + b, p a weight for each unit.",
        inputs=_first(_peephole_sample),
        sample=_peephole_sample,
        variable="o_peephole",
        blank="def o_peephole(z, p, c_prev, c):\n    return ...",
        solution="def o_peephole(z, p, c_prev, c):\n    return sigmoid(z + p * c)",
        given="from lstm_helpers import sigmoid\n\n",
        right=lambda z, p, c_prev, c: sigmoid(z + p * c),
        mistakes={
            "old memory": (
                "This looks at c_prev, as f and i do. The output gate comes last and sees the new memory.",
                lambda z, p, c_prev, c: sigmoid(z + p * c_prev),
            ),
            "none": ("The peephole is missing.", lambda z, p, c_prev, c: sigmoid(z)),
            "outside": (
                "The peephole stands outside of the sigmoid. It is a part of z.",
                lambda z, p, c_prev, c: sigmoid(z) + p * c,
            ),
            "dot product": (
                "Each unit sees its own memory only, through one weight: p * c, not p @ c.",
                lambda z, p, c_prev, c: sigmoid(z + p @ c),
            ),
            "tanh of c": (
                "The peephole sees c itself, not tanh(c).",
                lambda z, p, c_prev, c: sigmoid(z + p * np.tanh(c)),
            ),
            "tanh": ("A gate ends in the sigmoid.", lambda z, p, c_prev, c: np.tanh(z + p * c)),
            "no weight": ("The weight p is missing.", lambda z, p, c_prev, c: sigmoid(z + c)),
        },
        hints=(
            "A peephole is one more input of the gate.",
            "It goes into the pre-activation: each unit's weight times its memory. Which memory does this gate see?",
        ),
        because="o is computed after c, so its peephole sees the new c. p acts element by element.",
    ),
    Function(
        name="variants.gru_size",
        notebook="12",
        todo="Write how many weights and biases a GRU of H units on D inputs has. (With the second bias of n, b_hn.)",
        inputs={"D": 3, "H": 5},
        sample=_sizes,
        variable="gru_size",
        blank="def gru_size(D, H):\n    return ...",
        solution="def gru_size(D, H):\n    return 3 * (H * (H + D) + H) + H",
        right=lambda D, H: 3 * (H * (H + D) + H) + H,
        mistakes={
            "one bias": (
                "The second bias of n is missing: r works on it apart from the first.",
                lambda D, H: 3 * (H * (H + D) + H),
            ),
            "four": ("This has four blocks, as an LSTM. A GRU has r, z and n.", lambda D, H: 4 * (H * (H + D) + H)),
            "no bias": ("The biases are missing.", lambda D, H: 3 * H * (H + D)),
            "only inputs": ("The weights on h_prev are missing.", lambda D, H: 3 * (H * D + H) + H),
            "two biases": (
                "These are two biases everywhere, as PyTorch stores them. Only n needs the second.",
                lambda D, H: 3 * (H * (H + D) + 2 * H),
            ),
        },
        hints=("Three blocks, each with weights on [h_prev; x] and a bias.", "And H more numbers for b_hn."),
        because="Three blocks of H × (H + D) weights and H biases, and H for b_hn.",
    ),
)
