import itertools

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from lstm_helpers.view.plots import bars, dots, learning_curves, scatter, traces


def axes_of(picture):
    (axes,) = picture.figure.axes
    return axes


class TestLearningCurves:
    def test_the_median_the_spread_and_curves_that_stopped_early(self):
        picture = learning_curves({"LSTM": [[4.0, 2.0], [3.0, 1.0, 0.5], [8.0, 8.0, 8.0]]}, "What it shows.")
        axes = axes_of(picture)
        (line,) = axes.lines
        assert list(line.get_xdata()) == [1, 2, 3] and list(line.get_ydata()) == [4, 2, 2]
        (band,) = axes.collections
        edges = band.get_paths()[0].vertices
        for step, low, high in [(1, 3, 8), (2, 1, 8), (3, 0.5, 8)]:
            heights = edges[edges[:, 0] == step][:, 1]
            assert (heights.min(), heights.max()) == (low, high)
        assert axes.get_yscale() == "log" and picture.sentence == "What it shows."

    def test_the_level_to_compare_with_is_drawn_and_named(self):
        axes = axes_of(learning_curves({"a": [[1.0, 2.0]], "b": [[2.0, 1.0]]}, "Two.", level=("guessing", 1.5)))
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["guessing", "a", "b"]
        assert set(axes.lines[0].get_ydata()) == {1.5}

    def test_every_curve_as_a_line(self):
        axes = axes_of(learning_curves({"a": [[1.0, 2.0], [3.0, 1.0]]}, "Two lines.", band=False))
        assert [list(line.get_ydata()) for line in axes.lines] == [[1, 2], [3, 1]] and not axes.collections

    def test_ticks_are_plain_numbers(self):
        picture = learning_curves({"a": [[1.0, 0.001]]}, "One.")
        picture.figure.canvas.draw()
        assert {"0.001", "0.01", "0.1", "1"} <= {t.get_text() for t in axes_of(picture).get_yticklabels()}


def test_bars_with_a_name_still_to_be_typed_are_all_gray():
    axes = axes_of(bars({"a": 1.0, "b": -2.0}, "Two bars.", highlight=[...]))
    assert {to_hex(bar.get_facecolor()).upper() for bar in axes.patches} == {"#B0B0B0"}


def test_bars_and_which_of_them_stand_out():
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


def test_scatter_draws_every_group():
    groups = {name: np.arange(6.0).reshape(2, 3) + k for k, name in enumerate("xyz")}
    axes = axes_of(scatter(groups, "Points."))
    points = {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}
    assert set(points) == set("xyz") and len({line.get_marker() for line in points.values()}) == 3
    for k, name in enumerate("xyz"):
        assert list(points[name].get_ydata()) == pytest.approx([3 + k, 4 + k, 5 + k])


def test_dots_are_where_the_values_are_in_every_panel():
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


CURVES = {"LSTM": [[0.2, 0.1, 0.01], [0.2, 0.1, 0.02], [0.2, 0.1, 0.04]], "GRU": [[0.3, 0.2, 0.1]]}


def diamonds(picture):
    """The places of the predictions, by their labels."""
    axes = axes_of(picture)
    labels = [text.get_text() for text in axes.texts]
    places = [marks.get_offsets()[0].tolist() for marks in axes.collections if isinstance(marks, PathCollection)]
    return dict(zip(labels, places, strict=True))


def test_predicted_ends_stand_beside_the_medians():
    plain, picture = (learning_curves(CURVES, "Two.", prediction=p) for p in (..., [0.03, 0.5]))
    assert diamonds(picture) == {"you: LSTM": [3, 0.03], "you: GRU": [3, axes_of(picture).get_ylim()[1]]}
    assert picture.sentence == "Two. You predicted 0.03 for LSTM and 0.5 for GRU; here it is 0.02 and 0.1."
    assert plain.sentence == "Two." and diamonds(plain) == {}
    assert axes_of(plain).get_xlim() == axes_of(picture).get_xlim()
    assert axes_of(plain).get_ylim() == axes_of(picture).get_ylim()


def test_predicted_ends_of_traces_and_a_part_of_them():
    lines = {"a": [1.0, 2.0, -3.0], "b": [0.0, 0.0, 1.0]}
    picture = traces(lines, "Two.", start=1, prediction=[-2, ...])
    assert diamonds(picture) == {"you: a": [3, -2]}
    assert picture.sentence == "Two. You predicted −2 for a; here it is −3."


def test_a_prediction_of_when():
    one = {"LSTM": [[0.2, 0.1, 0.05, 0.01]]}
    early, late = (learning_curves(one, "One.", prediction=step, at=0.05) for step in (2, 1000))
    assert diamonds(early) == {"you": [2, 0.05]} and diamonds(late) == {"you →": [4, 0.05]}
    assert late.sentence == "One. You predicted 1,000 steps to 0.05; here it is 3."
    assert learning_curves(one, "One.", prediction=0).sentence == "One. You predicted 0; here it is 0.01."
    assert "here it is more than 4." in learning_curves(one, "One.", prediction=9, at=0.001).sentence


def test_labels_of_equal_predictions_do_not_touch():
    picture = learning_curves(CURVES, "Two.", prediction=[0.05, 0.05])
    picture.figure.canvas.draw()
    first, second = (text.get_window_extent() for text in axes_of(picture).texts)
    assert second.x1 < first.x0


@pytest.mark.parametrize("prediction", [[1], [1, 2, 3], {"RNN": 1}, "low", [np.nan, 1]])
def test_a_prediction_that_fits_no_line_is_refused(prediction):
    with pytest.raises((ValueError, TypeError), match="prediction"):
        learning_curves(CURVES, "Two.", prediction=prediction)


def test_the_label_of_a_prediction_beyond_the_axis_leaves_the_curve_free():
    picture = learning_curves({"LSTM": [np.linspace(3, 0.3, 100)]}, "One.", prediction=0)
    picture.figure.canvas.draw()
    (label,), axes = axes_of(picture).texts, axes_of(picture)
    assert label.get_window_extent().y1 < axes.transData.transform((100, 0.3))[1]
