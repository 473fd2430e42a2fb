"""Questions of notebook 05: what is shown of a memory."""

import numpy as np

from lstm_helpers.checks._design import Design, FaultError, dials, memories
from lstm_helpers.checks._function import Function
from lstm_helpers.checks._question import Value
from lstm_helpers.checks._sample import example, vectors
from lstm_helpers.equations import sigmoid
from lstm_helpers.examples import EXAMPLES

_STEPS, _ASKED = 16, (6, 11)


def _behind_sample(rng):
    o, c = rng.uniform(0.2, 0.9, 3), rng.normal(size=3)
    return {"h": o * np.tanh(c), "o": o}


def _ask_twice(answer):
    """A memory of 0.8, written at step 2 and held, is to be seen at two steps and at no other."""
    o = dials({"o": answer}, ("o",), _STEPS)["o"]
    at = np.arange(1, _STEPS + 1)
    c = memories(np.ones(_STEPS), 1.0 * (at == 2), np.full(_STEPS, 0.8))
    h = o * np.tanh(c)
    if all(h[t] > 0.6 and abs(h[t - 1]) < 0.01 for t in _ASKED):
        raise FaultError("shifted")
    for t in _ASKED:
        if h[t - 1] < 0.1:
            raise FaultError("silent", step=t, h=h[t - 1])
    for t in range(2, _STEPS + 1):
        if t not in _ASKED and abs(h[t - 1]) > 0.01:
            raise FaultError("early" if t < _ASKED[0] else "between" if t < _ASKED[1] else "after", step=t, h=h[t - 1])
    for t in _ASKED:
        if h[t - 1] < 0.6:
            raise FaultError("faint", step=t, h=h[t - 1])


def _open_at(*steps, by=1.0):
    return [by * (t in steps) for t in range(1, _STEPS + 1)]


QUESTIONS = (
    Value(
        name="output_gate.shown",
        notebook="05",
        todo="The same gate, but the memories are five times as large. What is shown?",
        inputs=example("output_gate", "o", "c"),
        sample=vectors(o="gate", c="state"),
        given="c_large = 5 * c",
        variable="h_large",
        solution="h_large = o * np.tanh(c_large)",
        own="o=o, c=c_large",
        right=lambda o, c: o * np.tanh(c),
        accepted={
            "rounded": (
                "The document rounds tanh(c) to two decimals on the way; so does this. In full precision the third "
                "decimal is another: round last.",
                lambda o, c: o * np.round(np.tanh(c), 2),
            ),
        },
        mistakes={
            "no tanh": ("This is o * c. The memory goes through tanh on its way out.", lambda o, c: o * c),
            "tanh of all": (
                "This is tanh(o * c). tanh is for the memory alone; then the gate takes its share.",
                lambda o, c: np.tanh(o * c),
            ),
            "tanh of o": ("This is tanh(o) * c. tanh belongs to the memory.", lambda o, c: np.tanh(o) * c),
            "no gate": ("This is tanh(c): all of it. The gate takes its share of that.", lambda o, c: np.tanh(c)),
            "memory": ("This is the memory c. What is shown is h, and h is not c.", lambda o, c: c),
            "sum": ("This is o + tanh(c). The gate multiplies.", lambda o, c: o + np.tanh(c)),
            "complement": (
                "This is (1 - o) * tanh(c), what is hidden. o is the fraction that is shown.",
                lambda o, c: (1 - o) * np.tanh(c),
            ),
            "sigmoid": (
                "This is o * sigmoid(c). The memory goes through tanh, which lets it stay negative.",
                lambda o, c: o * sigmoid(c),
            ),
            "five times": (
                "This is five times what a fifth of this memory would show. tanh flattens large memories: take tanh of "
                "the large one.",
                lambda o, c: 5 * o * np.tanh(c / 5),
            ),
            "dot product": ("This is one number. Each unit shows its own.", lambda o, c: o @ np.tanh(c)),
        },
        hints=(
            "Two steps: a curve, then a dial.",
            "np.tanh of the memory comes first; then the gate, element by element.",
        ),
        because="tanh squeezes 3.5, 0.5 and 2.5 to 0.998, 0.462 and 0.987. The gate takes 60%, 40% and 90% of that.",
    ),
    Value(
        name="output_gate.memory_behind",
        notebook="05",
        todo="You know what the document's cell shows, h, and its gate, o. Which memory c stands behind it?",
        inputs={"h": EXAMPLES["output_gate"].stated, **example("output_gate", "o")},
        sample=_behind_sample,
        given="h_seen = show.stated",
        variable="c_behind",
        solution="c_behind = np.arctanh(h_seen / o)",
        right=lambda h, o: np.arctanh(h / o),
        mistakes={
            "no arctanh": (
                "This is h / o, which is tanh(c). The curve is still to be undone.",
                lambda h, o: h / o,
            ),
            "order": (
                "This is arctanh(h) / o. The gate came last on the way out, so it is undone first.",
                lambda h, o: np.arctanh(h) / o,
            ),
            "forward": (
                "This is o * tanh(h): the way out once more. Go backward, from h to c.",
                lambda h, o: o * np.tanh(h),
            ),
            "tanh": (
                "This is tanh(h / o): tanh is taken once more. It has to be undone, by np.arctanh.",
                lambda h, o: np.tanh(h / o),
            ),
            "no gate": ("This is arctanh(h). The gate is still to be undone.", lambda h, o: np.arctanh(h)),
            "one decimal": (
                "This is right to one decimal only. If h was rounded on the way, the memory behind it is no round "
                "number: work it out from h and o.",
                lambda h, o: np.round(np.arctanh(h / o), 1),
            ),
            "product": (
                "This is arctanh(o * h). The gate multiplied; undo it by dividing.",
                lambda h, o: np.arctanh(o * h),
            ),
        },
        hints=(
            "On the way out came first a curve, then a dial. Undo them in the other order.",
            "Divide by the gate. Then read the tanh curve backward: NumPy has the function for it.",
        ),
        because="h = o × tanh(c), so h / o = tanh(c), and arctanh undoes tanh. The document's c was [0.7, 0.1, 0.5]: "
        "it has rounded tanh(c) on the way, and that has cost a little.",
    ),
    Function(
        name="output_gate.find_the_bug",
        notebook="05",
        todo="shown_by should compute h from o and c. One thing in it stands in the wrong place. Mend it.",
        inputs=example("output_gate", "o", "c"),
        sample=vectors(o="gate", c="state"),
        variable="shown_by",
        blank="def shown_by(o, c):\n    return np.tanh(o * c)",
        shipped=lambda o, c: np.tanh(o * c),
        solution="def shown_by(o, c):\n    return o * np.tanh(c)",
        right=lambda o, c: o * np.tanh(c),
        mistakes={
            "no tanh": ("Now tanh is gone. The memory still has to go through it.", lambda o, c: o * c),
            "tanh of o": ("Now tanh is applied to the gate. It belongs to the memory.", lambda o, c: np.tanh(o) * c),
            "tanh twice": (
                "Now tanh is applied to both. The gate is a fraction already.",
                lambda o, c: np.tanh(o) * np.tanh(c),
            ),
            "memory": ("This gives c itself. h is not c.", lambda o, c: c),
            "no gate": ("Now the gate is gone.", lambda o, c: np.tanh(c)),
        },
        hints=(
            "Try o = 0.5 and c = 100. How much should be shown?",
            "The curve is for the memory alone. The gate comes after it.",
        ),
        because="tanh(o × c) shows nearly 1 for any large c, so the gate could not turn a large memory down. "
        "The curve comes first, then the dial.",
    ),
    Design(
        name="output_gate.ask_twice",
        notebook="05",
        todo="A memory of 0.8, written at step 2, is held. Set o at 16 steps: shown (nearly) at steps 6 and 11 only.",
        variable="o_steps",
        solution="o_steps = [1.0 if t in (6, 11) else 0.0 for t in range(1, 17)]",
        trial=_ask_twice,
        after="The memory was there all the time. h showed it twice.",
        mistakes={
            "shifted": (
                "It is shown at steps 7 and 12, one step late. Python counts places from 0: step 6 is at place 5.",
                lambda rng: _open_at(7, 12),
            ),
            "silent": (
                "At step {step} hardly anything is to be seen: h = {h:.2f}. Open the gate there.",
                lambda rng: _open_at(6),
            ),
            "early": (
                "At step {step} the memory is shown (h = {h:.2f}), before anybody asked.",
                lambda rng: _open_at(3, 6, 11),
            ),
            "between": (
                "At step {step} the memory is still shown (h = {h:.2f}). Shut the gate between the questions.",
                lambda rng: _open_at(6, 7, 8, 9, 10, 11),
            ),
            "after": (
                "At step {step} the memory is still shown (h = {h:.2f}). Shut the gate after the last question.",
                lambda rng: _open_at(*range(11, 17), 6),
            ),
            "faint": (
                "At step {step} only h = {h:.2f} is to be seen. Open the gate further.",
                lambda rng: _open_at(6, 11, by=0.5),
            ),
        },
        hints=(
            "The memory needs no help here. Only the output gate decides when it is seen.",
            "A list of 16 numbers: open at two places, shut at the others. Python counts places from 0.",
        ),
        because="o does not touch the memory, so it can stay shut as long as nobody asks.",
    ),
)
