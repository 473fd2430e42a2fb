"""Spacing labels along a line so that they do not overlap."""

import numpy as np


def spread(centers, sizes, low, high):
    """Return places for labels: in their order, without overlap, and as near as possible to their wanted places.

    Args:
        centers: the wanted place of each label's middle.
        sizes: the room that each label needs along the line.
        low, high: the ends of the line. Without room for all, labels go beyond `high`.
    """
    order = np.argsort(centers, kind="stable")
    sizes = np.asarray(sizes)[order]
    stacked = np.cumsum(sizes) - sizes / 2  # the middles of labels packed from 0 on
    blocks = []  # the wanted shifts of labels that touch; a block moves by their mean
    for shift in np.asarray(centers)[order] - stacked:
        blocks.append([shift])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    shifts = np.repeat([np.mean(block) for block in blocks], [len(block) for block in blocks])
    places = np.empty(len(order))
    places[order] = stacked + np.clip(shifts, low, max(low, high - sizes.sum()))
    return places
