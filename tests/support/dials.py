"""Check of a drawn gate value: a ring for a gate, a bar for the candidate."""

import pytest


def check_dial(dial, symbol, value):
    """Check that a gate fills its ring clockwise from the top, and the candidate's bar goes up or down from 0."""
    (x, y), radius, filled = dial.center, dial.radius, dial.filled
    if symbol == "g":
        _check_bar(dial, x, y, radius, value)
        return
    (rest,) = dial.still
    assert filled.center == rest.center == (x, y) and filled.r == rest.r == radius == dial.right - x
    assert rest.theta2 - rest.theta1 == 360
    assert (filled.theta2, filled.theta2 - filled.theta1) == (90, pytest.approx(360 * value))


def _check_bar(dial, x, y, radius, value):
    track, zero = dial.still
    left, right = 2 * x - dial.right, dial.right
    assert track.get_bbox().extents == pytest.approx((left, y - radius, right, y + radius))
    assert dial.filled.get_bbox().bounds == pytest.approx((left, y, right - left, radius * value))
    (begins, ends), heights = zero.get_data()
    assert begins < left and ends == pytest.approx(right) and list(heights) == [y, y]
