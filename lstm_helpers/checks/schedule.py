"""Questions of notebook 07: what a memory does over many steps."""

import numpy as np

from lstm_helpers.checks._design import Design, FaultError, dials, memories
from lstm_helpers.checks._function import Function
from lstm_helpers.equations import logit

_STEPS, _WRITTEN, _BIT = 20, 3, 0.8
_NEAR = 1e-3  # takes 0.794 for the cube root of one half, and neither 0.793 nor 0.795


def _store(answer):
    """A bit, 0.8 or -0.8, comes at step 3 among other candidates; it is asked for at step 20, and not before."""
    design = dials(answer, ("f", "i", "o"), _STEPS)
    f, i, o = design["f"], design["i"], design["o"]
    at = np.arange(1, _STEPS + 1)
    if i[_WRITTEN - 1] < 0.1 and i[_WRITTEN] > 0.9:
        raise FaultError("late")
    if i[_WRITTEN - 1] < 0.9:
        raise FaultError("never written", share=i[_WRITTEN - 1])
    for t in at[_WRITTEN:]:
        if f[t - 1] < 0.5:
            raise FaultError("erased", step=t, f=f[t - 1])
    left = np.append(np.cumprod(f[:0:-1])[::-1], 1)  # what is left at the end of what is written at each step
    for t in at:
        if t != _WRITTEN and i[t - 1] * left[t - 1] > 0.02:
            raise FaultError("written again" if t > _WRITTEN else "written before", step=t)
    if left[_WRITTEN - 1] < 0.95:
        end = memories(f, np.where(at == _WRITTEN, i, 0), np.full(_STEPS, _BIT))[-1]
        raise FaultError("faded", c=end)
    for t in at[_WRITTEN - 1 : -1]:
        if o[t - 1] > 0.02:
            raise FaultError("shown early", step=t)
    if o[-1] < 0.9:
        raise FaultError("not shown", o=o[-1])


def _design_with(**changes):
    """A design that stores the bit, with some dials changed: name -> {step: value}, or a value for all steps."""
    at = np.arange(1, _STEPS + 1)
    design = {"f": np.ones(_STEPS), "i": 1.0 * (at == _WRITTEN), "o": 1.0 * (at == _STEPS)}
    for name, change in changes.items():
        if isinstance(change, dict):
            for step, value in change.items():
                design[name][step - 1] = value
        else:
            design[name] = change
    return design


def _later(rng):
    return int(rng.integers(_WRITTEN + 1, _STEPS))


def _leak(answer, half_life):
    """What is left of a memory of 1 halves with every `half_life` steps."""
    f = dials({"f": answer}, ("f",), 3 * half_life)["f"]
    left = np.cumprod(f)
    if left[-1] > 0.999:
        raise FaultError("never", half_life=half_life)
    after = left[half_life - 1]
    if abs(after - 0.5) > _NEAR:
        raise FaultError("too fast" if after < 0.5 else "too slow", left=after, half_life=half_life)
    for turn in (2, 3):
        if abs(left[turn * half_life - 1] - 0.5**turn) > _NEAR:
            raise FaultError("not again", left=left[turn * half_life - 1], steps=turn * half_life, wanted=0.5**turn)


QUESTIONS = (
    Function(
        name="schedule.bias_for",
        notebook="07",
        todo="Write a function: the bias with which half of a memory is left after n steps.",
        inputs={"n": 10},
        sample=lambda rng: {"n": int(rng.integers(2, 300))},
        variable="bias_for",
        given="from lstm_helpers import logit\n\n",
        blank="def bias_for(n):\n    return ...",
        solution="def bias_for(n):\n    f = 0.5 ** (1 / n)\n    return logit(f)",
        right=lambda n: logit(0.5 ** (1 / n)),
        mistakes={
            "gate": ("This is the gate. Its bias is the z that leads to it.", lambda n: 0.5 ** (1 / n)),
            "lost": (
                "This is the bias of 1 - f. f is what is kept at each step, and should be near 1.",
                lambda n: -logit(0.5 ** (1 / n)),
            ),
            "power": (
                "This takes 0.5 to the power of n. It is the other way around: f to the power of n is 0.5.",
                lambda n: logit(0.5**n),
            ),
            "share": (
                "This takes 1 - 0.5 / n as the gate. The same share is lost of less and less: f^n = 0.5.",
                lambda n: logit(1 - 0.5 / n),
            ),
            "log": ("This is ln(f). The bias is ln(f / (1 - f)), the logit.", lambda n: np.log(0.5) / n),
            "base": (
                "This has a logarithm to base 10 in it. The logit takes the natural one, np.log.",
                lambda n: logit(0.5 ** (1 / n)) / np.log(10),
            ),
            "e": (
                "With this bias 1/e is left after n steps, 37%. Half of it should be left.",
                lambda n: logit(np.exp(-1 / n)),
            ),
        },
        hints=(
            "First the gate: which f, multiplied n times, gives one half?",
            "f is the n-th root. Then read the sigmoid backward.",
        ),
        because="f^n = 0.5, so f is the n-th root of 0.5; logit gives the bias. For n = 10: 2.63.",
    ),
    Design(
        name="schedule.store",
        notebook="07",
        todo="A bit comes at step 3. Keep it, hidden, and show it (nearly) at step 20 only. Choose f, i, o: 20 steps.",
        variable="store",
        given="steps = np.arange(1, 21)",
        blank='store = {"f": ..., "i": ..., "o": ...}',
        solution='store = {"f": np.ones(20), "i": 1.0 * (steps == 3), "o": 1.0 * (steps == 20)}',
        trial=_store,
        after="The bit was tried as 0.8 and as -0.8, with other candidates at the other steps.",
        mistakes={
            "late": (
                "The input gate opens at step 4, one step late. Python counts places from 0: step 3 is at place 2.",
                lambda rng: _design_with(i={_WRITTEN: 0.0, _WRITTEN + 1: 1.0}),
            ),
            "never written": (
                "At step 3 only {share:.0%} of the bit is written. The input gate has to be open there.",
                lambda rng: _design_with(i=float(rng.uniform(0, 0.8))),
            ),
            "erased": (
                "At step {step} the forget gate stands at {f:.2g}: most of the bit, or all of it, is lost there.",
                lambda rng: _design_with(f={_later(rng): float(rng.uniform(0, 0.4))}),
            ),
            "written again": (
                "Your memory is written again at step {step}: the input gate is open there.",
                lambda rng: _design_with(i={_later(rng): float(rng.uniform(0.1, 1))}),
            ),
            "written before": (
                "What came at step {step} is still in the memory at the end, mixed with the bit.",
                lambda rng: _design_with(i={int(rng.integers(1, 3)): 1.0}),
            ),
            "faded": (
                "A bit of 0.8 has faded to {c:.2f} at the end: f was below 1.",
                lambda rng: _design_with(f=float(rng.uniform(0.6, 0.99))),
            ),
            "shown early": (
                "The bit is kept, but shown at step {step}, before it was asked for.",
                lambda rng: _design_with(o={_later(rng): 1.0}),
            ),
            "not shown": (
                "The bit is kept, but at step 20 the output gate stands at {o:.2g}: nobody gets to see it.",
                lambda rng: _design_with(o=0.0),
            ),
        },
        hints=(
            "Three jobs: write at step 3, hold from then on, show at step 20. Which gate does which?",
            "One gate stays open at all steps. The two others are open at a single step each.",
        ),
        because="f = 1 holds, i = 1 at step 3 only writes the bit and nothing else, o = 1 at step 20 only shows it.",
    ),
    Design(
        name="schedule.leak",
        notebook="07",
        todo="Choose f so that half of the memory is left after 3 steps, a quarter after 6, an eighth after 9.",
        inputs={"half_life": 3},
        variable="f_leak",
        solution="f_leak = 0.5 ** (1 / 3)",
        trial=_leak,
        mistakes={
            "never": ("With these gates next to nothing leaks.", lambda rng: 1.0),
            "too fast": (
                "After {half_life} steps {left:.1%} is left. That is too little: f has to be higher.",
                lambda rng: float(rng.uniform(0.2, 0.7)),
            ),
            "too slow": (
                "After {half_life} steps {left:.1%} is left. That is too much: f has to be lower.",
                lambda rng: float(rng.uniform(0.85, 0.98)),
            ),
            "not again": (
                "The first half-life is right. But after {steps} steps {left:.1%} is left; {wanted:.1%} is needed.",
                lambda rng: [0.5 ** (1 / 3)] * 3 + [1.0] * 6,
            ),
        },
        hints=("What is left after 3 steps, if f is the same at each of them?", "f × f × f has to be one half."),
        because="f^3 = 0.5, so f is the cube root of 0.5: 0.794. The same gate halves it again every 3 steps.",
    ),
)
