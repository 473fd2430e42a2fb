"""Expected contents of the Learning explorer: the network of every moment, run by the reference LSTM."""

import functools
import math

import numpy as np
import pytest

from lstm_helpers.explorers.learning import film
from lstm_helpers.layers import reference
from lstm_helpers.runs import open_run
from lstm_helpers.view.style import percent
from tests.support.expected import two

ASKED = 32  # questions to a network; they have tests of their own


def name_of(explorer):
    """The name of the shown run, from the choices."""
    state = explorer.state
    if "delay" in state:
        return f"first: delay {state['delay']}, bias {state['forget_bias']}"
    return f"cat: {'standard' if state['reads_h'] else 'document'} gates, bias {state['forget_bias']}"


@functools.cache
def by_the_reference(name):
    """For each moment: f, i, o, c and p of the first sequence, c of its twin, the loss, the number of right answers."""
    run, of, seen = open_run(name), film(name), []
    questions, who = of.exam, range(ASKED + 1)
    zeros = np.zeros((len(who), run.recipe.units))
    for k in range(len(run.moments)):
        model = run.model(k)
        trace = reference.forward(model.layer, questions.x[:, who], zeros, zeros)
        p = []
        for n in who:
            y = np.exp(model.readout.W_y @ trace.h[questions.asked[n], n] + model.readout.b_y)
            p.append([y[number] / y.sum() for number in questions.classes])
        right = list(zip(p, questions.right, strict=False))[:ASKED]
        end, unit = questions.asked[0] + 1, of.unit
        rows = {name: getattr(trace, name)[:end, 0, unit] for name in "fioc"}
        loss = sum(-math.log(row[answer]) for row, answer in right) / ASKED
        passed = sum(np.argmax(row) == answer for row, answer in right)
        seen.append(rows | {"c_twin": trace.c[:end, ASKED, unit], "p": p[0], "loss": loss, "passed": passed})
    return seen


def loss_at_every_moment(explorer):
    return [moment["loss"] for moment in by_the_reference(name_of(explorer))]


def check_learning(explorer):
    """Check every line, gate, number and word at the shown moment."""
    name, picture, k = name_of(explorer), explorer.picture, round(explorer.state["moment"])
    data, _ = explorer.show(**explorer.state)
    questions, moments, seen = data["film"].exam, open_run(name).moments, by_the_reference(name)
    now, first, K = seen[k], questions.first, len(questions.answers)
    losses = [moment["loss"] for moment in seen]
    x, y = picture.loss.get_data()
    assert list(x) == list(range(k + 1)) and list(y) == pytest.approx(losses[: k + 1])
    ((x,), (y,)) = picture.now.get_data()
    assert (x, y) == (k, pytest.approx(min(losses[k], 2 * math.log(K))))
    assert picture.values["loss"].get_text() == two(losses[k])
    over_time = {
        "f": [math.prod(moment["f"][first + 1 :]) for moment in seen],
        "i": [moment["i"][first] for moment in seen],
        "o": [moment["o"][-1] for moment in seen],
    }
    for gate, values in over_time.items():
        assert list(picture.over_time[gate].get_ydata()) == pytest.approx(values[: k + 1])
        assert picture.values[gate].get_text() == two(values[k])
        lane, base = picture.lanes[gate].get_data(), {"f": 2, "i": 1, "o": 0}[gate]
        assert list(lane.values) == pytest.approx(list(base + 0.8 * now[gate])) and lane.baseline == base
        assert list(lane.edges) == [t - 0.5 for t in range(len(now["f"]) + 1)]
    assert list(picture.lines["c"].get_ydata()) == pytest.approx(list(now["c"]))
    assert list(picture.lines["twin"].get_ydata()) == pytest.approx(list(now["c_twin"]))
    low, high = picture.lines["c"].axes.get_ylim()
    assert all(low <= m[which].min() and m[which].max() <= high for m in seen for which in ("c", "c_twin"))
    assert [bar.get_width() for bar in picture.bars] == pytest.approx(now["p"])
    assert [text.get_text() for text in picture.amounts] == [two(p) for p in now["p"]]
    ends = picture.ends["c"], picture.ends["twin"]
    answers = [questions.answers[questions.right[n]] for n in (0, ASKED)]
    assert [text.get_text() for text in ends] == answers and answers[0] != answers[1]
    apart, order = ends[0].get_position()[1] - ends[1].get_position()[1], now["c"][-1] - now["c_twin"][-1]
    assert apart * order >= 0 and abs(apart) >= abs(order) - 1e-9
    got = max(n for n, loss in enumerate(losses) if loss >= math.log(K) / 2) + 1
    assert picture.got.get_visible() == picture.got_words.get_visible() == (got <= k)
    if got <= k:
        assert list(picture.got.get_xdata()) == [got] * 2
        assert picture.got_words.get_text() == f"gets it: {moments[got]:,}"
    never = k == len(moments) - 1 < got
    unit = data["film"].unit
    kept = f"Unit {unit} keeps {percent(over_time['f'][k])} of what it wrote at “{answers[0]}”. "
    assert ("It never gets it: " in explorer.sentence, kept in explorer.sentence) == (never, not never)
    assert picture.heading.get_text() == f"unit {unit}" and f"unit {unit} " in explorer.sentence.lower()
    sentence = explorer.sentence
    assert sentence.startswith(f"After {moments[k]:,} training steps the loss is {two(losses[k])}; ")
    assert f"guessing costs {two(math.log(K))}" in sentence and f"Right on {now['passed']} of {ASKED} " in sentence
    assert f"P({answers[0]}) = {two(now['p'][questions.right[0]])}" in sentence
    assert explorer.controls["play"].shown == k
