"""Networks for the Opened model explorer, and its expected contents: step by step, layer by layer."""

import math

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN, MinGRU, Reversed, Stack
from lstm_helpers.explorers import open_lstm
from lstm_helpers.view.style import percent
from tests.support.expected import sigmoid, two

ROWS = {LSTM: "figo", GRU: "zrn", MinGRU: "zn", RNN: ""}
TEXT = "the cat quietly sat on the mat and slept"


def layer(kind, D, H, rng, **options):
    made = kind(D, H, **options)
    made.W = 0.8 * rng.normal(size=made.W.shape)
    return made


def opened(network, x, **options):
    """An explorer with its network, x and labels as `made_of`."""
    explorer = open_lstm(network, x, **options)
    explorer.made_of = network, x, options.get("labels")
    return explorer


def opened_explorer(**options):
    """Two layers of eight units, on forty characters."""
    rng = np.random.default_rng(6)
    stack = Stack([layer(LSTM, 3, 8, rng), layer(LSTM, 8, 8, rng)])
    return opened(stack, rng.normal(size=(40, 3)), labels=TEXT, **options)


def opened_both_ways(**options):
    """A bidirectional level below a smaller single one, on more steps than the picture can draw."""
    rng = np.random.default_rng(7)
    level = [layer(LSTM, 2, 9, rng), Reversed(layer(LSTM, 2, 9, rng))]
    return opened(Stack([level, layer(LSTM, 18, 4, rng)]), rng.normal(size=(601, 2)), **options)


def opened_gru(**options):
    rng = np.random.default_rng(8)
    return opened(layer(GRU, 2, 7, rng), rng.normal(size=(24, 2)), labels=TEXT.split()[:8] * 3, **options)


def opened_rnn(**options):
    rng = np.random.default_rng(9)
    return opened(Stack([layer(RNN, 2, 3, rng), layer(RNN, 3, 3, rng)]), rng.normal(size=(22, 2)), **options)


def opened_min_gru(**options):
    rng = np.random.default_rng(11)
    return opened(layer(MinGRU, 2, 3, rng), rng.normal(size=(22, 2)), **options)


def run(cell, x):
    """A layer step by step: each gate and state over time, and "was", the carried state before each step."""
    H, seen = cell.hidden_size, []
    h, c = np.zeros(H), np.zeros(H)
    for x_t in x:
        column = x_t if isinstance(cell, MinGRU) else np.concatenate([h, x_t])

        def z(gate, column=column):
            return getattr(cell, f"W_{gate}") @ column + getattr(cell, f"b_{gate}")

        now = {"was": c if isinstance(cell, LSTM) else h}
        if isinstance(cell, LSTM):
            now |= {gate: sigmoid(z(gate)) for gate in "fio"} | {"g": np.tanh(z("g"))}
            c = now["f"] * c + now["i"] * now["g"]
            h = now["o"] * np.tanh(c)
            now["c"] = c
        elif isinstance(cell, RNN):
            h = np.tanh(z("h"))
        else:
            now["z"] = sigmoid(z("z"))
            now["n"] = z("n")
            if isinstance(cell, GRU):
                now["r"] = sigmoid(z("r"))
                on_h = cell.W_n[:, :H] @ h
                now["n"] = np.tanh(cell.W_n[:, H:] @ x_t + cell.b_n + now["r"] * (on_h + cell.b_hn))
            h = (1 - now["z"]) * now["n"] + now["z"] * h
        seen.append(now | {"h": h})
    return {name: np.array([now[name] for now in seen]) for name in seen[0]}


def runs(network, x):
    """The name, the cell and the run of every layer, in the order of x."""
    found, below = [], x
    for level in network.levels if isinstance(network, Stack) else [[network]]:
        sides = []
        for side in level:
            backward = isinstance(side, Reversed)
            cell, order = (side.layer, -1) if backward else (side, 1)
            seen = {name: values[::order] for name, values in run(cell, below[::order]).items()}
            number = len(found) + len(sides)
            sides.append((f"{number} reversed" if backward else str(number), cell, seen))
        found += sides
        below = np.concatenate([seen["h"] for _, _, seen in sides], axis=1)
    return found


def same_line(drawn, exact):
    """Check that a line has all values; or, of a long run, the lowest and the highest of each few steps, in order."""
    if len(exact) <= 240:
        np.testing.assert_allclose(drawn, exact, atol=1e-12)
        return
    size = math.ceil(2 * len(exact) / 240)
    parts = [exact[k : k + size] for k in range(0, len(exact), size)]
    pairs = np.reshape(drawn, (-1, 2))
    np.testing.assert_allclose(pairs.min(axis=1), [min(part) for part in parts], atol=1e-12)
    np.testing.assert_allclose(pairs.max(axis=1), [max(part) for part in parts], atol=1e-12)
    for pair, part in zip(pairs, parts, strict=True):
        first, second = (int(np.argmin(np.abs(part - value))) for value in pair)
        assert first <= second


def check_opened(explorer):
    network, x, labels = explorer.made_of
    v, picture = explorer.state, explorer.picture
    found = runs(network, x)
    name, cell, seen = found[v["layer"]]
    H, T = cell.hidden_size, len(x)
    k, t, kind = min(round(v["unit"]), H - 1), min(round(v["step"]), T - 1), type(cell)
    assert list(picture.rows) == list(ROWS[kind]) and list(picture.lines) == (["c", "h"] if kind is LSTM else ["h"])
    for row, (gate, filled) in enumerate(picture.rows.items()):
        base, half = len(ROWS[kind]) - 1 - row, 0.41
        values = filled.get_data().values
        same_line((values - base - half) / half if gate in "gn" else (values - base) / (2 * half), seen[gate][:, k])
    low, high = picture.now.axes.get_ylim()
    for state, line in picture.lines.items():
        same_line(line.get_ydata(), seen[state][:, k])
        assert low < seen[state][:, k].min() and seen[state][:, k].max() < high
    assert {letter: text.get_text() for letter, text in picture.values.items()} == {
        letter: two(seen[letter][t, k]) for letter in picture.values
    }
    at, marked = picture.now.get_data()
    assert list(at) == [t] * len(picture.lines)
    assert list(marked) == pytest.approx([seen[state][t, k] for state in picture.lines])
    x_at = picture.cursor.get_x() + picture.cursor.get_width() / 2
    assert x_at == pytest.approx(52 + 430 * (t + 0.5) / T)
    check_units(picture, v["gate"], seen, k)
    check_sentence(explorer, name if len(found) > 1 else None, cell, seen, k, t, labels)


def fractions(gate, values):
    low = 0.1 if gate != "h" else -0.9
    return np.array([[sum(v < low) / len(v), sum(v > 0.9) / len(v)] for v in values.T])


def check_units(picture, gate, seen, k):
    """Check the square of all units, and the list of those that move most."""
    of_units = fractions(gate, seen[gate])
    np.testing.assert_allclose(np.column_stack(picture.dots.get_data()), of_units)
    np.testing.assert_allclose(np.column_stack(picture.chosen.get_data()), of_units[[k]])
    moves = [np.std(h) for h in seen["h"].T]
    order = sorted(range(len(moves)), key=lambda unit: -moves[unit])
    for place, (bar, text) in enumerate(zip(picture.bars, picture.names, strict=True)):
        if place < len(order):
            unit = order[place]
            assert text.get_text() == str(unit) and (text.get_fontweight() == "bold") == (unit == k)
            assert bar.get_width() == pytest.approx(136 * moves[unit] / moves[order[0]])
        else:
            assert text.get_text() == "" and bar.get_width() == 0
    lit = [letter for letter, frame in zip(picture.rows, picture._frames, strict=True) if frame.get_visible()]
    assert lit == ([gate] if picture.rows else [])


def check_sentence(explorer, name, cell, seen, k, t, labels):
    sentence, gate = explorer.sentence, explorer.state["gate"]
    start = ("Unit" if name is None else f"Layer {name}, unit") + f" {k} at step {t}"
    label = "" if labels is None else f", “{labels[t]}”".replace(" ", "␣").replace(",␣", ", ")
    assert sentence.startswith(f"{start}{label}: "), sentence
    now = {letter: values[t, k] for letter, values in seen.items()}
    assert (two(now["was"]) in sentence and f"h is {two(now['h'])}" in sentence) or type(cell) is RNN
    if isinstance(cell, LSTM):
        assert f"{percent(now['f'])} of {two(now['was'])} is kept, {percent(now['i'])} of {two(now['g'])}" in sentence
        assert f"the memory is {two(now['c'])}" in sentence
    elif isinstance(cell, RNN):
        assert f"h goes from {two(now['was'])} to {two(now['h'])}." in sentence
    else:
        assert (
            f"{percent(now['z'])} of {two(now['was'])} is kept, {percent(1 - now['z'])} of {two(now['n'])}" in sentence
        )
    below, above = fractions(gate, seen[gate])[k]
    low = "0.1" if gate != "h" else "−0.9"
    assert f"{gate} is above 0.9 at {percent(above)} of all steps, below {low} at {percent(below)}" in sentence
    keeps = {LSTM: "f", GRU: "z", MinGRU: "z"}.get(type(cell))
    if keeps:
        left = np.prod(seen[keeps][:, k] ** (1 / len(seen[keeps])))
        half = math.log(0.5) / math.log(left)
        steps = f"{half:,.1f}".removesuffix(".0") if half < 100 else f"{half:,.0f}"
        assert f" Half-life of the memory: {steps} step" in sentence
        bias = getattr(cell, f"b_{keeps}")[k]
        assert explorer.picture.facts.get_text() == f"$b_{keeps}$ = {two(bias)} (σ: {two(sigmoid(bias))})"
    else:
        assert "alf-life" not in sentence and explorer.picture.facts.get_text() == ""
