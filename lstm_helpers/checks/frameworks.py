"""Questions of notebook 13: the same weights in PyTorch, Keras and ONNX."""

import numpy as np

from lstm_helpers.checks._function import Function


def _blocks(rng):
    return {f"W_{k}": rng.normal(size=(2, 5)) for k in "figo"}


def _matrix(rng):
    D, H = (int(n) for n in rng.choice([2, 3, 4, 5], 2, replace=False))
    return {"W": rng.normal(size=(4 * H, H + D)), "H": H}


def _biases(rng):
    return {"b_ih": rng.normal(size=8), "b_hh": rng.normal(size=8)}


def _rows(order):
    return lambda **W: np.concatenate([W[f"W_{k}"] for k in order])


def _sizes(rng):
    return {"D": int(rng.integers(2, 40)), "H": int(rng.integers(2, 40))}


def _first(sample):
    return sample(np.random.default_rng(13))


QUESTIONS = (
    Function(
        name="frameworks.torch_rows",
        notebook="13",
        todo="Stack the four matrices as PyTorch does: its order is i, f, g, o.",
        inputs=_first(_blocks),
        sample=_blocks,
        variable="torch_rows",
        blank="def torch_rows(W_f, W_i, W_g, W_o):\n    return ...",
        solution="def torch_rows(W_f, W_i, W_g, W_o):\n    return np.concatenate([W_i, W_f, W_g, W_o])",
        right=_rows("ifgo"),
        mistakes={
            "as given": (
                "This is f, i, g, o, the order of the arguments. It would run without an error, and compute nonsense.",
                _rows("figo"),
            ),
            "onnx": ("This is i, o, f, g, the order of ONNX.", _rows("iofg")),
            "g and o": ("g and o have changed places: this is i, f, o, g.", _rows("ifog")),
            "side by side": (
                "The blocks stand side by side. In PyTorch they stand on one another: rows.",
                lambda **W: np.concatenate([W[f"W_{k}"] for k in "ifgo"], axis=1),
            ),
            "stacked": (
                "This has one axis more. The blocks should form one tall matrix.",
                lambda **W: np.stack([W[f"W_{k}"] for k in "ifgo"]),
            ),
        },
        hints=(
            "Rows on rows: np.concatenate does that.",
            "The order of the arguments is not the order that is wanted.",
        ),
        because="PyTorch's rows are i, f, g, o. In another order it runs as well, and every gate does another's work.",
    ),
    Function(
        name="frameworks.split",
        notebook="13",
        todo="W (4H, H + D) acts on [h_prev; x]. Split it as PyTorch does: weight_ih for x, weight_hh for h_prev.",
        inputs=_first(_matrix),
        sample=_matrix,
        variable="split",
        blank="def split(W, H):\n    return ...  # weight_ih, weight_hh",
        solution="def split(W, H):\n    return W[:, H:], W[:, :H]",
        parts=("weight_ih", "weight_hh"),
        right=lambda W, H: (W[:, H:], W[:, :H]),
        mistakes={
            "swapped": (
                "The two have changed places. h_prev stands first in [h_prev; x]; weight_ih is for x.",
                lambda W, H: (W[:, :H], W[:, H:]),
            ),
            "x first": (
                "This takes the first D columns for x. In [h_prev; x] the first H columns belong to h_prev.",
                lambda W, H: (W[:, : W.shape[1] - H], W[:, W.shape[1] - H :]),
            ),
            "transposed": (
                "These are the transposes, as Keras has them. PyTorch has a row for each unit.",
                lambda W, H: (W[:, H:].T, W[:, :H].T),
            ),
            "rows": ("This splits the rows. The inputs are the columns.", lambda W, H: (W[H:], W[:H])),
        },
        hints=(
            "Columns belong to inputs. Which come first in [h_prev; x]?",
            "The first H columns read h_prev, the rest read x. ih means: from input to hidden.",
        ),
        because="The first H columns read h_prev, the others x. PyTorch names x first.",
    ),
    Function(
        name="frameworks.biases",
        notebook="13",
        todo="PyTorch's LSTM has two biases, bias_ih and bias_hh; ours has one. Write ours, to compute the same.",
        inputs=_first(_biases),
        sample=_biases,
        variable="one_bias",
        blank="def one_bias(b_ih, b_hh):\n    return ...",
        solution="def one_bias(b_ih, b_hh):\n    return b_ih + b_hh",
        right=lambda b_ih, b_hh: b_ih + b_hh,
        mistakes={
            "first": ("This leaves out bias_hh. Both are added to z.", lambda b_ih, b_hh: b_ih),
            "second": ("This leaves out bias_ih. Both are added to z.", lambda b_ih, b_hh: b_hh),
            "mean": ("This is the mean. Both are added to z in full.", lambda b_ih, b_hh: (b_ih + b_hh) / 2),
            "stacked": (
                "Stacking is not adding: z has one place for each unit, and both biases go there.",
                lambda b_ih, b_hh: np.concatenate([b_ih, b_hh]),
            ),
            "difference": ("This is the difference. Both are added to z.", lambda b_ih, b_hh: b_ih - b_hh),
        },
        hints=("Where do the two biases meet?", "z = W_ih x + b_ih + W_hh h + b_hh."),
        because="Both end up in the same z, so only their sum counts. One of the two is not needed.",
    ),
    Function(
        name="frameworks.torch_size",
        notebook="13",
        todo="Write how many numbers torch.nn.LSTM(D, H) stores.",
        inputs={"D": 3, "H": 5},
        sample=_sizes,
        variable="torch_size",
        blank="def torch_size(D, H):\n    return ...",
        solution="def torch_size(D, H):\n    return 4 * (H * D + H * H + 2 * H)",
        right=lambda D, H: 4 * (H * D + H * H + 2 * H),
        mistakes={
            "one bias": ("This has one bias for each gate. PyTorch stores two.", lambda D, H: 4 * (H * D + H * H + H)),
            "no bias": ("The biases are missing.", lambda D, H: 4 * (H * D + H * H)),
            "three": (
                "This has three blocks. The candidate needs weights as well.",
                lambda D, H: 3 * (H * D + H * H + 2 * H),
            ),
            "only inputs": ("The weights on h_prev are missing.", lambda D, H: 4 * (H * D + 2 * H)),
            "one block": ("This is one block. There are four: i, f, g and o.", lambda D, H: H * D + H * H + 2 * H),
        },
        hints=("Four blocks. What does each of them hold?", "Weights on x, weights on h_prev, and two biases."),
        because="Each of i, f, g, o: H × D weights on x, H × H on h_prev, and two biases of H.",
    ),
)
