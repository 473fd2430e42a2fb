"""Sampling from a trained model, token by token."""

import numpy as np

from lstm_helpers import _arguments as arguments
from lstm_helpers._arguments import refuse, short_traceback
from lstm_helpers.layers import Stack
from lstm_helpers.training.losses import softmax
from lstm_helpers.training.model import Model


@short_traceback
def generate(model, start, length, *, temperature=1.0, until=None, rng):
    """Continue where `start` ends: draw a token from softmax(y / temperature), feed it back, draw the next.

    Args:
        model: a `Model` of a single layer with as many inputs as outputs, K, trained to predict the next token.
        start: the tokens to begin with, at least one, as whole numbers from 0 to K - 1: (T,) for one text, (T, N) for
            N texts.
        length: the number of tokens to draw.
        temperature: above 0.
        until: a token; drawing stops once every text contains it. Ignore the tokens that follow it in a text.
        rng: a `numpy.random.Generator`. Each token takes one number from it, so texts drawn at two temperatures from
            the same seed are comparable.

    Returns the new tokens, (length,) or (length, N), or fewer if `until` stops it. An argument that makes no sense
    raises `TypeError` or `ValueError`.
    """
    arguments.instance("model", model, Model, "a Model")
    if isinstance(model.layer, Stack):
        refuse(TypeError, "model must have a single layer, got a Stack")
    layer, K, rng = model.layer, model.readout.output_size, arguments.generator(rng)
    if until is not None:
        arguments.whole_number("until", until, 0, K - 1)
    temperature = arguments.above_0("temperature", temperature)
    length, start = arguments.whole_number("length", length, 1), arguments.whole_numbers("start", start, K)
    if layer.input_size != K:
        refuse(ValueError, f"model must have as many inputs as outputs, got {layer.input_size} and {K}")
    if start.ndim not in (1, 2) or not start.size:
        refuse(ValueError, f"start must be at least one token, of shape (T,) or (T, N), got shape {start.shape}")
    one_hot, new, ended = np.eye(K, dtype=layer.dtype), [], np.zeros(start.shape[1:], dtype=bool)
    trace = layer.forward(one_hot[start])
    state = (trace.h[-1], trace.c[-1]) if hasattr(trace, "c") else (trace.h[-1],)
    for _ in range(length):
        p = softmax(model.readout.forward(state[0]), temperature)
        passed = np.cumsum(p, axis=-1, dtype=float) <= rng.uniform(size=start.shape[1:])[..., None]
        token = np.minimum(passed.sum(axis=-1), K - 1)
        new.append(token)
        ended |= token == until
        if ended.all():
            break
        after = layer.step(one_hot[token], *state)
        state = after if isinstance(after, tuple) else (after,)
    return np.array(new)
