"""A test of each loaded question: its right answer is right, its mistakes are wrong, its worked answer passes."""

import copy
import io
from contextlib import redirect_stdout

import numpy as np

import lstm_helpers
from lstm_helpers._arguments import refuse
from lstm_helpers.checks._guard import guarded
from lstm_helpers.checks._judge import Run, judge, matches, outcome, parts_if_any, right_parts

SAMPLES = 6  # random inputs for which the formulas are computed


def verify(question, file, run_answer):
    """Refuse a question that contradicts itself; the message names the file, the question and the key.

    Args:
        question: a `Question`.
        file: the name of its file.
        run_answer: whether to run its worked answer, as Python, and judge it.
    """

    def fail(key, sentence):
        refuse(ValueError, f"{file}: [{question.name}] {key} {sentence}")

    if question.kind in ("value", "function", "prediction") and question.right:
        _verify_formulas(question, fail)
    if run_answer and question.answer:
        _verify_answer(question, fail)


def _verify_formulas(question, fail):
    samples = [question.inputs]
    if question.random:
        rng = np.random.default_rng(1)
        try:
            samples += [question.sample(rng) for _ in range(SAMPLES)]
        except Exception as error:
            fail("random", f"cannot be computed: {error}")
        if list(samples[1]) != list(question.inputs):
            fail("random", f"must be for {', '.join(question.inputs)}, in this order")
    try:
        runs = [Run(inputs, right := right_parts(question, inputs), right) for inputs in samples]
    except Exception as error:
        fail("right", f"cannot be computed: {error}")
    formulas = {f"mistakes.{key}.formula": mistake.formula for key, mistake in question.mistakes.items()}
    if question.shipped:
        formulas["shipped"] = question.shipped
    for key, formula in formulas.items():
        if matches(question, formula, runs, rounded=False):
            fail(key, "gives the right answer on every input")
        if not any(parts_if_any(question, formula, inputs) for inputs in samples):
            fail(key, "cannot be computed for any input")


def _verify_answer(question, fail):
    try:
        reply = guarded(_judge_worked_answer, question)
    except KeyError as error:
        fail("mistakes", f"use {error}, which this trial does not return")
    except (ValueError, TypeError, SyntaxError) as error:  # refused by an equation, or by the check itself
        fail("answer", f"cannot be judged: {error}")
    if not reply.right:
        fail("answer", f"is not judged right: {reply.text}")


def _judge_worked_answer(question):
    """Run the worked answer with the names of a notebook, its prints suppressed, and judge it."""
    names = {"np": np, **{name: getattr(lstm_helpers, name) for name in lstm_helpers.__all__}}
    names |= copy.deepcopy(question.inputs)
    with redirect_stdout(io.StringIO()):
        exec(question.code, names)  # `load` documents this
        overrides = {name: eval(code, names) for name, code in question.check.items()}
    answer = names[question.variable]
    if question.kind == "trial":
        scope = outcome(question, answer, question.inputs_with(overrides))
        for mistake in question.mistakes.values():
            for name in mistake.places:
                scope[name]  # a `KeyError` if the trial does not return it
    return judge(question, answer, overrides)
