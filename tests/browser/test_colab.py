"""The panels with Colab's versions, above all ipywidgets 7.7.1, in a JupyterLab of their time.

Their sliders are jQuery's, their players have two buttons, and their IPython does not name cells. No test uses Colab's
own page.
"""

import os
import re
import subprocess
import sys
import tomllib
from functools import partial

import nbformat
import pytest

from benchmarks import panels
from tests.support.colab import NEWEST_PYTHON, ROOT, VERSIONS, colab_python
from tests.support.every_panel import open_every_panel
from tests.support.lab import jupyterlab
from tests.support.panels import assert_right, assert_shown, assert_sliders_go, by_key, drag, execute

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.version_info[:2] > NEWEST_PYTHON, reason="left out: Colab's NumPy needs an older Python"),
]

OPENED = [(2 * k, name) for k, name in enumerate(panels.EXPLORERS)]  # each is there with a prediction, too
# Without our server extension, which Colab does not have.
BARE = "--ServerApp.jpserver_extensions={'lstm_helpers.jupyter.saved': False}"
CONTROLS = """panel => [...panel.querySelectorAll('.lstm-control')].map(control => ({
    words: control.querySelector('.lstm-name').textContent.trim(),
    handle: control.querySelector('[role=slider]')?.getAttribute('aria-label'),
    ends: ['min', 'now', 'max'].map(at => control.querySelector('[role=slider]')?.getAttribute('aria-value' + at)),
    box: control.querySelector('input')?.getAttribute('aria-label'),
    buttons: [...control.querySelectorAll('.widget-play button')].filter(button => button.checkVisibility())
        .map(button => button.getAttribute('aria-label')),
}))"""
TRAIN = """
import numpy as np
from lstm_helpers import LSTM
from lstm_helpers.tasks import adding_problem
from lstm_helpers.training import Adam, Model, fit, squared_error
rng = np.random.default_rng(3)
model = Model.initialize(LSTM.initialize(2, 4, rng=rng), 1, rng=rng)
print(len(fit(model, lambda: adding_problem(5, 8, rng=rng), squared_error, Adam(), steps=20)))
"""


def pins():
    """Return the versions of the environment, name -> version."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)$", VERSIONS.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder that JupyterLab serves."""
    folder = tmp_path_factory.mktemp("colab") / "notebooks"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def page(browser, folder):
    """The page with every explorer, in that environment."""
    try:
        python = colab_python()
    except subprocess.CalledProcessError as error:
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail(f"BROWSER_TESTS=required, but Colab's versions cannot be installed: {error.stderr}")
        pytest.skip("left out: Colab's versions cannot be installed here; is there a network?")
    with jupyterlab(folder, folder.parent / "lab.log", BARE, python=str(python)) as url:
        page = open_every_panel(browser, folder, url)
        yield page
        page.close()


def test_it_has_colabs_versions_and_they_are_all_that_the_package_asks_for(page):
    names = ["ipywidgets", "ipython", "ipykernel", "numpy", "matplotlib"]
    code = f"from importlib.metadata import version\nprint(*map(version, {names}))"
    assert execute(page, code).split() == [pins()[name] for name in names]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"ipywidgets>={pins()['ipywidgets']}" in project["dependencies"]
    missing = [name for name in project["dependencies"] if name.partition(">=")[0] not in pins()]
    assert missing == []


def test_every_explorer_is_a_live_panel_and_nothing_complains(page):
    assert page.locator(".lstm-panel").count() == 2 * len(panels.EXPLORERS)
    for number in range(2 * len(panels.EXPLORERS)):
        assert_right(page, number)
    for kind in ("stderr", "error"):
        assert page.locator(f'[data-mime-type="application/vnd.jupyter.{kind}"]').all_inner_texts() == []


@pytest.mark.parametrize("number, name", OPENED, ids=panels.EXPLORERS)
def test_every_control_has_a_name_and_every_slider_says_where_it_stands(page, number, name):
    for control in page.locator(".lstm-panel").nth(number).evaluate(CONTROLS):
        if control["handle"]:
            assert control["handle"] == control["words"] and control["box"] == control["words"] + ", as a number"
            low, now, high = map(float, control["ends"])
            assert low <= now <= high and low < high
        elif control["box"]:
            assert control["box"] == control["words"]
        else:
            assert control["buttons"] in ([], ["play", "pause"]), control["words"]


@pytest.mark.parametrize("number, name", OPENED, ids=panels.EXPLORERS)
def test_every_slider_goes_to_both_ends_by_keyboard(page, number, name):
    assert_sliders_go(page, number, by_key, (0, 1))


def test_a_slider_goes_by_drag_beyond_its_ends(page):
    assert_sliders_go(page, 0, partial(drag, page), (-0.1, 1.1), first_only=True)


@pytest.mark.parametrize("number, name", OPENED, ids=panels.EXPLORERS)
def test_every_box_takes_a_number_and_every_preset_holds(page, number, name):
    panel = page.locator(".lstm-panel").nth(number)
    for box in panel.locator(".lstm-slider input").all():
        low, high, step = (float(box.get_attribute(name)) for name in ("min", "max", "step"))
        wanted = low + step * round((high - low) / step / 3)
        box.fill(f"{wanted:.2f}")
        box.press("Enter")
        sliders = assert_shown(page, number)["sliders"]
        assert any(abs(slider["value"] - wanted) < 0.0051 for slider in sliders)
    for chip in panel.locator(".lstm-chip").all():
        chip.click()
        assert_shown(page, number, preset=chip.inner_text())
    assert_right(page, number)


def test_a_player_plays_pauses_steps_and_goes_back(page):
    number = 2 * list(panels.EXPLORERS).index("Forgetting")
    panel = page.locator(".lstm-panel").nth(number)
    at = f"print(shown[{number}].state['moment'])"
    panel.get_by_role("button", name="back to the start").click()
    assert_shown(page, number)
    panel.get_by_role("button", name="play", exact=True).click()
    sentence = panel.locator(".lstm-sentence").inner_text()
    changed = "([panel, before]) => panel.querySelector('.lstm-sentence').innerText !== before"
    page.wait_for_function(changed, arg=[panel.element_handle(), sentence])
    panel.get_by_role("button", name="step", exact=True).click()  # pauses the player
    assert_shown(page, number)
    stopped = int(execute(page, at))
    page.wait_for_timeout(1000)
    assert int(execute(page, at)) == stopped > 0
    sentence = panel.locator(".lstm-sentence").inner_text()
    panel.get_by_role("button", name="play", exact=True).click()
    page.wait_for_function(changed, arg=[panel.element_handle(), sentence])
    panel.get_by_role("button", name="pause", exact=True).click()
    assert_shown(page, number)
    assert (paused := int(execute(page, at))) > stopped
    page.wait_for_timeout(1000)
    assert int(execute(page, at)) == paused


def test_what_changes_is_said(page):
    panel = page.locator(".lstm-panel").first
    panel.locator("[role=slider]").nth(1).focus()
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    sentence = assert_shown(page, 0)["sentence"]
    said = "([panel, words]) => panel.querySelector('[aria-live=polite]').textContent === words"
    page.wait_for_function(said, arg=[panel.element_handle(), sentence], timeout=5_000)


def test_a_training_shows_its_bar_and_ends(page):
    assert execute(page, TRAIN) == "20\n"


def test_the_pictures_are_saved_beside_the_panels(page, folder):
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    saved = nbformat.read(folder / "every_panel.ipynb", as_version=4)
    outputs = [output for cell in saved.cells for output in cell.outputs]
    assert len(outputs) == 2 * len(panels.EXPLORERS)
    for output in outputs:
        assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"} <= set(output["data"])
        assert output["metadata"]["image/png"]["alt"] == output["data"]["text/plain"]
