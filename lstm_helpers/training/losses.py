"""Losses, each with its gradient, and the softmax.

Arguments must hold finite numbers, or the functions raise `TypeError` or `ValueError`; so do wrong shapes and ranges.
"""

import numpy as np

from lstm_helpers._arguments import above_0, brief, real_array, refuse, short_traceback, whole_numbers


@short_traceback
def squared_error(y, target, weight=None):
    """The mean of (y - target) ** 2, a number, and dL/dy, shaped like y.

    Args:
        y, target: (..., K), of the same shape.
        weight: how much each target counts in the mean, shaped like y without its last axis; 0 (or False) leaves it
            out, None counts all equally.
    """
    y = _outputs(y, "for the K outputs")
    target = real_array("target", target, dtype=y.dtype)
    if target.shape != y.shape:
        refuse(ValueError, f"target must have the shape of y, {y.shape}, got shape {target.shape}")
    share = _shares(weight, y.shape[:-1], y.dtype)[..., None] / y.shape[-1]
    error = y - target
    return float((share * error**2).sum(dtype=np.float64)), 2 * share * error


@short_traceback
def cross_entropy(y, target, weight=None):
    """The mean of -ln p[target], in nats, with p = softmax(y): how surprised a prediction is by the right class.

    Returns that number, and dL/dy, shaped like y: (p - one_hot(target)), times the share of the target in the mean.
    Divide by ln 2 for bits.

    Args:
        y: (..., K), any real numbers.
        target: (...), the index of the right class, whole numbers from 0 to K - 1.
        weight: how much each target counts in the mean, shaped like target; 0 (or False) leaves it out, None counts
            all equally. Where it is 0, `target` may hold any whole number.
    """
    y = _outputs(y, "for the classes")
    target = whole_numbers("target", target)
    if target.shape != y.shape[:-1]:
        refuse(ValueError, f"target must have shape {y.shape[:-1]}: one class for each row of y, got {target.shape}")
    share = _shares(weight, target.shape, y.dtype)
    classes = np.where(share > 0, target, 0)
    if classes.min() < 0 or classes.max() >= y.shape[-1]:
        sentence = f"target must lie from 0 to {y.shape[-1] - 1}, got from {classes.min()} to {classes.max()}"
        refuse(ValueError, sentence)
    below = y - y.max(axis=-1, keepdims=True)
    right = *np.indices(classes.shape, sparse=True), classes
    p, log_total = _softmax(below)
    surprise = log_total[..., 0] - below[right]  # not from y itself: what all y have in common would cost digits
    p[right] -= 1
    p *= share[..., None]
    return float((share * surprise).sum(dtype=np.float64)), p


@short_traceback
def softmax(y, temperature=1.0):
    """Probabilities, shaped like y (..., K): exp(y / temperature), divided by its sum over the last axis.

    The temperature is above 0. Below 1 it sharpens them toward the largest; above 1 it flattens them.
    """
    y = _outputs(y, "along which the sum is 1")
    temperature = above_0("temperature", temperature)
    with np.errstate(over="ignore", under="ignore"):  # a y far below the largest becomes -inf: probability 0
        return _softmax(((y - y.max(axis=-1, keepdims=True)) / np.float64(temperature)).astype(y.dtype))[0]


def _outputs(y, purpose):
    """y as an array with at least one axis, or a refusal."""
    y = real_array("y", y)
    if y.ndim == 0:
        refuse(ValueError, f"y must have at least one axis, {purpose}, got a single number")
    return y


def _softmax(below):
    """softmax(y), and ln of the sum of exp, its axis kept, from y less the largest y: so exp cannot overflow."""
    p = np.exp(below)
    total = p.sum(axis=-1, keepdims=True)
    p /= total
    return p, np.log(total)


def _shares(weight, shape, dtype):
    """The weights, scaled to sum to 1."""
    if weight is None:
        return np.full(shape, 1 / np.prod(shape), dtype)
    weight = real_array("weight", weight, dtype=dtype)
    if weight.shape != shape:
        refuse(ValueError, f"weight must have shape {shape}: a number for each target, got shape {weight.shape}")
    if weight.min() < 0 or not weight.any():
        refuse(ValueError, f"weight must be 0 or above, and above 0 somewhere, got {brief(weight)}")
    return weight / weight.sum()
