"""Replies to typical mistakes: the learner's code and the gist of the reply, typed by hand."""

import numpy as np
import pytest

import lstm_helpers
from lstm_helpers.checks import QUESTIONS, check

PUBLIC = {name: getattr(lstm_helpers, name) for name in lstm_helpers.__all__} | {"np": np}

# Question, the learner's code (in terms of the question's inputs), a part of the reply.
NUMBERS = [
    ("cell.new_memory", "(1 - f) * c_prev + i * g", "keeps 1 - f"),
    ("cell.new_memory", "f * c_prev + g", "writes all of g"),
    ("cell.new_memory", "(f + c_prev) * (i + g)", "product and sum are swapped"),
    ("cell.shown", "o * c", "goes through tanh first"),
    ("cell.shown", "np.tanh(o * c)", "tanh is for c alone"),
    ("cell.shown", "c", "h is not c"),
    ("fading.steps", "np.log(share) / np.log(w)", "Steps are whole numbers"),
    ("fading.steps", "np.ceil((1 - share) / (1 - w))", "same amount away"),
    ("pointwise.kept", "memory + y", "c_new + y, the sum"),
    ("pointwise.kept", "memory @ y", "dot product"),
    ("pointwise.kept", "np.array([0.06, 0.56, 0.2])", "the memory of the first example"),
    ("pointwise.gate_for", "new / level", "has to be lost"),
    ("forget_gate.kept", "(1 - f) * c_prev", "what is lost"),
    ("forget_gate.kept", "f + c_prev", "the sum"),
    ("forget_gate.kept", "sigmoid(f) * c_prev", "f is a gate already"),
    ("forget_gate.bias_for", "sigmoid(target)", "Read it the other way"),
    ("forget_gate.bias_for", "0", "A bias of 0 makes the gate 0.5."),
    ("forget_gate.bias_for", "np.log10(target / (1 - target))", "base 10"),
    ("input_gate.written", "i * np.tanh(g)", "through tanh already"),
    ("input_gate.written", "(1 - i) * g", "fraction of the candidate"),
    ("input_gate.needed", "c / g", "all of c anew"),
    ("output_gate.shown", "o * c", "through tanh on its way out"),
    ("output_gate.shown", "np.tanh(o * c)", "for the memory alone"),
    ("output_gate.shown", "c", "h is not c"),
    ("output_gate.shown", "o + np.tanh(c)", "The gate multiplies"),
    ("output_gate.memory_behind", "h / o", "still has to be undone"),
    ("bptt.highway", "f.sum()", "This is sum(f), the sum"),
    ("bptt.highway", "np.prod(1 - f)", "f is what gets through"),
    ("training.guessing", "np.log2(K)", "in bits"),
    ("text.nats_to_bits", "loss * np.log(2)", "multiplied by ln 2"),
]

FUNCTIONS = [
    ("fading.left", "w * T", "Each step multiplies"),
    ("fading.step", "w * h_prev + x", "The squeeze is missing"),
    ("fading.step", "np.tanh(w * h_prev) + x", "The squeeze comes last"),
    ("pointwise.update", "f * (c_prev + new)", "old memory alone"),
    ("pointwise.update", "(f + c_prev) * new", "product and sum are swapped"),
    ("forget_gate.my_gate", "W_f @ np.concatenate([h_prev, x]) + b_f", "pre-activation z"),
    ("forget_gate.my_gate", "np.tanh(W_f @ np.concatenate([h_prev, x]) + b_f)", "needs the sigmoid"),
    ("forget_gate.my_gate", "1 / 1 + np.exp(-(W_f @ np.concatenate([h_prev, x]) + b_f))", "divides before it adds"),
    ("forget_gate.my_gate", "gate(W_f, b_f, x, h_prev)", "x is stacked above h_prev"),
    ("forget_gate.my_gate", "gate(W_f, 0 * b_f, h_prev, x)", "bias is missing"),
    ("forget_gate.my_gate", "1 - gate(W_f, b_f, h_prev, x)", "z has a minus"),
    ("input_gate.find_the_bug", "sigmoid(z_i) * sigmoid(z_g)", "both go through the sigmoid"),
    ("input_gate.find_the_bug", "z_i * z_g", "the product of the pre-activations"),
    ("output_gate.find_the_bug", "np.tanh(o) * c", "belongs to the memory"),
    ("one_step.cell", "(hidden_state(o, cell_state(f, c_prev, i, g)),) * 2", "h is not c"),
    ("one_step.cell", "(o * np.tanh(c_prev), f * c_prev + i * g)", "from the old memory"),
    ("one_step.cell", "(o * np.tanh(i * g), i * g)", "only the new part"),
    ("bptt.through_h", "dh * o * (1 - np.tanh(c) ** 2)", "is overwritten"),
    ("bptt.through_h", "dc + dh * o * (1 - c**2)", "The slope of tanh at c is"),
    ("bptt.gate_slope", "dc * c_prev * sigmoid(f) * (1 - sigmoid(f))", "taken at σ(z)"),
    ("bptt.gate_slope", "dc * c_prev", "slope of the sigmoid, f (1 - f), is missing"),
    ("bptt.gate_slope", "dc * c_prev * (1 - f**2)", "slope of tanh"),
    ("bptt.weight_gradient", "np.outer(dz[-1], u[-1])", "overwritten the one before"),
    ("bptt.weight_gradient", "u.T @ dz", "transpose"),
    ("bptt.hand_on", "(0 * dc, dc * f)", "dh_prev is 0"),
    ("bptt.hand_on", "(sum(W[k].T @ dz[k] for k in range(4)), 0 * f)", "dc_prev is 0"),
    ("bptt.hand_on", "(sum(W[k] @ dz[k] for k in range(4)), dc * f)", "W is not transposed"),
    ("training.downhill", "w + rate * dw", "uphill"),
    ("training.downhill", "-rate * dw", "overwritten"),
    ("training.clip", "(np.clip(dW, -1, 1), np.clip(db, -1, 1))", "is clipped separately"),
    ("inside.lost", "np.mean(p_cat.argmax(axis=0) == p_dog.argmax(axis=0))", "along axis 1"),
    ("inside.lost", "np.mean(p_cat == p_dog)", "compares the probabilities themselves"),
    ("inside.lost", "np.mean(p_cat.max(axis=1) == p_dog.max(axis=1))", "both are equally sure"),
    ("inside.forget_by_hand", "np.where(np.arange(len(f)) == unit, 0, f * c_prev + i * g)", "i * g is still written"),
    ("inside.changed", "np.mean(p.argmax(axis=1) != right)", "no longer right"),
    ("text.bits", "-np.log(p).mean()", "natural logarithm"),
    ("text.draw", "p.argmax()", "likeliest"),
    ("variants.reset", "np.tanh(from_x + r * (W_nh @ h_prev))", "resets after the product"),
    ("variants.swapped", "(W_z, b_z)", "as they were"),
    ("variants.swapped", "(1 - W_z, 1 - b_z)", "The gate becomes 1 - z"),
    ("variants.gru_size", "4 * (H * (H + D) + H)", "four blocks"),
    ("variants.peephole", "sigmoid(z + p * c_prev)", "sees the new memory"),
    ("frameworks.torch_rows", "np.concatenate([W_f, W_i, W_g, W_o])", "order of the arguments"),
    ("frameworks.split", "(W[:, :H], W[:, H:])", "The two are swapped"),
    ("frameworks.biases", "b_ih", "leaves out bias_hh"),
]

# Gate values that store a bit; rules for the others.
STORE = "dict(f=np.ones(20), i=1.0 * (np.arange(20) == 2), o=1.0 * (np.arange(20) == 19))"
DESIGNS = [
    ("schedule.store", STORE + " | dict(i=1.0 * np.isin(np.arange(20), [2, 6]))", "is written again at step 7"),
    ("schedule.store", STORE + " | dict(f=0.99)", "has faded to 0.67 at the end"),
    ("schedule.store", STORE + " | dict(f=0.9)", "has faded to 0.13 at the end: f was below 1"),
    (
        "schedule.store",
        STORE + " | dict(o=1.0 * np.isin(np.arange(20), [3, 19]))",
        "shown at step 4, before it was asked",
    ),
    (
        "schedule.store",
        STORE + " | dict(f=1.0 * (np.arange(20) != 8))",
        "At step 9 the forget gate is 0: most of the bit",
    ),
    ("schedule.store", STORE + " | dict(i=0)", "only 0% of the bit is written"),
    ("schedule.store", STORE + " | dict(i=1.0 * (np.arange(20) == 3))", "one step late"),
    ("be_the_lstm.running_total", "lambda x: dict(f=1, i=1, g=1.25)", "g is 1.25 for ["),
    ("schedule.leak", "0.5", "After 3 steps 12.5% is left. That is too little"),
    ("schedule.leak", "0.9", "too much"),
    ("schedule.count", "lambda x: dict(f=1, i=1, g=0.1)", "counts the steps"),
    ("schedule.count", "lambda x: dict(f=0.9, i=x, g=0.1)", "f is below 1"),
    ("schedule.count", "lambda x: dict(f=1, i=x, g=0.5)", "worth 0.5"),
    ("schedule.toggle", "lambda x, h_prev: dict(f=1 - x, i=x, g=-0.5)", "Does the rule look at h_prev"),
    ("be_the_lstm.running_total", "lambda x: dict(f=1, i=1, g=x[0])", "never starts again"),
    ("be_the_lstm.running_total", "lambda x: dict(f=1 - x[1], i=1 - x[1], g=x[0])", "price at the mark itself is lost"),
    ("be_the_lstm.add_marked", "lambda x: dict(f=1, i=1, g=x[0])", "adds up all numbers"),
    ("be_the_lstm.add_marked", "lambda x: dict(f=1 - x[1], i=x[1], g=x[0])", "only the second number"),
    ("output_gate.ask_twice", "np.ones(16)", "before anybody asked"),
    ("input_gate.lower", "dict(i=-0.3, g=1)", "i is -0.3. It must be between 0 and 1"),
    ("input_gate.lower", "dict(i=1, g=0)", "Nothing is written"),
    ("schedule.count", "lambda x: dict(f=1, i=1, g=0.1 if x else -0.1)", "of a test sequence the memory is"),
    ("input_gate.lower", "dict(i=0.3, g=1)", "direction comes from the candidate"),
    ("input_gate.lower", "dict(i=0.1, g=0.004)", "raises the memory by 0.0004"),
    ("input_gate.lower", "dict(i=0.3333, g=-0.9)", "-0.29997 is written"),
    ("cell.hide", "dict(f=0.625, i=0, o=0.001)", "h = 0.00046 is shown"),
    ("cell.hide", "dict(f=[0.625] * 3, i=0, o=0)", "f has 3 values; it needs one."),
    ("cell.hide", "dict(f=0.25, i=1.0000001, o=0)", "i is 1.0000001. It must be between 0 and 1."),
    ("schedule.store", STORE + " | dict(i=1.0 * (np.arange(20) != 2))", "only 0% of the bit is written"),
    ("schedule.store", STORE + " | dict(o=0.5 * (np.arange(20) == 19))", "the output gate is only 0.5. Open it"),
    ("schedule.store", STORE + " | dict(f=np.ones((4, 5)))", "f has 4 rows; it needs 20, one for each step."),
    ("schedule.count", "lambda x: dict(f=1, i=x, g=0.101)", "is worth 0.101. It should"),
    ("schedule.count", "lambda x: dict(f=0.999, i=x, g=0.1)", "goes from 0.1 to 0.0999: f"),
    (
        "schedule.count",
        "lambda x: dict(f=1, i=x, g=0.1 if x else 0.1) if x else dict(f=1, i=0.001, g=1)",
        "is 0.001, and 0",
    ),
    ("schedule.toggle", "lambda x, h: dict(f=1 - x if x else 0.9999, i=x, g=-0.5 * np.sign(h))", "from 0.5 to 0.49995"),
    (
        "be_the_lstm.remember_first",
        "lambda x: dict(f=1, i=x[:4].sum(), g=[-0.9, 0.3, 0.3, 0.9, 0, 0, 0, 0][np.argmax(x)], o=1)",
        "Symbols 1 and 2 leave",
    ),
    ("be_the_lstm.add_marked", "lambda x: dict(f=0.9999, i=x[1], g=x[0])", "where 1.7"),
]


@pytest.mark.parametrize(("name", "code", "gist"), NUMBERS)
def test_numbers(name, code, gist):
    inputs = QUESTIONS[name].inputs
    reply = check(name, eval(code, PUBLIC | dict(inputs)))
    assert reply.right is False and gist in reply.text, reply


@pytest.mark.parametrize(("name", "code", "gist"), FUNCTIONS)
def test_functions(name, code, gist):
    written = eval(f"lambda {', '.join(QUESTIONS[name].inputs)}: {code}", dict(PUBLIC))
    reply = check(name, written)
    assert reply.right is False and gist in reply.text and len(reply.diagnosis) == 1, reply


@pytest.mark.parametrize(("name", "code", "gist"), DESIGNS)
def test_designs(name, code, gist):
    reply = check(name, eval(code, dict(PUBLIC)))
    assert reply.right is False and gist in reply.text, reply


PREDICTIONS = {
    "pointwise.bound": "to 5",
    "forget_gate.fraction": "0.2 is left",
    "forget_gate.numbers_behind": "21",
    "input_gate.shut": "it depends on f",
    "output_gate.bounded": "c",
    "one_step.same_input": "the gates, c and h",
    "schedule.inactive": "under 0.001",
    "bptt.side_roads": "yes",
    "inside.difference": "not known yet",
    "text.order": "none",
    "variants.hidden_store": "no",
    "variants.switch": "minimal GRU",
    "frameworks.order": "other numbers",
    "frameworks.gpu": "at the smallest",
    "opened.leak": "too early",
}


def test_the_right_predictions():
    choices = {name for name, question in QUESTIONS.items() if question.kind == "choice"}
    assert choices == set(PREDICTIONS)
    for name, right in PREDICTIONS.items():
        assert check(name, right).right is True
    assert check("schedule.store", eval(STORE + " | dict(f=0.999)", dict(PUBLIC))).right is True
