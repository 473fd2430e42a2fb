"""The pictures of the Gate and Pointwise explorers: an unbroken line, axes that hold still, legible numbers."""

import math

import numpy as np
import pytest

from lstm_helpers.explorers import GateExplorer, PointwiseExplorer
from lstm_helpers.view.style import number
from tests.support.explorers import forget_explorer, input_explorer, output_explorer, sliders
from tests.support.pictures import assert_readable, limits_of

pytestmark = pytest.mark.slow

WEIGHTS = np.array([[0.5, -12, 3, -4, 2.25, 0.1, -0.7]] * 4) * [[1], [-1], [0.2], [0]]


def seven_inputs(**options):
    """A large gate: seven inputs, four units, weights of two digits."""
    inputs = {"h_prev": [0.9, -0.4, 0.1, -1], "x": [1, -0.25, 0.5]}
    return GateExplorer("i", WEIGHTS, [-11, 6, 0, 0.25], inputs, works_on=[-0.9, 0.5, -0.25, 1], **options)


def one_input(**options):
    return GateExplorer("o", [[7.3]], [-11.0], {"x": [0.5]}, works_on="x", **options)


def six_elements(**options):
    return PointwiseExplorer([-0.9, 0.8, -0.7, -0.6, 0.5, -0.4], [-0.25, -0.5, 0.75, -1, -0.66, 1], **options)


GATES = [forget_explorer, input_explorer, output_explorer, seven_inputs, one_input]
POINTWISE = [PointwiseExplorer, six_elements]


def everywhere(explorer):
    """Every preset, and for each unit and input every slider at both ends.

    Only the picture is updated: drawing the panel takes longest.
    """
    start = explorer.state
    states = [start, *(start | preset for preset in explorer.presets.values() if not callable(preset))]
    for state in choices(explorer, start):
        for slider in sliders(explorer):
            ends = slider.handle.min, slider.handle.max
            states += [explorer.after_move(state, slider.name, value) for value in ends]
    for state in states:
        data, _ = explorer.show(**state)
        explorer.picture.update(data)
        yield state


def choices(explorer, start):
    """States in which each unit and each input is chosen."""
    if "unit" not in explorer.controls:
        return [start]
    units, rows = start["W"].shape
    return [start | {"unit": k % units, "input": k % rows} for k in range(max(units, rows))]


def points_of(line):
    """The corners of a line, in units of the picture."""
    return line.get_transform().transform(np.column_stack(line.get_data()))


def check_line(explorer, v):
    """The line from the terms to the glass is unbroken, and each of its corners agrees with the numbers."""
    picture = explorer.picture
    W, b, u, unit = v["W"], v["b"], v["u"], v["unit"]
    terms = [*(W[unit] * u), b[unit]]
    ends = np.cumsum(terms)
    assert [t.get_text() for t in picture.term_words] == [number(term) for term in terms]
    products = [f"{number(w)} × {number(x)} =" for w, x in zip(W[unit], u, strict=True)]
    assert [t.get_text() for t in picture.product_words] == products
    z, value = ends[-1], 1 / (1 + math.exp(-ends[-1]))
    assert picture.total_words.get_text() == number(z)

    # The terms are head to tail, each in the row of its numbers; a thin line leads from each end to the next row.
    for bar, words, start, end in zip(picture.term_bars, picture.term_words, [0, *ends[:-1]], ends, strict=True):
        assert (bar.get_x(), bar.get_x() + bar.get_width()) == pytest.approx((start, end))
        box = bar.get_window_extent()
        assert (box.y0 + box.y1) / 2 == pytest.approx(height_of(words), abs=0.01)
    x, y = picture.joints.get_data()
    assert list(x) == pytest.approx([0, *np.repeat(ends, 2)]) and list(y) == [
        *np.repeat(range(len(ends)), 2),
        len(ends),
    ]

    # From the sum, in its row, up past the terms, to z on the axis of the curve, and on to the far wall of the glass.
    z = np.clip(z, -6, 6)
    terms_axes = picture.term_bars[0].axes
    start, end, top, foot, corner, glass = points_of(picture.line)
    assert start == pytest.approx(terms_axes.transData.transform((0, len(ends))))
    assert end == pytest.approx(terms_axes.transData.transform((z, len(ends))))
    assert start[1] == pytest.approx(height_of(picture.total_words), abs=0.01)
    assert top == pytest.approx((end[0], terms_axes.bbox.y1))
    assert foot == pytest.approx(picture.dot.axes.transData.transform((z, 0)))
    assert corner[0] == pytest.approx(foot[0]) and corner[1] == pytest.approx(glass[1])
    dot = points_of(picture.dot)[0]
    assert dot == pytest.approx(corner) and list(*zip(*picture.dot.get_data(), strict=True)) == pytest.approx(
        [z, value]
    )
    level = picture.fill.get_window_extent()
    assert picture.fill.get_height() == pytest.approx(value)
    assert (level.x1, level.y1) == pytest.approx(tuple(glass))
    assert picture.gate_words.get_text() == f"{explorer.symbol} = {number(value)}"

    # An arrow at the edge for every row that leaves the axis, and for no other.
    spans = [*zip([0, *ends[:-1]], ends, strict=True), (0, ends[-1])]
    for sign, arrows in picture.beyond.items():
        rows = [k for k, span in enumerate(spans) if max(sign * np.array(span)) > 6]
        assert list(arrows.get_ydata()) == rows and set(arrows.get_xdata()) <= {6 * sign}


def height_of(text):
    """The y of a text's anchor, in units of the picture."""
    return text.get_transform().transform(text.get_position())[1]


@pytest.mark.parametrize("make", [forget_explorer, *(pytest.param(m, marks=pytest.mark.slow) for m in GATES[1:])])
class TestGate:
    def test_one_unbroken_line_from_the_inputs_to_the_fill_level(self, make):
        explorer = make()
        for state in everywhere(explorer):
            check_line(explorer, state)

    @pytest.mark.slow
    def test_no_line_or_bar_covers_a_text_and_all_text_is_legible(self, make):
        explorer = make()
        picture = explorer.picture
        curve = [line for line in picture.dot.axes.lines if line not in (picture.line, picture.dot)]
        lines = [picture.joints, picture.line, *curve]
        bars = [*picture.term_bars, *picture.offered_bars, *picture.passed_bars, picture.fill]
        for _ in everywhere(explorer):
            rays = [ray for ray in picture._rays if ray.get_visible()]
            assert_readable(picture.figure, [*lines, *rays], bars)

    def test_numbers_are_of_the_base_size(self, make):
        picture = make().picture
        words = [*picture.product_words, *picture.term_words, picture.total_words, picture.gate_words]
        assert {text.get_fontsize() for text in words} == {16}

    def test_titles_and_rows_line_up(self, make):
        picture = make().picture
        for k, (name, words) in enumerate(zip(picture.names, picture.product_words, strict=False)):
            assert height_of(name) == height_of(words) == height_of(picture.term_words[k])
        for row in (picture.unit_names, picture.gate_labels, picture.offered_labels, picture.passed_labels):
            assert len({height_of(text) for text in row}) == 1
        base = picture.dot.axes.transData.transform((0, 0))[1]
        assert picture.offered_bars[0].axes.transData.transform((0, 0))[1] == pytest.approx(base)
        one = picture.dot.axes.transData.transform((0, 1))[1]
        assert picture.offered_bars[0].axes.transData.transform((0, 1))[1] == pytest.approx(one)

    def test_axes_hold_still_but_for_that_of_the_terms_which_has_two_scales(self, make):
        explorer = make()
        picture, seen = explorer.picture, set()
        terms, bars = picture.joints.axes, picture.offered_bars
        still = [axes for axes in picture.figure.axes if axes is not terms]
        before, rows = limits_of(still), terms.get_ylim()
        low, high = bars[0].axes.get_ylim()
        for _ in everywhere(explorer):
            assert limits_of(still) == before and terms.get_ylim() == rows
            assert all(low <= bar.get_height() <= high for bar in bars)
            seen.add(terms.get_xlim())
        assert len(seen) <= 2 and seen <= {(-1, 1), (-2, 2), (-3, 3), (-6, 6)}

    def test_the_opening_terms_of_all_units_are_drawn_on_one_axis_that_fits_them(self, make):
        explorer = make()
        v, picture = explorer.state, explorer.picture
        reach = np.abs(np.cumsum(np.column_stack([v["W"] * v["u"], v["b"]]), axis=1)).max()
        ends = set()
        for unit in range(len(v["b"])):
            explorer.move(unit=unit)
            ends.add(picture.joints.axes.get_xlim()[1])
        (end,) = ends
        assert end == (6 if reach > 3 else max(1, math.ceil(reach)))

    def test_dashed_lines_lead_from_the_ends_of_a_close_up_to_their_places_under_the_curve(self, make):
        explorer = make()
        picture = explorer.picture
        for _ in everywhere(explorer):
            terms, curve = picture.joints.axes, picture.dot.axes
            for ray, end in zip(picture._rays, terms.get_xlim(), strict=True):
                assert ray.get_visible() == (abs(end) < 6)
                assert points_of(ray)[0] == pytest.approx((terms.transData.transform((end, 0))[0], terms.bbox.y1))
                assert points_of(ray)[1] == pytest.approx(curve.transData.transform((end, 0)))

    def test_it_is_low_enough_for_one_screen(self, make):
        assert make().picture.figure.bbox.height <= 365


@pytest.mark.parametrize("make", [PointwiseExplorer, pytest.param(six_elements, marks=pytest.mark.slow)])
class TestPointwise:
    @pytest.mark.slow
    def test_no_line_or_bar_covers_a_text_and_all_text_is_legible(self, make):
        explorer = make()
        bars = [bar for row in explorer.picture.bars.values() for bar in row]
        for _ in everywhere(explorer):
            assert_readable(explorer.picture.figure, bars=bars)

    def test_no_bar_changes_its_height_unless_its_number_changes(self, make):
        explorer = make()
        before = heights(explorer)
        for _ in everywhere(explorer):
            now = heights(explorer)
            for name, (value, pixels) in now.items():
                assert pixels == pytest.approx(value * before["unit"][1], abs=1e-6), name

    def test_it_is_low_enough_for_one_screen(self, make):
        assert make().picture.figure.bbox.height <= 365


def heights(explorer):
    """The number of every bar and its height in units of the picture, and the same for a bar of 1."""
    found = {}
    for (part, row), bars in explorer.picture.bars.items():
        for k, bar in enumerate(bars):
            y = bar.axes.transData.transform([(0, 0), (0, bar.get_height())])[:, 1]
            found[part, row, k] = bar.get_height(), y[1] - y[0]
    y = bars[0].axes.transData.transform([(0, 0), (0, 1)])[:, 1]
    return found | {"unit": (1, y[1] - y[0])}
