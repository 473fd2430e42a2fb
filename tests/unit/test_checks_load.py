"""Loaded question files: each mistake in a file is named, and its formulas can only compute."""

import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from lstm_helpers.checks import QUESTIONS, _guard, answer, check, hint, load
from lstm_helpers.checks._formula import Formula, FormulaError, Scope
from lstm_helpers.checks.functions import FUNCTIONS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```toml\n(.+?)```", GUIDE, re.DOTALL)[1]


@pytest.fixture
def file(tmp_path):
    """Write a question file; its questions are removed after the test."""
    path = tmp_path / "my_questions.toml"

    def write(text):
        path.write_text(text, encoding="utf-8")
        return path

    yield write
    QUESTIONS.add(path, {})


def test_the_example_of_the_guide_runs_as_printed(file):
    (code,) = re.findall(r"```python\n(from lstm_helpers.checks import .+?)```", GUIDE, re.DOTALL)
    path = file(EXAMPLE)
    names = {}
    exec(code.replace("my_questions.toml", path.as_posix()), names)
    (name,) = load(path)
    printed = re.search(r"```text\n(.+?)\n```", GUIDE, re.DOTALL)[1]
    assert " ".join(repr(names["reply"]).split()) == printed
    assert len(EXAMPLE.splitlines()) <= 14
    assert hint(name, 1).text and answer(name).code and check(name, ...).right is None


def test_a_file_can_be_loaded_again_and_replaces_its_own_questions(file):
    assert load(file(EXAMPLE)) == ["leak.left"]
    assert load(file(EXAMPLE.replace("leak.left", "leak.rest"))) == ["leak.rest"]
    assert "leak.left" not in QUESTIONS and "leak.rest" in QUESTIONS
    with pytest.raises(ValueError, match=r"the nearest are leak\.rest"):
        check("leak.left", 1)


def test_a_name_that_is_taken_is_refused_and_nothing_is_added(file):
    text = EXAMPLE + EXAMPLE.replace("leak.left", "forget_gate.kept")
    with pytest.raises(ValueError, match=r"my_questions.toml: \[forget_gate.kept\] is taken, by 03_forget_gate.toml"):
        load(file(text))
    assert "leak.left" not in QUESTIONS


# A change in the example, and the error message
MISTAKES = {
    "no TOML": (("todo = ", "todo "), "my_questions.toml is not valid TOML"),
    "unknown key": (("todo = ", "to_do = "), r"\[leak.left\] to_do is not a key of a question; the keys are todo, "),
    "missing key": ((r"because = .*\n", ""), r"\[leak.left\] because is missing"),
    "wrong type": (("todo = .*", "todo = 3"), r"\[leak.left\] todo must be text, got 3"),
    "one hint": (("hints = .*", 'hints = ["One."]'), r"\[leak.left\] hints must be a list of two texts"),
    "no expression": (('right = ".*"', 'right = "0.8 *"'), r"\[leak.left\] right cannot be read: it is not a Py"),
    "an attribute": (('right = ".*"', 'right = "c.T"'), r"\[leak.left\] right cannot be read: it has an attribute"),
    "unknown name": (('right = ".*"', 'right = "f * c0"'), r"\[leak.left\] right has c0, but the names here are c, f"),
    "right mistake": (
        (r'formula = "f \+ c"', 'formula = "c * f"'),
        r"\[leak.left\] mistakes.sum.formula gives the right answer on every input",
    ),
    "a mistake that stops": (
        (r'formula = "f \+ c"', 'formula = "(f + c)[3]"'),
        r"\[leak.left\] mistakes.sum.formula cannot be computed for any input",
    ),
    "wrong answer": (("answer = .*", 'answer = "left = 0.9 + 0.5"'), r"\[leak.left\] answer is not judged right"),
    "no name": (("answer = .*", 'answer = "0.9 * 0.5"'), r"\[leak.left\] answer must give a name to the answer"),
    "no Python": (("answer = .*", 'answer = "left = ="'), r"\[leak.left\] answer is not Python"),
    "half a mistake": (("sum.say = .*\n", ""), r"\[leak.left\] mistakes.sum must have formula and say, each a text"),
    "an input": (("inputs = .*", "inputs = { f = \"1 / 'a'\", c = 1 }"), r"\[leak.left\] inputs.f cannot be read"),
    "true": (("inputs = .*", "inputs = { f = true, c = 1 }"), r"\[leak.left\] inputs.f must be a number, a list"),
}


# Predictions, which belong to panels and are not judged
PREDICTION = """
[leak.guess]
kind = "prediction"
todo = "How much is left?"
inputs = { f = 0.9, c = 0.5 }
where = { twice = "f * f" }
right = "twice * c"

[leak.trained]
kind = "prediction"
todo = "After how many steps does it get it?"
"""


def test_a_prediction_needs_a_task_and_may_have_a_right_answer(file):
    assert load(file(PREDICTION)) == ["leak.guess", "leak.trained"]
    known, trained = QUESTIONS["leak.guess"], QUESTIONS["leak.trained"]
    assert known.kind == trained.kind == "prediction" and trained.right is None
    assert known.value(known.right, known.inputs) == pytest.approx(0.405)
    assert load(file(PREDICTION), run_answers=False) == ["leak.guess", "leak.trained"]


def test_a_prediction_is_not_judged(file):
    load(file(PREDICTION))
    sentence = "To do: How much is left? Predictions are not judged: the panel draws yours beside the truth."
    for given in (..., 0.405, 3, "f * c", object()):
        reply = check("leak.guess", given)
        assert (reply.right, reply.text, reply.value) == (None, sentence, None)
    assert [hint("leak.guess", 1).text, hint("leak.guess", 2).text, answer("leak.guess").text] == [sentence] * 3
    with pytest.raises(TypeError, match=r'"leak\.guess" has no input g; its inputs are f, c'):
        check("leak.guess", 1, g=2)


WRONG_PREDICTIONS = {
    "another kind": (('"prediction"', '"guess"'), r"\[leak.guess\] kind must be \"prediction\", got 'guess'"),
    "no kind that is named": (('"prediction"', '"value"'), r"\[leak.guess\] kind must be \"prediction\", got 'value'"),
    "nothing asked": (('todo = "How.*', ""), r"\[leak.guess\] todo is missing"),
    "an answer": (("inputs = ", 'answer = "left = 1"\ninputs = '),
                  r"\[leak.guess\] answer is not a key of a prediction; the keys are kind, todo, right, inputs, "),
    "hints": (("inputs = ", 'hints = ["a", "b"]\ninputs = '), r"\[leak.guess\] hints is not a key of a prediction"),
    "unknown key": (("inputs = ", "input = "), r"\[leak.guess\] input is not a key of a question; the keys are todo"),
    "unknown name": (('"twice \\* c"', '"twice * d"'), r"\[leak.guess\] right has d, but the names here are c, f, "),
    "no expression": (('"twice \\* c"', '"twice *"'), r"\[leak.guess\] right cannot be read: "),
    "no number": (('"twice \\* c"', '"twice * c / 0"'), r"\[leak.guess\] right cannot be computed: "),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name", "change", "sentence"),
    [
        *(pytest.param(EXAMPLE, "leak.left", *MISTAKES[kind], id=kind) for kind in MISTAKES),
        *(pytest.param(PREDICTION, "leak.guess", *WRONG_PREDICTIONS[kind], id=kind) for kind in WRONG_PREDICTIONS),
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_question_and_key(text, name, change, sentence, file):
    pattern, new = change
    changed = re.sub(pattern, lambda _: new, text, count=1)
    assert changed != text
    with pytest.raises(ValueError, match=sentence) as error:
        load(file(changed))
    assert str(error.value).startswith("my_questions.toml") and "\n" not in str(error.value).rstrip()
    assert name not in QUESTIONS


def with_answer(*lines):
    """The example with an answer of these lines of code."""
    code = "\n".join(lines)
    return re.sub("answer = .*", lambda _: f"answer = '''\n{code}\n'''", EXAMPLE)


def test_an_answer_with_a_loop_a_condition_and_a_method_is_judged(file):
    lines = ["left = np.array([0.5])", "for f in [0.9]:", "    left = left * f if f < 1 else left"]
    assert load(file(with_answer(*lines, "left = left.item()"))) == ["leak.left"]
    with pytest.raises(ValueError, match=r"\[leak.left\] answer is not judged right: .*This is f \+ c\."):
        load(file(with_answer(*lines, "left = left.item() + 0.95")))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("left = y * 0.5", "It stops with NameError: name 'y' is not defined."),
        ("left = open('/no/such/file')", "It stops with FileNotFoundError: "),
        ("left = exit()", "It stops with SystemExit"),
        ("left = ...", "To do: "),
    ],
)
def test_an_answer_that_stops_is_named(line, sentence, file):
    with pytest.raises(ValueError, match=rf"\[leak.left\] answer is not judged right: .*{re.escape(sentence)}"):
        load(file(with_answer(line)))


@pytest.mark.parametrize(
    ("check_of", "sentence"),
    [
        ('{ g = "0.5" }', '"leak.left" has no input g; its inputs are f, c'),
        ('{ f = "0.9 +" }', "invalid syntax"),
        ('{ f = "gate" }', "f must hold real numbers, got <function gate"),
    ],
)
def test_an_impossible_check_is_named(check_of, sentence, file):
    text = EXAMPLE.replace("todo =", f"check = {check_of}\ntodo =")
    with pytest.raises(ValueError, match=rf"\[leak.left\] answer cannot be judged: {sentence}"):
        load(file(text))


def test_an_answer_that_an_equation_refuses_is_named(file):
    with pytest.raises(ValueError, match=r"\[leak.left\] answer cannot be judged: f must lie from 0 to 1"):
        load(file(with_answer("left = cell_state(1.5, 0.5, 0, 0)")))


def test_an_answer_that_never_ends_is_stopped(file, monkeypatch):
    monkeypatch.setattr(_guard, "SECONDS", 0.2)
    with pytest.raises(ValueError, match=r"Does it have a loop that never ends\?"):
        load(file(with_answer("left = 0.45", "while True:", "    left = left")))


def test_the_prints_of_an_answer_are_suppressed(file, capsys):
    load(file(with_answer("left = 0.9 * 0.5", "print(left)")))
    assert capsys.readouterr().out == ""


def test_answers_are_not_run_on_request(file, tmp_path):
    text = with_answer("left = 0.5", f"open({(tmp_path / 'new').as_posix()!r}, 'w').close()")
    assert load(file(text), run_answers=False) == ["leak.left"]
    assert not (tmp_path / "new").exists()
    with pytest.raises(TypeError, match="run_answers must be True or False"):
        load(file(text), run_answers="no")


@pytest.mark.parametrize("key", ["given", "answer", "check"])
def test_the_guide_names_every_key_whose_code_is_run(key, file, tmp_path):
    ran = tmp_path / "ran"
    code = f"(open({ran.as_posix()!r}, 'w').close(), 0.9)[1]"
    lines = {"given": f'given = "{code}"', "check": f'check = {{ f = "{code}" }}'}
    text = with_answer("left = 0.45", code) if key == "answer" else EXAMPLE.replace("hints", f"{lines[key]}\nhints")
    assert load(file(text), run_answers=False) == ["leak.left"] and not ran.exists()
    assert load(file(text)) == ["leak.left"] and ran.exists()
    assert f"`{key}`" in re.search(r"it runs the code\s+under (.+?), for at most", GUIDE)[1]


DESIGN = """
[my.held]
todo = "Choose f and i at three steps, so that a memory of 1 is halved at step 2 and held otherwise."
gates = ["f", "i"]
steps = "3"
where.c = "cumprod(f)"
where.wanted = "array([1.0, 0.5, 0.5])"
answer = '''
held = {"f": [1.0] * 3, "i": 0}
for t in (2,):
    held["f"][t - 1] = 0.5
'''
hints = ["Which gate is it?", "Nothing is written."]
because = "f scales the memory."
[my.held.mistakes]
written.when = "i > 0"
written.say = "At step {step} i = {i:.1f} writes."
other.when = "abs(c - wanted) > 0.001"
other.say = "After step {step} the memory is {c:.2f}."
"""


def test_a_design_needs_no_python(file):
    load(file(DESIGN))
    assert check("my.held", {"f": [1, 0.5, 1], "i": 0}).right is True
    assert check("my.held", {"f": 1, "i": 0}).text == "Not yet. After step 2 the memory is 1.00."
    assert check("my.held", {"f": [1, 0.5, 1], "i": [0, 0, 0.3]}).text == "Not yet. At step 3 i = 0.3 writes."
    assert check("my.held", {"f": 1, "i": 0, "o": 1}).text == "Not yet. It has o, which is not one of f, i."


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("{c:.2f}", "{d:.2f}", r"\[my.held\] mistakes use 'd', which this trial does not return"),
        ("i > 0", "j > 0", r"\[my.held\] mistakes use 'j', which this trial does not return"),
        ("{c:.2f}", "{c.T}", r"\[my.held\] mistakes.other.say may have only names and their formats in braces"),
        ('"f", "i"]', '"f", "x"]', r'\[my.held\] gates must be some of "f", "i", "g", "o"'),
        ("written.when", "written.formula", r"\[my.held\] mistakes.written must have when and say, each a text"),
        ('held["f"][t - 1] = 0.5', "pass", r"\[my.held\] answer is not judged right: .*the memory is 1.00"),
    ],
)
def test_a_mistake_in_a_design_is_named(old, new, sentence, file):
    assert old in DESIGN
    with pytest.raises(ValueError, match=sentence):
        load(file(DESIGN.replace(old, new)))


# Formulas can only compute


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "_private",
        "f.__class__",
        "f.T",
        "(1).real",
        "().__class__.__bases__",
        "lambda: 1",
        "(lambda: 1)()",
        "[f for f in (1, 2)]",
        "{f: 1}",
        "{1, 2}",
        "f'{f}'",
        "'a' * 10**9",
        "'a'",
        "b'a'",
        "(f := 1)",
        "sum(*f)",
        "sum(**f)",
        "sum(f, out=f)",
        "open('x')",
        "eval('1')",
        "f()",
        "sum(f)(1)",
        "sum",
        "getattr(f, 'T')",
        "f if f else f",
        "f and f",
        "1j",
        "10000000000000000",
        "1e300",
        "await f",
        "yield",
        "x = 1",
        "import os",
        "f; f",
        "",
        "(" * 500 + "1" + ")" * 500,
        "-" * 900 + "1",
        "f" + " + f" * 200,
        "1 + " * 1000 + "1",
        "\0",
    ],
)
def test_what_formulas_may_not_have(text):
    with pytest.raises(FormulaError):
        Formula(text, FUNCTIONS)


@pytest.mark.parametrize(
    "text",
    [
        "ones(1000000000)",
        "zeros((100000, 100000))",
        "arange(1000000000000)",
        "resize(f, 10000000000)",
        "outer(ones(10000), ones(10000))",
        "reshape(ones(10000), (10000, 1)) + ones(10000)",
        "reshape(ones(10000), (10000, 1)) @ ones((1, 10000))",
        "split(ones(0), 1000000000)",
        "where(reshape(ones(10000), (10000, 1)), ones(10000), 0)",
        "rnn_states(0.5, zeros(1000000000), 0.5)",
        "[f] * 3",
        "(f,) * 10**9",
        "concatenate([ones(1000000)] * 100)",
        "stack([ones(1000000), ones(1000000), ones(1000000)])",
        "None + 1",
    ],
)
def test_large_results_are_refused_before_they_are_computed(text):
    scope = Scope({"f": np.ones(3)}, {}, FUNCTIONS)
    tracemalloc.start()
    with pytest.raises(ValueError):
        Formula(text, FUNCTIONS).value(scope)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30e6


def test_a_tower_of_powers_is_infinite_and_quick():
    assert Formula("10**10**10", FUNCTIONS).value(Scope({}, {}, FUNCTIONS)) == np.inf


def test_the_formulas_of_a_question_are_python():
    """The evaluator agrees with Python, given the same functions."""
    compared = 0
    for question in QUESTIONS.values():
        for mistake in question.mistakes.values():
            if mistake.formula and mistake.formula.names <= set(question.inputs):
                compared += 1
                with np.errstate(all="ignore"):
                    plain = eval(mistake.formula.text, dict(FUNCTIONS), dict(question.inputs))
                given = question.value(mistake.formula, question.inputs)
                pairs = zip(plain, given, strict=True) if isinstance(plain, tuple) else [(plain, given)]
                for a, b in pairs:
                    assert np.allclose(a, b, equal_nan=True), (question.name, mistake.formula.text)
    assert compared > 100
