"""Sampling from a trained model, token by token."""

import numpy as np

from lstm_helpers._arguments import (
    generator,
    instance,
    real_number,
    refuse,
    short_traceback,
    whole_number,
    whole_numbers,
)
from lstm_helpers.training.losses import softmax
from lstm_helpers.training.model import Model


@short_traceback
def generate(model, start, length, *, temperature=1.0, until=None, rng):
    """Go on where `start` ends: draw a token from softmax(y / temperature), feed it back, draw the next.

    Args:
        model: a `Model` with as many inputs as outputs, K, trained to say which token comes next.
        start: the tokens to begin with, at least one, as whole numbers from 0 to K - 1: (T,) for one text, (T, N) for
            N of them side by side.
        length: how many tokens to draw.
        temperature: above 0.
        until: a token; no more are drawn when every text has drawn it, and what follows it in a text means nothing.
        rng: a `numpy.random.Generator`; one number is drawn for each token, so the same generator gives texts at two
            temperatures that can be compared.

    Returns:
        The new tokens, whole numbers: (length,) or (length, N); fewer than length if `until` says so.
    """
    instance("model", model, Model, "a Model")
    layer, K, rng = model.layer, model.readout.output_size, generator(rng)
    if until is not None:
        whole_number("until", until, 0, K - 1)
    temperature = real_number("temperature", temperature, "above 0", lambda temperature: temperature > 0)
    length, start = whole_number("length", length, 1), whole_numbers("start", start, K)
    if layer.input_size != K:
        refuse(ValueError, f"model must have as many inputs as outputs, it has {layer.input_size} and {K}")
    if start.ndim not in (1, 2) or not start.size:
        refuse(ValueError, f"start must be at least one token, of shape (T,) or (T, N), got shape {start.shape}")
    one_hot, new, ended = np.eye(K, dtype=layer.dtype), [], np.zeros(start.shape[1:], dtype=bool)
    state = _last(layer.forward(one_hot[start]))
    for _ in range(length):
        p = softmax(model.readout.forward(state[0]), temperature)
        reached = np.cumsum(p, axis=-1, dtype=float) <= rng.uniform(size=start.shape[1:])[..., None]
        token = np.minimum(reached.sum(axis=-1), K - 1)
        new.append(token)
        ended |= token == until
        if ended.all():
            break
        state = _parts(layer.step(one_hot[token], *state))
    return np.array(new)


def _parts(after):
    return after if isinstance(after, tuple) else (after,)


def _last(trace):
    return (trace.h[-1], trace.c[-1]) if hasattr(trace, "c") else (trace.h[-1],)
