"""From a question and an answer to a reply: one function for each kind of question."""

import copy

import numpy as np

from lstm_helpers._arguments import brief, refuse
from lstm_helpers.checks._guard import told
from lstm_helpers.checks._numbers import agree, difference, same_shapes, shapes, short, too_coarse
from lstm_helpers.checks._reading import UnreadableError, kind_of, parts_of, unanswered, without_commas
from lstm_helpers.checks._reply import Reply, not_yet, several
from lstm_helpers.checks.trials import FORM, TRIALS, FaultError

RUNS = 6  # random inputs on which a function is tried, besides the question's own

# What can happen to any numbers: key -> (what the learner is told, what becomes of the right ones).
GENERAL = {
    "sign": ("The size is right, but the sign is reversed.", lambda b: -b),
    "percent": ("This is 100 times as much. Give fractions, not percent: 0.7 for 70%.", lambda b: 100 * b),
    "backward": ("These are the right numbers in reverse order.", lambda b: b[::-1] if b.ndim == 1 else -b),
}


def judge(question, answer, own):
    """The reply to an answer.

    Args:
        question: a `Question`.
        answer: whatever the learner handed over; `...` as long as there is none.
        own: inputs that the learner handed over, by name.
    """
    return JUDGES[question.kind](question, answer, question.inputs_with(own))


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
    try:
        answer = without_commas(answer) if question.results == ("",) and right[0].ndim == 0 else answer
    except UnreadableError as problem:
        return not_yet(str(problem), "unreadable")
    return _compare(question, [(inputs, right, answer)], rounded=True, unknown=_off)


def _function(question, answer, inputs):
    """A function of the inputs, in their order: it is called with the inputs, and with random ones."""
    wanted(question, inputs)
    if answer is ...:
        return _to_do(question)
    if not callable(answer):
        sentence = f"Hand over the function itself, {question.variable}, without calling it: {question.call}."
        return not_yet(sentence, "no function")
    rng = np.random.default_rng(0)
    runs = []
    for given in [inputs, *(question.sample(rng) for _ in range(RUNS))]:
        result = _called(question, answer, given)
        if isinstance(result, Reply):
            return result
        runs.append((given, wanted(question, given), result))
    if question.shipped and _is_shipped(question, runs):
        return Reply(f"{_to_do(question).text} So far it computes what it did at first.")
    return _compare(question, runs, rounded=False, unknown=_wrong_runs)


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
    if chosen == question.right:
        return _right(question, question.choices[chosen])
    return not_yet(question.choices[chosen], chosen)


def _trial(question, answer, inputs):
    """A design with many right answers: it is tried out, and judged by what it does."""
    if unanswered(answer):
        return _to_do(question)
    try:
        note = TRIALS[question.trial].run(answer, **inputs)
    except FaultError as fault:
        if fault.key == "unanswered":
            return _to_do(question)
        sentence = FORM.get(fault.key) or question.mistakes[fault.key].say
        return not_yet(sentence.format(**fault.details), fault.key)
    return _right(question, note or "")


JUDGES = {"value": _value, "function": _function, "choice": _choice, "trial": _trial}


def _to_do(question):
    """The reply to a `...`."""
    return Reply(f'To do: {question.todo} (Stuck? hint("{question.name}", 1))')


def _right(question, note=""):
    return Reply(" ".join(filter(None, ["Right.", note, question.note])), True)


def _parts(question, formula, inputs):
    return parts_of(question.value(formula, inputs), question.results)


def _compare(question, runs, rounded, unknown):
    """The reply to the answers of one or several runs, each `(inputs, wanted parts, answer)`.

    Args:
        question: a `Question`.
        runs: the runs.
        rounded: whether an answer may be rounded.
        unknown: the reply to a wrong answer that no known mistake gives, a function of the same arguments.
    """
    try:
        runs = [(inputs, right, parts_of(answer, question.results)) for inputs, right, answer in runs]
    except UnreadableError as problem:
        return not_yet(str(problem), "unreadable")
    if all(agree(given, right, rounded) for _, right, given in runs):
        return _right(question)
    for accepted in question.accepted.values():
        if gives(question, accepted.formula, runs, rounded):
            return _right(question, accepted.sentence)
    found = [key for key, mistake in question.mistakes.items() if gives(question, mistake.formula, runs, rounded)]
    if found:
        return not_yet(several([question.mistakes[key].sentence for key in found]), *found)
    unfit = [k for k, (_, right, given) in enumerate(runs) if not same_shapes(given, right)]
    if unfit:
        lengths = " (It was called with vectors of several lengths.)" if unfit[0] else ""
        return not_yet(shapes(runs[unfit[0]][2], runs[unfit[0]][1], question.results) + lengths, "shape")
    for key, (sentence, change) in GENERAL.items():
        if all(agree(given, [change(b) for b in right], rounded) for _, right, given in runs):
            return not_yet(sentence, key)
    return unknown(question, runs, rounded)


def gives(question, formula, runs, rounded):
    """Whether every run gave what this formula gives."""
    try:
        return all(agree(given, _parts(question, formula, inputs), rounded) for inputs, _, given in runs)
    except (UnreadableError, ValueError, IndexError, TypeError):
        return False  # these inputs allow no such mistake


def _off(question, runs, rounded):
    """The reply to wrong numbers that no known mistake gives: only what is certain."""
    ((_, right, given),) = runs
    if too_coarse(given, right):
        return not_yet("So far it is right, but it is rounded too far: give at least one decimal more.", "coarse")
    off = max(np.abs(a.reshape(b.shape) - b).max() for a, b in zip(given, right, strict=True))
    near = off <= 0.02 * max(np.abs(b).max() for b in right)
    doubt = " That is close: was something rounded on the way? Round last." if near else ""
    return not_yet(difference(given, right, question.results, rounded) + doubt)


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


def _is_shipped(question, runs):
    try:
        runs = [(inputs, right, parts_of(answer, question.results)) for inputs, right, answer in runs]
        return gives(question, question.shipped, runs, rounded=False)
    except Exception:  # what came is of another form: it is not the shipped one any more
        return False


def _wrong_runs(question, runs, rounded):
    """The reply to a wrong function that makes no known mistake: on how many inputs, and the first of them."""
    wrong = [run for run in runs if not agree(run[2], run[1], rounded)]
    right = len(runs) - len(wrong)
    start = f"It is right on {right} of {len(runs)} inputs. " if right else ""
    inputs, expected, given = wrong[0]
    numbers = [v for v in inputs.values() if isinstance(v, (int, float, np.ndarray))]
    small = len(numbers) == len(inputs) and sum(np.size(v) for v in numbers) <= 9
    if small and len(given) == 1 and expected[0].size <= 4:
        called = ", ".join(f"{name} = {short(v)}" for name, v in inputs.items())
        return not_yet(f"{start}With {called} it gives {short(given[0])}; {short(expected[0])} is right.")
    return not_yet(start + difference(given, expected, question.results, rounded))


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
