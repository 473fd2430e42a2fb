"""The page: an LSTM layer forward and backward through time, in plain NumPy, in the letters of notebook 08.

It is written to be read, and to test against: `LSTM` computes the same numbers faster. Each forward line is repeated as
a comment above the lines that differentiate it.

It computes N sequences at once, each T steps of D inputs, with H units. One step's x is (N, D), a row for each; its
gates and states are (N, H). As u is a row, W u is written `u @ W.T`. `layer` is anything with the weights `W_f`
(H, H + D), `b_f` (H,) and so on, such as an `LSTM` without options. Arguments are not checked.

Sources: Gers, Schmidhuber & Cummins (2000), "Learning to Forget: Continual Prediction with LSTM", for the cell;
Graves & Schmidhuber (2005), "Framewise Phoneme Classification with Bidirectional LSTM and Other Neural Network
Architectures", for its exact gradient.
"""

from types import SimpleNamespace

import numpy as np

from lstm_helpers.equations import sigmoid


def step(layer, x, h_prev, c_prev):
    """One step: the gates f, i, g, o and the new states c, h."""
    u = np.concatenate([h_prev, x], axis=1)  # [h_prev; x]
    f = sigmoid(u @ layer.W_f.T + layer.b_f)
    i = sigmoid(u @ layer.W_i.T + layer.b_i)
    g = np.tanh(u @ layer.W_g.T + layer.b_g)
    o = sigmoid(u @ layer.W_o.T + layer.b_o)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return f, i, g, o, c, h


def forward(layer, x, h0, c0):
    """All steps: x (T, N, D) and the states before step 1, h0 and c0 (N, H), give the trace.

    The trace has everything that `backward` needs: trace.f is (T, N, H), f at every step; likewise i, g, o, c and h.
    """
    h, c, steps = h0, c0, []
    for x_t in x:
        f, i, g, o, c, h = step(layer, x_t, h, c)
        steps.append((f, i, g, o, c, h))
    f, i, g, o, c, h = np.stack(steps, axis=1)  # from six (N, H) at each step to six (T, N, H)
    return SimpleNamespace(layer=layer, x=x, f=f, i=i, g=g, o=o, c=c, h=h, h0=h0, c0=c0)


def step_back(f, i, g, o, c, c_prev, dh, dc):
    """One step back: from dh and dc to the gradients dz of the four pre-activations z, and to dc_prev."""
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

    dh (T, N, H) comes from the loss at each step. dh_T and dc_T (N, H) come to the last h and c from what follows the
    sequence; they are 0 if nothing does.
    """
    layer, H = trace.layer, trace.h.shape[-1]
    W = {"f": layer.W_f, "i": layer.W_i, "g": layer.W_g, "o": layer.W_o}
    dW = {k: np.zeros_like(layer.W_f) for k in "figo"}  # each W has the same shape, and so has each b
    db = {k: np.zeros_like(layer.b_f) for k in "figo"}
    dx = np.zeros_like(trace.x)
    dh_next, dc_next = dh_T, dc_T
    for t in reversed(range(len(trace.x))):
        h_prev, c_prev = (trace.h[t - 1], trace.c[t - 1]) if t > 0 else (trace.h0, trace.c0)
        f, i, g, o, c = trace.f[t], trace.i[t], trace.g[t], trace.o[t], trace.c[t]
        # h at this step reaches the loss along two paths: by itself, and through the next step
        dz, dc_next = step_back(f, i, g, o, c, c_prev, dh[t] + dh_next, dc_next)
        # z = W u + b, with the same W and b at every step and in every sequence: their gradients add up
        u = np.concatenate([h_prev, trace.x[t]], axis=1)
        for k in "figo":
            dW[k] += dz[k].T @ u
            db[k] += dz[k].sum(axis=0)
        # u = [h_prev; x] feeds all four gates
        du = sum(dz[k] @ W[k] for k in "figo")
        dh_next, dx[t] = du[:, :H], du[:, H:]
    gradients = {"x": dx, "h0": dh_next, "c0": dc_next}  # what step 1 hands back reaches the states before it
    for k in "figo":
        gradients[f"W_{k}"], gradients[f"b_{k}"] = dW[k], db[k]
    return gradients
