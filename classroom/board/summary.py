"""Summary of the answers: how many are right, which mistakes were made, and how the predictions are distributed."""

import math
import statistics
from collections import Counter, defaultdict

VOTES = 2  # shown: the last two
BARS = 10  # of a histogram, approximately
MAX_PARTS = 6  # of a prediction, such as elements of a vector, with a histogram each
MAX_WORDS = 8  # shown
MAX_GROUPS = 6  # shown, of mistakes that give the same answer


def summarize(questions, states, answers):
    """Return the page's content for each question, a list in the order of the first reports.

    Args:
        questions: name -> `Asked`.
        states: name -> vote, revealed and truth, from `Store.questions`.
        answers: from `Store.answers`.
    """
    by_question = defaultdict(list)
    for name, *rest in answers:
        by_question[name].append(rest)
    return [_question(questions[name], state, by_question[name]) for name, state in states.items() if name in questions]


def _question(asked, state, answers):
    last = state["vote"]
    checks, predictions = defaultdict(list), defaultdict(dict)
    for vote, student, kind, right, diagnosis, value in answers:
        if vote <= last - VOTES:
            continue
        if kind == "check":
            checks[vote].append((student, right, diagnosis))
        else:
            predictions[vote].setdefault(student, value)  # only the first: then the student's panel shows the truth
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
    """Count the students of one vote: who answered, was right at first, is right now, and made which mistake.

    A mistake counts once for each student. An answer that fits several mistakes counts once, for their group.
    """
    first, now, made = {}, {}, defaultdict(set)
    for student, right, diagnosis in answers:
        first.setdefault(student, right)
        now[student] = right
        if not right:
            made[tuple(sorted(diagnosis))].add(student)
    unknown = made.pop((), set())
    return {
        "vote": vote,
        "answered": len(first),
        "first": sum(map(bool, first.values())),
        "now": sum(map(bool, now.values())),
        "mistakes": [
            {"keys": list(keys), "sentences": [asked.diagnoses.get(key, "") for key in keys], "count": len(students)}
            for keys, students in sorted(_merge_rare_groups(made).items(), key=lambda item: (-len(item[1]), item[0]))
        ],
        "unknown": len(unknown),
    }


def _merge_rare_groups(made):
    """Merge all but the most frequent groups of mistakes under the key (): a forger can send any group."""
    groups = sorted((keys for keys in made if len(keys) > 1), key=lambda keys: (-len(made[keys]), keys))
    rest = groups[MAX_GROUPS:]
    shown = {keys: students for keys, students in made.items() if keys not in rest}
    return shown | ({(): set().union(*(made[keys] for keys in rest))} if rest else {})


def spread(votes, truth):
    """Return a histogram, or a list of words, for each part of the predictions, with the counts of each vote."""
    if truth is not None and not (isinstance(truth, dict) and len(truth) > 1):  # one part needs no name
        truth, votes = _unnamed(truth), [[_unnamed(value) for value in values] for values in votes]
    parts = [[_parts(value) for value in values] for values in votes]
    true_parts = {} if truth is None else _parts(truth)
    counts = Counter(name for vote in parts for prediction in vote for name in prediction)
    # Students write the names, too: as with words, one that only a single student has written is not shown.
    others = [name for name, count in counts.most_common() if name not in true_parts and (count > 1 or not name)]
    found = []
    for name in [name for name in [*true_parts, *others] if counts[name]][:MAX_PARTS]:
        values = [[prediction[name] for prediction in vote if name in prediction] for vote in parts]
        numbers = [[value for value in vote if not isinstance(value, str)] for vote in values]
        words = [[value for value in vote if isinstance(value, str)] for vote in values]
        true_value = true_parts.get(name)
        is_word = isinstance(true_value, str)
        if any(numbers):
            found.append({"part": name} | histogram(numbers, None if is_word else true_value))
        if any(words):
            found.append({"part": name} | word_list(words, true_value if is_word else None))
    return found


def _unnamed(value):
    """Return the only value of a dictionary with one entry; anything else as it is."""
    return next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value


def _parts(value):
    """Return name -> number or word: "" for a single value, the position for an element of a list."""
    if isinstance(value, dict):
        return {f"{name} {k}".strip(): part for name, inner in value.items() for k, part in _parts(inner).items()}
    if isinstance(value, list):
        return {str(k): part for k, part in enumerate(value, 1)} if len(value) > 1 else {"": value[0]}
    return {"": value}


def histogram(votes, truth):
    """Count predictions in bars of equal, round width that contain the truth and all predictions except outliers.

    Returns:
        edges: one more than bars; counts: a list for each vote; below, above: outliers of each vote; median: of each
        vote, None without a number; truth; at: the index of the bar that contains the truth.
    """
    inside = _without_outliers([value for vote in votes for value in vote], truth)
    inside += [] if truth is None else [truth]
    width = _round_width(min(inside), max(inside))
    bar_of = lambda value: math.floor(value / width + 1e-9)  # noqa: E731
    first, bars = bar_of(min(inside)), bar_of(max(inside)) - bar_of(min(inside)) + 1
    indices = [[bar_of(value) - first for value in vote] for vote in votes]
    return {
        "kind": "numbers", "edges": [float(f"{(first + k) * width:.12g}") for k in range(bars + 1)],
        "counts": [[vote.count(k) for k in range(bars)] for vote in indices],
        "below": [sum(k < 0 for k in vote) for vote in indices],
        "above": [sum(k >= bars for k in vote) for vote in indices],
        "median": [statistics.median(vote) if vote else None for vote in votes],
        "truth": truth, "at": None if truth is None else bar_of(truth) - first,
    }  # fmt: skip


def _without_outliers(values, truth):
    """Drop values so far from the others, and from the truth, that they would squeeze the rest into one bar."""
    ordered, median = sorted(values), statistics.median(values)
    lower, upper = ordered[len(ordered) // 4], ordered[-1 - len(ordered) // 4]
    reach = 5 * max(upper - lower, abs(median) / 4, 0 if truth is None else abs(truth - median))
    return [value for value in values if lower - reach <= value <= upper + reach]


def _round_width(low, high):
    """Return 1, 2 or 5 times a power of ten, so that there are about `BARS` bars; of one value about a tenth."""
    width = (high - low) / BARS or abs(low) / 10 or 0.1
    power = 10.0 ** math.floor(math.log10(width))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= width * (1 - 1e-9))


def word_list(votes, truth):
    """Count how often each word was predicted. The class sees this: words of a single student are not shown."""
    totals = Counter(word for vote in votes for word in vote)
    shown = [truth] if truth is not None else []
    shown += [word for word, count in totals.most_common() if count > 1 and word != truth][: MAX_WORDS - len(shown)]
    counts = [[vote.count(word) for word in shown] for vote in votes]
    return {
        "kind": "words", "words": shown, "counts": counts, "truth": truth,
        "others": [len(vote) - sum(row) for vote, row in zip(votes, counts, strict=True)],
    }  # fmt: skip
