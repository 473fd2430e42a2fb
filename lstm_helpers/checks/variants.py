"""Questions of notebook 12: what is left out in a GRU, a coupled gate, a peephole."""

import numpy as np

from lstm_helpers.checks._function import Function
from lstm_helpers.equations import sigmoid


def _peephole_sample(rng):
    return {"z": rng.normal(size=4), "p": rng.normal(size=4), "c_prev": rng.normal(size=4), "c": rng.normal(size=4)}


def _reset_sample(rng):
    return {"r": rng.uniform(0.05, 0.95, 3), "h_prev": rng.normal(size=3)} | {
        "W_nh": rng.normal(size=(3, 3)),
        "from_x": rng.normal(size=3),
    }


def _gate_sample(rng):
    return {"W_z": rng.normal(size=(3, 5)), "b_z": rng.normal(size=3)}


def _sizes(rng):
    return {"D": int(rng.integers(2, 40)), "H": int(rng.integers(2, 40))}


def _first(sample):
    return sample(np.random.default_rng(12))


QUESTIONS = (
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
        name="variants.reset",
        notebook="12",
        todo="Write the GRU's candidate n as in the paper of 2014: reset before the product. from_x is W_nx x + b_n.",
        inputs=_first(_reset_sample),
        sample=_reset_sample,
        variable="reset_before",
        blank="def reset_before(r, h_prev, W_nh, from_x):\n    return ...",
        solution="def reset_before(r, h_prev, W_nh, from_x):\n    return np.tanh(from_x + W_nh @ (r * h_prev))",
        right=lambda r, h_prev, W_nh, from_x: np.tanh(from_x + W_nh @ (r * h_prev)),
        mistakes={
            "after": (
                "This resets after the product, as PyTorch and Keras do. In the paper r acts on h_prev itself.",
                lambda r, h_prev, W_nh, from_x: np.tanh(from_x + r * (W_nh @ h_prev)),
            ),
            "all reset": (
                "Here r resets what comes from x as well.",
                lambda r, h_prev, W_nh, from_x: np.tanh(r * (from_x + W_nh @ h_prev)),
            ),
            "complement": (
                "Here 1 - r comes through. r is the fraction of h_prev that the candidate sees.",
                lambda r, h_prev, W_nh, from_x: np.tanh(from_x + W_nh @ ((1 - r) * h_prev)),
            ),
            "no reset": (
                "The reset gate is missing.",
                lambda r, h_prev, W_nh, from_x: np.tanh(from_x + W_nh @ h_prev),
            ),
            "no x": ("What comes from x is missing.", lambda r, h_prev, W_nh, from_x: np.tanh(W_nh @ (r * h_prev))),
            "no tanh": ("tanh is missing.", lambda r, h_prev, W_nh, from_x: from_x + W_nh @ (r * h_prev)),
            "sigmoid": (
                "n is no gate: it goes through tanh.",
                lambda r, h_prev, W_nh, from_x: sigmoid(from_x + W_nh @ (r * h_prev)),
            ),
            "transposed": (
                "W_nh is transposed here.",
                lambda r, h_prev, W_nh, from_x: np.tanh(from_x + W_nh.T @ (r * h_prev)),
            ),
        },
        hints=(
            "r decides how much of each entry of h_prev is seen at all, before anything is mixed.",
            "First r and h_prev, element by element. Then the product with W_nh. Then what comes from x, and tanh.",
        ),
        because="r scales each entry of h_prev, and then W_nh mixes them. After the product it would scale mixtures.",
    ),
    Function(
        name="variants.swapped",
        notebook="12",
        todo="A paper has h = (1 - z) h_prev + z n. Turn its W_z and b_z into ours, where z is what is kept.",
        inputs=_first(_gate_sample),
        sample=_gate_sample,
        variable="to_ours",
        blank="def to_ours(W_z, b_z):\n    return ..., ...",
        solution="def to_ours(W_z, b_z):\n    return -W_z, -b_z",
        right=lambda W_z, b_z: (-W_z, -b_z),
        parts=("W_z", "b_z"),
        mistakes={
            "unchanged": (
                "These are the weights as they were. So their z, which is what is new, would be what is kept.",
                lambda W_z, b_z: (W_z, b_z),
            ),
            "only the weights": (
                "The bias is as it was. It is a part of what goes into the sigmoid.",
                lambda W_z, b_z: (-W_z, b_z),
            ),
            "only the bias": (
                "The weights are as they were. Only the bias has changed its sign.",
                lambda W_z, b_z: (W_z, -b_z),
            ),
            "one minus": (
                "The gate becomes 1 - z. What goes into the sigmoid does not: for which input is it 1 - sigmoid(a)?",
                lambda W_z, b_z: (1 - W_z, 1 - b_z),
            ),
            "exchanged": ("The weights come first, then the bias.", lambda W_z, b_z: (-b_z, -W_z)),
        },
        hints=(
            "Our z has to be 1 minus theirs. What goes into a sigmoid that gives 1 - sigmoid(a)?",
            "The curve of the sigmoid is symmetric about 0: sigmoid(2) is 0.88, and sigmoid of which number is 0.12?",
        ),
        because="1 - sigmoid(a) = sigmoid(-a): all that goes into the gate changes its sign.",
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
