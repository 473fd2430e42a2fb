"""Rings for gates and bars for the candidate, in all pictures of a cell."""

import pytest
from matplotlib.colors import to_rgb

from lstm_helpers.explorers import CellExplorer, ForgettingExplorer, UnrolledExplorer
from lstm_helpers.view.dials import draw_dial
from lstm_helpers.view.style import new_figure
from tests.support.dials import check_dial

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("symbol, values", [("f", (0, 0.7, 1)), ("g", (-1, -0.6, 0, 0.6, 1))])
def test_a_dial_shows_a_value_and_is_redrawn_only_if_it_differs(symbol, values):
    axes = new_figure(100).add_axes((0, 0, 1, 1), xlim=(0, 800), ylim=(0, 100))
    dial = draw_dial(axes, symbol, (50, 40), 20, width=5)
    for value in values:
        dial.show(value)
        check_dial(dial, symbol, value)
        dial.filled.stale = False
        dial.show(value)
        assert not dial.filled.stale


def luminance(color):
    """Return the relative luminance of WCAG 2, which is what gray print shows of a color."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("symbol", "figo")
def test_filled_parts_contrast_with_the_rest_in_gray_print(symbol):
    dial = draw_dial(new_figure(100).add_axes((0, 0, 1, 1)), symbol, (50, 40), 20, width=5)
    there, rest = (luminance(artist.get_facecolor()) for artist in (dial.filled, dial.still[0]))
    assert (rest + 0.05) / (there + 0.05) > 1.6


@pytest.mark.slow
@pytest.mark.parametrize("make", [CellExplorer, ForgettingExplorer, UnrolledExplorer])
@pytest.mark.parametrize("g", [-1, 0, 1])
def test_the_number_of_the_candidate_is_beside_its_bar(make, g):
    picture = make().picture if make is UnrolledExplorer else make(g=g).picture
    number = (picture.gate_numbers if make is UnrolledExplorer else picture.labels)["g"]
    bar, box = picture.dials["g"], number.get_window_extent()
    assert bar.right + 4 <= box.x0 <= bar.right + 12 and bar.center[1] - bar.radius < box.y0 < box.y1
    assert box.y1 < bar.center[1] + bar.radius
