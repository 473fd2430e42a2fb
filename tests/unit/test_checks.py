"""Every question: each mistake gets its diagnosis, right answers are accepted, and worked answers run."""

import re
from functools import partial

import numpy as np
import pytest

import lstm_helpers
from lstm_helpers.checks import QUESTIONS, answer, check, hint
from lstm_helpers.checks._judge import right_parts
from lstm_helpers.checks._load import FILES, read
from lstm_helpers.checks._verify import verify
from lstm_helpers.examples import EXAMPLES
from tests.support.questions import (
    CHANGES,
    CHOICES,
    DESIGNS,
    FUNCTIONS,
    PREDICTIONS,
    VALUES,
    by_name,
    mistaken,
    namespace,
    on_the_page,
)
from tests.support.wrong_designs import WRONG_DESIGNS

QUESTION = list(QUESTIONS.values())
JUDGED = VALUES + FUNCTIONS + CHOICES + DESIGNS


def wrong_keys(question):
    """The keys of a question's mistakes, or its wrong choices."""
    return [key for key in question.choices if key != question.right] if question.choices else list(question.mistakes)


def right_answer(question, **inputs):
    return question.value(question.right, inputs)


def run(code, names):
    """Run code as a cell and return the value of its last line."""
    *lines, last = code.splitlines()
    exec("\n".join(lines), names)
    return eval(last, names)


def as_function(question, make):
    """A function of the inputs in order, as a learner writes it, from one that takes them by name."""
    return lambda *given: make(**dict(zip(question.inputs, given, strict=True)))


def test_every_notebook_has_at_least_three_exercises():
    assert len(JUDGED + PREDICTIONS) == len(QUESTIONS)
    exercises = [question.notebook[:2] for question in VALUES + FUNCTIONS + DESIGNS]
    assert all(exercises.count(f"{number:02}") >= 3 for number in range(15))
    for question in QUESTION:
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", question.name)


def test_every_heading_is_a_question_and_every_question_verifies():
    for path in FILES:
        questions = read(path)
        assert {name for name in QUESTIONS if QUESTIONS[name].notebook == path.stem} == set(questions)
        for question in questions.values():
            verify(question, path.name, run_answer=False)  # answers are judged below, in their notebooks' namespace


# Mistakes


@by_name(VALUES)
@pytest.mark.parametrize("samples, least", [(3, 1), pytest.param(10, 3, marks=pytest.mark.slow)])
def test_a_mistake_in_numbers_gets_its_diagnosis(question, samples, least):
    """If it gives the right numbers for the random inputs, it is right; if two give the same, both are named."""
    for key in wrong_keys(question):
        alone = 0
        for seed in range(samples):
            inputs = question.sample(np.random.default_rng(seed))
            wrong = mistaken(question, key, **inputs)
            reply = check(question.name, wrong, **inputs)
            if not reply.right:
                assert key in reply.diagnosis, (inputs, reply)
                assert question.mistakes[key].sentence in reply.text
                alone += reply.diagnosis == (key,)
        assert alone >= least, key


@by_name(FUNCTIONS)
def test_a_mistake_in_a_function_gets_its_diagnosis(question):
    for key in wrong_keys(question):
        reply = check(question.name, as_function(question, partial(mistaken, question, key)))
        assert (reply.right, reply.diagnosis) == (False, (key,))
        assert reply.text == f"Not yet. {question.mistakes[key].sentence}"


@by_name(CHOICES)
def test_a_wrong_choice_gets_its_diagnosis(question):
    for key in wrong_keys(question):
        reply = check(question.name, key)
        assert (reply.right, reply.diagnosis, reply.text) == (False, (key,), f"Not yet. {question.choices[key]}")


@by_name(DESIGNS)
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_a_fault_of_a_design_gets_its_diagnosis(question, seed):
    for key in wrong_keys(question):
        design = WRONG_DESIGNS[question.name][key](np.random.default_rng(seed))
        reply = check(question.name, design)
        assert (reply.right, reply.diagnosis) == (False, (key,)), reply
        assert "{" not in reply.text


@by_name(VALUES)
@pytest.mark.parametrize("key", CHANGES)
def test_a_general_mistake_gets_its_diagnosis(question, key):
    """Unless a mistake of the question gives the same numbers, or they are the same in reverse order."""
    inputs = question.sample(np.random.default_rng(1))
    if len(question.results) > 1:
        pytest.skip("for a single part")
    wrong = CHANGES[key](right_parts(question, inputs)[0])
    reply = check(question.name, wrong, **inputs)
    alone = "sign" if key == "backward" and np.ndim(wrong) != 1 else key
    own = bool(reply.diagnosis) and set(reply.diagnosis) <= set(question.mistakes)
    assert reply.right or reply.diagnosis == (alone,) or own, reply


@by_name(VALUES)
def test_mistakes_are_told_apart_on_the_numbers_of_the_exercise(question):
    """No two mistakes give the same numbers there, though they may agree when rounded."""
    _, inputs = on_the_page(question)
    for key in question.mistakes:
        wrong = mistaken(question, key, **inputs)
        reply = check(question.name, wrong, **inputs)
        assert reply.right or key in reply.diagnosis, (key, reply)
        for other in set(reply.diagnosis) - {key}:
            assert not np.allclose(mistaken(question, other, **inputs), wrong), (key, other)


# Right answers


@by_name(VALUES)
@pytest.mark.parametrize("seed", [None, 0, 1])
def test_a_right_answer_is_accepted_in_every_form(question, seed):
    own = {} if seed is None else question.sample(np.random.default_rng(seed))
    right = right_answer(question, **question.inputs_with(own))
    forms = [right]
    if len(question.results) == 1:
        array = np.asarray(right)
        forms += [array, array.tolist(), array.astype(float), array.astype(float) + 1e-12]
        forms += [np.round(array.astype(float), decimals) for decimals in (4, 8)]
        forms += [tuple(array.tolist())] if array.ndim else [[float(array)], np.float32(array)]
    else:
        forms += [list(right), tuple(np.asarray(part).tolist() for part in right)]
    for form in forms:
        assert check(question.name, form, **own).right is True, (form, check(question.name, form, **own))


@by_name(FUNCTIONS)
def test_a_right_function_is_accepted(question):
    assert check(question.name, as_function(question, partial(right_answer, question))).right is True
    as_lists = as_function(question, lambda **inputs: _listed(right_answer(question, **inputs)))
    assert check(question.name, as_lists).right is True


def _listed(value):
    return [_listed(part) for part in value] if isinstance(value, tuple) else np.asarray(value).tolist()


@by_name(CHOICES)
def test_a_right_choice_is_accepted_however_it_is_written(question):
    for form in (question.right, question.right.upper(), f" {question.right}. "):
        assert check(question.name, form).right is True
    assert question.right in question.choices and len(question.choices) >= 2
    assert check(question.name, "perhaps").right is None


@by_name(JUDGED)
def test_the_worked_answer_runs_and_passes_its_own_check(question):
    reply = run(f"{answer(question.name).code}\n{question.call}", namespace(question))
    assert reply.right is True, reply
    assert answer(question.name).text and len(answer(question.name).text) < 400


@by_name(JUDGED)
def test_the_exercise_runs_as_shipped_and_says_what_to_do(question):
    reply = run(question.cell, namespace(question))
    assert reply.right is None and reply.text.startswith(f"To do: {question.todo}")
    assert check(question.name, ...).text in reply.text and check(question.name, ...).right is None


@by_name(PREDICTIONS)
def test_a_prediction_is_asked_for_and_not_judged(question):
    right = question.value(question.right, question.inputs) if question.right else 0.5
    for reply in (
        check(question.name, right),
        check(question.name, ...),
        hint(question.name, 1),
        answer(question.name),
    ):
        assert reply.right is None and reply.text.startswith(f"To do: {question.todo}")


# Wording


def bare(text):
    return re.sub(r"\s", "", text)


def new_lines(question):
    return [line for line in question.answer.splitlines() if line not in question.blank.splitlines()]


@by_name(JUDGED)
def test_there_are_two_hints_and_they_do_not_give_the_answer(question):
    assert [hint(question.name, number).text for number in (1, 2)] == list(question.hints)
    assert len(set(question.hints)) == 2
    gists = [line.split("return ")[-1].split(" = ", 1)[-1] for line in new_lines(question) if "def " not in line]
    for number in (1, 2):
        text = hint(question.name, number).text
        assert hint(question.name, number).right is None
        assert not any(bare(gist) in bare(text) for gist in gists)
        if question.kind == "choice":
            assert not re.search(rf"\b{re.escape(question.right.lower())}\b", text.lower()), text


def sentences(question):
    yield from filter(None, (question.todo, *question.hints, question.because))
    yield from (mistake.sentence for mistake in (*question.mistakes.values(), *question.accepted.values()))
    yield from question.choices.values()


@by_name(QUESTION)
def test_every_message_is_short_and_kind(question):
    for text in sentences(question):
        assert 10 < len(text) <= 260, text
        assert text[-1] in ".?!)", text
        assert not re.search(r"\b(simply|obviously|stupid|you should have|just|trivial|of course)\b", text, re.I), text
        assert text.count(". ") <= 3, text
    assert len(question.todo) <= 120


# Unknown names and unfit inputs are refused; a wrong answer never is.


def test_an_unknown_name_lists_the_nearest():
    with pytest.raises(ValueError, match=r"got 'forget_gate.keep'; the nearest are forget_gate.kept, "):
        check("forget_gate.keep", 1)
    with pytest.raises(ValueError, match="the nearest are"):
        hint("xyzzy", 1)
    with pytest.raises(ValueError, match="the nearest are"):
        answer(3)


def test_only_two_hints():
    with pytest.raises(ValueError, match="number must be 1 or 2"):
        hint("forget_gate.kept", 3)
    with pytest.raises(TypeError, match="number must be a whole number"):
        hint("forget_gate.kept", "one")


def test_unknown_and_unfit_inputs_are_refused():
    with pytest.raises(TypeError, match=r'"forget_gate.kept" has no input g; its inputs are f, c_prev'):
        check("forget_gate.kept", 1, g=[1])
    with pytest.raises(ValueError, match="do not go together"):
        check("forget_gate.kept", 1, f=[0.1, 0.2])
    with pytest.raises(ValueError, match="f must be finite"):
        check("forget_gate.kept", 1, f=[0.1, 0.2, np.nan])
    with pytest.raises(ValueError, match="no finite answer"):
        check("input_gate.needed", 1, g=0)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([0.1, 0.2], "shape (2,); expected shape (3,)."),
        (0.5, "a single number; expected shape (3,)."),
        ([[1, 2], [3]], "differ in length"),
        ("half", "Expected numbers, got text."),
        ("0.5", "a single number; expected shape (3,)."),
        ({"f": 1}, "Expected numbers, got a dictionary."),
        (None, "got None."),
        ([0.1, np.nan, 0.2], "Element 2 is nan, not a finite number."),
        (lambda: 3, "This is a function"),
        ([0.56, 0.06, 0.9], "2 of 3 elements are right. Element 3 is too large by about 0.6."),
        ([5, 6, 7], "None of the 3 elements is right. Element 1 is too large by about 4."),
        ([56, 6, 30], "100 times"),
        ([0.56, 0.6, 0.9], "1 of 3 elements is right. Element 2 is too large by about 0.5."),
        ([1e300, 6, 7], "Element 1 is too large by about 1e+300."),
        ([1, None, 3], "Expected numbers, but element 2 is None."),
        (["a", "b", "c"], "Expected numbers, but element 1 is text."),
        ([0.56, 0.06, 0.3j], "Expected numbers, but element 1 is a complex number."),
        ([[0.56, 0.06, ""]], "Expected numbers, but the element in row 1, column 3 is text."),
        ([10**400, 1, 1], "Element 1 is inf, not a finite number."),
        ([0.6, 0.1, 0.3], "give at least one more decimal"),
        ([0.56, 0.06, 0.303], "Round last."),
        ([0.3, 0.06, 0.56], "reverse order"),
    ],
)
def test_replies_to_numbers_without_a_known_mistake(given, sentence):
    reply = check("forget_gate.kept", given)
    assert reply.right is False and sentence in reply.text, reply


def test_mistakes_that_give_the_same_are_all_named_and_one_that_gives_the_right_answer_is_right():
    same = check("forget_gate.kept", [0.5], f=[0.5], c_prev=[1.0])  # 1 - f is f
    assert same.right is True
    both = check("forget_gate.kept", [1.0], f=[0.0], c_prev=[1.0])  # (1 - f) c and f + c and c - f
    assert both.right is False and {"complement", "sum", "lost"} <= set(both.diagnosis)
    assert "different mistakes give this result" in both.text and "(2)" in both.text


def test_the_documents_rounding_is_right_and_named():
    reply = check("output_gate.shown", EXAMPLES["output_gate"].stated)
    assert reply.right and "rounds tanh(c) to two decimals on the way" in reply.text
    full = check("output_gate.shown", EXAMPLES["output_gate"].computed)
    assert full.right and full.text == "Right."
    assert check("output_gate.shown", [0.36, 0.04, 0.42]).text == "Right."


def test_a_small_number_cannot_be_rounded_away():
    tiny = {"f": [0.01], "c_prev": [0.004]}
    assert check("forget_gate.kept", [0.0], **tiny).right is False
    assert check("forget_gate.kept", [0.00004], **tiny).right is True


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda f: f, "The function stops with TypeError:"),
        (lambda *given: 1 / 0, "The function stops with ZeroDivisionError: division by zero."),
        (lambda *given: None, "does it end with return?"),
        (lambda *given: given[0][:2], "shape (2,); expected shape (3,)."),
        (
            lambda f, c_prev, new: np.round(f * c_prev + new, 4),
            "The numbers are right, but rounded. Return them in full.",
        ),
        (
            lambda f, c_prev, new: f * c_prev + new + 1e-4,
            "it returns [0.7501, 0.7201, 0.3801]; [0.75, 0.72, 0.38] is right.",
        ),
        (lambda f, c_prev, new: f * 0 + 7, "Not yet. "),
        (3.0, "Pass the function itself, keep_and_add, without calling it"),
    ],
)
def test_replies_to_functions_without_a_known_mistake(function, sentence):
    reply = check("pointwise.update", function)
    assert reply.right is False and sentence in reply.text, reply


def test_a_function_that_is_right_for_the_documents_numbers_only_is_caught():
    right = right_answer(QUESTIONS["pointwise.update"], **QUESTIONS["pointwise.update"].inputs)
    reply = check("pointwise.update", lambda f, c_prev, new: right)
    assert reply.right is False and reply.text.endswith("). (It was called with vectors of several lengths.)")
    stacked = right_answer(QUESTIONS["forget_gate.my_gate"], **QUESTIONS["forget_gate.my_gate"].inputs)
    reply = check("forget_gate.my_gate", lambda *given: stacked)
    assert reply.right is False and reply.text.startswith("Not yet. It is right on 1 of 7 inputs.")


def test_a_function_that_changes_its_input_gets_a_reply():
    def update(f, c_prev, new):
        c_prev *= f
        c_prev += new
        return c_prev

    reply = check("pointwise.update", update)
    assert reply.diagnosis == ("changes its input",) and "c_prev" in reply.text
    assert EXAMPLES["context_update"].inputs["c_prev"][0] == 0.5


# The keys of faults in the form of a design.
FORM = {"form", "missing", "unknown", "numbers", "length", "range", "rule", "layer", "error"}


@by_name(DESIGNS)
def test_a_design_of_the_wrong_form_gets_a_reply(question):
    for given in (3, "text", None, [], {"f": 2.0}, {"zz": 1}, lambda *now: {}, lambda *now: 1 / 0):
        reply = check(question.name, given)
        assert reply.right is False and set(reply.diagnosis) <= FORM and reply.diagnosis, reply
        assert "{" not in reply.text.replace("{}", "")


def test_long_replies_are_shown_on_several_lines():
    reply = answer("output_gate.find_the_bug")
    assert all(len(line) <= 100 for line in repr(reply).splitlines())
    assert repr(reply).startswith("def shown_by(o, c):\n    return o * np.tanh(c)\n\n")


JUNK = [None, object(), np.array([]), np.array(["a"]), 1j, np.nan, {1, 2}, (n for n in range(3)), str, [[]], {"f": [1]}]
JUNK += [
    10**400,
    [True, False],
    np.zeros((2, 2, 2, 2)),
    [1, "a"],
    {"f": "a", "i": 1, "o": 1},
    b"bytes",
    [..., 1],
    lambda a, b=0: a,
]


@by_name(QUESTION)
def test_no_answer_is_an_error(question):
    for given in JUNK:
        reply = check(question.name, given)
        assert reply.right is not True and reply.text.endswith((".", "?", ")")), (given, reply)


# Weights in place of rules


def adding_unit(**changes):
    unit = lstm_helpers.LSTM(2, 1)
    for name, value in ({"b_f": 10, "W_i": [[0, 0, 20]], "b_i": -10, "W_g": [[0, 0.5, 0]]} | changes).items():
        setattr(unit, name, value)
    return unit


def test_weights_are_accepted_in_place_of_a_rule():
    assert check("be_the_lstm.weights", adding_unit()).right is True
    assert check("be_the_lstm.add_marked", adding_unit()).diagnosis == ("not itself",)
    assert check("be_the_lstm.add_marked", adding_unit(b_i=10, W_i=0)).diagnosis == ("all",)
    assert check("be_the_lstm.add_marked", adding_unit(b_f=0)).diagnosis == ("leaks",)
    resets = adding_unit(W_f=[[0, 0, -20]], W_i=0, b_i=10, W_g=[[0, 0.1, 0]])
    assert check("be_the_lstm.running_total", resets).diagnosis == ("not itself",)
    assert check("be_the_lstm.running_total", adding_unit(W_i=0, b_i=10, W_g=[[0, 0.1, 0]])).diagnosis == (
        "never resets",
    )
    latch = lstm_helpers.LSTM(8, 1)
    latch.b_f, latch.b_o, latch.b_i = 10, 10, -10
    latch.W_i = [[0, 20, 20, 20, 20, 0, 0, 0, 0]]
    latch.W_g = [[0, -2, -0.5, 0.5, 2, 0, 0, 0, 0]]
    assert check("be_the_lstm.remember_first", latch).right is True
    latch.b_i = 10
    latch.W_g = [[0, -2, -0.5, 0.5, 2, 1, 2, -1, 1]]
    assert check("be_the_lstm.remember_first", latch).diagnosis == ("fillers",)
    latch.W[:] = np.nan
    assert "W must be finite" in check("be_the_lstm.remember_first", latch).text
    assert "this layer has 2 units and 3 inputs" in check("be_the_lstm.running_total", lstm_helpers.LSTM(3, 2)).text


def test_a_design_that_is_right_in_another_way_is_right():
    late = {"f": [0] * 2 + [1] * 18, "i": [1, 0, 1] + [0] * 17, "o": [1, 1] + [0] * 17 + [0.95]}
    assert check("schedule.store", late).right is True
    assert check("schedule.leak", [0.5, 1, 1] * 3).right is True
    assert check("schedule.count", lambda x: {"f": 1, "i": 0.5, "g": 0.2 * x}).right is True
    assert check("cell.hide", {"f": 0.25, "i": 1, "o": 0}).right is True
    assert check("input_gate.lower", {"i": 1, "g": -0.3}).right is True
    assert check("be_the_lstm.running_total", lambda x: {"f": 1 - x[1], "i": x[0], "g": 1}).right is True
    assert check("output_gate.ask_twice", np.isin(np.arange(1, 17), [6, 11])).right is True


def test_replies_to_missing_and_unfit_gate_values():
    assert check("schedule.count", lambda x: {"f": 1, "i": ..., "g": 1}).right is None
    assert check("schedule.count", lambda x: {"f": 1, "i": 1}).text == "Not yet. g is missing."
    assert "o, which is not one of f, i, g" in check("schedule.count", lambda x: dict.fromkeys("figo", 1)).text
    assert "f is 2 " in check("schedule.store", {"f": [1, 2] + [1] * 18, "i": 1, "o": 1}).text + " "
    assert "i has 3 values; it needs 20" in check("schedule.store", {"f": 1, "i": [1, 2, 3], "o": 1}).text
