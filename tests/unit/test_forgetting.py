"""The Forgetting explorer: its numbers agree with the reference LSTM, and it is legible at every state."""

import itertools
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.axis import Axis
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text

from lstm_helpers import half_life, logit
from lstm_helpers.explorers import ForgettingExplorer
from lstm_helpers.explorers.forgetting import PLACES
from lstm_helpers.layers import reference
from lstm_helpers.view.prediction import keep_apart
from lstm_helpers.view.style import number, percent
from tests.support.refusals import assert_refused

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def explorer():
    return ForgettingExplorer()


@pytest.fixture(scope="module")
def opening(explorer):
    return explorer.state


def at(explorer, opening, **values):
    """Draw the explorer with its opening values, except these."""
    explorer.move(**{**opening, **values})
    return explorer


def data_at(explorer, preset):
    explorer.choose(preset)
    return explorer.show(**explorer.state)[0]


def one_unit(f, i, g, o):
    """A layer of one unit and one input with constant gates: all weights are 0."""
    biases = {"b_f": logit(f), "b_i": logit(i), "b_g": np.arctanh(g), "b_o": logit(o)}
    weights = {name: np.zeros((1, 2)) for name in ("W_f", "W_i", "W_g", "W_o")}
    return SimpleNamespace(**weights, **{name: np.array([value]) for name, value in biases.items()})


@pytest.mark.parametrize("seed", range(8))
def test_every_number_agrees_with_the_reference_lstm(explorer, seed):
    rng = np.random.default_rng(seed)
    f, i, o = rng.uniform(0.01, 0.99, 3)
    g, c_0 = rng.uniform(-0.99, 0.99, 2)
    moment = int(rng.integers(80))
    trace = reference.forward(one_unit(f, i, g, o), np.zeros((20, 1, 1)), np.zeros((1, 1)), np.full((1, 1), c_0))
    data, sentence = explorer.show(f=f, i=i, g=g, o=o, c_0=c_0, moment=moment)
    c, h, step = trace.c.ravel(), trace.h.ravel(), moment // 4
    assert data["c"] == pytest.approx([c_0, *c], rel=1e-12) and data["h"] == pytest.approx(h, rel=1e-12)
    assert (data["old"], data["new"]) == pytest.approx(([c_0, *c][step], c[step]), rel=1e-12)
    assert data["kept"] + data["written"] == pytest.approx(c[step], rel=1e-12)
    assert data["tanh"] * o == pytest.approx(h[step], rel=1e-12)
    assert f"after 20 steps it is {number(c[-1])}" in sentence


def test_the_opening_sentence():
    explorer = ForgettingExplorer(f=0.9)
    assert explorer.sentence == (
        "Keep 90% of it at each step: after 20 steps 12% is left; half is gone after 6.6. Step 1: 90% of 1.00 is 0.90."
    )


def test_start_returns_to_the_opening_values():
    explorer = ForgettingExplorer(f=0.3, c0=-0.5)
    opening = explorer.state
    explorer.choose("hold")
    assert explorer.state != opening
    explorer.choose("start")
    assert explorer.state == opening and opening["f"] == 0.3 and opening["c_0"] == -0.5


@pytest.mark.parametrize("f", [0.5, 0.51, 0.7, 0.9, 0.95, 0.966, 0.99])
def test_the_half_life_agrees_with_a_simulation(f):
    """After the half-life rounded down, at most half is gone; one step later, at least half."""
    whole, left = math.floor(half_life(f) + 1e-12), 1.0
    for _ in range(whole):
        left *= f
    assert left >= 0.5 - 1e-12 and left * f < 0.5


def test_the_half_life_of_gates_that_are_0_and_1():
    assert half_life(1) == math.inf and half_life(0) == 0


SENTENCES = {
    "all kept": ({"f": 1}, "Keep all of it at each step: after 20 steps all of it is left; nothing is forgotten."),
    "nothing kept": ({"f": 0}, "Keep nothing: after 1 step all of it is gone."),
    "half": ({"f": 0.5}, "Keep 50% of it at each step: after 20 steps under 0.1% is left; half is gone after 1."),
    "less": ({"f": 0.2},
             "Keep 20% of it at each step: after 20 steps under 0.1% is left; more than half is gone after 1."),
    "hardly a leak": ({"f": 0.9999},
                      "Keep over 99.9% of it at each step: after 20 steps 99.8% is left; half is gone after 6,931."),
    "hardly refilled": ({"i": 0.01, "g": 0.01},
                        "Keep 90% of it and add 0.0001 at each step: after 20 steps it is 0.12, on its way to 0.00."),
    "nothing there": ({"c_0": 0}, "There is nothing to forget: the memory is 0 from the start."),
    "below 0": ({"c_0": -0.8}, "Keep 90% of it at each step: after 20 steps 12% is left; half is gone after 6.6."),
    "refilled": ({"i": 0.05},
                 "Keep 90% of it and add 0.05 at each step: after 20 steps it is 0.56, on its way to 0.50."),
    "refilled to where it is": ({"i": 0.1},
                                "Keep 90% of it and add 0.10 at each step: after 20 steps it is 1.00, where it stays."),
    "drained": ({"f": 1, "i": 0.1, "g": -1},
                "Keep all of it and add −0.10 at each step: after 20 steps it is −1.00, and nothing bounds it."),
    "overwritten": ({"f": 0, "i": 1, "g": -0.6},
                    "Keep nothing and write −0.60: after 1 step none of the old memory is left."),
}  # fmt: skip


@pytest.mark.parametrize("values, sentence", SENTENCES.values(), ids=SENTENCES)
def test_the_sentence_about_all_steps(explorer, opening, values, sentence):
    assert at(explorer, opening, **values).sentence.startswith(f"{sentence} Step 1: ")


def test_the_calculation_of_one_step_is_right_as_printed(explorer):
    rng = np.random.default_rng(0)
    lengths = set()
    for f, i, g, c_0 in rng.integers([0, 0, -100, -100], [101, 101, 101, 101], size=(500, 4)) / 100:
        sentence = explorer.show(f=f, i=i, g=g, o=1, c_0=c_0, moment=0)[1].replace("−", "-")
        old, kept = re.search(r"Step 1: .+ of (\S+) is ([^;]+)[;.]", sentence.removesuffix(".") + ";").groups()
        decimals = len(kept.partition(".")[2])
        lengths.add(decimals)
        assert float(kept) == pytest.approx(f * float(old), abs=0.500001 * 10**-decimals), sentence
        if written := re.search(r"plus \(?([^)]+?)\)? is (.+)\.", sentence):
            written, new = map(float, written.groups())
            assert new == pytest.approx(float(kept) + written, abs=0.500001 * 10**-decimals), sentence
    assert lengths == {2, 3, 4}


def test_presets_do_what_their_names_say(explorer):
    assert data_at(explorer, "hold")["c"].tolist() == [1] * 21
    leak = data_at(explorer, "leak")["c"]
    assert leak == pytest.approx(0.9 ** np.arange(21))
    assert data_at(explorer, "half")["c"][:4].tolist() == [1, 0.5, 0.25, 0.125]
    refilled = data_at(explorer, "leak and refill")["c"]
    assert (refilled[1:] > leak[1:]).all() and (np.diff(refilled) < 0).all() and (refilled > 0.5).all()
    assert data_at(explorer, "overwrite")["c"] == pytest.approx([1] + [-0.6] * 20)


@pytest.mark.parametrize("preset", ["leak", "leak and refill", "overwrite"])
def test_the_new_memory_of_a_step_is_the_old_memory_of_the_next(explorer, opening, preset):
    explorer.choose(preset)
    seen = []
    for moment in range(4 * 20):
        explorer.move(moment=moment)
        picture, place = explorer.picture, PLACES[moment % 4]
        seen.append((place, picture.labels[place].get_text(), *picture.token.get_bbox().bounds[:2]))
    places = {(place, *corner) for place, _, *corner in seen}
    assert len(places) == 4
    for (_, new, *_), (_, back, *_), (place, old, *_) in zip(seen[2::4], seen[3::4], [*seen[4::4]], strict=False):
        assert new == back == old and place == "old"


def points_along(line):
    """Points close together along a line, on the page, and how far its markers reach from them."""
    x, y = line.get_data()
    fine = np.linspace(x[0], x[-1], 12 * (len(x) - 1) + 1)
    points = line.axes.transData.transform(np.column_stack([fine, np.interp(fine, x, y)]))
    return points, line.get_markersize() / 2


def is_covered(box, points, reach):
    inside = (points > box.min - reach) & (points < box.max + reach)
    return inside.all(axis=1).any()


PREDICTED = [{"half": 0}, {"half": 0.5}, {"half": 6.6}, {"half": 19}, {"c": -0.2, "half": 12}, {"c": 0.4, "half": 20}]


@pytest.mark.parametrize("prediction", PREDICTED)
def test_the_label_of_a_predicted_half_life_covers_nothing(prediction):
    """Neither line, no text, and at no moment of the player the mark of where the memory is."""
    explorer = ForgettingExplorer(prediction=prediction)
    picture, predicted = explorer.picture, explorer._predictions[-1]
    texts = [text for text in picture.axes.findobj(Text) if text is not predicted.label]
    renderer, to_page = picture.figure._get_renderer(), picture.axes.transData.transform
    gates = itertools.product((0, 0.7, 0.9, 1), (0, 0.1, 1), (-1, 0.6), (0, 0.4, 1), (-1, -0.3, 0, 0.6, 1))
    for f, i, g, o, c_0 in gates:
        values = {"f": f, "i": i, "g": g, "o": o, "c_0": c_0}
        data, _ = explorer.show(**values, moment=0)
        picture.update(data)
        for one in explorer._predictions:
            one.update(data)
        keep_apart(explorer._predictions)
        box = predicted.label.get_window_extent(renderer)
        kept = to_page(np.column_stack([np.arange(20) + 0.5, np.clip(f * data["c"][:-1], -1.15, 1.15)]))
        drawn = [(kept, picture.now.get_markersize() / 2), (to_page(predicted.points), 5)]
        drawn += [points_along(line) for line in (*picture.lines.values(), picture._half) if line.get_visible()]
        assert not any(is_covered(box, *one) for one in drawn), values
        for text in texts:
            if text.get_visible() and text.get_text():
                assert not box.overlaps(text.get_window_extent(renderer)), (text, values)


EXTREMES = list(itertools.product((0, 0.9, 0.97, 1), (0, 1), (-1, 1), (0, 1), (-1, 0, 1), (0, 78)))


@pytest.mark.long
def test_no_text_overlaps_another_or_is_cut_off_and_the_axis_holds_still(explorer, opening):
    figure = explorer.picture.figure
    cell = figure.axes[0].findobj(Axis)  # the axes of the whole page, which are switched off
    unseen = {text for axis in cell for text in axis.findobj(Text)}
    ends = explorer.picture.axes.get_xlim(), explorer.picture.axes.get_ylim()
    for values in EXTREMES:
        at(explorer, opening, **dict(zip(("f", "i", "g", "o", "c_0", "moment"), values, strict=True)))
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text not in unseen]
        texts = [text for text in texts if text.get_text().strip()]
        boxes = [(text.get_text(), text.get_window_extent(figure._get_renderer())) for text in texts]
        for text, box in boxes:
            inside = box.x0 >= 0 and box.x1 <= 800 and box.y0 >= 0 and box.y1 <= figure.bbox.height
            assert inside, (text, box.extents, values)
        for (one, a), (other, b) in itertools.combinations(boxes, 2):
            assert a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0, (one, other, values)
        assert (explorer.picture.axes.get_xlim(), explorer.picture.axes.get_ylim()) == ends


def test_it_is_legible_from_the_last_row(explorer):
    figure = explorer.picture.figure
    assert tuple(figure.bbox.size) == (800, 365)
    assert min(text.get_fontsize() for text in figure.findobj(Text)) >= 14


def test_the_step_at_which_half_is_gone_is_where_the_memory_crosses_it(explorer, opening):
    for f, c_0 in itertools.product((0.5, 0.8, 0.93, 0.965), (-1, 0.4, 1)):
        picture = at(explorer, opening, f=f, c_0=c_0).picture
        assert picture._half.get_visible()
        (x, _), (_, y) = picture._half.get_data()
        c = picture.lines["c"].get_ydata()
        assert abs(c[math.floor(x + 1e-9)]) >= abs(c_0) / 2 - 1e-9 > abs(c[math.floor(x + 1e-9) + 1]) - 1e-6
        assert y * c_0 > 0 and picture._half_words.get_text() == f"half gone: {f'{x:.1f}'.removesuffix('.0')}"
    for values in ({"f": 1}, {"f": 0}, {"c_0": 0}, {"i": 0.2}, {"f": 0.99}):
        assert not at(explorer, opening, **values).picture._half.get_visible()


def test_artists_over_a_wire_are_drawn_with_the_wires(explorer):
    """On a page, all moving artists are drawn over all still ones."""
    picture = explorer.picture
    texts = [text for text in picture.figure.findobj(Text) if text.get_bbox_patch() is not None]
    over = [*picture.figure.axes[0].findobj(FancyBboxPatch), *texts]
    assert len(over) >= 7
    wires = max(wire.get_zorder() for wire in picture.wires.values())
    backgrounds = {text.get_bbox_patch() for text in texts}
    for artist in over:
        assert artist in backgrounds or (artist in picture.moving and artist.get_zorder() > wires), artist


@pytest.mark.parametrize("f", [0.3, 0.7, 0.95])
def test_the_percentage_that_is_left_in_the_sentence_is_that_of_the_line(explorer, opening, f):
    sentence = at(explorer, opening, f=f, c_0=-0.5).sentence
    left = explorer.picture.lines["c"].get_ydata()[-1] / -0.5
    assert re.search(r"after 20 steps (.+?) is left", sentence)[1] == percent(left)


REFUSALS = {
    "a gate of 2": (lambda: ForgettingExplorer(f=2), ValueError, "f must lie from 0 to 1, got 2.0"),
    "a start of 2": (lambda: ForgettingExplorer(c0=2), ValueError, "c0 must lie from -1 to 1, got 2.0"),
    "a word": (lambda: ForgettingExplorer(g="up"), TypeError, "g must hold real numbers, got 'up'"),
    "half gone before the start": (lambda: ForgettingExplorer(prediction={"half": -1}), ValueError,
                                   "prediction['half'] must be at least 0, got -1.0"),
}  # fmt: skip


@pytest.mark.parametrize("call, kind, sentence", REFUSALS.values(), ids=REFUSALS)
def test_bad_input_gets_one_sentence(call, kind, sentence):
    assert_refused(call, kind, sentence)
