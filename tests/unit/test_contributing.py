"""CONTRIBUTING.md's worked examples, done as they are printed."""

import re
from pathlib import Path

import pytest

from lstm_helpers.checks import QUESTIONS, answer, check, load
from lstm_helpers.view.panel import Panel

ROOT = Path(__file__).resolve().parents[2]


def block(language):
    """The example in this language."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return found


@pytest.fixture(scope="module")
def question(tmp_path_factory):
    path = tmp_path_factory.mktemp("questions") / "99_leak.toml"
    path.write_text(block("toml"), encoding="utf-8")
    load(path)
    yield
    QUESTIONS.add(path, {})


def test_the_question_judges_as_it_says(question):
    assert check("leak.left", 0.9**3 * 0.8).right
    for mistake, value in {"one step": 0.72, "three times": 2.16, "lost": 0.8 - 0.5832}.items():
        assert check("leak.left", value).diagnosis == (mistake,)
    assert "This is f * c_prev, what one step leaves." in check("leak.left", 0.72).text
    assert "0.583" in answer("leak.left").text


def test_the_panel_moves():
    names = {}
    exec(block("python"), names)
    panel = names["KeepExplorer"]()
    assert isinstance(panel, Panel) and panel.sentence == "Keep 70% of 0.80: 0.56."
    panel.choose("forget")
    assert panel.sentence == "Keep 0% of 0.80: 0.00."
    panel.move(f=0.5, c_prev=-1)
    assert panel.sentence == "Keep 50% of −1.00: −0.50."
    assert panel.picture.bars["kept"].get_height() == -0.5


def test_what_it_names_is_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:lstm_helpers|tests|benchmarks|notebooks)/[\w/.]+)`", text):
        assert (ROOT / name).exists() or "NN" in name, name
    for name in re.findall(r"`((?:checks|explorers|layers)/[\w/.]+)`", text):
        assert (ROOT / "lstm_helpers" / name).exists(), name
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
