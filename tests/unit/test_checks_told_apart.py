"""Numbers as a learner types them: does the check know which mistake gave them, or that no mistake did?

On the numbers of each exercise, every formula of its question is worked out and typed in full, and with two, three and
four decimals. An answer that two formulas give cannot be told apart, and the reply names both. On a page that is worth
a look: other numbers in the exercise tell more. Where they have to stay, the reason stands here.
"""

import numpy as np
import pytest

from lstm_helpers.checks import QUESTIONS, check
from lstm_helpers.checks._judge import GENERAL, right_parts
from tests.support.questions import VALUES, by_name, mistaken, namespace

DECIMALS = (None, 2, 3, 4)
RIGHT, COARSE = "right", "coarse"
# (question, what was computed, decimals) -> what the reply takes it for, and why that stays.
DOCUMENTS = "these are the document's numbers, on which the whole core counts; the reply names both"
SAME = "1 - new * level is 1 - new / level at the level of 1 that the page asks about: the gate values are right"
NEW_MEMORY = {"complement", "shown"}
ALLOWED = {
    **{
        ("cell.new_memory", "complement", n): ({"complement", "shown"}, f"0.6 and 0.604: {DOCUMENTS}") for n in DECIMALS
    },
    ("cell.new_memory", "shown", 2): ({"complement", "shown"}, f"0.604 and 0.6: {DOCUMENTS}"),
    **{("pointwise.gate_for", "product", n): ({RIGHT}, SAME) for n in DECIMALS},
    ("input_gate.written", "tanh again", 2): ({COARSE}, "0.073 and 0.075: the reply asks for one decimal more"),
    ("output_gate.memory_behind", "tanh", 2): ({"tanh", "arctan"}, f"0.538 and 0.541: {DOCUMENTS}"),
    ("output_gate.memory_behind", "arctan", 2): ({"tanh", "arctan"}, f"0.541 and 0.538: {DOCUMENTS}"),
    **{("bptt.highway", "complement", n): (set(), "0.000006 is 0 to so few decimals") for n in (2, 3, 4)},
}


def on_the_page(question):
    """The inputs that the exercise hands over, and all of them."""
    names = namespace(question)
    exec(question.given, names)
    own = {name: eval(code, names) for name, code in question.check.items()}
    return own, question.inputs_with(own)


def computed(question, inputs):
    """What a learner may have computed -> its parts, and what the reply should take it for."""
    right = right_parts(question, inputs)
    accepted = {key: question.value(one.formula, inputs) for key, one in question.accepted.items()}
    found = {key: (parts, {RIGHT}) for key, parts in {RIGHT: right, **accepted}.items()}
    found |= {key: (mistaken(question, key, **inputs), {key}) for key in question.mistakes}
    if len(right) == 1:
        found |= {key: (change(right[0]), {key}) for key, (_, change) in GENERAL.items() if key not in found}
    return {
        key: (parts if isinstance(parts, (list, tuple)) else [parts], meant) for key, (parts, meant) in found.items()
    }


def typed(parts, decimals):
    """The parts as they are, or rounded; a single one by itself."""
    parts = [np.asarray(part, dtype=float) for part in parts]
    parts = parts if decimals is None else [np.round(part, decimals) for part in parts]
    return parts if len(parts) > 1 else parts[0]


def taken_for(reply):
    return {RIGHT} if reply.right else set(reply.diagnosis)


def same(parts, others):
    return all(np.allclose(a, b, rtol=1e-9) for a, b in zip(parts, others, strict=True))


@by_name(VALUES)
def test_a_typed_number_is_taken_for_what_it_is(question):
    own, inputs = on_the_page(question)
    candidates = computed(question, inputs)
    for key, (parts, meant) in candidates.items():
        # "backward" of a single number is "sign"; and a mistake of the question may be 1 / right or -right by name
        named = meant | {other for other, (twin, _) in candidates.items() if key in GENERAL and same(parts, twin)}
        for decimals in DECIMALS:
            reply = check(question.name, typed(parts, decimals), **own)
            allowed, _ = ALLOWED.get((question.name, key, decimals), (None, ""))
            found = taken_for(reply)
            told = (question.name, key, decimals, typed(parts, decimals), reply)
            assert found == allowed if allowed is not None else found and found <= named, told
            said = {key: QUESTIONS[question.name].mistakes[key].sentence for key in found & set(question.mistakes)}
            assert all(sentence in reply.text for sentence in said.values()), told


def test_each_exception_is_still_one():
    for name, key, decimals in ALLOWED:
        question = QUESTIONS[name]
        own, inputs = on_the_page(question)
        parts, meant = computed(question, inputs)[key]
        assert taken_for(check(name, typed(parts, decimals), **own)) != meant, (name, key, decimals)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([0.075, -0.05, 0.125], {RIGHT}),
        ([0.08, -0.05, 0.13], {RIGHT}),  # which i * tanh(g) does not give
        ([0.07, -0.05, 0.12], {COARSE}),  # which it does
        ([0.073, -0.049, 0.116], {"tanh again"}),
    ],
)
def test_an_answer_that_a_mistake_gives_as_well_is_asked_for_one_decimal_more(given, found):
    assert taken_for(check("input_gate.written", given, i=[0.25] * 3)) == found


def test_a_mistake_that_gives_the_right_numbers_asks_for_no_more_decimals():
    """Neither where it gives them exactly, nor where nobody could type the difference."""
    half = {"f": [0.5], "c_prev": [0.333]}  # 1 - f is f
    assert check("forget_gate.kept", [0.17], **half).right is True
    nearly = {"f": [0.5001], "c_prev": [0.333]}  # 0.16653, and 0.16647 for 1 - f
    assert taken_for(check("forget_gate.kept", [0.17], **nearly)) == {COARSE}
    assert taken_for(check("forget_gate.kept", [0.1665], **nearly)) == {RIGHT}
