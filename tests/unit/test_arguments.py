"""Every public callable gets a bad value for each argument, and must refuse it in one sentence.

The callables and their arguments are found by introspection. A valid call of each stands in `argument_cases.py`.
"""

import importlib
import inspect
import pkgutil
import re
import warnings
from dataclasses import is_dataclass
from numbers import Real

import numpy as np
import pytest

import lstm_helpers
from lstm_helpers.checks import Reply
from lstm_helpers.layers import Gradients, Trace
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.plots import Picture
from tests.support.argument_cases import CALLS, TAKES


class Tensor:
    """A stand-in for a tensor that requires a gradient, which NumPy cannot convert."""

    requires_grad = True

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")

    def detach(self):
        return np.array([0.5])

    def __repr__(self):
        return "tensor([0.5], requires_grad=True)"


SLIPS = {
    "None": None,
    "text": "not this",
    "empty list": [],
    "ragged list": [[1.0], [1.0, 2.0]],
    "nan": float("nan"),
    "infinity": float("inf"),
    "too many axes": np.ones((1, 1, 1, 1, 1)),
    "masked array": np.ma.masked_array([0.5, 0.5], mask=[True, False]),
    "another object": object(),
    "a tensor that requires grad": Tensor(),
}

# For single numbers: no count, index, size or probability is negative or between two whole numbers.
NUMBERS = {"-1": -1, "1.5": 1.5}

# Results that users receive and never construct; their methods are tested nevertheless.
RESULTS = Trace, Gradients, Picture, Reply


def public_modules():
    """Every public module and package directly in `lstm_helpers`, and the plots."""
    for found in pkgutil.iter_modules(lstm_helpers.__path__):
        module = importlib.import_module(f"lstm_helpers.{found.name}")
        if not found.name.startswith("_") and (hasattr(module, "__all__") or not found.ispkg):
            yield found.name, module
    yield "view.plots", importlib.import_module("lstm_helpers.view.plots")


def public_names(module):
    own = [n for n, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__]
    return [name for name in getattr(module, "__all__", own) if not name.startswith("_")]


def public_callables():
    """The public functions, classes and methods by name."""
    for where, module in public_modules():
        for name in public_names(module):
            value = getattr(module, name)
            if inspect.isclass(value):
                yield from methods_of(f"{where}.{name}", value)
            elif callable(value):
                yield f"{where}.{name}", value


def methods_of(where, kind):
    made_by_us = is_dataclass(kind) or issubclass(kind, (tuple, Exception, RESULTS))
    if not made_by_us:
        yield where, kind
    if issubclass(kind, Panel):  # only its controls call its methods
        return
    ours = [base for base in kind.__mro__ if base.__module__.startswith("lstm_helpers")]
    for name in dict.fromkeys(name for base in ours for name in vars(base) if not name.startswith("_")):
        if callable(getattr(kind, name)):
            yield f"{where}.{name}", getattr(kind, name)


PUBLIC = dict(public_callables())


def arguments_of(function):
    """The parameters by name, with `*` before those that take several values; without self."""
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    given = inspect.signature(function).parameters.values()
    return {stars.get(p.kind, "") + p.name: p for p in given if p.name not in ("self", "cls")}


def test_everything_public_has_a_valid_call():
    missing, gone = set(PUBLIC) - set(CALLS), set(CALLS) - set(PUBLIC)
    assert not missing, f"CALLS in tests/support/argument_cases.py needs a valid call of {sorted(missing)}"
    assert not gone, f"CALLS in tests/support/argument_cases.py has {sorted(gone)}, which is not public"


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.slow
def test_the_valid_call_has_every_argument_and_succeeds(name):
    function, given = CALLS[name]()
    assert set(given) == set(arguments_of(PUBLIC[name]))
    if not needs_a_library(name):
        call(function, given)


def call(function, given):
    """Make the call, and unpack the arguments whose names begin with a star."""
    rows = [value for name, value in given.items() if name.startswith("*") and not name.startswith("**")]
    named = {name: value for name, value in given.items() if not name.startswith("*")}
    more = {k: v for name, value in given.items() if name.startswith("**") for k, v in value.items()}
    if rows:  # the parameters before them are passed by position
        before = [p for p in inspect.signature(function).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        return function(*(named.pop(p.name) for p in before), *rows[0], **named, **more)
    return function(**named, **more)


def needs_a_library(name):
    """True if the call needs a library. `test_interop_peers.py` tests those, because loading Keras takes seconds."""
    return name.removeprefix("interop.to_") in ("torch", "keras", "onnx")


def slipped(given, argument, slip):
    """The arguments with the slip in one of them, and the names that the sentence may use for it."""
    if argument.startswith("**"):
        first = next(iter(given[argument]))
        return {**given, argument: {first: slip}}, [first]
    if argument.startswith("*"):
        return {**given, argument: [slip, *given[argument][1:]]}, ["input 1", argument[1:]]
    return {**given, argument: slip}, [argument]


def content(value):
    """The content of an argument, to see whether it has been changed."""
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, dict):
        return {key: content(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [content(one) for one in value]
    if type(value).__module__.startswith("lstm_helpers") and hasattr(value, "__dict__"):
        return {key: content(one) for key, one in vars(value).items() if key not in ("_memory", "layer", "kept")}
    return None


def slips_in(name, argument):
    """The slips to try, including those of a number if the valid call has one."""
    example = CALLS[name]()[1][argument]
    one_number = isinstance(example, Real) and not isinstance(example, bool)
    return [*SLIPS, *(NUMBERS if one_number else [])]


def verdict(name, argument, slip, allowed):
    """The fault in the response to a slip, or None."""
    function, given = CALLS[name]()
    owner = getattr(function, "__self__", None)
    given, names = slipped(given, argument, (SLIPS | NUMBERS)[slip])
    before = content([owner, given])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            call(function, given)
            return None if allowed else "taken without a word"
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        if not getattr(error, "is_refusal", False) or not isinstance(error, (TypeError, ValueError, OSError)):
            return f"a raw {said}"
        if "\n" in str(error) or len(str(error)) > 400:
            return f"more than a sentence: {said}"
        if not any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", str(error)) for one in names):
            return f"the argument is not named: {said}"
    return None if content([owner, given]) == before else "something was changed before the error"


def may_take(name, argument, slip):
    """True if the value is valid here: None for an optional argument, or text for a text argument."""
    parameter, example = arguments_of(PUBLIC[name])[argument], CALLS[name]()[1][argument]
    if slip == "None" and parameter.default is None:
        return True
    if slip == "text" and isinstance(example, str) and parameter.name in TEXTS:
        return True
    return slip in TAKES.get(f"{name}.{argument}", "").split(", ")


TEXTS = {"sentence", "xlabel", "ylabel"}


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in PUBLIC if n in CALLS and arguments_of(PUBLIC[n])])
def test_a_bad_argument_is_named_in_one_sentence(name):
    wrong = []
    for argument in arguments_of(PUBLIC[name]):
        for slip in slips_in(name, argument):
            allowed = may_take(name, argument, slip)
            if allowed and needs_a_library(name):
                continue
            if said := verdict(name, argument, slip, allowed):
                wrong.append(f"{argument} = {slip}: {said[:150]}")
    assert not wrong, "\n".join(wrong)
