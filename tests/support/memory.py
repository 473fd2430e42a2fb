"""Expected contents of the Memory unit explorer: the network read word by word."""

import numpy as np
import pytest

from lstm_helpers.tasks import one_hot
from tests.support.expected import two
from tests.support.explorers import SENTENCE, WORDS


def read_on(network, words, word=None, units=(), f=None, i=None, c=None):
    """The unit's memory over the words, and the last h, with these units' gates or cells set at a word."""
    layer = network.model.layer
    h = cell = np.zeros(5)
    memory = []
    for k, x in enumerate(one_hot(WORDS.encode(words), len(WORDS))):
        z = {gate: getattr(layer, f"W_{gate}") @ [*h, *x] + getattr(layer, f"b_{gate}") for gate in "figo"}
        keep, write, g, o = *(1 / (1 + np.exp(-z[gate])) for gate in "fi"), np.tanh(z["g"]), 1 / (1 + np.exp(-z["o"]))
        for unit in units if k == word else ():
            keep[unit] = keep[unit] if f is None else f
            write[unit] = write[unit] if i is None else i
        cell = keep * cell + write * g
        if k == word and c is not None:
            cell[list(units)] = c
        h = o * np.tanh(cell)
        memory.append(cell[network.unit])
    return [*memory, memory[-1]], h


def check_memory(explorer):
    v, picture, nouns = explorer.state, explorer.picture, explorer._nouns
    network = explorer._networks[v["network"]]
    units, changed = range(5) if v["units"] == "all" else [network.unit], {k: v[k] for k in "fic"}
    seen, low_high = [], picture.lines["c"][0].axes.get_ylim()
    for k, noun in enumerate(nouns):
        words = [noun if word == "cat" else word for word in SENTENCE[:9]]
        before, _ = read_on(network, words)
        memory, h = read_on(network, words, v["word"], units, **changed)
        p = np.exp(network.model.readout.W_y @ h + network.model.readout.b_y)
        p = p[WORDS.encode(nouns)] / p.sum()
        seen.append(p)
        assert list(picture.lines["before"][k].get_ydata()) == pytest.approx(before, abs=0.00051)
        assert list(picture.lines["c"][k].get_ydata()) == pytest.approx(memory, abs=0.00051)
        assert low_high[0] < min(memory) and max(memory) < low_high[1]
        assert [bar.get_width() for bar in picture.bars[k]] == pytest.approx(list(p), abs=0.00006)
        assert [float(text.get_text()) for text in picture.numbers[k]] == pytest.approx(list(p), abs=0.0051)
        best = int(np.argmax(p))
        rounded = picture.numbers[k][best].get_text()
        rounded = "> 0.95" if p[best] > 0.95 else "< 0.05" if p[best] < 0.05 else rounded
        assert f"“{nouns[best]}” ({rounded}) after “{noun}”" in explorer.sentence
        assert (picture.ends["before"][k].get_text() == f"{noun} before") >= (
            abs(before[-1] - memory[-1]) > 0.05 * (low_high[1] - low_high[0])
        )
    spread = np.ptp(seen, axis=0).max()
    if abs(spread - 0.05) > 1e-4:
        assert ("the same whatever the noun was" in explorer.sentence) == (spread < 0.05)
        right = [int(np.argmax(p)) for p in seen] == list(range(len(nouns))) and spread > 0.05
        assert ("right after each noun" in explorer.sentence) == right
    name = "" if len(explorer._networks) == 1 else v["network"] + ": "
    assert explorer.sentence.startswith(name.capitalize())
    unchanged = all(v[k] is None for k in "fic")
    assert ("othing is changed" if unchanged else f"t “{SENTENCE[v['word']]}”, ") in explorer.sentence
    head = explorer.sentence.partition(" The model expects ")[0]
    for k, name in {"f": "f ", "i": "i ", "c": "the memory "}.items():
        assert v[k] is None or (name in head and two(v[k]) in head)
    assert unchanged != (("all units" if v["units"] == "all" else "this unit") in head)
    assert picture.band.get_x() == v["word"] - 0.5
    heights = sorted(text.get_position()[1] for ends in picture.ends.values() for text in ends if text.get_text())
    assert low_high[0] <= heights[0] and heights[-1] <= low_high[1]
    shown = read_on(network, SENTENCE[:9], v["word"], units, **changed)[0][v["word"]]
    assert explorer.controls["c"].shown == pytest.approx(shown)
