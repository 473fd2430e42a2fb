"""Layout of a picture: positions of its texts, lines and bars, and a check that they do not collide."""

from itertools import pairwise

import numpy as np
from matplotlib.text import Text

GAP = 2  # the least gap between texts side by side, so that they do not read as one


def texts_of(figure):
    """Yield every visible text: labels, titles, numbers and tick labels."""
    for axes in figure.axes:
        kept = set(axes.texts)
        for text in axes.findobj(Text) if axes.axison else axes.texts:
            if text.get_visible() and text.get_text().strip() and (text in kept or axes.axison):
                yield text


def boxes_of(figure):
    """Return each text with its box: left, bottom, right, top."""
    renderer = figure._get_renderer()
    return [(text.get_text(), text.get_window_extent(renderer).extents) for text in texts_of(figure)]


def along(line):
    """Return points of a line's visible part, at most one unit apart."""
    corners = line.get_transform().transform(np.column_stack(line.get_data()))
    steps = [2 + int(np.abs(end - start).max()) for start, end in pairwise(corners)]
    parts = [np.linspace(start, end, n) for (start, end), n in zip(pairwise(corners), steps, strict=True)]
    points = np.concatenate(parts)
    (x0, y0), (x1, y1) = line.axes.bbox.get_points()
    inside = (points >= (x0, y0)) & (points <= (x1, y1))
    return points[inside.all(axis=1)] if line.get_clip_on() else points


def place_of(bar):
    """Return a bar's box within its axes: left, bottom, right, top."""
    x0, y0, x1, y1 = bar.get_window_extent().extents
    if bar.get_clip_on():
        x0, x1 = np.clip([x0, x1], *bar.axes.bbox.intervalx)
    return x0, y0, x1, y1


def apart(one, other, gap=0):
    """Return true if a box is above or below another, or next to it with a gap between them."""
    x0, y0, x1, y1 = one
    a0, b0, a1, b1 = other
    return x1 + gap <= a0 or a1 + gap <= x0 or y1 <= b0 or b1 <= y0


def assert_readable(figure, lines=(), bars=(), smallest=14):
    """Check that no text overlaps another, a line or a bar, crosses the edge, or is smaller than `smallest`."""
    boxes, edges = boxes_of(figure), figure.bbox
    assert min(text.get_fontsize() for text in texts_of(figure)) >= smallest
    points = np.concatenate([np.empty((0, 2)), *map(along, lines)])
    places = [place_of(bar) for bar in bars]
    for k, (text, (x0, y0, x1, y1)) in enumerate(boxes):
        assert edges.x0 <= x0 and x1 <= edges.x1 and edges.y0 <= y0 and y1 <= edges.y1, f"{text!r} is beyond the edge"
        for other, box in boxes[:k]:
            assert apart((x0, y0, x1, y1), box, GAP), f"{text!r} lies over {other!r}"
        inside = (points > (x0, y0)) & (points < (x1, y1))
        assert not inside.all(axis=1).any(), f"a line runs through {text!r}"
        assert all(apart((x0, y0, x1, y1), place) for place in places), f"a bar lies over {text!r}"


def limits_of(all_axes):
    """The limits of each of these axes."""
    return [(*axes.get_xlim(), *axes.get_ylim()) for axes in all_axes]
