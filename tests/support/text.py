"""Expected contents of the Text explorer."""

import numpy as np
import pytest

from lstm_helpers.training import generate, softmax


def check_text(explorer):
    """Check the bars against softmax and the lines against generate; nothing leaves the picture."""
    v, picture, model, tokens = explorer.state, explorer.picture, explorer._model, explorer._vocabulary.tokens
    K, numbers = len(tokens), explorer._vocabulary.encode("\n" + v["beginning"])
    y = model.forward(np.eye(K)[numbers])[0][-1]
    p, plain = softmax(y, v["temperature"]), softmax(y)
    order = sorted(range(K), key=lambda k: -y[k])[:16]
    for bars, values in ((picture.bars, p), (picture.plain, plain)):
        heights = [bar.get_height() for bar in bars]
        assert heights == pytest.approx([*values[order], 1 - values[order].sum()], abs=0.0005)  # a tenth of a pixel
        assert all(0 <= height <= 1 for height in heights)
    assert [name.get_text() for name in picture.names] == [*(marked(tokens[k]) for k in order), "rest"]
    rng = np.random.default_rng(explorer._seeds[round(v["sample"]) - 1])
    new = generate(model, np.array([numbers] * 6).T, explorer._length, temperature=v["temperature"], rng=rng)
    lines = ["".join(tokens[k] for k in column).partition("\n")[0] for column in new.T]
    for typed, written, line in zip(picture.typed, picture.written, lines, strict=True):
        assert plainly(typed).removeprefix("…") in v["beginning"] and typed.get_position() == written.get_position()
        text = plainly(written)
        assert text.removesuffix("↵") == line or (text.endswith("…") and line.startswith(text[:-1]))
    edges = picture.figure.bbox
    for text in (*picture.typed, *picture.written, *picture.names, *picture.amounts):
        box = text.get_window_extent()
        assert not text.get_text() or (edges.x0 <= box.x0 and box.x1 <= edges.x1 and edges.y0 <= box.y0), text
    end, first = v["beginning"], lines[0]
    end = end if len(end) <= 24 else f"…{end[-23:]}"
    first = first if len(first) <= 24 else f"{first[:23]}…"
    where, verb, empty = ("At the beginning", "is", "is empty")
    if end:
        where, verb, empty = (f"After “{end}”", "goes on", "ends there")
    written = f"{verb} “{first}”" if first else empty
    assert explorer.sentence.startswith(f"{where} the likeliest is ")
    different = len(set(lines))
    compared = f"Of the 6 lines, {different} are different" if different > 1 else "All 6 lines are the same"
    assert explorer.sentence.endswith(f" {compared}; the first {written}.")


def plainly(text):
    return text.get_text().replace("\N{NO-BREAK SPACE}", " ").replace("␣", " ")


def marked(text):
    return text.replace(" ", "␣").replace("\n", "↵")
