import itertools
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

from lstm_helpers.view.labels import spread
from lstm_helpers.view.plots import FAMILIES, bars, curve, dots, log_log, saturation, traces
from lstm_helpers.view.style import COLORS

pytestmark = pytest.mark.slow


def axes_of(picture):
    (axes,) = picture.figure.axes
    return axes


def test_bars_with_a_name_still_to_be_typed_are_all_gray():
    axes = axes_of(bars({"a": 1.0, "b": -2.0}, "Two bars.", symbol="f", highlight=[...]))
    ((red, green, blue),) = {to_rgb(bar.get_facecolor()) for bar in axes.patches}
    assert red == green == blue


def test_bars_and_highlighted_ones():
    axes = axes_of(bars({"a": 1.0, "b": -2.0, "c": 3.0}, "Three bars.", symbol="f", highlight=["b"]))
    assert [bar.get_height() for bar in axes.patches] == [1, -2, 3]
    colors = [bar.get_facecolor() for bar in axes.patches]
    assert colors[0] == colors[2] != colors[1]


def test_names_of_many_bars_do_not_touch():
    picture = bars(dict.fromkeys(range(1, 31), 1.0), "Thirty bars.")
    picture.figure.canvas.draw()
    boxes = [label.get_window_extent() for label in axes_of(picture).get_xticklabels()]
    assert len(boxes) == 15 and all(a.x1 < b.x0 for a, b in itertools.pairwise(boxes))


def test_traces_over_words():
    axes = axes_of(traces({"c": [1.0, 2.0, 3.0]}, "Three words.", start=1, words=["the", "cat", "sat"]))
    labels = dict(zip(axes.get_xticks(), (label.get_text() for label in axes.get_xticklabels()), strict=True))
    assert labels == {1: "the", 2: "cat", 3: "sat"}


def test_single_characters_are_upright_and_longer_words_slanted():
    for words, rotation in ((["a", '"', "))"], 0), (["a", "cat", "sat"], 30)):
        axes = axes_of(traces({"c": [1.0, 2.0, 3.0]}, "Three words.", words=words))
        assert {label.get_rotation() for label in axes.get_xticklabels()} == {rotation}


def test_a_staircase_has_vertical_steps_and_labels_without_decimals():
    picture = curve(np.floor, "c", {"low": 1.5, "high": 2.25}, "Steps.", ends=(0, 3), ylim=(0, 4), whole=True)
    axes = axes_of(picture)
    assert axes.lines[0].get_drawstyle() == "steps-mid"
    assert [text.get_text() for text in axes.texts] == ["low: 1.50 → 1", "high: 2.25 → 2"]


def test_dots_of_saturation_have_labels_and_overlapping_ones_share_one():
    below, above = [0, 0, 0, 0.5, 0.55, 1], [1, 0.99, 0.8, 0.4, 0.36, 0]
    figure = saturation({"f": (below, above), "o": (below, above)}, "Dots.", units=[0, 1, 2, 3, 4]).figure
    figure.canvas.draw()
    for axes in figure.axes:
        labels = {text.get_text(): text for text in axes.texts}
        assert set(labels) == {"0, 1", "2", "3", "4"}
        boxes = [text.get_window_extent() for text in labels.values()]
        assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
        at = axes.transData.transform(np.column_stack([below, above]))
        for name, dots_ in (("0, 1", [0, 1]), ("2", [2]), ("3", [3]), ("4", [4])):
            box = labels[name].get_window_extent()
            (x, y), right = at[dots_].mean(axis=0), below[dots_[0]] < 0.5
            assert 4 < (box.x0 - x if right else x - box.x1) < 15 and abs(y - (box.y0 + box.y1) / 2) < 8
    with pytest.raises(ValueError, match=re.escape("units[0] must lie from 0 to 5, got 6")):
        saturation({"f": (below, above)}, "Dots.", units=[6])


def test_saturation_draws_a_dot_for_each_unit_as_in_karpathys_figure():
    gates = {"f": ([0, 0.5, 1], [1, 0.25, 0]), "o": ([0.2, 0.3, 0.1], [0, 0.7, 0.1])}
    picture = saturation(gates, "Six dots.")
    for axes, (name, (below, above)) in zip(picture.figure.axes, gates.items(), strict=True):
        assert axes.get_title() == name and axes.get_xlim() == axes.get_ylim() == (-0.04, 1.04)
        limit, dots_ = axes.lines
        assert dots_.get_xdata().tolist() == below and dots_.get_ydata().tolist() == above
        assert to_hex(dots_.get_color()).upper() == COLORS[name]
        assert limit.get_xydata().tolist() == [[0, 1], [1, 0]]  # a gate is not shut and open at once


def test_both_axes_are_logarithmic_with_plain_ticks_and_all_lines_differ():
    picture = log_log({"slow": ([1e4, 1e8], [0.2, 2000]), "fast": ([1e4, 1e8, 1e9], [1, 1, 20])}, "Two.", xlabel="work")
    axes = axes_of(picture)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    slow, fast = axes.lines
    assert list(slow.get_xdata()) == [1e4, 1e8] and list(fast.get_ydata()) == [1, 1, 20]
    assert slow.get_linestyle() != fast.get_linestyle() and slow.get_marker() != fast.get_marker()
    picture.figure.canvas.draw()
    ticks = [{t.get_text() for t in axis.get_ticklabels()} for axis in (axes.xaxis, axes.yaxis)]
    assert {"10⁴", "10⁸"} & ticks[0] and {"1", "100"} <= ticks[1]


@pytest.mark.parametrize("xy", [([1, 0], [1, 1]), ([1, 2], [-1, 1])])
def test_values_without_a_logarithm_are_refused(xy):
    with pytest.raises(ValueError, match=r"of lines\['a'\] must be above 0, for its axis is logarithmic"):
        log_log({"a": xy}, "None.")


def test_dots_show_the_values_in_every_panel():
    panels = {"one": {"a": [0.1, 0.2], "b": [1.0, 3.0]}, "two": {"a": [0.05, 2.0], "b": [0.5, 0.7]}}
    picture = dots(panels, "Eight dots.", xlabel="score", level=("solved", 0.125))
    assert [axes.get_title() for axes in picture.figure.axes] == ["one", "two"]
    for axes, rows in zip(picture.figure.axes, panels.values(), strict=True):
        shown = [line for line in axes.lines if line.get_marker() == "o"]
        for row, (line, values) in enumerate(zip(shown, rows.values(), strict=True)):
            assert list(line.get_xdata()) == values and set(line.get_ydata()) == {row}
        assert axes.get_xlim() == picture.figure.axes[0].get_xlim() and axes.get_xscale() == "log"
        assert axes.get_xlim()[0] < 0.05 and axes.get_xlim()[1] > 3 and axes.get_ylim() == (1.5, -0.5)  # a is on top
        assert [text.get_text() for text in axes.texts] == ["solved"]
        assert [0.125, 0.125] in [list(line.get_xdata()) for line in axes.lines]
    assert [t.get_text() for t in picture.figure.axes[0].get_yticklabels()] == ["a", "b"]
    assert not any(t.get_text() for t in picture.figure.axes[1].get_yticklabels())


def test_dots_without_a_level():
    (axes,) = dots({"": {"a": [1.0, 2.0]}}, "Two dots.").figure.axes
    assert not axes.texts and len(axes.lines) == 2


class TestSpread:
    def test_labels_with_room_stay_in_their_wanted_places(self):
        assert list(spread([50, 10, 90], [20, 20, 20], 0, 100)) == [50, 10, 90]

    def test_labels_that_would_overlap_move_by_the_same_distance(self):
        assert list(spread([50, 50], [20, 20], 0, 100)) == [40, 60]
        assert list(spread([50, 52, 90], [20, 10, 20], 0, 100)) == [43.5, 58.5, 90]

    def test_they_stay_between_the_ends_if_there_is_room(self):
        assert list(spread([0, 0, 100], [20, 20, 20], 0, 100)) == [10, 30, 90]
        assert list(spread([90, 90, 90], [40, 40, 40], 0, 100)) == [20, 60, 100]

    def test_never_overlap_and_keep_their_order(self, rng):
        for _ in range(200):
            count = rng.integers(1, 7)
            wanted, sizes = rng.uniform(-20, 320, count), rng.uniform(10, 50, count)
            order, places = np.argsort(wanted), spread(wanted, sizes, 0, 300)
            gaps = np.diff(places[order]) - (sizes[order][1:] + sizes[order][:-1]) / 2
            assert (gaps > -1e-9).all()
            if sizes.sum() <= 300:
                assert (places - sizes / 2 > -1e-9).all() and (places + sizes / 2 < 300 + 1e-9).all()


TOGETHER = {f"line {k}": [1.0, 0.5, 0.0] for k in range(6)}  # all end in the same point
PICTURES = {
    "traces": lambda: traces(TOGETHER, "Six.", xlabel="step", ylabel="memory"),
    "traces over words": lambda: traces({"a": [1, 2], "b": [2, 2]}, "Two.", words=["one", "two"]),
    "curve": lambda: curve(np.tanh, "g", {"unit 1": 0.5, "unit 2": 0.5, "unit 3": 0.52}, "Three.", ylabel="tanh(z)"),
    "saturation": lambda: saturation(dict.fromkeys("fizr", ([0, 1, 0.5], [1, 0, 0.5])), "Four gates."),
    "log_log": lambda: log_log({k: ([10, 1e7], [0.1, 1e3]) for k in "abc"}, "Three.", xlabel="work", ylabel="time"),
    "bars": lambda: bars({"a": 1.0, "b": 2.0}, "Two.", xlabel="what", ylabel="how many"),
    "dots": lambda: dots({"one": {"a": [1.0], "b": [2.0]}}, "Two.", xlabel="score", level=("solved", 0.5)),
}


def labels(picture):
    """Return every visible text of a picture, with its extent in units."""
    picture.figure.canvas.draw()
    axis_of = {label for axes in picture.figure.axes for axis in (axes.xaxis, axes.yaxis)
               for label in axis.get_ticklabels(which="minor")}  # fmt: skip
    return [t for t in picture.figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in axis_of]


@pytest.mark.parametrize("name", PICTURES)
def test_no_type_is_too_small_for_the_last_row(name):
    assert min(text.get_fontsize() for text in labels(PICTURES[name]())) >= 14


@pytest.mark.parametrize("name", PICTURES)
def test_no_name_overlaps_another_and_none_is_cut_off(name):
    picture = PICTURES[name]()
    own = [*picture.figure.texts, *(text for axes in picture.figure.axes for text in axes.texts)]
    shown = [text for text in labels(picture) if text in own]
    boxes = [text.get_window_extent() for text in shown]
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other), (one, other)
    width, height = picture.figure.bbox.size
    for box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


@pytest.mark.parametrize("name", PICTURES)
def test_no_legend_takes_the_plots_room(name):
    assert all(axes.get_legend() is None for axes in PICTURES[name]().figure.axes)
    widest = max(axes.get_position().x1 for axes in PICTURES[name]().figure.axes)
    assert widest >= 0.8


def test_a_name_is_beside_the_end_of_its_line_in_its_color():
    picture = traces({"up": [0.0, 1.0], "down": [1.0, 0.0]}, "Two.", symbols="fi")
    axes = axes_of(picture)
    for text, line, leader in zip(picture.figure.texts, axes.lines[1:], picture.figure.artists, strict=True):
        end = axes.transData.transform(line.get_xydata()[-1])
        assert text.get_window_extent().y0 < end[1] < text.get_window_extent().y1
        assert text.get_window_extent().x0 > end[0]
        first, last = leader.get_transform().transform(leader.get_xydata())
        assert first == pytest.approx(end) and last[0] < text.get_window_extent().x0
        assert leader.get_color() == line.get_color() and leader.get_marker() == line.get_marker()


def test_a_single_line_has_no_name():
    picture = traces({"half-life": [1, 2]}, "One.")
    assert not picture.figure.texts and axes_of(picture).get_position().x1 > 0.95


def lightness(color):
    return np.dot([0.2126, 0.7152, 0.0722], np.power(to_rgb(color), 2.2))


def test_one_symbol_for_all_lines_gives_shades_of_its_color():
    lines = {f"f = {f}": [1.0, f] for f in (0.2, 0.5, 0.9)}
    ramp = [line.get_color() for line in axes_of(traces(lines, "Three.", symbols="f")).lines[1:]]
    assert ramp[1].upper() == COLORS["f"]
    assert np.all(np.diff([lightness(color) for color in ramp]) < -0.05)


@pytest.mark.parametrize("symbol", "fioh")
def test_the_palest_shade_shows_on_a_projector(symbol):
    palest = axes_of(traces({"one": [1.0], "two": [2.0]}, "Two.", symbols=symbol)).lines[1].get_color()
    assert 1.05 / (lightness(palest) + 0.05) > 2  # its contrast with white


def test_lines_without_a_symbol_have_no_symbols_color():
    for picture in (traces(TOGETHER, "Six."), PICTURES["log_log"]()):
        colors = {to_hex(line.get_color()).upper() for line in axes_of(picture).lines if len(line.get_xdata()) > 1}
        assert colors and not colors & {color.upper() for color in COLORS.values()}
    assert len({to_hex(line.get_color()) for line in axes_of(traces(TOGETHER, "Six.")).lines[1:]}) == 6


def test_families_are_readable_on_white_and_far_from_every_symbol():
    for color in FAMILIES:
        assert 1.05 / (lightness(color) + 0.05) >= 4.5, color
        near = min(np.linalg.norm(np.subtract(to_rgb(color), to_rgb(other))) for other in COLORS.values())
        assert near > 0.2, color


def test_black_is_the_cell_states():
    for make in PICTURES.values():
        for axes in make().figure.axes:
            assert not [line for line in axes.lines if to_rgb(line.get_color()) == (0, 0, 0)]
            assert not [patch for patch in axes.patches if to_rgb(patch.get_facecolor()[:3]) == (0, 0, 0)]


def test_a_stored_picture_is_as_wide_as_a_live_one_beside_its_rail():
    picture = PICTURES["bars"]()
    size = picture._repr_mimebundle_()[1]["image/png"]
    width, height = picture.figure.bbox.size
    assert 900 <= size["width"] <= 960 and size["height"] / size["width"] == pytest.approx(height / width, abs=0.001)
