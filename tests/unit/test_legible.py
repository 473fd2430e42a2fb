"""Pictures that are legible from the last row: large type, nothing on top of a number, low enough for one screen.

At where an explorer opens, at every preset, and at both ends of every slider.
"""

from itertools import chain, combinations, pairwise

import numpy as np
import pytest
from matplotlib.markers import MarkerStyle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from lstm_helpers.explorers import (
    CellExplorer,
    ForgettingExplorer,
    LearningExplorer,
    MemoryUnitExplorer,
    ScheduleExplorer,
    UnrolledExplorer,
    VariantExplorer,
    cell_chain,
    cell_map,
)
from lstm_helpers.explorers import variants as variant_presets
from lstm_helpers.layers import LSTM
from lstm_helpers.tasks import Vocabulary
from lstm_helpers.training import Model
from lstm_helpers.view.live import LiveFigure
from lstm_helpers.view.style import GHOST, PAPER, QUIET
from tests.support.explorers import (
    NOUNS,
    SENTENCE,
    animal_explorer,
    delay_explorer,
    document_explorer,
    gradient_explorer,
    long_text_explorer,
    memory_explorer,
    opened_both_ways,
    opened_explorer,
    opened_gru,
    opened_min_gru,
    opened_rnn,
    sliders,
    text_explorer,
    two_memories_explorer,
    whole_cell,
    word_explorer,
)
from tests.support.tiers import later

pytestmark = pytest.mark.slow


def short_sentence(**options):
    return memory_explorer("the cat sat on the mat because the cat".split(), **options)


def all_it_has_room_for():
    """An Unrolled explorer with the most units, inputs and steps, all at their lowest values."""
    rng, layer = np.random.default_rng(4), LSTM(4, 3)
    layer.W = rng.normal(0, 9, layer.W.shape)
    return UnrolledExplorer(layer, np.full((12, 4), -1.0), [-0.5] * 3, [-19.5] * 3)


def growing_memory():
    """A unit that keeps everything and adds at every word. Set high, its memory grows beyond the slider."""
    vocabulary, rng = Vocabulary([*SENTENCE, *NOUNS]), np.random.default_rng(4)
    layer = LSTM.initialize(len(vocabulary), 3, rng=rng)
    layer.b_f, layer.b_g = 8, 0.7
    model = Model.initialize(layer, len(vocabulary), rng=rng)
    return MemoryUnitExplorer(model, vocabulary, SENTENCE, 1, NOUNS)


TALLEST = {  # in units of the SVG; a panel of this height fits on a screen with its rail and its sentence
    CellExplorer: 365,
    whole_cell: 365,
    memory_explorer: 445,
    short_sentence: 445,
    two_memories_explorer: 445,
    text_explorer: 445,
    long_text_explorer: 445,
    VariantExplorer: 445,
    ScheduleExplorer: 365,
    word_explorer: 365,
    UnrolledExplorer: 365,
    document_explorer: 365,
    animal_explorer: 365,
    all_it_has_room_for: 365,
    gradient_explorer: 445,
    LearningExplorer: 445,
    delay_explorer: 445,
    opened_explorer: 445,
    opened_both_ways: 445,
    opened_gru: 445,
    opened_min_gru: 445,
    opened_rnn: 445,
}
OF_EACH_PANEL = [
    CellExplorer, memory_explorer, text_explorer, VariantExplorer, ScheduleExplorer, UnrolledExplorer,
    gradient_explorer, LearningExplorer,
]  # fmt: skip
SMALLEST = 14


def places(explorer):
    """Go to each preset, and from there to both ends of every slider and every row of buttons."""
    yield "start"
    for preset in explorer.presets:
        explorer.choose(preset)
        yield preset
    for slider in sliders(explorer):
        for value in (slider.handle.min, slider.handle.max):
            explorer.move(**{slider.name: value})
            yield f"{slider.name} = {value}"


def texts(figure):
    """Return every visible text and its box in units of the picture. Texts of an axis that is off are invisible."""
    renderer = figure._get_renderer()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_tightbbox(renderer)  # creates and places the tick labels
    own = {text for axes in figure.axes if not axes.axison for axis in (axes.xaxis, axes.yaxis)
           for text in axis.findobj(Text)}  # fmt: skip
    return [
        (text, text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if text not in own and text.get_visible() and text.get_text().strip() and text.get_alpha() != GHOST
    ]


def overlap(one, other, slack=0.5):
    """Return whether two boxes overlap by more than a rounding error."""
    wide, high = min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)
    return wide > slack and high > slack


def check_texts(figure, where):
    seen, edges = texts(figure), figure.bbox
    for text, box in seen:
        assert text.get_fontsize() >= SMALLEST, (where, text)
        assert edges.x0 <= box.x0 and box.x1 <= edges.x1 and edges.y0 <= box.y0 and box.y1 <= edges.y1, (where, text)
    for (one, box), (other, its_box) in combinations(seen, 2):
        side_by_side = (
            one.get_rotation() == other.get_rotation() == 40
        )  # slanted words have boxes wider than themselves
        assert side_by_side or not overlap(box, its_box), (where, one, other)
    return seen


@pytest.mark.parametrize("make", later(TALLEST, now=OF_EACH_PANEL))
def test_a_picture_is_low_enough_its_type_large_enough_and_no_text_covers_another(make):
    explorer = make()
    assert explorer.picture.figure.bbox.height <= TALLEST[make]
    for where in places(explorer):
        check_texts(explorer.picture.figure, where)


def looks(axes):
    """Return (style without color, color) of each line of a plot. A mark of two points is no line."""
    for line in axes.lines:
        if line.get_visible() and len(line.get_xydata()) > 2:
            yield (str(line._unscaled_dash_pattern), str(line.get_marker())), (line.get_color(), line.get_alpha())


@pytest.mark.parametrize("make", later([ForgettingExplorer, *TALLEST], now=OF_EACH_PANEL))
def test_no_two_lines_of_a_plot_differ_by_color_alone(make):
    """Diagrams are exempt: their wires are apart, and their gates have names."""
    explorer = make()
    for where in explorer.presets:
        explorer.choose(where)
        for axes in [axes for axes in explorer.picture.figure.axes if axes.axison]:
            seen = set(looks(axes))
            assert len(seen) == len({look for look, _ in seen}), (where, seen)


def wires_of(diagram):
    """Return the boxes of all straight pieces of a wire at its current width."""
    for line in diagram.figure.axes[0].lines:
        half, points = line.get_linewidth() / 2, line.axes.transData.transform(line.get_xydata())
        for (x0, y0), (x1, y1) in pairwise(points):
            if np.isfinite([x0, y0, x1, y1]).all():
                yield (min(x0, x1) - half, min(y0, y1) - half, max(x0, x1) + half, max(y0, y1) + half)


@pytest.mark.parametrize("make", later([CellExplorer, whole_cell], now=[CellExplorer]))
def test_no_wire_runs_through_a_number_of_the_cell_however_wide(make):
    explorer = make(prediction={"c": -1.25, "h": -0.75})
    for where in places(explorer):
        for text, box in texts(explorer.picture.figure):
            for x0, y0, x1, y1 in wires_of(explorer.picture):
                apart = x1 <= box.x0 or box.x1 <= x0 or y1 <= box.y0 + 2 or box.y1 <= y0  # 2: below the base line
                assert apart, (where, text, (x0, y0, x1, y1))


def marks(figure):
    """Yield each row of visible marks that no line joins, and the box around it."""
    for axes in figure.axes:
        for line in axes.lines:
            joined = line.get_linestyle() not in ("None", "none", "", " ")
            if line.get_visible() and not joined and np.isfinite(line.get_xydata()).all(axis=1).any():
                points = line.axes.transData.transform(line.get_xydata())
                style = MarkerStyle(line.get_marker())
                one = style.get_path().transformed(style.get_transform()).get_extents().get_points()
                low, high = line.get_markersize() * one
                yield line, Bbox([np.nanmin(points, axis=0) + low, np.nanmax(points, axis=0) + high])


def as_far_as_they_go(explorer):
    """Move every slider to an end at once: all up, and all down."""
    explorer.choose("start")
    for end in ("max", "min"):
        for slider in sliders(explorer):
            explorer.move(**{slider.name: getattr(slider.handle, end)})
        yield f"all at {end}"


@pytest.mark.parametrize("make", [ForgettingExplorer, ScheduleExplorer, word_explorer, document_explorer])
def test_a_memory_that_leaves_its_axis_is_an_arrow_that_covers_no_word(make):
    """A diamond would look like a prediction, and a row of marks could cover a name."""
    explorer, seen = make(), 0
    for where in chain(places(explorer), as_far_as_they_go(explorer)):
        figure = explorer.picture.figure
        for line, box in marks(figure):
            assert line.get_marker() not in ("D", "d"), where
            if line.get_marker() in ("o", "s"):
                continue
            seen += 1
            for text, its_box in texts(figure):
                assert not overlap(box, its_box), (where, text)
    assert seen


@pytest.mark.parametrize("part", ["pointwise", "forget", "input", "output"])
def test_the_still_pictures_of_the_cell(part):
    figure = cell_map(part).figure
    assert figure.bbox.height <= TALLEST[CellExplorer]
    check_texts(figure, part)


def test_the_chain_of_cells():
    figure = cell_chain().figure
    assert figure.bbox.height <= TALLEST[CellExplorer]
    check_texts(figure, "the chain")


@pytest.mark.parametrize(
    "make", later([memory_explorer, two_memories_explorer, growing_memory], now=[two_memories_explorer])
)
def test_the_memory_never_leaves_its_axis_and_that_of_a_network_holds_still(make, rng):
    explorer = make()
    axes, networks = explorer.picture.lines["c"][0].axes, list(explorer._networks)
    low, high = axes.get_ylim()
    for k in range(80):
        if len(networks) > 1 and k == 40:
            explorer.move(network=networks[1])
            low, high = axes.get_ylim()
        name = "fic"[rng.integers(3)]
        handle = explorer.controls[name].handle
        explorer.move(word=int(rng.integers(len(explorer._read))), **{name: rng.uniform(handle.min, handle.max)})
        explorer.move(units=("one", "all")[rng.integers(2)])
        memory = np.array([line.get_ydata() for line in explorer.picture.lines["c"]])
        assert axes.get_ylim() == (low, high) and low <= memory.min() and memory.max() <= high


@pytest.fixture(scope="module")
def variants():
    return VariantExplorer()


@pytest.mark.parametrize("preset", ["start", *variant_presets(12)])
def test_the_axis_of_the_variants_holds_still_in_every_drag(variants, preset):
    explorer = variants
    explorer.choose("start")
    explorer.choose(preset)
    still = explorer._still.value
    for slider in sliders(explorer):
        for value in np.linspace(slider.handle.min, slider.handle.max, 5):
            explorer.move(**{slider.name: value})
            assert explorer._still.value == still, f"{slider.name} = {value}"


def test_candidates_behind_a_shut_input_gate_move_no_memory(monkeypatch):
    """A shut gate lets an invisible amount through. No line is redrawn for it, so none glows."""
    explorer, drawn = VariantExplorer(), []
    explorer.move(step=4)
    svg = LiveFigure._svg
    monkeypatch.setattr(LiveFigure, "_svg", lambda self, artist: drawn.append(artist) or svg(self, artist))
    explorer.move(g=-0.3)
    lines = explorer.picture.lines
    assert explorer.picture.bars[4] in drawn and lines["plain RNN"] in drawn
    for name in ("LSTM", "document's cell", "LSTM with peepholes", "LSTM without a forget gate"):
        assert lines[name] not in drawn, name


# A line below a picture 880 px wide has room for some 105 letters at 17 px.
TWO_LINES = 210


@pytest.mark.parametrize("make, prediction", [
    (CellExplorer, {"c": -1.25, "h": -0.75}), (memory_explorer, {"cat": 0.25, "dog": 0.5}),
    (two_memories_explorer, {"cat": 0.25, "dog": 0.5}),
    (long_text_explorer, "\n"), (text_explorer, " "), (VariantExplorer, 0.75),
    (ScheduleExplorer, {"c": -0.75, "h": -0.25}), (gradient_explorer, {"RNN": 0.25, "LSTM": 0.75}),
    (LearningExplorer, 1500), (delay_explorer, 1500),
    (opened_explorer, {"c": -0.75, "h": 0.25}), (opened_both_ways, {"c": -0.75, "h": 0.25}), (opened_gru, -0.75),
    (opened_rnn, 0.25), (opened_min_gru, 0.25),
])  # fmt: skip
def test_a_sentence_has_two_lines_at_most_and_a_prediction_adds_one(make, prediction):
    explorer = make(prediction=prediction)
    if "beginning" in explorer.controls:
        explorer.move(beginning="AB A" * 20)
    for where in places(explorer):
        sentence, _, compared = explorer.sentence.partition(" You predicted ")
        assert len(sentence) <= TWO_LINES and 0 < len(compared) <= TWO_LINES / 2, (where, explorer.sentence)


def test_the_sentence_of_the_variants_repeats_no_number_of_the_picture():
    explorer = VariantExplorer()
    for where in places(explorer):
        for end in explorer.picture.ends.values():
            assert end.get_text() not in explorer.sentence, where


def test_a_long_sentence_still_fits():
    explorer = memory_explorer([*SENTENCE[:8], *SENTENCE])
    check_texts(explorer.picture.figure, "start")


@pytest.mark.parametrize("make", [UnrolledExplorer, all_it_has_room_for])
def test_a_weight_stays_within_the_frame_that_marks_the_chosen_one(make):
    """The frame is as wide for each weight."""
    explorer = make()
    picture = explorer.picture
    for where in places(explorer):
        frame = picture._chosen.get_window_extent(picture.figure._get_renderer())
        for text in picture.weights:
            box = text.get_window_extent(picture.figure._get_renderer())
            assert frame.x0 + 1 <= box.x0 and box.x1 <= frame.x1 - 1, (where, text)


@pytest.mark.parametrize("w, b_f", [(0.9, -2), (0, -2), (2, 6), (0.9, 3)])
def test_the_names_of_the_lines_of_the_gradient_are_in_the_order_of_their_values(w, b_f):
    """Even if two lines have left the axis: then only the names show which is lower."""
    explorer = gradient_explorer()
    explorer.move(T=50, w=w, b_f=b_f)
    left = explorer.show(**explorer.state)[0]["left"]
    ends = explorer.picture.ends
    by_height = sorted(ends, key=lambda label: ends[label].get_position()[1])
    values = [left[label][-1] for label in by_height]
    assert values == sorted(values)


def test_the_cursor_of_the_last_moment_is_beside_the_word_guessing():
    explorer = LearningExplorer()
    explorer.choose("the end")
    figure = explorer.picture.figure
    (box,) = (box for text, box in texts(figure) if text.get_text() == "guessing")
    for cursor in explorer.picture._cursors:
        assert box.x1 < cursor.get_window_extent(figure._get_renderer()).x0


def test_the_dots_of_all_units_are_as_dark_as_text_and_distinct_where_they_overlap():
    dots = opened_explorer().picture.dots
    assert dots.get_color() == QUIET and dots.get_alpha() is None and dots.get_markersize() >= 9
    assert dots.get_markeredgecolor() == PAPER and dots.get_markeredgewidth() >= 1
