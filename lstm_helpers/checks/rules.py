"""Questions of notebook 07: the rule of a unit that counts, or toggles."""

import numpy as np

from lstm_helpers.checks._design import Design, FaultError
from lstm_helpers.checks._rules import run, same


def _pulses(N):
    return 1.0 * (np.random.default_rng(7).uniform(size=(20, N)) < 0.3)


def _count(answer):
    """Each pulse adds 0.1 to the memory, which is else held."""
    x = _pulses(8)
    states = run(answer, x)
    c, f = states.c, states.f
    pulses, steps = np.cumsum(x, axis=0), np.arange(1, 20 + 1)[:, None]
    if same(c, 0.1 * pulses):
        return
    known = {
        "every step": 0.1 * steps + 0 * x,
        "the gaps": 0.1 * (steps - pulses),
        "only now": 0.1 * x,
        "at most one": 0.1 * (pulses > 0),
    }
    for key, outcome in known.items():
        if same(c, outcome):
            raise FaultError(key)
    if np.ptp(c) > 1e-6 and same(c, pulses * c[-1, 0] / pulses[-1, 0]):
        raise FaultError("size", size=c[-1, 0] / pulses[-1, 0])
    before = np.concatenate([np.zeros((1, x.shape[1])), c[:-1]])
    for t, n in np.argwhere((x == 0) & (np.abs(c) < np.abs(before) - 1e-9) & (f < 1)):
        raise FaultError("fades", step=t + 1, before=before[t, n], after=c[t, n])
    t, n = np.argwhere(np.abs(c - 0.1 * pulses) > 1e-6)[0]
    raise FaultError("elsewhere", step=t + 1, c=c[t, n], wanted=0.1 * pulses[t, n])


def _counter(at_pulse, at_rest):
    names = ("f", "i", "g")
    return lambda x: dict(zip(names, at_pulse if x else at_rest, strict=True))


def _toggle(answer):
    """Starting at 0.5, the memory changes its sign at each pulse, to any size above 0.1, and is held at rest."""
    x = _pulses(8)
    c = run(answer, x, c0=0.5, sees_h=True).c
    wanted = (-1.0) ** np.cumsum(x, axis=0)
    before = np.concatenate([np.full((1, x.shape[1]), 0.5), c[:-1]])
    flips = c * before < 0
    if (c > 0).all():
        raise FaultError("never")
    if flips.all():
        raise FaultError("always")
    if (flips == (x == 0)).all():
        raise FaultError("at rest")
    if (np.abs(c) < 0.1).any():
        t, n = np.argwhere(np.abs(c) < 0.1)[0]
        raise FaultError("lost", step=t + 1, c=c[t, n])
    if (c * wanted < 0).any():
        t, n = np.argwhere(c * wanted < 0)[0]
        raise FaultError("stays" if x[t, n] else "turns", step=t + 1)
    moves = (x == 0) & (np.abs(c - before) > 1e-6)
    if moves.any():
        t, n = np.argwhere(moves)[0]
        raise FaultError("fades", step=t + 1, before=before[t, n], after=c[t, n])
    least = np.abs(c).min()
    return f"The size was free. Yours shrinks, from 0.5 to {least:.2f}." if least < 0.5 - 1e-6 else ""


def _toggler(flip_at, *, size=0.5, f=1.0, to=None):
    def rule(x, h_prev):
        if not flip_at(x):
            return {"f": f, "i": 0.0, "g": 0.0}
        return {"f": 0.0, "i": 1.0, "g": to if to is not None else -size * np.sign(h_prev)}

    return rule


QUESTIONS = (
    Design(
        name="schedule.count",
        notebook="07",
        todo="x is 1 at a pulse and 0 else. Write the rule of a unit whose memory grows by 0.1 at each pulse.",
        variable="count_rule",
        blank='def count_rule(x):\n    return {"f": ..., "i": ..., "g": ...}',
        solution='def count_rule(x):\n    return {"f": 1.0, "i": x, "g": 0.1}',
        trial=_count,
        mistakes={
            "every step": (
                "It counts the steps. It should count the pulses.",
                lambda rng: _counter((1, 1, 0.1), (1, 1, 0.1)),
            ),
            "the gaps": ("It counts the steps without a pulse.", lambda rng: _counter((1, 0, 0.1), (1, 1, 0.1))),
            "only now": (
                "It knows whether there is a pulse now, and nothing of those before. Which gate keeps them?",
                lambda rng: _counter((0, 1, 0.1), (0, 0, 0.1)),
            ),
            "at most one": (
                "It never counts beyond one. Is the old count kept at a pulse?",
                lambda rng: _counter((0, 1, 0.1), (1, 0, 0.1)),
            ),
            "size": (
                "It counts, but each pulse is worth {size:.2g}. It should be worth 0.1.",
                lambda rng: _counter((1, 1, float(rng.uniform(0.2, 0.9))), (1, 0, 0)),
            ),
            "fades": (
                "At step {step}, without a pulse, the memory goes from {before:.2f} to {after:.2f}: f is below 1.",
                lambda rng: _counter((1, 1, 0.1), (float(rng.uniform(0.3, 0.9)), 0, 0)),
            ),
            "elsewhere": (
                "At step {step} of a test sequence the memory is {c:.2f}, and {wanted:.2f} is right.",
                lambda rng: _counter((float(rng.uniform(0.3, 0.9)), 1, 0.1), (1, 0, 0)),
            ),
        },
        hints=(
            "Between pulses the memory is to be held, at a pulse something is to be added.",
            "One of the three dials can be the input x itself. The two others stay where they are.",
        ),
        because="f = 1 keeps the count, i = x opens the gate at a pulse only, and g = 0.1 is what is added.",
    ),
    Design(
        name="schedule.toggle",
        notebook="07",
        todo="The memory starts at 0.5. Write a rule: each pulse changes its sign (its size is free); else it is held.",
        variable="toggle_rule",
        blank='def toggle_rule(x, h_prev):\n    return {"f": ..., "i": ..., "g": ...}',
        solution='def toggle_rule(x, h_prev):\n    return {"f": 1 - x, "i": x, "g": -0.5 if h_prev > 0 else 0.5}',
        trial=_toggle,
        mistakes={
            "never": (
                "It never changes its sign. f alone cannot do that: overwrite.",
                lambda rng: _toggler(lambda x: False),
            ),
            "always": (
                "It changes its sign at every step. It should do so at a pulse only.",
                lambda rng: _toggler(lambda x: True),
            ),
            "at rest": ("It changes its sign when there is no pulse.", lambda rng: _toggler(lambda x: not x)),
            "lost": (
                "At step {step} the memory is down to {c:.2g}. Hold it between pulses, and write enough at one.",
                lambda rng: _toggler(bool, f=float(rng.uniform(0.1, 0.6))),
            ),
            "fades": (
                "At step {step}, without a pulse, the memory goes from {before:.3g} to {after:.3g}. Hold it there.",
                lambda rng: _toggler(bool, f=float(rng.uniform(0.97, 0.99))),
            ),
            "stays": (
                "At step {step} there is a pulse, and the sign stays. Does the rule look at h_prev there?",
                lambda rng: _toggler(bool, to=-0.5),
            ),
            "turns": (
                "At step {step} the sign changes without a pulse.",
                lambda rng: lambda x, h: _toggler(bool)(x, h) if x or h > 0 else {"f": 0.0, "i": 1.0, "g": 0.5},
            ),
        },
        hints=(
            "Without a pulse: hold. At a pulse: forget, and write the opposite.",
            "The opposite of what? h_prev shows the sign of the memory.",
        ),
        because="A factor from 0 to 1 never changes a sign, so the old is forgotten (f = 0) and the opposite written "
        "(i = 1). Which is the opposite, h_prev tells.",
    ),
)
