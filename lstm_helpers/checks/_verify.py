"""What a file of questions claims, tried out: what is right is right, what is wrong is wrong, the answer passes."""

import copy
import io
from contextlib import redirect_stdout

import numpy as np

import lstm_helpers
from lstm_helpers._arguments import refuse
from lstm_helpers.checks._guard import guarded
from lstm_helpers.checks._judge import gives, judge, outcome, parts_if_any, wanted

SAMPLES = 6  # random inputs on which the formulas are tried


def verify(question, file, run_answer):
    """Refuse a question that does not do what it should; the sentence names the file and the key.

    Args:
        question: a `Question`.
        file: the name of its file.
        run_answer: whether its worked answer is run, as Python, and judged.
    """

    def wrong(key, sentence):
        refuse(ValueError, f"{file}: [{question.name}] {key} {sentence}")

    if question.kind in ("value", "function", "prediction") and question.right:
        _verify_formulas(question, wrong)
    if run_answer and question.answer:
        _verify_answer(question, wrong)


def _verify_formulas(question, wrong):
    samples = [question.inputs]
    if question.random:
        rng = np.random.default_rng(1)
        try:
            samples += [question.sample(rng) for _ in range(SAMPLES)]
        except Exception as error:
            wrong("random", f"cannot be worked out: {error}")
        if list(samples[1]) != list(question.inputs):
            wrong("random", f"must be for {', '.join(question.inputs)}, in this order")
    try:
        right = [(inputs, wanted(question, inputs), wanted(question, inputs)) for inputs in samples]
    except Exception as error:
        wrong("right", f"cannot be worked out: {error}")
    formulas = {f"mistakes.{key}.formula": mistake.formula for key, mistake in question.mistakes.items()}
    if question.shipped:
        formulas["shipped"] = question.shipped
    for key, formula in formulas.items():
        if gives(question, formula, right, rounded=False):
            wrong(key, "gives the right answer on every input")
        if not any(parts_if_any(question, formula, inputs) for inputs in samples):
            wrong(key, "cannot be worked out on any input")


def _verify_answer(question, wrong):
    try:
        reply = guarded(_reply_to_itself, question)
    except KeyError as error:
        wrong("mistakes", f"ask for {error}, which this trial does not give")
    except (ValueError, TypeError, SyntaxError) as error:  # refused by an equation, or by the check itself
        wrong("answer", f"cannot be judged: {error}")
    if not reply.right:
        wrong("answer", f"is judged not to be right: {reply.text}")


def _reply_to_itself(question):
    """The reply to the worked answer, run with what a notebook has at hand. What it prints is not shown."""
    names = {"np": np, **{name: getattr(lstm_helpers, name) for name in lstm_helpers.__all__}}
    names |= copy.deepcopy(question.inputs)
    with redirect_stdout(io.StringIO()):
        exec(question.code, names)  # as `load` says
        own = {name: eval(code, names) for name, code in question.check.items()}
    answer = names[question.variable]
    if question.kind == "trial":
        scope = outcome(question, answer, question.inputs_with(own))
        for mistake in question.mistakes.values():
            for name in mistake.places:
                scope[name]  # a `KeyError` where there is none
    return judge(question, answer, own)
