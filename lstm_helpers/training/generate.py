"""Sampling from a trained model, token by token."""

import numpy as np

from lstm_helpers._arguments import generator, one_frame, refuse, whole_number
from lstm_helpers.training.losses import softmax


@one_frame
def generate(model, start, length, *, temperature=1.0, rng):
    """Go on where `start` ends: draw a token from softmax(y / temperature), feed it back, draw the next.

    Args:
        model: a `Model` with as many inputs as outputs, K, trained to say which token comes next.
        start: the tokens to begin with, at least one, as whole numbers from 0 to K - 1.
        length: how many tokens to draw.
        temperature: above 0.
        rng: a `numpy.random.Generator`; one number is drawn for each token, so the same generator gives texts at two
            temperatures that can be compared.

    Returns:
        The new tokens, an integer array of `length`.
    """
    layer, K, rng = model.layer, model.readout.output_size, generator(rng)
    length, start = whole_number("length", length, 1), np.asarray(start)
    if layer.input_size != K:
        refuse(ValueError, f"model must have as many inputs as outputs, it has {layer.input_size} and {K}")
    if start.ndim != 1 or not start.size or start.dtype.kind not in "iu" or not (0 <= start.min() <= start.max() < K):
        refuse(ValueError, f"start must be at least one whole number from 0 to {K - 1}, got {start!r}")
    one_hot, new = np.eye(K, dtype=layer.dtype), []
    trace = layer.forward(one_hot[start])
    state = (trace.h[-1], trace.c[-1]) if hasattr(trace, "c") else (trace.h[-1],)
    for _ in range(length):
        p = softmax(model.readout.forward(state[0]), temperature)
        token = min(int(np.searchsorted(np.cumsum(p, dtype=float), rng.uniform(), side="right")), K - 1)
        new.append(token)
        after = layer.step(one_hot[token], *state)
        state = after if isinstance(after, tuple) else (after,)
    return np.array(new)
