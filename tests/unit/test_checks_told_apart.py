"""Typed numbers are traced to the mistake that gave them, or accepted if none did.

With the numbers of each exercise, every formula of its question is computed and typed in full, and with two, three and
four decimals. If two formulas give the same answer, the reply names both. Then other numbers in the exercise would
tell more; `ALLOWED` lists the exercises that keep theirs, with the reason.
"""

import numpy as np
import pytest

from lstm_helpers.checks import QUESTIONS, check
from lstm_helpers.checks._judge import right_parts
from tests.support.questions import CHANGES, VALUES, by_name, mistaken, on_the_page

DECIMALS = (None, 2, 3, 4)
RIGHT, COARSE = "right", "coarse"
# (question, formula, decimals) -> the diagnosis, and the reason
DOCUMENTS = "these are the document's numbers, on which the whole core counts; the reply names both"
SAME = "1 - new * level is 1 - new / level at the level of 1 that the page asks about: the gate values are right"
ALLOWED = {
    **{
        ("cell.new_memory", "complement", n): ({"complement", "shown"}, f"0.6 and 0.604: {DOCUMENTS}") for n in DECIMALS
    },
    ("cell.new_memory", "shown", 2): ({"complement", "shown"}, f"0.604 and 0.6: {DOCUMENTS}"),
    ("cell.shown", "tanh of o", 2): ({COARSE}, "0.50 is also 0.544 with one decimal: the reply asks for one more"),
    **{("pointwise.gate_for", "product", n): ({RIGHT}, SAME) for n in DECIMALS},
    ("input_gate.written", "tanh again", 2): ({COARSE}, "0.073 and 0.075: the reply asks for one more decimal"),
    ("output_gate.memory_behind", "tanh", 2): ({"tanh", "arctan"}, f"0.538 and 0.541: {DOCUMENTS}"),
    ("output_gate.memory_behind", "arctan", 2): ({"tanh", "arctan"}, f"0.541 and 0.538: {DOCUMENTS}"),
    **{("bptt.highway", "complement", n): (set(), "0.000006 is 0 with so few decimals") for n in (2, 3, 4)},
}


def computed(question, inputs):
    """Everything a learner may have computed: key -> its parts, and the diagnoses to expect."""
    right = right_parts(question, inputs)
    accepted = {key: question.value(other.formula, inputs) for key, other in question.accepted.items()}
    found = {key: (parts, {RIGHT}) for key, parts in {RIGHT: right, **accepted}.items()}
    found |= {key: (mistaken(question, key, **inputs), {key}) for key in question.mistakes}
    if len(right) == 1:
        found |= {key: (change(right[0]), {key}) for key, change in CHANGES.items() if key not in found}
    return {
        key: (parts if isinstance(parts, (list, tuple)) else [parts], meant) for key, (parts, meant) in found.items()
    }


def typed(parts, decimals):
    """The parts, rounded to these decimals; a single part by itself."""
    parts = [np.asarray(part, dtype=float) for part in parts]
    parts = parts if decimals is None else [np.round(part, decimals) for part in parts]
    return parts if len(parts) > 1 else parts[0]


def diagnosis(reply):
    """The diagnosis of a reply as a set; {RIGHT} if it is right."""
    return {RIGHT} if reply.right else set(reply.diagnosis)


def same(parts, others):
    return all(np.allclose(a, b, rtol=1e-9) for a, b in zip(parts, others, strict=True))


@by_name(VALUES)
def test_a_typed_number_gets_its_diagnosis(question):
    own, inputs = on_the_page(question)
    candidates = computed(question, inputs)
    for key, (parts, meant) in candidates.items():
        # "backward" of a single number is "sign"; and a mistake of the question may be 1 / right or -right by name
        named = meant | {other for other, (twin, _) in candidates.items() if key in CHANGES and same(parts, twin)}
        for decimals in DECIMALS:
            reply = check(question.name, typed(parts, decimals), **own)
            allowed, _ = ALLOWED.get((question.name, key, decimals), (None, ""))
            found = diagnosis(reply)
            case = (question.name, key, decimals, typed(parts, decimals), reply)
            assert found == allowed if allowed is not None else found and found <= named, case
            assert all(question.mistakes[k].sentence in reply.text for k in found & set(question.mistakes)), case


def test_each_exception_is_still_one():
    for name, key, decimals in ALLOWED:
        question = QUESTIONS[name]
        own, inputs = on_the_page(question)
        parts, meant = computed(question, inputs)[key]
        assert diagnosis(check(name, typed(parts, decimals), **own)) != meant, (name, key, decimals)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([0.075, -0.05, 0.125], {RIGHT}),
        ([0.08, -0.05, 0.13], {RIGHT}),  # not what i * tanh(g) gives
        ([0.07, -0.05, 0.12], {COARSE}),  # what i * tanh(g) gives, too
        ([0.073, -0.049, 0.116], {"tanh again"}),
    ],
)
def test_a_right_answer_that_a_mistake_gives_too_needs_one_more_decimal(given, found):
    assert diagnosis(check("input_gate.written", given, i=[0.25] * 3)) == found


@pytest.mark.parametrize(
    ("name", "given", "found"),
    [
        ("cell.shown", 0.5, COARSE),  # 0.544 with one decimal; tanh(o) * c is 0.501
        ("cell.shown", 0.501, "tanh of o"),
        ("output_gate.memory_behind", [0.7, 0.1, 0.5], "one decimal"),  # exactly what this mistake gives
        ("cell.shown", 54.4, "percent"),
        ("cell.shown", 54, "percent"),
        ("bptt.highway", 34, "percent"),
        ("forget_gate.kept", [8, 30, 22.5], "percent"),
    ],
)
def test_a_rounded_number_is_not_taken_for_a_mistake_near_it(name, given, found):
    own, _ = on_the_page(QUESTIONS[name])
    assert diagnosis(check(name, given, **own)) == {found}


def test_a_mistake_with_the_right_numbers_needs_no_more_decimals():
    """Neither if they are equal, nor if they agree to all the decimals that anyone would type."""
    half = {"f": [0.5], "c_prev": [0.333]}  # 1 - f is f
    assert check("forget_gate.kept", [0.17], **half).right is True
    nearly = {"f": [0.5001], "c_prev": [0.333]}  # 0.16653, and 0.16647 for 1 - f
    assert diagnosis(check("forget_gate.kept", [0.17], **nearly)) == {COARSE}
    assert diagnosis(check("forget_gate.kept", [0.1665], **nearly)) == {RIGHT}
