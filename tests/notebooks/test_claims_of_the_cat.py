"""What notebook 10 says of its two recorded networks. That ten seeds do the same is tested in test_claims.py."""

import re

import nbformat
import numpy as np
import pytest

from lstm_helpers.explorers import MemoryUnitExplorer
from lstm_helpers.runs import Exam, open_run
from tests.support.notebooks import ROOT, code

pytestmark = pytest.mark.slow

DOCUMENT, STANDARD = "document gates", "standard gates"
WORDS = "the cat quietly sat on the mat near the door because the cat was tired .".split()
SAT, BECAUSE = WORDS.index("sat"), WORDS.index("because")


def source(path=ROOT / "notebooks" / "10_inside_a_trained_lstm.ipynb"):
    return "\n".join(cell.source for cell in code(nbformat.read(path, as_version=4)))


@pytest.fixture(scope="module")
def networks():
    """Name -> the network and the unit that the page finds in it."""
    found = {}
    for gates in (DOCUMENT, STANDARD):
        run = open_run(f"cat: {gates}, bias 3")
        exam = Exam(run.model(-1), run.unseen[:200], run.vocabulary)
        found[gates] = exam.model, int(np.argmax(exam.costs("sat"))), run.vocabulary
    return found


@pytest.fixture
def panel(networks):
    models, units, vocabularies = (
        dict(zip(networks, some, strict=True)) for some in zip(*networks.values(), strict=True)
    )
    return MemoryUnitExplorer(models, vocabularies[DOCUMENT], WORDS, units, ("cat", "dog"), word="sat")


def memories(panel):
    """The lines of the panel: after cat, and after dog."""
    return [line.get_ydata() for line in panel.picture.lines["c"]]


def p_cat(panel):
    """P(cat) after cat, and after dog."""
    return [bars[0].get_width() for bars in panel.picture.bars]


def test_no_cell_trains_and_the_networks_are_those_of_09():
    assert not re.search(r"\b(fit|record|Adam|initialize)\(", source())
    for gates in (DOCUMENT, STANDARD):
        assert f'open_run("cat: {gates}, bias 3")' in source()
    assert " ".join(WORDS) in source()


def test_forgetting_at_sat_makes_the_lines_meet_and_stay_together(panel):
    panel.choose("forget")
    cat, dog = memories(panel)
    assert cat[SAT - 1] * dog[SAT - 1] < 0 and cat[SAT] == dog[SAT] != 0
    assert np.abs(cat - dog)[SAT:].max() < 0.1 * abs(cat - dog)[SAT - 1]
    assert "so it is lost" in panel.sentence


def test_at_because_another_unit_has_the_noun_too(panel):
    panel.choose("forget")
    panel.move(word=BECAUSE)
    assert "right after each noun" in panel.sentence and p_cat(panel) == pytest.approx([1, 0], abs=0.05)
    panel.move(units="all")
    assert "so it is lost" in panel.sentence


def test_standard_gates_write_the_noun_again_unless_that_is_shut_too(panel):
    panel.choose("forget")
    panel.move(network=STANDARD, word=BECAUSE, units="all")
    assert "right after each noun" in panel.sentence and p_cat(panel) == pytest.approx([1, 0], abs=0.1)
    cat, dog = memories(panel)
    gap = np.abs(cat - dog)
    assert gap[BECAUSE] < 0.5 * gap[BECAUSE - 1] and gap[-1] > gap[BECAUSE]
    panel.choose("forget, write nothing")
    assert "so it is lost" in panel.sentence


def test_the_other_noun_is_written_and_the_answer_flips_all_at_once_on_both_sentences(panel):
    panel.choose("write “dog”")
    assert max(p_cat(panel)) < 0.05 and "so it is overwritten" in panel.sentence
    ends = panel.controls["c"].handle
    sweep = []
    for c in np.linspace(ends.min, ends.max, 61):
        panel.move(c=float(c))
        sweep.append(p_cat(panel))
    for p in np.transpose(sweep):
        assert max(p[0], p[-1]) > 0.95 and min(p[0], p[-1]) < 0.05
        assert np.sum((p > 0.1) & (p < 0.9)) <= 6, "no narrow range"
