"""From a question and an answer to a reply: one function for each kind of question."""

import copy

import numpy as np

from lstm_helpers._arguments import brief, refuse
from lstm_helpers.checks._guard import told
from lstm_helpers.checks._numbers import agree, difference, rounded_finely, same_shapes, shapes, short, too_coarse
from lstm_helpers.checks._reading import UnreadableError, kind_of, parts_of, unanswered, without_commas
from lstm_helpers.checks._reply import Reply, not_yet, several, to_predict
from lstm_helpers.checks._simulate import FaultError, gate_values
from lstm_helpers.checks.trials import TRIALS

RUNS = 6  # random inputs on which a function is tried, besides the question's own

# What can happen to any numbers: key -> (what the learner is told, what becomes of the right ones).
GENERAL = {
    "sign": ("The size is right, but the sign is reversed.", lambda b: -b),
    "percent": ("This is 100 times as much. Give fractions, not percent: 0.7 for 70%.", lambda b: 100 * b),
    "backward": ("These are the right numbers in reverse order.", lambda b: b[::-1] if b.ndim == 1 else -b),
}
COARSE = "So far it is right, but it is rounded too far: give at least one decimal more."


def judge(question, answer, own):
    """The reply to an answer.

    Args:
        question: a `Question`.
        answer: whatever the learner handed over; `...` as long as there is none.
        own: inputs that the learner handed over, by name.
    """
    try:
        return JUDGES[question.kind](question, answer, question.inputs_with(own))
    except UnreadableError as problem:
        return not_yet(str(problem), "unreadable")


def wanted(question, inputs):
    """The parts of the right answer for these inputs, or a refusal where there is none."""
    try:
        return _parts(question, question.right, inputs)
    except UnreadableError:
        refuse(ValueError, f'"{question.name}" has no finite answer for these inputs')
    except (ValueError, IndexError) as error:
        if getattr(error, "is_refusal", False):
            raise
        refuse(ValueError, f"the inputs {', '.join(inputs)} do not go together: {error}")


def _value(question, answer, inputs):
    """Numbers: a number, an array, or several results."""
    right = wanted(question, inputs)
    if unanswered(answer):
        return _to_do(question)
    if callable(answer):
        return not_yet("This is a function. The check needs the numbers that it returns.", "function")
    if question.results == ("",) and right[0].ndim == 0:
        answer = without_commas(answer)
    given = parts_of(answer, question.results)
    reply, numbers = _compare(question, [(inputs, right, given)]), [part.tolist() for part in given]
    reply.value = numbers if len(numbers) > 1 else numbers[0]
    return reply


def _function(question, answer, inputs):
    """A function of the inputs, in their order: it is called with the inputs, and with random ones."""
    wanted(question, inputs)
    if answer is ...:
        return _to_do(question)
    if not callable(answer):
        sentence = f"Hand over the function itself, {question.variable}, without calling it: {question.call}."
        return not_yet(sentence, "no function")
    rng = np.random.default_rng(0)
    results = []
    for given in [inputs, *(question.sample(rng) for _ in range(RUNS))]:
        result = _called(question, answer, given)
        if isinstance(result, Reply):
            return result
        results.append((given, wanted(question, given), result))
    return _compare(question, [(given, right, parts_of(result, question.results)) for given, right, result in results])


def _choice(question, answer, inputs):
    """One of a few words: a prediction."""
    listed = ", ".join(f'"{option}"' for option in question.choices)
    if answer is ...:
        return Reply(f"To do: {question.todo} Choose one of {listed}.")
    chosen = _option(question, answer)
    if chosen is None:
        is_word = isinstance(answer, (str, bool, int, float, np.generic))
        what = f"{brief(answer, 60)} is none of the options." if is_word else f"This is {kind_of(answer)}, and no word."
        quoted = "" if is_word else ", in quotation marks"
        return Reply(f"{what} Choose one of {listed}{quoted}.", None)
    said = question.choices[chosen]
    reply = _right(question, said) if chosen == question.right else not_yet(said, chosen)
    reply.value = chosen
    return reply


def _trial(question, answer, inputs):
    """A design with many right answers: it is run, and judged by what it does."""
    if unanswered(answer):
        return _to_do(question)
    try:
        scope = outcome(question, answer, inputs)
    except FaultError as fault:
        return _to_do(question) if fault.key == "unanswered" else not_yet(str(fault), fault.key)
    for key, mistake in question.mistakes.items():
        if sentence := mistake.sentence_of(scope):
            return not_yet(sentence, key)
    return _right(question, *(accepted.sentence_of(scope) for accepted in question.accepted.values()))


def outcome(question, answer, inputs):
    """The numbers of a design, for the formulas of its question: what came of the trial, or the gate values."""
    if question.trial:
        return question.scope(inputs | TRIALS[question.trial](answer))
    design = {question.gates: answer} if isinstance(question.gates, str) else answer
    steps = question.value(question.steps, inputs) if question.steps else None
    return question.scope(inputs | gate_values(design, question.gates, steps))


def _prediction(question, answer, inputs):
    """What a panel shows; there is nothing to judge."""
    return to_predict(question)


JUDGES = {"value": _value, "function": _function, "choice": _choice, "trial": _trial, "prediction": _prediction}


def _to_do(question, more=""):
    """The reply to a `...`."""
    return Reply(f'To do: {question.todo} (Stuck? hint("{question.name}", 1)){more}')


def _right(question, *notes):
    return Reply(" ".join(filter(None, ["Right.", *notes, question.note])), True)


def _parts(question, formula, inputs):
    return parts_of(question.value(formula, inputs), question.results)


def _compare(question, runs):
    """The reply to numbers: the answer to a question, or what a function gave.

    Args:
        question: a `Question`.
        runs: for each set of inputs `(inputs, the parts that are right, the parts that were given)`.
    """
    rounded = question.kind == "value"
    if question.shipped and gives(question, question.shipped, runs, rounded):
        return _to_do(question, " So far it computes what it did at first.")
    if all(agree(given, right, rounded) for _, right, given in runs):
        return not_yet(COARSE, "coarse") if rounded and _could_be_wrong(question, *runs[0]) else _right(question)
    for accepted in question.accepted.values():
        if gives(question, accepted.formula, runs, rounded):
            return _right(question, accepted.sentence)
    found = [key for key, mistake in question.mistakes.items() if gives(question, mistake.formula, runs, rounded)]
    if found:
        exact = all(gives(question, question.mistakes[key].formula, runs, rounded=False) for key in found)
        return not_yet(several([question.mistakes[key].sentence for key in found], exact), *found)
    unfit = [k for k, (_, right, given) in enumerate(runs) if not same_shapes(given, right)]
    if unfit:
        lengths = " (It was called with vectors of several lengths.)" if unfit[0] else ""
        return not_yet(shapes(runs[unfit[0]][2], runs[unfit[0]][1], question.results) + lengths, "shape")
    for key, (sentence, change) in GENERAL.items():
        if all(agree(given, [change(b) for b in right], rounded) for _, right, given in runs):
            return not_yet(sentence, key)
    return _off(question, *runs[0][1:]) if rounded else _wrong_runs(question, runs)


def _could_be_wrong(question, inputs, right, given):
    """Whether an answer that is right is rounded so far that a known mistake would give the same.

    One or two decimals more tell them apart; where they would not, the answer is right.
    """
    if agree(given, right, rounded=False) or rounded_finely(given, right):
        return False
    formulas = (mistake.formula for mistake in question.mistakes.values())
    wrong = [parts for formula in formulas if (parts := parts_if_any(question, formula, inputs))]
    return any(agree(given, parts, rounded=True) and not agree(parts, right, rounded=False) for parts in wrong)


def gives(question, formula, runs, rounded):
    """Whether every run gave what this formula gives."""
    return all(agree(given, parts_if_any(question, formula, inputs), rounded) for inputs, _, given in runs)


def parts_if_any(question, formula, inputs):
    """The parts of what a formula gives for these inputs; none if the inputs allow no such mistake."""
    try:
        return _parts(question, formula, inputs)
    except (UnreadableError, ValueError, IndexError, TypeError):
        return []


def _off(question, right, given):
    """The reply to wrong numbers that no known mistake gives: only what is certain."""
    if too_coarse(given, right):
        return not_yet(COARSE, "coarse")
    off = max(np.abs(a.reshape(b.shape) - b).max() for a, b in zip(given, right, strict=True))
    near = off <= 0.02 * max(np.abs(b).max() for b in right)
    doubt = " That is close: was something rounded on the way? Round last." if near else ""
    return not_yet(difference(given, right, question.results, rounded=True) + doubt)


def _called(question, answer, inputs):
    """What the learner's function gives, or a reply if it gives nothing that can be compared."""
    handed = copy.deepcopy(inputs)
    try:
        result = answer(*handed.values())
    except Exception as error:
        return not_yet(f"The function stops with {told(error)}.", "error")
    if unanswered(result):
        return _to_do(question)
    if result is None:
        return not_yet("The function gives None: does it end with return?", "none")
    for name, value in inputs.items():
        if isinstance(value, np.ndarray) and not np.array_equal(value, handed[name]):
            sentence = f"The function changes {name}, which it was only lent. Work on a copy, or make a new array."
            return not_yet(sentence, "changes its input")
    return result


def _wrong_runs(question, runs):
    """The reply to a wrong function that makes no known mistake: on how many inputs, and the first of them."""
    wrong = [run for run in runs if not agree(run[2], run[1], rounded=False)]
    right = len(runs) - len(wrong)
    start = f"It is right on {right} of {len(runs)} inputs. " if right else ""
    inputs, expected, given = wrong[0]
    numbers = [v for v in inputs.values() if isinstance(v, (int, float, np.ndarray))]
    small = len(numbers) == len(inputs) and sum(np.size(v) for v in numbers) <= 9
    if small and len(given) == 1 and expected[0].size <= 4:
        called = ", ".join(f"{name} = {short(v)}" for name, v in inputs.items())
        return not_yet(f"{start}With {called} it gives {short(given[0])}; {short(expected[0])} is right.")
    return not_yet(start + difference(given, expected, question.results, rounded=False))


def _option(question, answer):
    """The option that is meant: the word, however written, or a part of it that no other option has."""
    if isinstance(answer, (list, tuple)) and len(answer) == 1:
        answer = answer[0]
    if isinstance(answer, (bool, np.bool_)):
        answer = "yes" if answer else "no"
    if isinstance(answer, (int, float, np.integer, np.floating)):
        answer = f"{answer:g}" if abs(answer) < 1e6 else ""
    if not isinstance(answer, str) or not answer.strip() or len(answer) > 200:
        return None
    plain = " ".join(answer.lower().split()).strip(".!\"'")
    known = [option.lower() for option in question.choices]
    for found in (
        [option == plain for option in known],
        [option.startswith(plain) for option in known],
        [plain in option.split() for option in known],
    ):
        if sum(found) == 1:
            return list(question.choices)[found.index(True)]
    return None
