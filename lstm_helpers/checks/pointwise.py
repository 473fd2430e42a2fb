"""Questions of notebook 02: what multiplying and adding do to a memory."""

import numpy as np

from lstm_helpers.checks._function import Function
from lstm_helpers.checks._question import Value
from lstm_helpers.checks._sample import example, vectors
from lstm_helpers.examples import EXAMPLES


def _settle_sample(rng):
    return {"new": rng.uniform(0.2, 0.5, 3), "level": rng.uniform(1, 3, 3)}


def _column_sample(rng):
    n = int(rng.integers(3, 6))
    return {"memory": rng.normal(size=n), "dials": rng.uniform(0.05, 0.95, (n, 1))}


QUESTIONS = (
    Value(
        name="pointwise.kept",
        notebook="02",
        todo="Let the dials y work on another memory, c_new: what is left of each element?",
        inputs={"memory": np.array([0.9, 1.2, -0.5]), "dials": EXAMPLES["pointwise_product"].inputs["y"]},
        sample=vectors(memory="state", dials="gate"),
        given="c_new = np.array([0.9, 1.2, -0.5])",
        variable="left",
        solution="left = c_new * y",
        own="memory=c_new, dials=y",
        right=lambda memory, dials: memory * dials,
        mistakes={
            "sum": (
                "This is the sum. A dial scales what is there: it multiplies.",
                lambda memory, dials: memory + dials,
            ),
            "complement": (
                "This is what the dials take away. A dial at 0.3 lets 30% through.",
                lambda memory, dials: memory * (1 - dials),
            ),
            "dot product": (
                "This is the dot product, one number: it multiplies and then adds everything up. "
                "Pointwise, every element stays by itself.",
                lambda memory, dials: memory @ dials,
            ),
            "old x": (
                "This is x * y, with the memory of the first example. The dials work on the new one.",
                lambda memory, dials: np.resize(EXAMPLES["pointwise_product"].inputs["x"], len(memory)) * dials,
            ),
            "divided": ("This is c_new / y. A dial multiplies.", lambda memory, dials: memory / dials),
            "outer": (
                "This is a table of every element times every dial. Only first with first, second with second, "
                "and so on, is needed.",
                lambda memory, dials: np.outer(memory, dials),
            ),
        },
        hints=(
            "Which operation lets 30% of a number through?",
            "Element by element, the memory times its dial. In NumPy one sign between the two vectors does all.",
        ),
        because="0.3 of 0.9, 0.7 of 1.2 and 0.4 of -0.5 are left: 0.27, 0.84 and -0.20.",
    ),
    Function(
        name="pointwise.update",
        notebook="02",
        todo="Write the function: keep the fraction f of the old memory, and add what is new.",
        inputs={"f": np.array([0.7, 0.2, 0.6]), **example("context_update", "c_prev", "new")},
        sample=vectors(f="gate", c_prev="state", new="state"),
        variable="keep_and_add",
        blank="def keep_and_add(f, c_prev, new):\n    return ...",
        solution="def keep_and_add(f, c_prev, new):\n    return f * c_prev + new",
        right=lambda f, c_prev, new: f * c_prev + new,
        mistakes={
            "only added": (
                "This is c_prev + new: nothing is forgotten. Where does f come in?",
                lambda f, c_prev, new: c_prev + new,
            ),
            "all scaled": (
                "This is f * (c_prev + new): the new is scaled too. The dial f works on the old memory alone.",
                lambda f, c_prev, new: f * (c_prev + new),
            ),
            "complement": (
                "This keeps 1 - f of the old memory. f is the fraction that is kept.",
                lambda f, c_prev, new: (1 - f) * c_prev + new,
            ),
            "exchanged": (
                "This is (f + c_prev) * new: product and sum are exchanged. Keeping multiplies, writing adds.",
                lambda f, c_prev, new: (f + c_prev) * new,
            ),
            "summed": (
                "This adds all three. To keep a fraction of the memory, multiply.",
                lambda f, c_prev, new: f + c_prev + new,
            ),
            "only kept": (
                "This keeps a part of the old memory, and lets nothing new in.",
                lambda f, c_prev, new: f * c_prev,
            ),
            "wrong one": (
                "This is c_prev + f * new: the dial f scales the new. It belongs to the old memory.",
                lambda f, c_prev, new: c_prev + f * new,
            ),
        },
        hints=(
            "Two steps: first shrink the old memory, then bring in the new.",
            "Shrinking is a product with the dial, and it comes first. The new stands outside that product.",
        ),
        because="A product keeps a fraction, a sum takes up something new. The product binds tighter, so no brackets.",
    ),
    Value(
        name="pointwise.dial_for",
        notebook="02",
        todo="The document's new information arrives at every step. Which dials f make the memory settle at 1?",
        inputs={"new": EXAMPLES["context_update"].inputs["new"], "level": 1.0},
        sample=_settle_sample,
        variable="f_settle",
        solution="f_settle = 1 - new / 1.0",
        right=lambda new, level: 1 - new / level,
        mistakes={
            "complement": (
                "This is new / level, the part that has to be lost at each step. f is what is kept.",
                lambda new, level: new / level,
            ),
            "turned over": (
                "This is 1 - level / new: the fraction is upside down.",
                lambda new, level: 1 - level / new,
            ),
            "product": (
                "This is 1 - new * level. What is lost, (1 - f) * level, has to equal what is new: solve that for f.",
                lambda new, level: 1 - new * level,
            ),
            "half way": (
                "With these dials level / (level + new), the memory stands at the level before each addition. "
                "It should stand there after it.",
                lambda new, level: level / (level + new),
            ),
        },
        hints=(
            "At rest, what is lost in a step equals what arrives.",
            "At rest the memory loses (1 - f) times its level at each step. Set that equal to the new.",
        ),
        because="At rest (1 - f) × level = new, so 1 - f = new / level. For a level of 1: [0.6, 0.3, 0.8].",
    ),
    Function(
        name="pointwise.find_the_bug",
        notebook="02",
        todo="scale should give one number for each unit. Here the dials come as a column, of shape (3, 1). Mend it.",
        inputs={"memory": EXAMPLES["pointwise_product"].inputs["x"], "dials": np.array([[0.3], [0.7], [0.4]])},
        sample=_column_sample,
        variable="scale",
        blank="def scale(memory, dials):\n    return memory * dials",
        shipped=lambda memory, dials: memory * dials,
        solution="def scale(memory, dials):\n    return memory * dials[:, 0]",
        right=lambda memory, dials: memory * dials[:, 0],
        mistakes={
            "dot product": (
                "This is a dot product: it adds everything up to one number. Every element should stay by itself.",
                lambda memory, dials: memory @ dials,
            ),
            "column": (
                "The numbers are right, but they stand in a column. Give a vector, as the memory is.",
                lambda memory, dials: memory[:, None] * dials,
            ),
            "transposed": (
                "This is the same table, turned over. The dials need one axis less.",
                lambda memory, dials: (memory * dials).T,
            ),
            "one dial": (
                "This uses the first dial for every element.",
                lambda memory, dials: memory * dials[0],
            ),
        },
        hints=(
            "Print the shape of scale(x, y.reshape(3, 1)). NumPy has made every pair of an element and a dial.",
            "Take the dials out of their column first: they should have one axis, like the memory.",
        ),
        because="(3,) times (3, 1) is broadcast to (3, 3). dials[:, 0] is a vector of shape (3,) again; "
        "dials.ravel() does it too.",
    ),
)
