"""An LSTM layer in plain NumPy, forward and backward through time, in the notation of notebook 08.

This file is written to be read, and to test against: the `LSTM` of lstm.py computes the same numbers faster. In the
backward pass, each line of the forward pass is repeated as a comment above the lines that differentiate it.

N sequences are computed at once, each with T steps of D inputs; the layer has H units. At one step, x is (N, D), one
row for each sequence, and every gate and state is (N, H). With u in rows, W u becomes `u @ W.T`. `layer` is any object
with the weights `W_f` (H, H + D), `b_f` (H,) and so on, such as an `LSTM` without options. Arguments are not checked.

Sources: Gers, Schmidhuber & Cummins (2000), "Learning to Forget: Continual Prediction with LSTM", for the cell;
Graves & Schmidhuber (2005), "Framewise Phoneme Classification with Bidirectional LSTM and Other Neural Network
Architectures", for its exact gradient.
"""

from types import SimpleNamespace

import numpy as np

from lstm_helpers.equations import sigmoid


def step(layer, x, h_prev, c_prev):
    """One step: the gates f, i and o, the candidate g, and the new states c and h."""
    u = np.concatenate([h_prev, x], axis=1)  # [h_prev; x]
    f = sigmoid(u @ layer.W_f.T + layer.b_f)
    i = sigmoid(u @ layer.W_i.T + layer.b_i)
    g = np.tanh(u @ layer.W_g.T + layer.b_g)
    o = sigmoid(u @ layer.W_o.T + layer.b_o)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return f, i, g, o, c, h


def forward(layer, x, h0, c0):
    """All steps: the trace of x (T, N, D), from the states before step 1, h0 and c0 (N, H).

    The trace holds all that `backward` needs: trace.f is f at every step, (T, N, H), and so on for i, g, o, c and h.
    """
    h, c, steps = h0, c0, []
    for x_t in x:
        f, i, g, o, c, h = step(layer, x_t, h, c)
        steps.append((f, i, g, o, c, h))
    f, i, g, o, c, h = np.stack(steps, axis=1)  # six arrays (T, N, H)
    return SimpleNamespace(layer=layer, x=x, f=f, i=i, g=g, o=o, c=c, h=h, h0=h0, c0=c0)


def step_back(f, i, g, o, c, c_prev, dh, dc):
    """One step back: from dh and dc to dz, the gradients of the four pre-activations, and dc_prev."""
    # h = o * tanh(c)
    do = dh * np.tanh(c)
    dc = dc + dh * o * (1 - np.tanh(c) ** 2)  # c reaches the loss along two paths: through h, and through the next c
    # c = f * c_prev + i * g
    df, di, dg = dc * c_prev, dc * g, dc * i
    dc_prev = dc * f  # the highway
    # f, i, o = sigmoid(z); g = tanh(z)
    dz = {"f": df * f * (1 - f), "i": di * i * (1 - i), "g": dg * (1 - g**2), "o": do * o * (1 - o)}
    return dz, dc_prev


def backward(trace, dh, dh_T, dc_T):
    """All steps back: the gradients of the weights, of x, h0 and c0, by name.

    dh (T, N, H) is dL/dh at each step. dh_T and dc_T (N, H) are the gradients that reach the last h and c from a
    continuation of the sequence; 0 if there is none.
    """
    layer, H = trace.layer, trace.h.shape[-1]
    W = {"f": layer.W_f, "i": layer.W_i, "g": layer.W_g, "o": layer.W_o}
    dW = {k: np.zeros_like(layer.W_f) for k in "figo"}  # all four W have one shape, and all four b
    db = {k: np.zeros_like(layer.b_f) for k in "figo"}
    dx = np.zeros_like(trace.x)
    dh_next, dc_next = dh_T, dc_T
    for t in reversed(range(len(trace.x))):
        h_prev, c_prev = (trace.h[t - 1], trace.c[t - 1]) if t > 0 else (trace.h0, trace.c0)
        f, i, g, o, c = trace.f[t], trace.i[t], trace.g[t], trace.o[t], trace.c[t]
        # h reaches the loss along two paths: at this step, and through the next step
        dz, dc_next = step_back(f, i, g, o, c, c_prev, dh[t] + dh_next, dc_next)
        # z = W u + b, with the same W and b at every step and in every sequence: their gradients add up
        u = np.concatenate([h_prev, trace.x[t]], axis=1)
        for k in "figo":
            dW[k] += dz[k].T @ u
            db[k] += dz[k].sum(axis=0)
        # u = [h_prev; x] feeds all four gates
        du = sum(dz[k] @ W[k] for k in "figo")
        dh_next, dx[t] = du[:, :H], du[:, H:]
    gradients = {"x": dx, "h0": dh_next, "c0": dc_next}  # before step 1 come h0 and c0
    for k in "figo":
        gradients[f"W_{k}"], gradients[f"b_{k}"] = dW[k], db[k]
    return gradients
