"""Expected contents of the Variant explorer: every memory step by step."""

import math

import numpy as np
import pytest

from tests.support.expected import sigmoid

VARIANTS = ["LSTM", "document's cell", "LSTM with peepholes", "LSTM without a forget gate", "LSTM with coupled gates",
            "GRU", "plain RNN"]  # fmt: skip


def memories_of_variants(v):
    """Every memory step by step, from the weights in the explorer's docstring."""
    memories = {name: [0.0] for name in VARIANTS}
    for g, signal in zip(v["g"], v["signal"], strict=True):
        write, forget = signal == 1, signal == 2
        m = {name: memory[-1] for name, memory in memories.items()}
        shown = {name: v["o"] * math.tanh(c) for name, c in m.items()}
        reads = {
            "LSTM": shown["LSTM"],
            "document's cell": m["document's cell"],
            "LSTM with peepholes": shown["LSTM with peepholes"] + m["LSTM with peepholes"],
            "LSTM with coupled gates": shown["LSTM with coupled gates"],
            "GRU": m["GRU"],
        }
        keep = {name: sigmoid(v["b_f"] + v["u"] * read - 20 * forget) for name, read in reads.items()}
        keep["LSTM without a forget gate"] = 1.0
        i = dict.fromkeys(keep, sigmoid(20 * write - 10))
        for name in ("LSTM with coupled gates", "GRU"):
            keep[name] = sigmoid(v["b_f"] + v["u"] * reads[name] - 20 * (forget + write))
            i[name] = 1 - keep[name]
        for name in keep:
            memories[name].append(keep[name] * m[name] + i[name] * g)
        memories["plain RNN"].append(math.tanh(m["plain RNN"] + math.atanh(g)))
    return memories


def check_variant(explorer):
    v, picture = explorer.state, explorer.picture
    memories = memories_of_variants(v)
    assert list(picture.lines) == VARIANTS
    low, high = picture.lines["LSTM"].axes.get_ylim()
    chosen = np.arange(12) == v["step"]
    for g in (-0.95, 0.95):  # wherever the chosen step's slider is moved
        assert explorer.show(**v | {"g": np.where(chosen, g, v["g"])})[0]["limits"] == explorer.show(**v)[0]["limits"]
    for name, memory in memories.items():
        line = picture.lines[name]
        assert list(line.get_xdata()) == list(range(13)) and list(line.get_ydata()) == pytest.approx(
            memory, abs=0.00051
        )
        assert line.axes.get_ylim() == (low, high) and low < min(memory) and max(memory) < high
        assert picture.ends[name].get_text() == f"{memory[-1]:.2f}".replace("-0.00", "0.00").replace("-", "−")
        assert [text.get_text() for text in line.axes.texts] == [picture.ends[name].get_text()]
        assert line.axes.get_title("left") == name
    assert [bar.get_height() for bar in picture.bars] == pytest.approx(list(v["g"]))
    assert picture.chosen.get_x() == v["step"] + 0.6
    for signal, number in {"write": 1, "forget": 2}.items():
        steps = [k + 1 for k in range(12) if v["signal"][k] == number]
        assert len(picture.signals[signal]) == 8
        for line in picture.signals[signal]:
            assert list(line.get_xdata()[::3]) == steps
        head, _, last = ", ".join(map(str, steps)).rpartition(", ")
        listed = f"steps {head} and {last}" if head else f"step {last}" if steps else "no step"
        if len(steps) > 2 and steps == list(range(steps[0], steps[-1] + 1)):
            listed = f"steps {steps[0]} to {last}"
        assert f"{signal} at {listed}" in explorer.sentence.lower()
    # The sentence names the variants that end where the LSTM does, or those that do not.
    near = {name for name in VARIANTS[1:] if abs(memories[name][-1] - memories["LSTM"][-1]) < 0.05}
    comparison = explorer.sentence.partition("After step 12, ")[2]
    named = {name for name in VARIANTS[1:] if name in comparison}
    if "all hold about the same" in comparison:
        assert len(near) == 6
    elif comparison.startswith("all but"):
        assert named == set(VARIANTS[1:]) - near
    else:
        assert named == near and ("none of the others" in comparison) == (not near)
