"""Where things stand in a picture: what a test asks of any picture, in units of the picture."""

import numpy as np
from matplotlib.text import Text

APART = 0.5  # how far boxes may reach into each other: rounding of the letters' outlines


def texts_of(figure):
    """Every text that is drawn: labels, titles, numbers, and the ticks' labels."""
    for axes in figure.axes:
        kept = set(axes.texts)
        for text in axes.findobj(Text) if axes.axison else axes.texts:
            if text.get_visible() and text.get_text().strip() and (text in kept or axes.axison):
                yield text


def boxes_of(figure):
    """Each text with the place it takes: left, bottom, right and top."""
    renderer = figure._get_renderer()
    return [(text.get_text(), text.get_window_extent(renderer).extents) for text in texts_of(figure)]


def along(line):
    """Points along a line, no farther than a unit apart."""
    corners = line.get_transform().transform(np.column_stack(line.get_data(orig=False)))
    for start, end in zip(corners[:-1], corners[1:], strict=True):
        steps = 2 + int(np.abs(end - start).max())
        yield from np.linspace(start, end, steps)


def assert_readable(figure, lines=(), bars=(), smallest=14):
    """No text over another, beyond the edge, under a line or a bar, or smaller than that."""
    boxes, edges = boxes_of(figure), figure.bbox
    assert min(text.get_fontsize() for text in texts_of(figure)) >= smallest
    for k, (text, (x0, y0, x1, y1)) in enumerate(boxes):
        assert edges.x0 <= x0 and x1 <= edges.x1 and edges.y0 <= y0 and y1 <= edges.y1, f"{text} is beyond the edge"
        for other, (a0, b0, a1, b1) in boxes[:k]:
            apart = x1 <= a0 + APART or a1 <= x0 + APART or y1 <= b0 + APART or b1 <= y0 + APART
            assert apart, f"{text!r} lies over {other!r}"
    points = np.array([point for line in lines for point in along(line)]).reshape(-1, 2)
    for text, (x0, y0, x1, y1) in boxes:
        inside = (points > (x0, y0)) & (points < (x1, y1))
        assert not inside.all(axis=1).any(), f"a line runs through {text!r}"
        for bar in bars:
            a0, b0, a1, b1 = bar.get_window_extent().extents
            clip = bar.get_clip_box()
            a0, a1 = (np.clip(a, clip.x0, clip.x1) for a in (a0, a1)) if clip is not None else (a0, a1)
            assert x1 <= a0 or a1 <= x0 or y1 <= b0 or b1 <= y0 or a0 == a1, f"a bar lies over {text!r}"


def limits_of(figure):
    """The ends of all axes."""
    return [(*axes.get_xlim(), *axes.get_ylim()) for axes in figure.axes]
