"""The LSTM layer compared with PyTorch, JAX, a plain NumPy version, and its matrix products alone.

All take turns in one process, so that a busy machine slows them alike. A ratio is the median over the rounds of (our
time / the other's time in the same round); below 1 we are faster. Libraries that are not installed are skipped.
"""

import importlib.util
from statistics import median
from time import perf_counter

import numpy as np

from lstm_helpers.layers import LSTM
from lstm_helpers.layers._loops import blas_kernels

CASES = [
    # T, N, D, H, dtype, rounds
    (20, 1, 3, 3, "float32", 300),
    (20, 1, 3, 3, "float64", 300),
    (50, 16, 32, 32, "float32", 100),
    (100, 32, 64, 128, "float32", 25),
    (100, 32, 64, 128, "float64", 15),
    (100, 32, 128, 256, "float32", 9),
    (35, 64, 256, 512, "float32", 7),
]


def main():
    """Print the table."""
    print(f"LSTM: our time / theirs, medians of rounds, one thread, NumPy {np.__version__}", end=" ")
    print(f"with {blas_kernels()} kernels of OpenBLAS" if blas_kernels() else "without OpenBLAS")
    print(f"{'T, N, D, H':>18} {'dtype':8} {'pass':17} {'ours, ms':>9}", end="")
    print("".join(f"{peer:>10}" for peer in PEERS))
    for T, N, D, H, dtype, rounds in CASES:
        passes = {name: peer(T, N, D, H, dtype) for name, peer in [("ours", ours), *PEERS.items()]}
        for number, what in enumerate(("forward", "forward+backward")):
            times = take_turns({name: both[number] for name, both in passes.items() if both}, rounds)
            ratios = {
                name: median(a / b for a, b in zip(times["ours"], theirs, strict=True))
                for name, theirs in times.items()
                if name != "ours"
            }
            milliseconds = 1000 * median(times["ours"])
            print(f"{f'{T}, {N}, {D}, {H}':>18} {dtype:8} {what:17} {milliseconds:9.3f}", end="")
            print("".join(f"{ratios[peer]:10.2f}" if peer in ratios else f"{'-':>10}" for peer in PEERS), flush=True)


def take_turns(functions, rounds):
    """The times of each function, one for each round; a round calls every function once."""
    times = {name: [] for name in functions}
    for function in functions.values():
        function()
    for _ in range(rounds):
        for name, function in functions.items():
            start = perf_counter()
            function()
            times[name].append(perf_counter() - start)
    return times


def setting(T, N, D, H, dtype):
    """The layer, x and dh that all implementations use."""
    rng = np.random.default_rng(0)
    layer = LSTM.initialize(D, H, rng=rng, dtype=np.dtype(dtype).type)
    return layer, rng.normal(size=(T, N, D)).astype(dtype), rng.normal(size=(T, N, H)).astype(dtype)


def ours(T, N, D, H, dtype):
    layer, x, dh = setting(T, N, D, H, dtype)
    return lambda: layer.forward(x), lambda: layer.backward(layer.forward(x), dh)


def pytorch(T, N, D, H, dtype):
    if importlib.util.find_spec("torch") is None:
        return None
    import torch

    torch.set_num_threads(1)
    _, x, dh = (torch.from_numpy(a) for a in (np.zeros(1), *setting(T, N, D, H, dtype)[1:]))
    lstm = torch.nn.LSTM(D, H, dtype=x.dtype)
    leaf = x.clone().requires_grad_()

    def forward():
        lstm(x)

    def both():
        lstm.zero_grad()
        leaf.grad = None
        lstm(leaf)[0].backward(dh)

    return forward, both


def per_step(T, N, D, H, dtype):
    """Plain NumPy, one step and one gate at a time, like the equations."""
    layer, x, dh = setting(T, N, D, H, dtype)
    W = {gate: getattr(layer, f"W_{gate}").T.copy() for gate in "figo"}
    b = {gate: getattr(layer, f"b_{gate}").copy() for gate in "figo"}

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def forward():
        h = c = np.zeros((N, H), dtype)
        steps = []
        for x_t in x:
            u = np.concatenate([h, x_t], axis=1)
            f = sigmoid(u @ W["f"] + b["f"])
            i = sigmoid(u @ W["i"] + b["i"])
            g = np.tanh(u @ W["g"] + b["g"])
            o = sigmoid(u @ W["o"] + b["o"])
            c_prev, c = c, f * c + i * g
            h = o * np.tanh(c)
            steps.append((u, f, i, g, o, c_prev, c))
        return steps

    def both():
        dW = {gate: np.zeros_like(W[gate]) for gate in W}
        db = {gate: np.zeros_like(b[gate]) for gate in b}
        dx = np.zeros_like(x)
        dh_next = dc_next = np.zeros((N, H), dtype)
        for t, (u, f, i, g, o, c_prev, c) in reversed(list(enumerate(forward()))):
            # h = o * tanh(c)
            dh_t = dh[t] + dh_next
            do = dh_t * np.tanh(c)
            dc = dc_next + dh_t * o * (1 - np.tanh(c) ** 2)
            # c = f * c_prev + i * g
            df, di, dg = dc * c_prev, dc * g, dc * i
            dc_next = dc * f
            # f, i, o = sigmoid(z); g = tanh(z)
            dz = {"f": df * f * (1 - f), "i": di * i * (1 - i), "g": dg * (1 - g**2), "o": do * o * (1 - o)}
            # z = u W + b
            du = np.zeros_like(u)
            for gate in dz:
                dW[gate] += u.T @ dz[gate]
                db[gate] += dz[gate].sum(axis=0)
                du += dz[gate] @ W[gate].T
            dh_next, dx[t] = du[:, :H], du[:, H:]
        return dW, db, dx

    return forward, both


def jax_scan(T, N, D, H, dtype):
    if importlib.util.find_spec("jax") is None:
        return None
    import jax

    jax.config.update("jax_enable_x64", True)
    layer, x, dh = setting(T, N, D, H, dtype)
    W, b = layer.W[:, :-1].T.copy(), layer.W[:, -1].copy()
    zero = np.zeros((N, H), dtype)

    def run(W, b, x):
        def step(state, x_t):
            h, c = state
            o, f, i, g = jax.numpy.split(jax.numpy.concatenate([h, x_t], 1) @ W + b, 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jax.numpy.tanh(g)
            h = jax.nn.sigmoid(o) * jax.numpy.tanh(c)
            return (h, c), h

        return jax.lax.scan(step, (zero, zero), x)[1]

    forward = jax.jit(run)
    both = jax.jit(jax.grad(lambda *inputs: (run(*inputs) * dh).sum(), argnums=(0, 1, 2)))
    return lambda: forward(W, b, x).block_until_ready(), lambda: jax.block_until_ready(both(W, b, x))


def products(T, N, D, H, dtype):
    """The matrix products alone: W [h; x; 1] at every step; backward, W^T dz at every step, and dW in one product."""
    rng = np.random.default_rng(0)
    K = H + D + 1
    W, W_T = rng.normal(size=(4 * H, K)).astype(dtype), rng.normal(size=(K - 1, 4 * H)).astype(dtype)
    u, z, du = np.ones((T, K, N), dtype), np.ones((T, 4 * H, N), dtype), np.ones((T, K - 1, N), dtype)
    flat_dz, flat_u = np.ones((4 * H, T * N), dtype), np.ones((T * N, K), dtype)

    def forward():
        for u_t, z_t in zip(u, z, strict=True):
            np.matmul(W, u_t, z_t)

    def both():
        forward()
        for z_t, du_t in zip(z, du, strict=True):
            np.matmul(W_T, z_t, du_t)
        flat_dz @ flat_u

    return forward, both


PEERS = {"PyTorch": pytorch, "per step": per_step, "JAX": jax_scan, "products": products}
