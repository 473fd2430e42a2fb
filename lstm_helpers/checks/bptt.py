"""Questions of notebook 08: how the error finds its way back."""

import numpy as np

from lstm_helpers.checks._function import Function
from lstm_helpers.checks._sample import vectors
from lstm_helpers.equations import sigmoid


def _first(sample, seed=8):
    return sample(np.random.default_rng(seed))


_CELL = vectors(dc="state", dh="state", o="gate", c="state")
_GATE = vectors(dc="state", c_prev="state", f="gate")


def _weights_sample(rng):
    T = int(rng.integers(3, 6))
    return {"dz": rng.normal(size=(T, 3)), "u": rng.normal(size=(T, 5))}


def _back_sample(rng):
    f, dc = rng.uniform(0.05, 0.95, 3), rng.normal(size=3)
    return {"W": rng.normal(size=(4, 3, 3)), "dz": rng.normal(size=(4, 3)), "dc": dc, "f": f}


def _collected(W, dz):
    """What comes back to h_prev from all four."""
    return np.einsum("kij,ki->j", W, dz)


QUESTIONS = (
    Function(
        name="bptt.through_h",
        notebook="08",
        todo="Finish the line: what reaches c in all, from the next step (dc) and through h = o * tanh(c) (dh)?",
        inputs=_first(_CELL),
        sample=_CELL,
        variable="total_dc",
        blank="def total_dc(dc, dh, o, c):\n    return ...",
        solution="def total_dc(dc, dh, o, c):\n    return dc + dh * o * (1 - np.tanh(c) ** 2)",
        right=lambda dc, dh, o, c: dc + dh * o * (1 - np.tanh(c) ** 2),
        mistakes={
            "overwritten": (
                "What comes from the next step is overwritten. c has reached the loss on two ways: add them.",
                lambda dc, dh, o, c: dh * o * (1 - np.tanh(c) ** 2),
            ),
            "no slope": ("The slope of tanh is missing.", lambda dc, dh, o, c: dc + dh * o),
            "no gate": (
                "The output gate is missing: h is o times tanh(c).",
                lambda dc, dh, o, c: dc + dh * (1 - np.tanh(c) ** 2),
            ),
            "slope at c": (
                "This has 1 - c². The slope of tanh at c is 1 - tanh(c)².",
                lambda dc, dh, o, c: dc + dh * o * (1 - c**2),
            ),
            "slope at tanh": (
                "The slope is taken at tanh(c). It belongs to c: 1 - tanh(c)².",
                lambda dc, dh, o, c: dc + dh * o * (1 - np.tanh(np.tanh(c)) ** 2),
            ),
            "no square": (
                "The slope of tanh is 1 - tanh², with a square.",
                lambda dc, dh, o, c: dc + dh * o * (1 - np.tanh(c)),
            ),
            "scaled dc": (
                "The slope multiplies dc too. dc arrives at c itself; only dh comes through tanh.",
                lambda dc, dh, o, c: (dc + dh * o) * (1 - np.tanh(c) ** 2),
            ),
        },
        hints=(
            "How many ways lead from c to the loss?",
            "The part through h: dh, times the gate, times the slope of tanh at c.",
        ),
        because="c reaches the loss through the next step and through h, there with the factors o and 1 - tanh(c)².",
    ),
    Function(
        name="bptt.gate_slope",
        notebook="08",
        todo="Write dz_f: from dc at the cell state to the pre-activation of the forget gate.",
        inputs=_first(_GATE),
        sample=_GATE,
        variable="dz_f",
        blank="def dz_f(dc, c_prev, f):\n    return ...",
        solution="def dz_f(dc, c_prev, f):\n    return dc * c_prev * f * (1 - f)",
        right=lambda dc, c_prev, f: dc * c_prev * f * (1 - f),
        mistakes={
            "at the gate": (
                "The slope is taken at σ(z). f is σ(z) already, so the slope at z is f (1 - f).",
                lambda dc, c_prev, f: dc * c_prev * sigmoid(f) * (1 - sigmoid(f)),
            ),
            "no slope": (
                "This is df. The slope of the sigmoid, f (1 - f), is missing.",
                lambda dc, c_prev, f: dc * c_prev,
            ),
            "tanh slope": (
                "1 - f² is the slope of tanh. f comes out of a sigmoid.",
                lambda dc, c_prev, f: dc * c_prev * (1 - f**2),
            ),
            "no memory": (
                "c_prev is missing: in c = f * c_prev + i * g it multiplies f.",
                lambda dc, c_prev, f: dc * f * (1 - f),
            ),
            "highway": ("This is dc * f, what goes to c_prev. To f goes dc * c_prev.", lambda dc, c_prev, f: dc * f),
            "half slope": (
                "One factor of the slope is missing: it is f times (1 - f).",
                lambda dc, c_prev, f: dc * c_prev * (1 - f),
            ),
            "other half": (
                "One factor of the slope is missing: it is f times (1 - f).",
                lambda dc, c_prev, f: dc * c_prev * f,
            ),
        },
        hints=(
            "Two steps: from c to f, then from f to z.",
            "What multiplies f in the cell's equation? And what is the slope of the sigmoid, written with f?",
        ),
        because="df = dc × c_prev, and the slope of the sigmoid at z is f (1 - f).",
    ),
    Function(
        name="bptt.weight_gradient",
        notebook="08",
        todo="dz is (T, H), u is (T, H + D). Write the gradient of W over the whole sequence, (H, H + D).",
        inputs=_first(_weights_sample),
        sample=_weights_sample,
        variable="weight_gradient",
        blank="def weight_gradient(dz, u):\n    return ...",
        solution="def weight_gradient(dz, u):\n    return sum(np.outer(dz[t], u[t]) for t in range(len(dz)))",
        right=lambda dz, u: dz.T @ u,
        mistakes={
            "last": (
                "Only the last step is left: each has overwritten the one before. They add up.",
                lambda dz, u: np.outer(dz[-1], u[-1]),
            ),
            "first": (
                "Only the first step is left: going back, each step has overwritten the later one. They add up.",
                lambda dz, u: np.outer(dz[0], u[0]),
            ),
            "mean": ("This is the mean over the steps. The gradient is their sum.", lambda dz, u: dz.T @ u / len(dz)),
            "transposed": (
                "This is the transpose. A row for each unit, a column for each input.",
                lambda dz, u: u.T @ dz,
            ),
            "sums": (
                "This multiplies the sums. Each step's dz belongs to the same step's u: multiply first, then add.",
                lambda dz, u: np.outer(dz.sum(0), u.sum(0)),
            ),
            "shifted": (
                "Each dz meets the u of the step before. They belong to the same step.",
                lambda dz, u: dz[1:].T @ u[:-1],
            ),
        },
        hints=(
            "One step gives np.outer(dz[t], u[t]). The weights are the same at every step.",
            "Add up over t, in a loop or with one matrix product.",
        ),
        because="The same W is used at every step, so the gradients add up. In one product: dz.T @ u.",
    ),
    Function(
        name="bptt.hand_on",
        notebook="08",
        todo="W (4, H, H) is what f, i, g, o read of h_prev. Write what goes to the step before: dh_prev and dc_prev.",
        inputs=_first(_back_sample),
        sample=_back_sample,
        variable="hand_on",
        blank="def hand_on(W, dz, dc, f):\n    return ...  # dh_prev, dc_prev; dz is (4, H), dc and f are (H,)",
        solution="def hand_on(W, dz, dc, f):\n    return sum(W[k].T @ dz[k] for k in range(4)), dc * f",
        parts=("dh_prev", "dc_prev"),
        right=lambda W, dz, dc, f: (_collected(W, dz), dc * f),
        mistakes={
            "not transposed": (
                "dc_prev is right. W is not transposed: unit j collects from every z that has read it, column j of W.",
                lambda W, dz, dc, f: (np.einsum("kij,kj->i", W, dz), dc * f),
            ),
            "last": (
                "dc_prev is right. In dh_prev only the last of the four is left. h_prev feeds all four: add them up.",
                lambda W, dz, dc, f: (W[3].T @ dz[3], dc * f),
            ),
            "first": (
                "dc_prev is right. In dh_prev is only the first of the four. h_prev feeds all four: add them up.",
                lambda W, dz, dc, f: (W[0].T @ dz[0], dc * f),
            ),
            "mean": (
                "dc_prev is right. dh_prev is the mean of the four here. What comes back adds up.",
                lambda W, dz, dc, f: (_collected(W, dz) / 4, dc * f),
            ),
            "dh lost": (
                "dc_prev is right. dh_prev is 0: what comes back to h_prev is not handed on to the step before.",
                lambda W, dz, dc, f: (0 * dc, dc * f),
            ),
            "dc lost": (
                "dh_prev is right. dc_prev is 0: what comes back along the highway is not handed on.",
                lambda W, dz, dc, f: (_collected(W, dz), 0 * dc),
            ),
            "no gate": (
                "dh_prev is right. On its way to c_prev the error passes the forget gate.",
                lambda W, dz, dc, f: (_collected(W, dz), dc),
            ),
            "complement": (
                "dh_prev is right. dc_prev has the factor 1 - f. What was kept of c_prev, f, is what comes back.",
                lambda W, dz, dc, f: (_collected(W, dz), dc * (1 - f)),
            ),
            "order": (
                "Both are right, but dc_prev comes first. Give dh_prev, then dc_prev.",
                lambda W, dz, dc, f: (dc * f, _collected(W, dz)),
            ),
        },
        hints=(
            "h_prev went into four pre-activations, c_prev into one product. Follow each of them back.",
            "Through a matrix one goes back by its transpose, through a gate by the gate. What meets is added up.",
        ),
        because="Each z has read h_prev through W[k]; back it goes through the transpose, and the four add up. "
        "c_prev was multiplied by f, and so is the error.",
    ),
)
