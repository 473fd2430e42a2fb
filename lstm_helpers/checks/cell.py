"""Questions of notebook 00: the whole cell, once."""

import numpy as np

from lstm_helpers.checks._design import Design, FaultError, dials
from lstm_helpers.checks._question import Value
from lstm_helpers.checks._sample import scalars
from lstm_helpers.examples import EXAMPLES

_UNIT = 2  # the third one
_NUMBERS = {
    "f": float(EXAMPLES["forget_gate"].stated[_UNIT]),
    "c_prev": float(EXAMPLES["forget_gate"].inputs["c_prev"][_UNIT]),
    "i": float(EXAMPLES["input_gate"].on_the_way["i"][_UNIT]),
    "g": float(EXAMPLES["input_gate"].on_the_way["g"][_UNIT]),
}
_GIVEN = "f, c_prev, i, g = " + ", ".join(f"{value:g}" for value in _NUMBERS.values())
_C = _NUMBERS["f"] * _NUMBERS["c_prev"] + _NUMBERS["i"] * _NUMBERS["g"]
_O = float(EXAMPLES["output_gate"].on_the_way["o"][_UNIT])


def _hide(answer):
    """From a memory of 0.8, with a candidate of 0.3, to a memory of 0.5 that is not shown."""
    chosen = {name: float(value) for name, value in dials(answer, ("f", "i", "o")).items()}
    c = chosen["f"] * 0.8 + chosen["i"] * 0.3
    if c > 0.5 + 5e-3:
        raise FaultError("too high", c=c, kept=chosen["f"] * 0.8, written=chosen["i"] * 0.3)
    if c < 0.5 - 5e-3:
        raise FaultError("too low", c=c, kept=chosen["f"] * 0.8, written=chosen["i"] * 0.3)
    if chosen["o"] > 0:
        raise FaultError("shown", h=chosen["o"] * np.tanh(c))


QUESTIONS = (
    Value(
        name="cell.new_memory",
        notebook="00",
        todo="Work out the new memory of this unit. Its numbers come from three of the document's examples.",
        inputs=_NUMBERS,
        sample=scalars(f="gate", c_prev="state", i="gate", g="candidate"),
        given=_GIVEN,
        variable="c",
        solution="c = f * c_prev + i * g",
        right=lambda f, c_prev, i, g: f * c_prev + i * g,
        mistakes={
            "complement": (
                "This keeps 1 - f of the old memory. f is the fraction that is kept.",
                lambda f, c_prev, i, g: (1 - f) * c_prev + i * g,
            ),
            "only kept": ("This is what is kept. What is written comes on top.", lambda f, c_prev, i, g: f * c_prev),
            "only written": ("This is what is written. What is kept comes on top.", lambda f, c_prev, i, g: i * g),
            "all kept": (
                "This keeps all of the old memory. The forget gate takes its share first.",
                lambda f, c_prev, i, g: c_prev + i * g,
            ),
            "all written": (
                "This writes all of g. The input gate takes its share first.",
                lambda f, c_prev, i, g: f * c_prev + g,
            ),
            "exchanged": (
                "Here product and sum are exchanged: (f + c_prev) × (i + g). Gates multiply; both parts are added.",
                lambda f, c_prev, i, g: (f + c_prev) * (i + g),
            ),
            "product": ("Both parts are multiplied here. They are added.", lambda f, c_prev, i, g: f * c_prev * i * g),
            "difference": ("Here what is written is subtracted.", lambda f, c_prev, i, g: f * c_prev - i * g),
            "shown": (
                "This has been through tanh. The memory itself has not; tanh comes on the way out.",
                lambda f, c_prev, i, g: np.tanh(f * c_prev + i * g),
            ),
        },
        hints=(
            "Two parts: what is kept, and what is written.",
            "Each gate multiplies its own number. Then add the two.",
        ),
        because="0.6 × 0.5 = 0.30 is kept, 0.8 × 0.5 = 0.40 is written. Together 0.70.",
    ),
    Value(
        name="cell.shown",
        notebook="00",
        todo="The memory is now 0.7 and the output gate 0.9. What is shown? (np.tanh is the curve.)",
        inputs={"c": round(_C, 10), "o": _O},
        sample=scalars(c="state", o="gate"),
        given=f"import numpy as np\n\nc, o = {_C:g}, {_O:g}",
        variable="h",
        solution="h = o * np.tanh(c)",
        right=lambda c, o: o * np.tanh(c),
        mistakes={
            "no tanh": ("This is o × c. The memory goes through tanh first.", lambda c, o: o * c),
            "no gate": ("This is tanh(c). The output gate takes its share of that.", lambda c, o: np.tanh(c)),
            "memory": ("This is the memory. What is shown is h, and h is not c.", lambda c, o: c),
            "tanh of all": ("This is tanh(o × c). tanh is for c alone.", lambda c, o: np.tanh(o * c)),
            "tanh of o": ("This is tanh(o) × c. tanh is for the memory.", lambda c, o: np.tanh(o) * c),
            "complement": ("This is what is hidden, 1 - o of it.", lambda c, o: (1 - o) * np.tanh(c)),
            "sum": ("This is o + tanh(c). A gate multiplies.", lambda c, o: o + np.tanh(c)),
        },
        hints=("First the curve, then the gate.", "tanh of 0.7 is about 0.60. The gate lets 90% of it through."),
        because="tanh(0.7) = 0.604, and 90% of it is 0.544.",
    ),
    Design(
        name="cell.hide",
        notebook="00",
        todo="Old memory 0.8, candidate 0.3. Set the dials: a new memory of 0.5 (to two decimals), and nothing shown.",
        variable="dials",
        blank='dials = {"f": ..., "i": ..., "o": ...}',
        solution='dials = {"f": 0.625, "i": 0, "o": 0}',
        trial=_hide,
        after="There are many such settings: each f from 0.25 to 0.625 has its i.",
        mistakes={
            "too high": (
                "You keep {kept:.2f} and write {written:.2f}: the memory is {c:.3g}, too much.",
                lambda rng: {"f": 0.9, "i": float(rng.uniform(0, 1)), "o": 0},
            ),
            "too low": (
                "You keep {kept:.2f} and write {written:.2f}: the memory is {c:.3g}, too little.",
                lambda rng: {"f": float(rng.uniform(0, 0.2)), "i": 1, "o": 0},
            ),
            "shown": (
                "The memory is right, but h = {h:.2f} is shown. Which gate hides it?",
                lambda rng: {"f": 0.625, "i": 0, "o": float(rng.uniform(0.2, 1))},
            ),
        },
        hints=(
            "One gate has nothing to do with the memory, only with what is shown.",
            "f × 0.8 + i × 0.3 has to be 0.5.",
        ),
        because="f × 0.8 = 0.5 for f = 0.625, with nothing written. o = 0 hides it, and does not touch the memory.",
    ),
)
