"""Variant explorer: its presets, and moves at one step."""

import pytest

from lstm_helpers.explorers import VariantExplorer, variants
from tests.support.expected import sigmoid
from tests.support.variant import VARIANTS, check_variant

pytestmark = pytest.mark.slow


def test_the_presets_of_the_variants():
    explorer = VariantExplorer()

    def ends(name):
        explorer.choose(name)
        return dict(zip(VARIANTS, (float(explorer.picture.lines[k].get_ydata()[-1]) for k in VARIANTS), strict=True))

    lstms = VARIANTS[:4]
    assert ["start", *variants(12)] == list(explorer.presets)
    kept = ends("write, keep, forget")
    assert kept == pytest.approx({**dict.fromkeys(VARIANTS, 0), lstms[3]: 0.8, "LSTM with coupled gates": -0.4,
                                  "GRU": -0.4, "plain RNN": 0.23}, abs=0.01)  # fmt: skip
    twice = ends("write twice")
    assert [twice[k] for k in lstms] == pytest.approx([1.4] * 4, abs=0.04)
    assert twice["GRU"] == pytest.approx(0.6, abs=0.02) == twice["LSTM with coupled gates"]
    counted = ends("write at every step")
    assert [counted[k] for k in lstms] == pytest.approx([6] * 4, abs=0.1)
    assert max(counted[k] for k in VARIANTS[4:]) < 1
    assert ends("forget bias 1")["LSTM"] == pytest.approx(0.8 * sigmoid(1) ** 10, abs=0.001)
    shut, opened = ends("the gate reads, output shut"), ends("the gate reads, output open")
    assert shut["LSTM"] < 0.01 < 0.2 < opened["LSTM"]  # an LSTM sees its memory only through the output gate
    for name in ("document's cell", "GRU"):  # these see it itself
        assert shut[name] == opened[name] > 0.7
    assert shut["LSTM with peepholes"] > 0.7


def test_a_move_of_the_variants_changes_the_chosen_step_only():
    explorer = VariantExplorer()
    before = explorer.state
    explorer.move(step=5)
    assert (explorer.controls["g"].shown, explorer.controls["signal"].shown) == (before["g"][5], 0)
    explorer.controls["signal"].buttons.value = 1
    explorer.controls["g"].handle.value = -0.7
    for name, value in {"g": -0.7, "signal": 1}.items():
        assert explorer.state[name].tolist() == [*before[name][:5], value, *before[name][6:]]
    check_variant(explorer)
