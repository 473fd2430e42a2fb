import re
import sys
import threading
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest

from lstm_helpers.view import live
from lstm_helpers.view.live import LiveFigure, on_main_thread, shorten_switch_interval
from lstm_helpers.view.style import COLORS, PAPER, magnitude, new_figure, number, percent, styled, subscript, vector
from tests.support.svg import ids, references


@pytest.fixture
def drawing():
    with styled():
        figure = new_figure(216, width=360)
        axes = figure.add_subplot(xlim=(0, 10), ylim=(0, 1))
        (line,) = axes.plot([0, 5, 10], [0, 1, 0], "o-", label="moves")
        words = axes.text(5, 0.5, "0.50")
    return figure, axes, line, words


class TestLiveFigure:
    def test_moving_parts_are_only_in_the_layer(self, drawing):
        figure, _, line, words = drawing
        picture = LiveFigure(figure, [line, words])
        still, layer = picture.still(), picture.layer("a curve")
        assert ">0.50<" in layer and ">0.50<" not in still
        assert ">0.2<" in still and ">0.2<" not in layer  # a tick label
        assert line.get_visible() and words.get_visible()

    def test_both_layers_have_the_same_box(self, drawing):
        figure, _, line, _ = drawing
        picture = LiveFigure(figure, [line])
        boxes = [re.search(r'viewBox="([^"]+)"', svg)[1] for svg in (picture.still(), picture.layer("x"))]
        assert boxes == ["0 0 360 216"] * 2

    def test_the_layer_is_its_opening_tag_the_definitions_and_a_part_for_each_artist(self, drawing):
        figure, _, line, words = drawing
        picture = LiveFigure(figure, [line, words])
        tag = live.opening_tag(figure, 'role="img"', 'aria-label="x"')
        assert picture.layer("x") == f"{tag}{''.join(picture.parts())}</svg>"
        definitions, *groups = picture.parts()
        assert definitions.startswith("<defs>") and definitions.endswith("</defs>")
        assert all(part.startswith("<g>") and part.endswith("</g>") for part in groups)
        assert [">0.50<" in part for part in groups] == [False, True]

    def test_the_name_of_the_layer_is_read_out_and_the_still_part_is_not(self, drawing):
        picture = LiveFigure(drawing[0], [drawing[2]])
        assert 'role="img" aria-label="c &lt; &quot;1&quot;"' in picture.layer('c < "1"')
        assert 'aria-hidden="true"' in picture.still()

    def test_every_reference_has_its_id_and_two_figures_share_none(self, drawing):
        figure, _, line, words = drawing
        one, two = LiveFigure(figure, [line, words]), LiveFigure(figure, [line, words])
        for picture in (one, two):
            assert references(picture.still() + picture.layer("x"))
            for svg in (picture.still(), picture.layer("x")):
                assert references(svg) <= ids(svg)
        assert not ids(one.still() + one.layer("x")) & ids(two.still() + two.layer("x"))
        assert not ids(one.still()) & ids(one.layer("x"))

    def test_a_shared_definition_appears_once_while_an_artist_refers_to_it(self, drawing):
        figure, axes, line, _ = drawing
        (other,) = axes.plot([0, 10], [0, 1], marker="v", color=COLORS["f"])
        picture = LiveFigure(figure, [line, other])
        layer = picture.layer("x")
        defined = re.findall(r' id="([^"]+)"', layer)
        assert layer.count("<clipPath") == 1 and layer.count("url(#") == 4 and layer.count("<use") == 2
        assert len(defined) == len(set(defined)) == 2 and set(defined) == references(layer)
        assert picture.parts()[0].count("id=") == 2 and not any("id=" in part for part in picture.parts()[1:])
        other.set_marker("o")
        layer = picture.layer("x")
        assert set(re.findall(r' id="([^"]+)"', layer)) == references(layer) and len(references(layer)) == 1

    @pytest.mark.parametrize(
        "look, ends",
        [({"marker": "o", "markersize": 5}, ("6", "round")), ({"marker": "s", "markersize": 8}, ("9", "square")),
         ({"marker": "o", "markersize": 5, "markeredgewidth": 3}, ("8", "round"))],
    )  # fmt: skip
    def test_solid_dots_and_squares_are_one_path_with_caps_of_their_width(self, drawing, look, ends):
        figure, axes, _, _ = drawing
        (row,) = axes.plot([0, 2, 4, 6], [0, 0.5, np.nan, 1], color=COLORS["f"], linestyle="", **look)
        (shown,) = ElementTree.fromstring(LiveFigure(figure, [row]).layer("x")).iter("path")
        style = dict(entry.split(": ") for entry in shown.get("style").split("; "))
        assert (style["stroke-width"], style["stroke-linecap"]) == ends
        assert style["stroke"] == "var(--lstm-f, #d55e00)" and style["fill"] == "none"
        at = axes.transData.transform([[0, 0], [2, 0.5], [6, 1]])
        expected = [(x, figure.bbox.height - y) for x, y in at]
        points = [(float(x), float(y)) for x, y in re.findall(r"[ML] (\S+) (\S+)", shown.get("d"))]
        assert points[::2] == points[1::2] == [pytest.approx(point, abs=0.01) for point in expected]
        assert "clip-path" in shown.attrib

    @pytest.mark.parametrize(
        "look",
        [{"marker": "o", "markerfacecolor": "none"}, {"marker": "o", "markerfacecolor": PAPER}, {"marker": "D"},
         {"marker": "o", "markeredgewidth": 0}, {"marker": "o", "alpha": 0.5}, {"marker": "v"},
         {"marker": "o", "fillstyle": "left"}],
    )  # fmt: skip
    def test_every_other_marker_is_as_matplotlib_draws_it(self, drawing, look):
        figure, axes, _, _ = drawing
        (row,) = axes.plot([0, 2, 4], [0, 0.5, 1], color=COLORS["f"], linestyle="", **look)
        assert LiveFigure(figure, [row]).layer("x").count("<use") in (3, 6)  # two for a half-filled marker

    def test_a_row_of_many_dots_loses_none(self, drawing):
        figure, axes, _, _ = drawing
        (row,) = axes.plot(np.linspace(1, 9, 400), np.full(400, 0.5), "o", color=COLORS["f"])
        assert LiveFigure(figure, [row]).layer("x").count("M ") == 400

    def test_a_text_is_measured_once_for_each_font(self, drawing, monkeypatch):
        figure, _, _, words = drawing
        measured = []

        class Counting:
            @staticmethod
            def get_text_width_height_descent(text, font, ismath):
                measured.append(text)
                return len(text), 10, 2

        monkeypatch.setattr(live, "text_to_path", Counting)
        live._extent.cache_clear()
        picture = LiveFigure(figure, [words])
        for text in ("0.123", "0.456", "0.123", "0.456"):
            words.set_text(text)
            picture.layer("x")
        words.set_fontsize(30)
        picture.layer("x")
        live._extent.cache_clear()
        assert [text for text in measured if text.startswith("0.")] == ["0.123", "0.456", "0.456"]

    def test_no_style_sheet_reaches_the_rest_of_the_page(self, drawing):
        picture = LiveFigure(drawing[0], [drawing[2]])
        assert "<style" not in picture.still() + picture.layer("x")

    def test_only_changed_artists_are_redrawn_and_the_result_equals_a_fresh_drawing(self, drawing, monkeypatch):
        figure, axes, line, words = drawing
        picture = LiveFigure(figure, [line, words])
        picture.layer("x")
        drawn = []
        monkeypatch.setattr(type(line), "draw", counting(type(line).draw, drawn))
        words.set_text("0.75")
        after_words = picture.layer("x")
        assert drawn == []
        line.set_ydata([1, 0, 1])
        after_line = picture.layer("x")
        assert drawn == [line]
        for high in (2, 1, 2):  # back to cached limits
            axes.set_ylim(0, high)  # does not mark the line as stale, so the next line asks for the still part
            picture.still()
            fresh = LiveFigure(figure, [line, words])
            fresh._salt = picture._salt
            assert (picture.layer("x") == after_line) == (high == 1)
            assert picture.layer("x") == fresh.layer("x") != after_words

    def test_still_parts_are_cached_by_limits_and_ticks(self, drawing, monkeypatch):
        figure, axes, line, _ = drawing
        picture, drawn = LiveFigure(figure, [line]), []
        monkeypatch.setattr(type(figure), "draw", counting(type(figure).draw, drawn))
        first = picture.still()
        axes.set_ylim(0, 2)
        second = picture.still()
        axes.set_yticks([0, 2])
        third = picture.still()
        assert len({first, second, third}) == len(drawn) == 3
        axes.set(ylim=(0, 1), yticks=[0, 1])
        axes.set(ylim=(0, 2), yticks=[0, 2])
        assert picture.still() == third and len(drawn) == 3
        for high in range(11, 300):
            axes.set_xlim(0, high)
            picture._draw_still = lambda high=high: f"still {high}"
            assert picture.still() == f"still {high}"
        assert len(picture._stills) <= 100

    def test_coordinates_have_two_decimals_and_text_is_unchanged(self, drawing):
        figure, _, line, words = drawing
        words.set_text("0.123456")
        svg = LiveFigure(figure, [line, words]).layer("0.123456")
        assert ">0.123456<" in svg and 'aria-label="0.123456"' in svg
        assert not re.search(r"\.\d{3}", re.sub(r"0\.123456", "", svg))

    @pytest.mark.parametrize(
        "drawn, written",
        [("1.304", "1.3"), ("-0.0199", "-0.01"), ("7.001", "7"), ("7.00", "7"), ("10.45", "10.45"), ("30", "30")],
    )
    def test_coordinates_have_no_trailing_zeros(self, drawn, written):
        assert live._for_page(f'="M {drawn} 5.x."') == f'="M {written} 5.x."'

    def test_our_colors_become_css_variables_and_others_stay(self, drawing):
        figure, _, line, words = drawing
        line.set_color(COLORS["f"])
        words.set(color="#123456", text="fill: #d55e00")
        picture = LiveFigure(figure, [line, words])
        layer = picture.layer("x")
        assert "stroke: var(--lstm-f, #d55e00)" in layer and "fill: #123456" in layer and ">fill: #d55e00<" in layer
        assert f"fill: var(--lstm-paper, {PAPER.lower()})" in picture.still()  # the background
        # Matplotlib writes no color for black.
        words.set_color("black")
        assert re.search(r"^<svg[^>]*; fill: var\(--lstm-c, #000000\)", picture.layer("x"))
        assert not re.search(r": #(?:000000|ffffff)", picture.still() + picture.layer("x"))

    def test_every_moving_artist_has_its_own_group(self, drawing):
        """The page compares groups to find the parts that glow."""
        figure, _, line, words = drawing
        picture = LiveFigure(figure, [line, words])

        def groups():
            svg = ElementTree.fromstring(picture.layer("x").replace("xlink:", ""))
            assert [part.tag for part in svg] == ["defs", "g", "g"]
            return [ElementTree.tostring(part) for part in svg[1:]]

        before = groups()
        words.set_text("0.75")
        same = [one == other for one, other in zip(before, groups(), strict=True)]
        assert same == [True, False]

    def test_drawing_neither_changes_nor_uses_the_readers_settings(self, drawing):
        with mpl.rc_context({"svg.fonttype": "path", "font.size": 40, "axes.facecolor": "red"}):
            before = dict(mpl.rcParams)
            picture = LiveFigure(drawing[0], [drawing[2]])
            svg, png = picture.still() + picture.layer("x"), picture.png()
            assert dict(mpl.rcParams) == before
        calm = LiveFigure(drawing[0], [drawing[2]])
        calm._salt = picture._salt
        assert svg == calm.still() + calm.layer("x")
        assert png == calm.png()

    def test_pyplot_does_not_know_the_figure(self, drawing):
        import matplotlib.pyplot as plt

        LiveFigure(drawing[0], [drawing[2]]).png()
        assert plt.get_fignums() == []


def counting(draw, drawn):
    def counted(artist, renderer):
        drawn.append(artist)
        return draw(artist, renderer)

    return counted


class TestMainThread:
    """Calls run at once without a kernel; in a kernel, only on its main thread."""

    def test_without_a_kernel_at_once(self):
        assert called_from(threading.Thread) == [True]

    def test_on_the_main_thread_of_a_kernel_at_once(self, kernel):
        calls = []
        on_main_thread(lambda: calls.append(threading.current_thread()))
        assert calls == [threading.main_thread()]
        assert kernel.queue == []

    def test_on_another_thread_it_waits_for_the_main_thread(self, kernel):
        calls = called_from(threading.Thread)
        assert calls == []
        kernel.queue.pop()()
        assert calls == [True]


class TestSwitchInterval:
    """In a kernel, the thread that sends messages need not wait for a drawing."""

    @pytest.fixture(autouse=True)
    def python_as_it_was(self):
        before = sys.getswitchinterval()
        sys.setswitchinterval(0.005)
        yield
        sys.setswitchinterval(before)

    def test_without_a_kernel_python_stays_as_it_is(self):
        shorten_switch_interval()
        assert sys.getswitchinterval() == 0.005

    @pytest.mark.usefixtures("kernel")
    @pytest.mark.parametrize("before, after", [(0.005, 2e-4), (1e-5, 1e-5)])
    def test_in_a_kernel_it_is_short_and_never_longer_than_before(self, before, after):
        sys.setswitchinterval(before)
        shorten_switch_interval()
        assert sys.getswitchinterval() == pytest.approx(after)


@pytest.fixture
def kernel(monkeypatch):
    class Loop:
        queue = []  # noqa: RUF012

        def add_callback(self, call):
            self.queue.append(call)

    class Shell:
        class kernel:  # noqa: N801
            io_loop = Loop()

    Loop.queue = []
    monkeypatch.setattr(live, "get_ipython", lambda: Shell)
    return Loop


def called_from(kind):
    calls = []
    thread = kind(target=lambda: on_main_thread(lambda: calls.append(True)))
    thread.start()
    thread.join()
    return calls


class TestNumberFormats:
    @pytest.mark.parametrize(
        "value, text",
        [(0.7, "0.70"), (-0.14, "−0.14"), (-0.001, "0.00"), (0.0, "0.00"), (1.3, "1.30"), (np.float32(-2), "−2.00")],
    )
    def test_number(self, value, text):
        assert number(value) == text

    @pytest.mark.parametrize(
        "fraction, text",
        [(0, "0%"), (1, "100%"), (0.7, "70%"), (0.018, "2%"), (0.005, "0.5%"), (0.0001, "under 0.1%"),
         (0.9995, "over 99.9%"), (0.995, "99.5%"), (0.5, "50%"), (0.0097, "1%"), (0.9903, "99%")],
    )  # fmt: skip
    def test_percent_is_0_or_100_only_if_exact(self, fraction, text):
        assert percent(fraction) == text

    def test_vector(self):
        assert vector([0.15, -0.14, 0.4]) == "[0.15, −0.14, 0.40]"

    def test_subscript(self):
        assert (subscript(1), subscript(12)) == ("₁", "₁₂")

    @pytest.mark.parametrize(
        "value, text",
        [(0, "0"), (0.454, "0.454"), (12.345, "12.3"), (416.2, "416"), (999.7, "1 × 10³"), (3e-7, "3 × 10⁻⁷"),
         (2e4, "2 × 10⁴")],
    )  # fmt: skip
    def test_magnitude(self, value, text):
        assert magnitude(value) == text
