"""Readable and distinct colors, handles that do not jump back, and saved panels."""

import asyncio
import itertools
import json
import re
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import matplotlib.colors
import nbformat
import numpy as np
import pytest
from ipywidgets import Widget
from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager

from lstm_helpers.jupyter.saved import WIDGET, _load_jupyter_server_extension, keep_pictures
from lstm_helpers.view import access
from lstm_helpers.view.access import accessibility
from lstm_helpers.view.controls import Slider
from lstm_helpers.view.style import COLORS, INK, INK_ON_DARK, QUIET, THEMES
from tests.support.explorers import MAKERS, memory_explorer

PAPER, NIGHT = "#FFFFFF", "#111111"  # JupyterLab's light page and its dark one
# Machado, Oliveira & Fernandes (2009), severity 1: matrices for linear red, green and blue.
SEEN_BY = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "gray": [[0.2126, 0.7152, 0.0722]] * 3,
}


def linear(color):
    """Convert a color to linear red, green and blue, from 0 to 1."""
    c = np.array(matplotlib.colors.to_rgb(color))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def light(color):
    return float(linear(color) @ SEEN_BY["gray"][0])


def contrast(one, other):
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    """Convert linear red, green and blue to CIE L*a*b*."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(rgb, 0, 1)
    t = xyz / [0.9505, 1.0, 1.089]
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("name", INK)
def test_every_colored_word_contrasts_with_its_background(name):
    assert contrast(INK[name], PAPER) >= 4.5 and contrast(INK_ON_DARK[name], NIGHT) >= 4.5
    assert contrast(QUIET, PAPER) >= 4.5 and contrast(THEMES["quiet"][1], NIGHT) >= 4.5


def test_the_empty_parts_of_rings_show_on_a_projector():
    """Between 25 and 30 percent of the way from the page to its ink; on a dark page, which shows less, some more."""
    faint, dark = (matplotlib.colors.to_rgb(color)[0] for color in THEMES["faint"])
    assert 0.25 <= 1 - faint <= 0.3 and 0.25 <= dark <= 0.35


@pytest.mark.parametrize("name", [name for name in THEMES if name not in ("glow", "faint")])
def test_every_color_shows_on_a_light_and_a_dark_page(name):
    on_light, on_dark = THEMES[name]
    assert contrast(on_light, PAPER) >= 2.2 and contrast(on_dark, NIGHT) >= 3


@pytest.mark.parametrize("ground, inks, dark", [(PAPER, INK, False), (NIGHT, INK_ON_DARK, True)])
def test_a_number_that_glows_can_be_read(ground, inks, dark):
    """During a drag it glows all the time. The glow shows on the page, and the number on the glow."""
    (opacity,) = map(float, re.findall(r"lstm-light \* \{ stroke-opacity: ([\d.]+)", access._LAYOUT))
    glow, page = (np.array(matplotlib.colors.to_rgb(color)) for color in (THEMES["glow"][dark], ground))
    light_there = opacity * glow + (1 - opacity) * page
    assert contrast(light_there, ground) >= 1.4
    for name, ink in (inks | {"quiet": THEMES["quiet"][dark]}).items():
        assert contrast(ink, light_there) >= 3.5, name


@pytest.mark.parametrize("eyes", ["protanopia", "deuteranopia", "tritanopia"])
def test_the_gates_colors_differ_for_every_reader(eyes):
    """They differ by at least 10 in CIE L*a*b*, where 2.3 is just noticeable."""
    seen = {name: lab(np.array(SEEN_BY[eyes]) @ linear(color)) for name, color in COLORS.items()}
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 10, (eyes, one, other)


@pytest.mark.slow
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_lines_of_one_picture_that_differ_in_color_differ_in_dashes_or_marker_too(make):
    """So the picture is readable for everybody, and in gray. Lines that never meet may look alike."""
    for axes in make().picture.figure.axes:
        for line, another in itertools.combinations(axes.lines, 2):
            one, other = look_of(line), look_of(another)
            alike = one[1:] == other[1:] and abs(light(one[0]) - light(other[0])) <= 0.2
            same = matplotlib.colors.same_color(one[0], other[0])
            assert same or not alike or apart(line.get_xydata(), another.get_xydata()), (one, other)


def apart(one, other):
    """Return whether the boxes around the points of two lines are disjoint."""
    if not len(one) or not len(other):
        return True
    return bool(np.any((one.max(axis=0) < other.min(axis=0)) | (other.max(axis=0) < one.min(axis=0))))


def look_of(line):
    """Return color, dashes, marker and width; the color of a row of squares is that of the squares."""
    color = line.get_markerfacecolor() if line.get_linestyle() == "None" else line.get_color()
    return color, line.get_linestyle(), line.get_marker(), line.get_linewidth()


class TestHandle:
    def test_a_reported_move_gets_no_echo(self, monkeypatch):
        """During a drag the echo would arrive late, and the handle would jump back."""
        slider, told = Slider("g", -1, 1), []
        slider.show(0.3)
        slider.on_move(lambda name, value: told.append(value) or slider.show(value))  # as a panel does
        sent = []
        monkeypatch.setattr(Widget, "_send", lambda self, message, buffers=None: sent.append((self, message)))
        for steps in range(200):
            slider.handle.set_state({"value": -1 + steps * 0.01})  # a browser counts 0.30000000000000004
        assert told == [round(-1 + steps * 0.01, 9) for steps in range(200)] and len(sent) >= 150
        assert [m for widget, m in sent if widget is slider.handle and m["method"] == "update"] == []

    def test_show_moves_the_handle(self):
        slider = Slider("g", -1, 1)
        slider.on_move(lambda name, value: slider.show(value))
        slider.show(0.12345)
        assert slider.handle.value == 0.12345 and slider.box.value == 0.12
        slider.box.value = -0.5
        assert slider.handle.value == slider.shown == -0.5


@pytest.mark.slow
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_panel_needs_no_modules_but_those_of_ipywidgets(make):
    """VS Code has these and shows a panel without a network. Other modules it would download."""
    left, modules = [make().widget], set()
    while left:
        widget = left.pop()
        parts = [widget, widget.layout, *([widget.style] if hasattr(widget, "style") else [])]
        modules |= {name for part in parts for name in (part._model_module, part._view_module)}
        left += getattr(widget, "children", ())
    assert modules == {"@jupyter-widgets/base", "@jupyter-widgets/controls"}


def test_a_title_cannot_break_out_of_its_attribute():
    assert 'data-title="a &quot;b&quot; &lt;i&gt;"' in accessibility('a "b" <i>').value
    assert (
        accessibility("x").value.count("onload=") == 1
        and '"' not in accessibility("x").value.split('onload="')[1].split('">')[0]
    )


class TestSaved:
    def notebook(self, **data):
        cell = {"cell_type": "code", "outputs": [{"output_type": "execute_result", "data": data}]}
        return {"type": "notebook", "content": {"cells": [{"cell_type": "markdown", "source": ""}, cell]}}

    def test_a_panel_is_saved_as_its_picture(self):
        _, panel = memory_explorer()._repr_mimebundle_()
        bundle, _ = memory_explorer()._repr_mimebundle_()
        assert WIDGET in bundle
        model = self.notebook(**bundle)
        keep_pictures(model, path="x.ipynb")
        kept = model["content"]["cells"][1]["outputs"][0]["data"]
        assert set(kept) == {"text/plain", "image/png"} and kept["image/png"] == bundle["image/png"] and panel

    @pytest.mark.parametrize("manager", [LargeFileManager, AsyncLargeFileManager])
    def test_a_panel_that_was_saved_elsewhere_is_opened_as_its_picture(self, manager, tmp_path):
        """A file saved without our extension has both the panel and the picture."""
        bundle, metadata = memory_explorer()._repr_mimebundle_()
        output = nbformat.v4.new_output("execute_result", data=bundle, metadata=metadata)
        cell = nbformat.v4.new_code_cell("memory_explorer()", outputs=[output])
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "x.ipynb")
        saved = (tmp_path / "x.ipynb").read_bytes()

        def opened():
            contents = manager(root_dir=str(tmp_path))
            contents.notary.sign(nbformat.from_dict(json.loads(saved)))
            _load_jupyter_server_extension(SimpleNamespace(contents_manager=contents))
            return asyncio.run(ensure_async(contents.get("x.ipynb")))

        with ThreadPoolExecutor(1) as executor:  # this thread may have the event loop of a browser test
            (read,) = executor.submit(opened).result()["content"]["cells"]
        (shown,) = read["outputs"]
        assert set(shown["data"]) == {"text/plain", "image/png"} and shown["metadata"] == metadata
        assert read["metadata"]["trusted"] and (tmp_path / "x.ipynb").read_bytes() == saved

    def test_widgets_without_a_picture_and_other_files_stay_as_they_are(self):
        model = self.notebook(**{WIDGET: {"model_id": "1"}, "text/plain": "a progress bar"})
        keep_pictures(model, path="x.ipynb")
        assert WIDGET in model["content"]["cells"][1]["outputs"][0]["data"]
        for other in ({"type": "file", "content": "text"}, {"type": "directory", "content": None}):
            before = dict(other)
            keep_pictures(other)
            assert other == before
