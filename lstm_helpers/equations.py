"""The equations of the LSTM, one small function each; nothing else.

The symbols are those of the notebooks: `f i g o` for the three gates and the candidate, `c` for the cell state,
`h` for the hidden state, `z` for a pre-activation. Arrays in, arrays out. float32 stays float32; every other
real dtype is computed in float64. A single number goes with an array of any shape; arrays must have the same shape.
Arguments that make no sense are refused with a `ValueError` or `TypeError` that names them.

Source: Hochreiter & Schmidhuber (1997), "Long Short-Term Memory"; Gers, Schmidhuber & Cummins (2000),
"Learning to Forget: Continual Prediction with LSTM", for the forget gate.
"""

import numpy as np

from lstm_helpers._arguments import brief, real_array, refuse, same_shape, short_traceback


@short_traceback
def sigmoid(z):
    """The logistic function, 1 / (1 + exp(-z)), for z of any shape: an array like z, every element from 0 to 1.

    Stable for every finite z, and accurate even if a gate is nearly shut: the relative error is a few units in the last
    place at most, down to the smallest normal number.
    """
    z = real_array("z", z)
    with np.errstate(under="ignore"):  # exp(-1000) underflows to 0, which is right
        e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


@short_traceback
def logit(p):
    """The inverse of `sigmoid`, ln(p / (1 - p)): an array like p, with sigmoid(logit(p)) = p.

    Every element of p must lie between 0 and 1, both excluded: no finite z gives a gate of exactly 0 or 1.
    """
    p = real_array("p", p)
    _refuse_ends("p", p, 0, 1, "sigmoid")
    return np.log(p) - np.log1p(-p)


@short_traceback
def gate(W, b, *inputs):
    """A gate: sigmoid(W [inputs stacked] + b), shape (H,), every element from 0 to 1.

    One function covers every way to write a gate: `gate(W, b, h_prev, x)` is the standard LSTM's,
    `gate(W, b, c_prev, x)` and `gate(W, b, x)` are the source document's.

    Args:
        W, b: shapes (H, n) and (H,), where n is the total length of the inputs.
        *inputs: one or more vectors; they are stacked in the order given.
    """
    return sigmoid(_pre_activation(W, b, inputs))


@short_traceback
def candidate(W, b, *inputs):
    """The candidate g: tanh(W [inputs stacked] + b), every element from -1 to 1. Arguments as for `gate`."""
    return np.tanh(_pre_activation(W, b, inputs))


@short_traceback
def cell_state(f, c_prev, i, g):
    """The new cell state: c = f * c_prev + i * g, element by element.

    The gates f (the fraction of c_prev that is kept) and i lie from 0 to 1, the candidate g from -1 to 1. c has no
    bound: |c| can grow by up to 1 at each step.
    """
    f, i = real_array("f", f, within=(0, 1)), real_array("i", i, within=(0, 1))
    c_prev, g = real_array("c_prev", c_prev), real_array("g", g, within=(-1, 1))
    f, c_prev, i, g = same_shape(f=f, c_prev=c_prev, i=i, g=g)
    return f * c_prev + i * g


@short_traceback
def hidden_state(o, c):
    """The hidden state: h = o * tanh(c), element by element, from -1 to 1. The output gate o lies from 0 to 1."""
    o, c = real_array("o", o, within=(0, 1)), real_array("c", c)
    o, c = same_shape(o=o, c=c)
    return o * np.tanh(c)


@short_traceback
def weights_for(target, *inputs, activation=sigmoid):
    """The smallest weights that make a gate give exactly `target` for these inputs: W (H, n) and b (H,).

    With u = [inputs stacked; 1] and z the pre-activation that `target` needs, the (W, b) of least norm
    (sum of all squares) among those with W u[:-1] + b = z is the outer product z u^T / (u^T u).

    Args:
        target: shape (H,), between 0 and 1 for `sigmoid`, between -1 and 1 for `np.tanh`, the ends excluded: no finite
            weight reaches them.
        *inputs: one or more vectors, n elements in total.
        activation: `sigmoid` (then use the result with `gate`) or `np.tanh` (with `candidate`).
    """
    target, u = real_array("target", target, ndim=1), _stack(inputs)
    if activation is sigmoid:
        _refuse_ends("target", target, 0, 1, "sigmoid")
        z = logit(target)
    elif activation is np.tanh:
        _refuse_ends("target", target, -1, 1, "tanh")
        z = np.arctanh(target)
    else:
        refuse(ValueError, f"activation must be sigmoid or np.tanh, got {brief(activation)}")
    with np.errstate(over="ignore"):  # refused
        square = real_array("the sum of the squares of the inputs", u @ u)
    b = z / (1 + square)
    return np.outer(b, u), b


def _stack(inputs):
    """The inputs as one long vector, in the order given. Stacking is not adding."""
    if not inputs:
        refuse(TypeError, "inputs must be one or more vectors, got none")
    return np.concatenate([real_array(f"input {k}", x, ndim=1) for k, x in enumerate(inputs, 1)])


def _pre_activation(W, b, inputs):
    """z = W [inputs stacked] + b."""
    W, b, u = real_array("W", W, ndim=2), real_array("b", b, ndim=1), _stack(inputs)
    if W.shape != (len(b), len(u)):
        refuse(
            ValueError,
            f"W must have shape {(len(b), len(u))}: a row for each element of b, a column for each "
            f"element of the stacked inputs; got shape {W.shape}",
        )
    with np.errstate(over="ignore", invalid="ignore"):  # refused
        return real_array("W [inputs stacked] + b", W @ u + b)


def _refuse_ends(name, p, low, high, function):
    inside = (p > low) & (p < high)
    if not inside.all():
        refuse(
            ValueError,
            f"{name} must lie between {low} and {high}, the ends excluded, got {p[~inside].flat[0]}: {function} "
            f"approaches {low} and {high}, but no finite weight reaches them",
        )
