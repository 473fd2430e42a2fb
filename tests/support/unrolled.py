"""Expected contents of the Unrolled explorer: the equations, unit by unit."""

import numpy as np
import pytest

from tests.support.dials import check_dial
from tests.support.expected import sigmoid, two


def run(state):
    """Every z, gate, c and h of every unit and step."""
    h, c, steps = list(state["h0"]), list(state["c0"]), []
    for x in state["x"]:
        u = [*h, *x]
        z = [[sum(w * v for w, v in zip(row, u, strict=True)) + bias for row, bias in zip(W, b, strict=True)]
             for W, b in zip(state["W"], state["b"], strict=True)]  # fmt: skip
        f, i, g, o = sigmoid(np.array(z[0])), sigmoid(np.array(z[1])), np.tanh(z[2]), sigmoid(np.array(z[3]))
        before = c
        c = f * c + i * g
        h = o * np.tanh(c)
        steps.append({"u": u, "z": z, "f": f, "i": i, "g": g, "o": o, "c": c, "h": h, "c_prev": before})
    return steps


def short(value):
    return two(value) if abs(value) < 9.995 else f"{value:.1f}".replace("-", "−")


def heights(bars):
    return [bar.get_height() for bar in bars]


def check_unrolled(explorer):
    """Check every number of the picture at the chosen step and unit."""
    state, picture = explorer.state, explorer.picture
    steps, unit, gate = run(state), state["unit"], state["gate"]
    now = steps[state["step"]]
    assert [text.get_text() for text in picture.values] == [two(v) for v in now["u"]]
    assert [text.get_text() for text in picture.z] == [short(z[unit]) for z in now["z"]]
    assert [text.get_text() for text in picture.weights] == [f"×{short(w)}" for w in state["W"][gate, unit]]
    assert picture.heading.get_text() == f"$W_{'figo'[gate]}$"
    number = picture.gate_numbers["figo"[gate]]
    to_the_left = sorted(other.get_window_extent().x1 for other in picture.gate_numbers.values())[:gate]
    assert max([0, *to_the_left]) < picture.path.get_xdata()[-1] < number.get_window_extent().x1
    middle = picture.axes.transData.transform((state["step"] + 1, 0))[0]
    assert [frame.get_x() + frame.get_width() / 2 for frame in picture.frames] == pytest.approx([middle, middle])
    assert picture.bias.get_text().split()[-1] == short(state["b"][gate, unit])
    for letter in "figo":
        assert picture.gate_numbers[letter].get_text() == two(now[letter][unit])
        full = picture.lane_height / (2 if letter == "g" else 1)
        assert heights(picture.lanes[letter]) == pytest.approx([full * step[letter][unit] for step in steps])
        check_dial(picture.dials[letter], letter, now[letter][unit])
    names = explorer._sources[len(now["h"]) :]
    for k, name in enumerate(names):
        if picture.words:
            assert [float(text.get_text() == name) for text in picture.words] == state["x"][:, k].tolist()
        else:
            assert heights(picture.lanes[k]) == pytest.approx(list(picture.lane_height / 2 * state["x"][:, k]))
    numbers = {"c_prev": now["c_prev"], "kept": now["f"] * now["c_prev"], "written": now["i"] * now["g"]}
    for name, values in (numbers | {"c": now["c"], "h": now["h"]}).items():
        assert picture.numbers[name].get_text() == two(values[unit])
        assert name in ("kept", "written") or two(values[unit]) in explorer.sentence
    c = [state["c0"][unit], *(step["c"][unit] for step in steps)]
    assert list(picture.lines["c"].get_ydata()) == pytest.approx(c)
    assert list(picture.lines["h"].get_ydata()) == pytest.approx([step["h"][unit] for step in steps])
    for sign, arrows in picture.beyond.items():
        assert np.flatnonzero(np.isfinite(arrows.get_ydata())).tolist() == [
            t for t, value in enumerate(c) if sign * value > 1.3
        ]
