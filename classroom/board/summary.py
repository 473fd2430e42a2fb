"""What the answers come to: how many are right, which mistakes were made, and how the predictions are spread."""

import math
import statistics
from collections import Counter, defaultdict

VOTES = 2  # that are shown: the last, and the one before
BARS = 10  # of a histogram, about as many
PARTS = 6  # of a prediction, such as the elements of a vector, that have a histogram each
WORDS = 8  # that are shown of those that were predicted
TOGETHER = 6  # groups of mistakes that are shown of those that an answer may be


def summarize(questions, states, answers):
    """What the page shows of each question, a list in the order of the first answers.

    Args:
        questions: name -> `Asked`.
        states: name -> vote, revealed and truth, as the store has them.
        answers: as the store has them.
    """
    by_question = defaultdict(list)
    for name, *rest in answers:
        by_question[name].append(rest)
    return [_question(questions[name], state, by_question[name]) for name, state in states.items() if name in questions]


def _question(asked, state, answers):
    last = state["vote"]
    checks, predictions = defaultdict(list), defaultdict(dict)
    for vote, learner, kind, right, diagnosis, value in answers:
        if vote <= last - VOTES:
            continue
        if kind == "check":
            checks[vote].append((learner, right, diagnosis))
        else:
            predictions[vote].setdefault(learner, value)  # the first: after it the learner's own panel shows the truth
    votes = range(max(1, last - VOTES + 1), last + 1)
    truth = asked.truth if asked.truth is not None else state["truth"]
    return {
        "name": asked.name,
        "page": asked.page,
        "todo": asked.todo,
        "guide": asked.guide,
        "vote": last,
        "revealed": state["revealed"],
        "checks": [_checks(asked, vote, checks[vote]) for vote in votes] if checks else [],
        "predicted": [{"vote": vote, "answered": len(predictions[vote])} for vote in votes] if predictions else [],
        "spread": spread([list(predictions[vote].values()) for vote in votes], truth) if state["revealed"] else [],
    }


def _checks(asked, vote, answers):
    """Of one vote: learners, not answers. A mistake counts once for each learner who ever made it.

    An answer that several mistakes give is none of them and none twice: it counts once, as "one of these".
    """
    first, now, made = {}, {}, defaultdict(set)
    for learner, right, diagnosis in answers:
        first.setdefault(learner, right)
        now[learner] = right
        if not right:
            made[tuple(sorted(diagnosis))].add(learner)
    unknown = made.pop((), set())
    return {
        "vote": vote,
        "answered": len(first),
        "first": sum(map(bool, first.values())),
        "now": sum(map(bool, now.values())),
        "mistakes": [
            {"keys": list(keys), "sentences": [asked.diagnoses.get(key, "") for key in keys], "count": len(learners)}
            for keys, learners in sorted(_few(made).items(), key=lambda item: (-len(item[1]), item[0]))
        ],
        "unknown": len(unknown),
    }


def _few(made):
    """The mistakes, and the most frequent groups of them; the other groups, as a forger sends them, in one row."""
    together = sorted((keys for keys in made if len(keys) > 1), key=lambda keys: (-len(made[keys]), keys))
    rest = together[TOGETHER:]
    few = {keys: learners for keys, learners in made.items() if keys not in rest}
    return few | ({(): set().union(*(made[keys] for keys in rest))} if rest else {})


def spread(votes, truth):
    """Each part of the predictions, with its counts in each vote: of numbers a histogram, of words a list."""
    if truth is not None and not (isinstance(truth, dict) and len(truth) > 1):  # then a name says nothing more
        truth, votes = _alone(truth), [[_alone(value) for value in values] for values in votes]
    parts = [[_parts(value) for value in values] for values in votes]
    true = {} if truth is None else _parts(truth)
    named = Counter(name for vote in parts for found in vote for name in found)
    # Names are texts of the learners', like words: one that a single learner has is not shown.
    names = [*true, *(name for name, count in named.most_common() if name not in true and (count > 1 or not name))]
    found = []
    for name in [name for name in names if named[name]][:PARTS]:
        values = [[part[name] for part in vote if name in part] for vote in parts]
        numbers = [[value for value in vote if not isinstance(value, str)] for vote in values]
        words = [[value for value in vote if isinstance(value, str)] for vote in values]
        if any(numbers):
            own = true.get(name)
            found.append({"part": name} | histogram(numbers, own if not isinstance(own, str) else None))
        if any(words):
            own = true.get(name)
            found.append({"part": name} | word_list(words, own if isinstance(own, str) else None))
    return found


def _alone(value):
    """What stands under the only name of a dictionary."""
    return next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value


def _parts(value):
    """The numbers of a prediction by name: "" for a single one, its place for an element of a list."""
    if isinstance(value, dict):
        return {f"{name} {place}".strip(): one for name, inner in value.items() for place, one in _parts(inner).items()}
    if isinstance(value, list):
        return {str(place): one for place, one in enumerate(value, 1)} if len(value) > 1 else {"": value[0]}
    return {"": value}


def histogram(votes, truth):
    """Bars of equal and round width that hold the truth and all predictions but those that are far away.

    Returns:
        edges: one more than bars; counts: a list for each vote; below, above: how many of each vote are beyond the
        ends; median: of each vote, None without a number; truth; at: the bar with the truth in it.
    """
    marks = [*_near([value for vote in votes for value in vote], truth), *([] if truth is None else [truth])]
    width = _round_width(min(marks), max(marks))
    place = lambda value: math.floor(value / width + 1e-9)  # noqa: E731
    low, bars = place(min(marks)), place(max(marks)) - place(min(marks)) + 1
    places = [[place(value) - low for value in vote] for vote in votes]
    return {
        "kind": "numbers", "edges": [float(f"{(low + k) * width:.12g}") for k in range(bars + 1)],
        "counts": [[found.count(k) for k in range(bars)] for found in places],
        "below": [sum(k < 0 for k in found) for found in places],
        "above": [sum(k >= bars for k in found) for found in places],
        "median": [statistics.median(vote) if vote else None for vote in votes],
        "truth": truth, "at": None if truth is None else place(truth) - low,
    }  # fmt: skip


def _near(values, truth):
    """Those not so far from the others, and from the truth, that they would press all bars into one."""
    ordered, middle = sorted(values), statistics.median(values)
    lower, upper = ordered[len(ordered) // 4], ordered[-1 - len(ordered) // 4]
    reach = 5 * max(upper - lower, abs(middle) / 4, 0 if truth is None else abs(truth - middle))
    return [value for value in values if lower - reach <= value <= upper + reach]


def _round_width(low, high):
    """A width of 1, 2 or 5 times a power of ten that makes some `BARS` bars; of a single value a tenth of it."""
    wanted = (high - low) / BARS or abs(low) / 10 or 0.1
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= wanted * (1 - 1e-9))


def word_list(votes, truth):
    """How often each word was predicted. One that a single learner has is counted, not shown: the class reads this."""
    every = Counter(word for vote in votes for word in vote)
    shown = [truth] if truth is not None else []
    shown += [word for word, count in every.most_common() if count > 1 and word != truth][: WORDS - len(shown)]
    counts = [[vote.count(word) for word in shown] for vote in votes]
    return {
        "kind": "words", "words": shown, "counts": counts, "truth": truth,
        "others": [len(vote) - sum(row) for vote, row in zip(votes, counts, strict=True)],
    }  # fmt: skip
