"""A check accepts every clear form of an answer, and replies to any object in bounded time."""

import itertools
import signal
import sys
import threading
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from lstm_helpers.checks import QUESTIONS, _guard, _judge, answer, check, hint
from tests.support.refusals import assert_refused

# Clear forms


def in_words(value):
    """A test id that is the same in every process; the repr of a function contains its address."""
    return "a function" if callable(value) else str(value)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("forget_gate.kept", ["0.56", "0.06", "0.3"]),
        ("forget_gate.kept", ["56%", " 6 %", "30%"]),
        ("forget_gate.kept", ["0,56", ",06", "0,3"]),
        ("forget_gate.kept", [0.56, "0.06", 0.3]),
        ("forget_gate.kept", [Decimal("0.56"), Fraction(6, 100), "0.3"]),
        ("forget_gate.kept", np.array([0.56, 0.06, 0.3], dtype=object)),
        ("input_gate.needed", Fraction(1, 4)),
        ("input_gate.needed", Decimal("0.25")),
        ("training.guessing", "2.079"),
        ("training.guessing", "2,08"),
        ("training.guessing", (2, 79)),  # typed as 2,79
        ("bptt.highway", "33.9%"),
        ("bptt.highway", (0, 339)),  # typed as 0,339
        ("schedule.leak", "0.794"),
        ("input_gate.lower", {"i": "100%", "g": "\N{MINUS SIGN}0,3"}),
        ("cell.hide", {"f": np.ones(1) * 0.625, "i": np.zeros((1, 1)), "o": [0]}),
        ("schedule.count", lambda x: {"f": np.ones(1), "i": np.array([x]), "g": [0.1]}),
    ],
    ids=in_words,
)
def test_numbers_in_other_notations(name, given):
    reply = check(name, given)
    assert reply.right is (str(given) != "(2, 79)"), reply


@pytest.mark.parametrize(
    ("given", "number"),
    [("1,000,000", 1e6), ("-12,345.5", -12345.5), ((1, 0, 0), 1e6), ((12, 345, 678), 12345678), ("1e-3", 0.001)],
    ids=in_words,
)
def test_thousands_with_commas(given, number):
    off = check("training.guessing", given).text
    assert off == check("training.guessing", number).text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("1,234", 'Not yet. "1,234" can be read in two ways. Write 1.234 or 1234.'),
        ((1, 234), "this is (1, 234). Write 1000000 without commas, and 0.5 with a point."),
        ((1, 0), "this is (1, 0). Write 1000000 without commas, and 0.5 with a point."),
        ("about two", "Expected numbers, got text."),
    ],
    ids=in_words,
)
def test_an_ambiguous_number(given, sentence):
    assert check("training.guessing", given).text.endswith(sentence)


@pytest.mark.parametrize(
    ("name", "given", "right"),
    [
        ("forget_gate.numbers_behind", 21, True),
        ("forget_gate.numbers_behind", 21.0, True),
        ("forget_gate.numbers_behind", np.int64(18), False),
        ("pointwise.bound", 5, True),
        ("pointwise.bound", 0.5, False),
        ("forget_gate.fraction", 0.2, True),
        ("schedule.inactive", 0.001, True),
        ("bptt.side_roads", True, True),
        ("variants.hidden_store", False, True),
        ("output_gate.bounded", ("c",), True),
        ("forget_gate.fraction", "cases", False),
        ("one_step.same_input", "gates c and h!", True),
        ("input_gate.shut", "It depends", True),
        ("forget_gate.numbers_behind", 2, None),  # not 21
        ("forget_gate.numbers_behind", 1, None),  # not 18
        ("inside.difference", "no", None),  # neither "not known yet"
        ("inside.difference", False, None),
        ("inside.difference", "not", None),  # nor one of two that begin or end with it
        ("text.order", "no", None),  # not "none"
        ("one_step.same_input", "c", None),
        ("one_step.same_input", "...", None),
    ],
    ids=in_words,
)
def test_clear_options(name, given, right):
    assert check(name, given).right is right


@pytest.mark.parametrize(
    ("given", "start"),
    [
        (np.array([0.7, 0.1, 0.5]), "This is an array, not a word."),
        (lambda: "c", "This is a function, not a word."),
        (["c", "h"], "This is a list, not a word."),
        (b"c", "This is an object of type bytes, not a word."),
        (None, "This is None, not a word."),
    ],
    ids=in_words,
)
def test_an_answer_that_is_not_a_word_asks_for_quotation_marks(given, start):
    reply = check("output_gate.bounded", given)
    assert reply.text == f'{start} Choose one of "c", "h", "both", "neither", in quotation marks.'
    assert reply.right is None


def test_swapped_arguments():
    (kept,) = _judge.right_parts(QUESTIONS["forget_gate.kept"], QUESTIONS["forget_gate.kept"].inputs)
    assert check(kept, "forget_gate.kept").right is True
    assert check(" forget_gate.kept", kept).right is True
    for given in ((1, "forget_gate.kept"), ("1", "forget_gate.kept"), ("forget_gate.kept", "1")):
        assert hint(*given).text == QUESTIONS["forget_gate.kept"].hints[0]


@pytest.mark.parametrize("name", [[1, 2], {}, np.ones(3), None, "x" * 10**7], ids=lambda value: type(value).__name__)
def test_an_unknown_name_is_refused_in_one_sentence(name):
    for call in (lambda: check(name, 1), lambda: hint(name, 1), lambda: answer(name)):
        with pytest.raises(
            ValueError, match=r"^name must be the name of a question, got .*; the nearest are "
        ) as error:
            call()
        assert len(str(error.value)) < 300


# A reply to any object


class Hostile:
    """An object that raises on any access."""

    def __init__(self, error):
        self.error = error

    def _fail(self, *given, **more):
        raise self.error

    __array__ = __eq__ = __repr__ = __str__ = __len__ = __iter__ = __getitem__ = __float__ = __index__ = _fail
    __hash__ = None


class HostileList(list):
    """A list that raises on any access."""

    def _fail(self, *given):
        raise RuntimeError("no")

    __iter__ = __getitem__ = __len__ = __repr__ = __eq__ = _fail


class TextError(Exception):
    """An error whose `__str__` raises."""

    def __str__(self):
        raise RuntimeError("no text")


def itself():
    inner = []
    inner.append(inner)
    return inner


def twice_itself():
    inner = []
    inner.extend([inner, inner])
    return inner


def deep():
    inner = [1]
    for _ in range(10**5):
        inner = [inner]
    return inner


MAKERS = {
    "hostile": lambda: Hostile(RuntimeError("no")),
    "leaving": lambda: Hostile(SystemExit(1)),
    "hostile list": lambda: HostileList([1, 2, 3]),
    "in a list": lambda: [Hostile(ValueError("no")), 1],
    "itself": itself,
    "twice itself": twice_itself,
    "deep": deep,
    "deep gate values": lambda: {"f": deep(), "i": itself(), "g": 1, "o": 1},
    "hostile gate values": lambda: {"f": Hostile(RuntimeError("no")), "i": 1, "g": 1, "o": 1},
    "hostile key": lambda: {type("Key", (Hostile,), {"__hash__": lambda self: 1})(RuntimeError("no")): 1},
    "megabytes": lambda: "ten million letters " * (5 * 10**5),
    "many": lambda: ["0.5"] * 10**4,
    "raises": lambda: lambda *given: (_ for _ in ()).throw(TextError()),
    "gives hostile": lambda: lambda *given: Hostile(RuntimeError("no")),
    "gives itself": lambda: lambda *given: twice_itself(),
    "exits": lambda: lambda *given: sys.exit(),
    "interrupts": lambda: interrupts,
    "its own": lambda: lambda *given: (_ for _ in ()).throw(type("Own", (BaseException,), {})("no")),
}


def interrupts(*given):
    raise KeyboardInterrupt


ONE_OF_EACH = {(q.kind, len(q.results), q.notebook.startswith("07")): q for q in QUESTIONS.values()}


@pytest.mark.slow
@pytest.mark.parametrize("question", ONE_OF_EACH.values(), ids=lambda question: question.name)
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_any_object_gets_a_short_reply(question, make):
    reply = check(question.name, make())
    assert reply.right is not True and reply.text.endswith((".", "?", ")", '"')) and len(reply.text) < 700
    assert repr(reply)


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(_guard, "SECONDS", 0.2)


def spin(*given):
    while True:
        pass


# The formatter would put `pass` on a line of its own.
exec("def on_one_line(*given):\n    while True: pass")


def counts(*given):
    n = 0
    while n >= 0:
        n += 1


def catches(*given):
    while True:
        try:
            int("x")
        except Exception:  # as a learner may write it
            continue


def over_and_over(*given):
    return sum(1 for _ in itertools.count())


class Endless:
    """An object whose conversion to an array never ends."""

    def __array__(self, dtype=None, copy=None):
        spin()


ENDLESS = [spin, on_one_line, counts, catches, over_and_over]  # noqa: F821, on_one_line is made by exec


@pytest.mark.parametrize("function", ENDLESS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("name", ["pointwise.update", "schedule.count", "be_the_lstm.running_total"])
@pytest.mark.slow
def test_a_function_that_never_ends_is_stopped_and_leaves_nothing_behind(name, function, soon):
    threads, handler = threading.active_count(), signal.getsignal(signal.SIGINT)
    reply = check(name, function)
    assert (reply.right, reply.diagnosis) == (False, ("too long",)) and "a loop that never ends?" in reply.text
    assert sys.gettrace() is None and threading.active_count() == threads
    assert signal.getsignal(signal.SIGINT) is handler


def test_an_object_that_never_ends_is_stopped(soon):
    assert check("forget_gate.kept", Endless()).diagnosis == ("too long",)


def test_an_object_deleted_when_the_time_is_up_does_not_stop_the_clock(soon):
    """A panel of an earlier cell may be deleted at any time, and its `__del__` is Python code."""

    class Panel:
        def __del__(self):
            time.sleep(0.3)
            self.closed = True

    def answer(f, c_prev, new):
        for _ in range(5):
            Panel()

    assert check("pointwise.update", answer).diagnosis == ("too long",)


def test_a_check_in_another_thread_is_stopped_too(soon):
    replies = []
    thread = threading.Thread(target=lambda: replies.append(check("pointwise.update", spin)))
    thread.start()
    thread.join(60)
    assert not thread.is_alive() and replies[0].diagnosis == ("too long",)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX timers")
def test_an_interrupt_of_the_kernel_goes_through():
    """The interrupt arrives as in a kernel: a signal, whose handler raises KeyboardInterrupt between instructions."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            check("pointwise.update", spin)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert sys.gettrace() is None


def test_the_clock_stops_with_the_check():
    """Python drops a trace function that raises, so only a check that ends in time shows whether the clock stops."""
    check("pointwise.update", lambda f, c_prev, new: f * c_prev + new)
    assert sys.gettrace() is None


def test_a_debugger_keeps_its_trace_function():
    def mine(frame, event, arg):
        return None

    sys.settrace(mine)
    try:
        check("pointwise.update", lambda f, c_prev, new: f * c_prev + new)
        assert sys.gettrace() is mine
    finally:
        sys.settrace(None)


def test_a_defect_of_the_engine_raises(monkeypatch):
    monkeypatch.setitem(_judge.JUDGES, "function", _guard.describe)  # which takes fewer arguments
    with pytest.raises(TypeError):
        check("pointwise.update", lambda *given: 1)


def test_the_error_of_a_function_is_named():
    function = next(name for name, question in QUESTIONS.items() if question.kind == "function")
    assert "stops with SystemExit" in check(function, lambda *given: sys.exit()).text
    assert "stops with TextError." in check("pointwise.update", MAKERS["raises"]()).text
    assert "stops with KeyboardInterrupt." in check("schedule.count", interrupts).text
    assert_refused(lambda: hint("forget_gate.kept", "one"), TypeError, "number must be a whole number, got 'one'")


def test_several_results_may_come_by_name():
    """In any order; a dictionary with other names, or a set, gets a sentence."""

    def cell(f, i, g, o, c_prev):
        c = f * c_prev + i * g
        return {"c": c, "h": o * np.tanh(c)}

    assert check("one_step.cell", cell).right
    for other in (lambda *_: {"a": 1, "b": 2}, lambda *_: {1, 2}):
        reply = check("one_step.cell", other)
        assert reply.right is False and "Expected 2 results, h and c, in this order; got a " in reply.text


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("cell.hide", {"f": 0.25, "i": 0.7 + 0.2 + 0.1 + 2e-16, "o": -1e-17}),
        ("schedule.leak", {"f": 0.794}),
        ("schedule.leak", [[0.794]] * 9),
        ("output_gate.ask_twice", {"o": [[1.0 if t in (6, 11) else 0.0 for t in range(1, 17)]]}),
        ("be_the_lstm.remember_first", lambda x: {"f": 1, "i": x[:4].sum(), "g": min(np.argmax(x), 3) / 10, "o": 1}),
    ],
    ids=in_words,
)
def test_a_design_in_another_form_is_right(name, given):
    assert check(name, given).right


def test_a_gate_that_is_nearly_shut_is_shut():
    assert check("output_gate.ask_twice", [0.98 if t in (6, 11) else 0.02 for t in range(1, 17)]).right
