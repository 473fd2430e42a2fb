"""Labels side by side: none over another."""

import numpy as np


def spread(wanted, sizes, low, high):
    """Places for labels along a line: none over another, in their order, as near as can be to where they belong.

    Args:
        wanted: where the middle of each label belongs.
        sizes: how much room each needs along the line.
        low, high: the ends of the line. Where there is no room for all, they go beyond `high`.
    """
    order = np.argsort(wanted, kind="stable")
    sizes = np.asarray(sizes)[order]
    piled = np.cumsum(sizes) - sizes / 2  # the middles of labels that lie one on the other from 0 on
    blocks = []  # labels that touch: they are shifted alike
    for shift in np.asarray(wanted)[order] - piled:
        blocks.append([shift])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    shifts = np.repeat([np.mean(block) for block in blocks], [len(block) for block in blocks])
    places = np.empty(len(order))
    places[order] = piled + np.clip(shifts, low, max(low, high - sizes.sum()))
    return places


apart = spread  # until every explorer has the new name
