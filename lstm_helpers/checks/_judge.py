"""The engine: `judge` makes a reply from a question and an answer, with one function for each kind of question.

`_numbers` reads and compares numbers; `trials` runs designs.
"""

import copy
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lstm_helpers._arguments import brief, refuse
from lstm_helpers.checks import _numbers
from lstm_helpers.checks._reply import Reply, describe, not_yet, prediction_reply
from lstm_helpers.checks.trials import TRIALS, FaultError, gate_values

RUNS = 6  # random inputs for which a function is called, besides the question's own

# Mistakes possible with any numbers: key -> (sentence, the change back, from wrong to right).
GENERAL = {
    "sign": ("The size is right, but the sign is reversed.", lambda a: -a),
    "percent": ("This is 100 times as much. Give fractions, not percent: 0.7 for 70%.", lambda a: a / 100),
    "backward": ("These are the right numbers in reverse order.", lambda a: a[::-1] if a.ndim == 1 else -a),
}
COARSE = "Right so far, but rounded too much: give at least one more decimal."
ROUNDED = "The numbers are right, but rounded. Return them in full."  # from a function


class Run(NamedTuple):
    """Numbers to compare, for one set of inputs."""

    inputs: dict
    right: list  # of parts
    given: list


def judge(question, answer, overrides):
    """The reply to an answer.

    Args:
        question: a `Question`.
        answer: any object; `...` for no answer yet.
        overrides: inputs that replace the question's own, by name.
    """
    inputs = question.inputs_with(overrides)
    if question.kind == "prediction":
        return prediction_reply(question)
    try:
        return JUDGES[question.kind](question, answer, inputs)
    except _numbers.UnreadableError as problem:
        return not_yet(str(problem), "unreadable")


def _judge_value(question, answer, inputs):
    """Judge a number, an array, or several results."""
    right = right_parts(question, inputs)
    if _numbers.unanswered(answer):
        return _to_do(question)
    if callable(answer):
        return not_yet("This is a function. The check needs the numbers that it returns.", "function")
    if question.results == ("",) and right[0].ndim == 0:
        answer = _numbers.without_commas(answer)
    given = _numbers.parts_of(answer, question.results)
    reply = _compare(question, [Run(inputs, right, given)])
    numbers = [part.tolist() for part in given]
    reply.value = numbers if len(numbers) > 1 else numbers[0]
    return reply


def _judge_function(question, answer, inputs):
    """Judge a function: call it with the inputs and with random ones."""
    right_parts(question, inputs)  # refuses inputs for which there is no answer
    if answer is ...:
        return _to_do(question)
    if not callable(answer):
        sentence = f"Pass the function itself, {question.variable}, without calling it: {question.call}."
        return not_yet(sentence, "no function")
    rng = np.random.default_rng(0)
    runs = []
    for args in [inputs, *(question.sample(rng) for _ in range(RUNS))]:
        result = _call(question, answer, args)
        if isinstance(result, Reply):
            return result
        runs.append(Run(args, right_parts(question, args), _numbers.parts_of(result, question.results)))
    return _compare(question, runs)


def _judge_choice(question, answer, inputs):
    """Judge one of a few words."""
    listed = ", ".join(f'"{option}"' for option in question.choices)
    if answer is ...:
        return Reply(f"To do: {question.todo} Choose one of {listed}.")
    chosen = _option(question, answer)
    if chosen is None:
        if isinstance(answer, (str, bool, int, float, np.generic)):
            return Reply(f"{brief(answer, 60)} is not one of the options. Choose one of {listed}.")
        return Reply(f"This is {_numbers.kind_of(answer)}, not a word. Choose one of {listed}, in quotation marks.")
    sentence = question.choices[chosen]
    reply = _right(question, sentence) if chosen == question.right else not_yet(sentence, chosen)
    reply.value = chosen
    return reply


def _judge_trial(question, answer, inputs):
    """Judge a design with many right answers by what it does."""
    if _numbers.unanswered(answer):
        return _to_do(question)
    try:
        scope = outcome(question, answer, inputs)
    except FaultError as fault:
        return _to_do(question) if fault.key == "unanswered" else not_yet(str(fault), fault.key)
    for key, mistake in question.mistakes.items():
        if sentence := mistake.sentence_of(scope):
            return not_yet(sentence, key)
    return _right(question, *(accepted.sentence_of(scope) for accepted in question.accepted.values()))


JUDGES = {"value": _judge_value, "function": _judge_function, "choice": _judge_choice, "trial": _judge_trial}


def right_parts(question, inputs):
    """The parts of the right answer for these inputs, or a refusal if there is none."""
    try:
        return _parts(question, question.right, inputs)
    except _numbers.UnreadableError:
        refuse(ValueError, f'"{question.name}" has no finite answer for these inputs')
    except (ValueError, IndexError) as error:
        if getattr(error, "is_refusal", False):
            raise
        refuse(ValueError, f"the inputs {', '.join(inputs)} do not go together: {error}")


def outcome(question, answer, inputs):
    """A scope with the numbers of a design: the results of its trial, or its gate values."""
    if question.trial:
        return question.scope(inputs | TRIALS[question.trial](answer))
    alone = isinstance(question.gates, str) and not isinstance(answer, Mapping)
    design = {question.gates: answer} if alone else answer
    steps = question.value(question.steps, inputs) if question.steps else None
    return question.scope(inputs | gate_values(design, question.gates, steps))


def _to_do(question, more=""):
    """The reply to a `...`."""
    return Reply(f'To do: {question.todo} (Stuck? hint("{question.name}", 1)){more}')


def _right(question, *notes):
    return Reply(" ".join(filter(None, ["Right.", *notes, question.note])), True)


def _parts(question, formula, inputs):
    return _numbers.parts_of(question.value(formula, inputs), question.results)


def _compare(question, runs):
    """The reply to numbers: one run for an answer, several for the results of a function."""
    rounded = question.kind == "value"
    if question.shipped and matches(question, question.shipped, runs, rounded):
        return _to_do(question, " It still computes what it did at first.")
    if all(_numbers.agree(run.given, run.right, rounded) for run in runs):
        return not_yet(COARSE, "coarse") if rounded and _could_be_wrong(question, runs[0]) else _right(question)
    for accepted in question.accepted.values():
        if matches(question, accepted.formula, runs, rounded):
            return _right(question, accepted.sentence)
    if rounded and _could_be_right(question, runs[0]):
        return not_yet(COARSE, "coarse")
    found = [key for key, mistake in question.mistakes.items() if matches(question, mistake.formula, runs, rounded)]
    if found:
        return not_yet(_explain(question, found, runs), *found)
    for k, run in enumerate(runs):
        if not _numbers.same_shapes(run.given, run.right):
            lengths = " (It was called with vectors of several lengths.)" if k else ""
            return not_yet(_numbers.wrong_shape(run.given, run.right, question.results) + lengths, "shape")
    for key, (sentence, change_back) in GENERAL.items():
        if all(_numbers.agree([change_back(a) for a in run.given], run.right, rounded) for run in runs):
            return not_yet(sentence, key)
    return _wrong_numbers(question, runs[0]) if rounded else _wrong_function(question, runs)


def matches(question, formula, runs, rounded):
    """True if every run gave what the formula gives."""
    return all(_numbers.agree(run.given, parts_if_any(question, formula, run.inputs), rounded) for run in runs)


def parts_if_any(question, formula, inputs):
    """The parts of a formula's value; [] if it cannot be computed for these inputs."""
    try:
        return _parts(question, formula, inputs)
    except (_numbers.UnreadableError, ValueError, IndexError, TypeError):
        return []


def _could_be_wrong(question, run):
    """True if a right answer is rounded so far that a known mistake rounds to the same numbers.

    False if even one or two decimals more would not tell the two apart.
    """
    if _numbers.agree(run.given, run.right, rounded=False) or _numbers.rounded_finely(run.given, run.right):
        return False
    for mistake in question.mistakes.values():
        wrong = parts_if_any(question, mistake.formula, run.inputs)
        if _numbers.agree(run.given, wrong, rounded=True) and not _numbers.agree(wrong, run.right, rounded=False):
            return True
    return False


def _could_be_right(question, run):
    """True if an answer is right to its few decimals, and no known mistake gives exactly these numbers."""
    return _numbers.too_coarse(run.given, run.right) and not any(
        matches(question, mistake.formula, [run], rounded=False) for mistake in question.mistakes.values()
    )


def _explain(question, keys, runs):
    """The sentences of the known mistakes that give this answer, exactly or when rounded."""
    mistakes = [question.mistakes[key] for key in keys]
    if len(mistakes) == 1:
        return mistakes[0].sentence
    exact = all(matches(question, mistake.formula, runs, rounded=False) for mistake in mistakes)
    start, which = "" if exact else "Rounded like this, ", "either" if len(mistakes) == 2 else "any"
    listed = " ".join(f"({k}) {mistake.sentence}" for k, mistake in enumerate(mistakes, 1))
    return f"{start}{len(mistakes)} different mistakes give this result; yours may be {which} of them. {listed}"


def _wrong_numbers(question, run):
    """The reply to numbers that no known mistake gives."""
    off = max(np.abs(a.reshape(b.shape) - b).max() for a, b in zip(run.given, run.right, strict=True))
    near = off <= 0.02 * max(np.abs(b).max() for b in run.right)
    doubt = " That is close: was something rounded on the way? Round last." if near else ""
    return not_yet(_numbers.difference(run.given, run.right, question.results, rounded=True) + doubt)


def _wrong_function(question, runs):
    """The reply to a function that makes no known mistake: how often it is right, and its first wrong result."""
    if all(_numbers.agree(run.given, run.right, rounded=True) for run in runs):
        return not_yet(ROUNDED, "rounded")
    wrong = [run for run in runs if not _numbers.agree(run.given, run.right, rounded=False)]
    right = len(runs) - len(wrong)
    start = f"It is right on {right} of {len(runs)} inputs. " if right else ""
    inputs, expected, given = wrong[0]
    numbers = [v for v in inputs.values() if isinstance(v, (int, float, np.ndarray))]
    small = len(numbers) == len(inputs) and sum(np.size(v) for v in numbers) <= 9
    if small and len(given) == 1 and expected[0].size <= 4:
        called = ", ".join(f"{name} = {_numbers.short(v)}" for name, v in inputs.items())
        got, needed = _numbers.short_apart(given[0], expected[0])
        return not_yet(f"{start}With {called} it returns {got}; {needed} is right.")
    return not_yet(start + _numbers.difference(given, expected, question.results, rounded=False))


def _call(question, function, inputs):
    """The result of the learner's function, or a reply if there is nothing to compare."""
    args = copy.deepcopy(inputs)
    try:
        result = function(*args.values())
    except Exception as error:
        return not_yet(f"The function stops with {describe(error)}.", "error")
    if _numbers.unanswered(result):
        return _to_do(question)
    if result is None:
        return not_yet("The function returns None: does it end with return?", "none")
    for name, value in inputs.items():
        if isinstance(value, np.ndarray) and not np.array_equal(value, args[name]):
            return not_yet(f"The function changes its input {name}. Work on a copy of it.", "changes its input")
    return result


def _option(question, answer):
    """The option that the answer names, in any case, or by words that no other option has; else None."""
    if isinstance(answer, (list, tuple)) and len(answer) == 1:
        answer = answer[0]
    if isinstance(answer, (bool, np.bool_)):
        answer = "yes" if answer else "no"
    if isinstance(answer, (int, float, np.integer, np.floating)):
        answer = f"{answer:g}" if abs(answer) < 1e6 else ""
    if not isinstance(answer, str) or not answer.strip() or len(answer) > 200:
        return None
    words = _words(answer)
    if exact := [option for option in question.choices if _words(option) == words]:
        return exact[0]
    partial = [option for option in question.choices if words in _words(option)]
    return partial[0] if len(partial) == 1 else None


def _words(text):
    """The words of a text in lower case, each between spaces."""
    words = (word.strip(",.!?\"'") for word in text.lower().split())
    return f" {' '.join(words)} "
