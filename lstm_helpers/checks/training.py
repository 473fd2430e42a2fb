"""Questions of notebook 09: losses, batches, steps downhill."""

import numpy as np

from lstm_helpers.checks._function import Function
from lstm_helpers.checks._question import Value


def _loss_sample(rng):
    T, N = int(rng.integers(3, 6)), int(rng.integers(3, 6))
    return {"y": rng.normal(size=(T, N, 1)), "target": rng.normal(size=(T, N, 1))}


def _clip_sample(rng):
    scale = rng.choice([0.1, 3.0])
    return {"dW": scale * rng.normal(size=(3, 4)), "db": scale * rng.normal(size=3), "limit": 1.0}


def _clip(dW, db, limit, *, norm=lambda dW, db: np.sqrt((dW**2).sum() + (db**2).sum()), always=False):
    length = norm(dW, db)
    factor = limit / length if length > limit or always else 1.0
    return factor * dW, factor * db


def _each(dW, db, limit):
    return tuple(d * min(1.0, limit / np.sqrt((d**2).sum())) for d in (dW, db))


def _batch_sample(rng):
    return {"sequences": rng.normal(size=(4, 6, 2))}


def _step_sample(rng):
    return {"w": rng.normal(size=4), "dw": rng.normal(size=4), "rate": float(rng.uniform(0.01, 0.5))}


QUESTIONS = (
    Function(
        name="training.loss",
        notebook="09",
        todo="y and target are (T, N, 1), and only the last step counts. Write the mean squared error.",
        inputs=_loss_sample(np.random.default_rng(9)),
        sample=_loss_sample,
        variable="last_loss",
        blank="def last_loss(y, target):\n    return ...",
        solution="def last_loss(y, target):\n    return np.mean((y[-1] - target[-1]) ** 2)",
        right=lambda y, target: np.mean((y[-1] - target[-1]) ** 2),
        mistakes={
            "all steps": (
                "This is the mean over all steps. Only the last one counts.",
                lambda y, target: np.mean((y - target) ** 2),
            ),
            "wrong axis": (
                "y[:, -1] is the last sequence, not the last step. Time comes first: (T, N, D).",
                lambda y, target: np.mean((y[:, -1] - target[:, -1]) ** 2),
            ),
            "sum": (
                "This is the sum over the sequences. The mean is asked for.",
                lambda y, target: np.sum((y[-1] - target[-1]) ** 2),
            ),
            "absolute": (
                "This is the mean absolute error. Square the differences.",
                lambda y, target: np.mean(np.abs(y[-1] - target[-1])),
            ),
            "root": ("This is the root of it.", lambda y, target: np.sqrt(np.mean((y[-1] - target[-1]) ** 2))),
            "no square": (
                "The square is missing: errors up and down cancel out.",
                lambda y, target: np.mean(y[-1] - target[-1]),
            ),
            "square of mean": (
                "Here the mean is squared. First the square of each error, then their mean.",
                lambda y, target: np.mean(y[-1] - target[-1]) ** 2,
            ),
            "first step": (
                "This is the first step. The answer is asked for at the last.",
                lambda y, target: np.mean((y[0] - target[0]) ** 2),
            ),
            "half": (
                "This is half of it. The squared error of this series has no 1/2.",
                lambda y, target: np.mean((y[-1] - target[-1]) ** 2) / 2,
            ),
        },
        hints=(
            "Which index picks the last time step of all sequences?",
            "Take the differences there, square them, take the mean.",
        ),
        because="Time is the first axis, so y[-1] is the last step of every sequence.",
    ),
    Value(
        name="training.guessing",
        notebook="09",
        todo="One of 8 symbols is asked for. What does blind guessing cost, as a cross-entropy?",
        inputs={"K": 8},
        sample=lambda rng: {"K": int(rng.integers(3, 60))},
        variable="line_to_beat",
        solution="line_to_beat = np.log(8)",
        right=lambda K: np.log(K),
        mistakes={
            "bits": (
                "This is log2, the cost in bits. The cross-entropy here takes the natural logarithm.",
                lambda K: np.log2(K),
            ),
            "base 10": (
                "This is the logarithm to base 10. The cross-entropy takes the natural one.",
                lambda K: np.log10(K),
            ),
            "probability": ("This is the probability of hitting it. The loss is minus its logarithm.", lambda K: 1 / K),
            "misses": (
                "This is the share of misses. The loss is minus the logarithm of the probability.",
                lambda K: 1 - 1 / K,
            ),
            "ones": ("This is the number of symbols. The loss is its logarithm.", lambda K: K),
        },
        hints=(
            "For four symbols the notebook gives the number.",
            "The right symbol has probability 1/8. The loss is minus the natural logarithm of that.",
        ),
        because="-ln(1/8) = ln 8 = 2.08. A loss that rests there has learned nothing about which symbol it was.",
    ),
    Value(
        name="training.batch",
        notebook="09",
        todo="sequences is (N, T, D): one after the other. Make x_batch of shape (T, N, D) of it.",
        inputs=_batch_sample(np.random.default_rng(9)),
        sample=_batch_sample,
        given="sequences = np.random.default_rng(9).normal(size=(4, 6, 2))  # N = 4, T = 6, D = 2",
        variable="x_batch",
        solution="x_batch = np.swapaxes(sequences, 0, 1)",
        right=lambda sequences: np.swapaxes(sequences, 0, 1),
        mistakes={
            "unchanged": (
                "This is still (N, T, D). A layer would take the sequences for time steps, without an error.",
                lambda sequences: sequences,
            ),
            "reshaped": (
                "The shape is right, but reshape only cuts the numbers anew: steps of different sequences are mixed.",
                lambda sequences: sequences.reshape(sequences.shape[1], sequences.shape[0], -1),
            ),
            "transposed": ("This turns all three axes around. D should stay the last.", lambda sequences: sequences.T),
            "inputs first": (
                "Here D comes before N. It should stay the last.",
                lambda sequences: sequences.transpose(1, 2, 0),
            ),
            "last swapped": (
                "Here T and D are swapped. T and N should be.",
                lambda sequences: np.swapaxes(sequences, 1, 2),
            ),
        },
        hints=(
            "x_batch[t] should hold step t of all sequences.",
            "Two axes change places. (And no reshape: that cuts the numbers anew.)",
        ),
        because="swapaxes(0, 1) makes x_batch[t, n] what was sequences[n, t]. reshape only gives the shape.",
    ),
    Function(
        name="training.downhill",
        notebook="09",
        todo="Write plain gradient descent: the new weights, from the old ones, their gradient and the learning rate.",
        inputs=_step_sample(np.random.default_rng(9)),
        sample=_step_sample,
        variable="downhill",
        blank="def downhill(w, dw, rate):\n    return ...",
        solution="def downhill(w, dw, rate):\n    return w - rate * dw",
        right=lambda w, dw, rate: w - rate * dw,
        mistakes={
            "uphill": ("This goes uphill: the gradient shows where the loss grows.", lambda w, dw, rate: w + rate * dw),
            "no rate": (
                "The learning rate is missing: the step is as long as the gradient.",
                lambda w, dw, rate: w - dw,
            ),
            "step": (
                "This is the step. The old weights are overwritten; the step is added to them.",
                lambda w, dw, rate: -rate * dw,
            ),
            "divided": (
                "This divides by the rate: a small rate would make a large step.",
                lambda w, dw, rate: w - dw / rate,
            ),
            "scaled weights": ("Here the rate multiplies the weights, too.", lambda w, dw, rate: rate * (w - dw)),
        },
        hints=("The gradient points to where the loss grows.", "A small step against it, from where the weights are."),
        because="Minus: downhill. The rate says how far.",
    ),
    Function(
        name="training.clip",
        notebook="09",
        todo="Write clipping: dW and db are shortened together to a norm of limit, if it is above; else left alone.",
        inputs=_clip_sample(np.random.default_rng(5)),
        sample=_clip_sample,
        variable="clipped",
        blank="def clipped(dW, db, limit):\n    return ...",
        solution="def clipped(dW, db, limit):\n    norm = np.sqrt((dW**2).sum() + (db**2).sum())\n"
        "    factor = min(1.0, limit / norm)\n    return factor * dW, factor * db",
        parts=("dW", "db"),
        right=_clip,
        mistakes={
            "elementwise": (
                "Each number is cut off by itself. That turns the step in another direction.",
                lambda dW, db, limit: (np.clip(dW, -limit, limit), np.clip(db, -limit, limit)),
            ),
            "each array": (
                "Each array is shortened by itself. Their common norm decides, and one factor serves both.",
                _each,
            ),
            "always": (
                "A short gradient is made longer here. Below the limit nothing happens.",
                lambda **u: _clip(**u, always=True),
            ),
            "never": ("Nothing is shortened.", lambda dW, db, limit: (dW, db)),
            "no root": (
                "The root is missing in the norm.",
                lambda **u: _clip(**u, norm=lambda dW, db: (dW**2).sum() + (db**2).sum()),
            ),
            "sum of norms": (
                "The norms of both are added. First add all squares, then take the root.",
                lambda **u: _clip(**u, norm=lambda dW, db: np.linalg.norm(dW) + np.linalg.norm(db)),
            ),
            "largest": (
                "The largest element decides here. The norm is the root of the sum of all squares.",
                lambda **u: _clip(**u, norm=lambda dW, db: max(np.abs(dW).max(), np.abs(db).max())),
            ),
        },
        hints=(
            "One norm for both: the root of the sum of all squares.",
            "One factor for both: limit over norm, but never above 1.",
        ),
        because="All are multiplied with the same number, so the direction stays.",
    ),
)
