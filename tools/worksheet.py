"""Write two sheets to print, each with a key, to notebooks/: the worksheet of lesson 1, and the final test."""

from pathlib import Path

import numpy as np

from lstm_helpers import EXAMPLES, LSTM, cell_state, gate, half_life, hidden_state, sigmoid

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
@page {{ size: A4; margin: 12mm 16mm }}
body {{ font: 10pt/1.3 "DejaVu Sans", Verdana, sans-serif; max-width: 178mm; margin: 0 auto; color: #000 }}
h1 {{ font-size: 15pt; margin: 0 }}
h2 {{ font-size: 11pt; margin: 3.5mm 0 1mm }}
p {{ margin: 1mm 0 }}
table {{ border-collapse: collapse; margin: 1mm 0 }}
th, td {{ border: 0.3mm solid #555; padding: 0.6mm 2mm; min-width: 12mm; height: 5mm; text-align: center }}
th {{ font-weight: normal; background: #eee; text-align: left; min-width: 26mm }}
.pair {{ display: flex; gap: 6mm }}
.pair > div {{ flex: 1 1 auto; max-width: 100mm }}
td.blank {{ border-width: 0.6mm }}
td.key {{ border-width: 0.6mm; font-weight: bold }}
.pair td {{ min-width: 9mm }}
.line {{ border-bottom: 0.3mm solid #555; height: 6mm }}
.name {{ float: right; font-size: 10pt }}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def main():
    for name in SHEETS:
        for with_key in (False, True):
            path = FOLDER / f"{name}{'_key' * with_key}.html"
            path.write_text(sheet(name, with_key), encoding="utf-8")
            print(f"notebooks/{path.name}")


def sheet(name, with_key):
    """Return a sheet as HTML; the package computes all its answers."""
    title, intro, tasks = SHEETS[name]
    title += " (key)" * with_key
    heading = "" if with_key else '<p class="name">Name ______________________</p>'
    return PAGE.format(title=title, body="\n".join([f"{heading}<h1>{title}</h1>", intro, *tasks(with_key)]))


def _worksheet(with_key):
    """Yield the tasks of lesson 1: keep once, keep repeatedly, then write, hold and read."""
    forget = EXAMPLES["forget_gate"]
    f, c_prev = forget.stated, forget.inputs["c_prev"]
    yield "<h2>1. The forget gate f: what is <i>kept</i></h2><p>Three memories, each with its own gate.</p>"
    given = {"old memory c": c_prev, "forget gate f": f}
    yield _table(["unit 1", "unit 2", "unit 3"], given, {"kept: f × c": f * c_prev}, with_key)
    yield "<p>“f = 0.7, so it forgets 70%.” What do you say?</p>"
    yield _answer(f"It keeps {f[0]:.0%} and forgets {1 - f[0]:.0%}. A forget gate of 1 forgets nothing.", with_key)

    yield "<h2>2. Again and again</h2><p>The memory is 1, f = 0.9, and nothing is written. What is left?</p>"
    f = 0.9
    yield _table(["step 1", "step 2", "step 3"], {}, {"memory c": f ** np.arange(1, 4)}, with_key)
    yield "<p>After how many whole steps is less than half left? Guess first: 5, 7 or 10?</p>"
    steps = int(np.ceil(half_life(f)))
    yield _answer(
        f"After {steps}: {f}<sup>{steps}</sup> = {f**steps:.2f}. Each step takes 10% of what is left.", with_key
    )

    schedule = {"f": [1, 1, 1, 0.5, 0], "i": [0, 1, 0, 0, 0], "g": [0.5, 0.8, -0.4, 0.3, 0.6], "o": [0, 0, 0, 1, 1]}
    memories = _run(schedule)
    yield "<h2>3. Write, hold, read</h2>"
    yield "<p>One memory, which starts at 0. At each step: new memory = f × old memory + i × g.</p>"
    yield _table(_STEPS, _named(schedule), {"memory c": memories}, with_key)
    seen = [k + 1 for k in np.flatnonzero(hidden_state(schedule["o"], memories))]
    yield "<p>The output gate o shows the memory (1) or hides it (0). At which steps does something show?</p>"
    yield _answer(f"Only at step {seen[0]}. At step 5 the gate is open, but the memory has been forgotten.", with_key)
    yield "<p>Open i at step 3 as well: i = 1. What is the memory after step 3?</p>"
    other = _run(schedule | {"i": [0, 1, 1, 0, 0]})[2]
    terms = f"{_number(memories[1])} + ({_number(schedule['g'][2])})"
    yield _answer(f"{terms} = {_number(other)}. An open input gate adds; it replaces nothing.", with_key)


def _final_test(with_key):
    """Yield eight questions, two for each lesson, the narrow ones side by side."""
    kept, time, add, gate_, step, cell, learning, inside = ("\n".join(question(with_key)) for question in _QUESTIONS)
    for left, right in ((kept, time), (add, gate_)):
        yield f'<div class="pair"><div>{left}</div><div>{right}</div></div>'
    yield step
    yield f'<div class="pair"><div>{cell}</div><div>{learning}</div></div>'
    yield inside


def _forgetting(with_key):
    c, f = 0.5, 0.8
    yield f"<h2>1. Forgetting</h2><p>The memory is {c}, f = {f}, and nothing is written.</p>"
    yield _table(["step 1", "step 2"], {}, {"memory c": c * f ** np.arange(1, 3)}, with_key)
    yield "<p>After how many steps is more than half gone?</p>"
    yield _answer(f"{np.ceil(half_life(f)):.0f}", with_key)


def _over_time(with_key):
    schedule = {"f": [1, 1, 1, 0, 1], "i": [1, 0, 1, 1, 0], "g": [0.6, 0.9, 0.2, -0.5, 0.4]}
    yield "<h2>2. Over time</h2><p>The memory starts at 0. What is it after each step?</p>"
    yield _table(["1", "2", "3", "4", "5"], _named(schedule), {"memory c": _run(schedule)}, with_key)


def _multiply_and_add(with_key):
    c_prev, f, new = np.array([0.6, 1.2, -0.5]), np.array([0.5, 1.0, 0.2]), np.array([0.2, -0.3, 0.0])
    yield "<h2>3. Multiply and add</h2>"
    answers = {"kept": f * c_prev, "kept + new": cell_state(f, c_prev, 1.0, new)}
    given = {"old memory c": c_prev, "forget gate f": f, "new": new}
    yield _table(["unit 1", "unit 2", "unit 3"], given, answers, with_key)


def _where_a_gate_comes_from(with_key):
    weights, bias, h, x = np.array([[2.0, -1.0]]), np.array([2.0]), np.array([0.5]), np.array([1.0])
    z = weights @ np.concatenate([h, x]) + bias
    row = ", ".join(map(_number, weights[0]))
    yield f"<h2>4. Where a gate comes from</h2><p>A unit reads [h; x] = [{h[0]:g}, {x[0]:g}]. The weights of its forget"
    yield f"gate are [{row}], the bias is {bias[0]:g}. ({_curve('σ', sigmoid, (-2.0, 0.0, 2.0))})</p>"
    yield _table(["z", "f"], {}, {"": np.append(z, gate(weights, bias, h, x))}, with_key)
    yield "<p>Of 5 units, how many gates move if you change one weight? If you change x?</p>"
    yield _answer("One: a weight belongs to one row. All 5: every unit reads x.", with_key)


def _one_step(with_key):
    c_prev, f, i, g, o = 0.5, 0.8, 0.5, -0.6, 0.5
    c = cell_state(f, c_prev, i, g)
    yield f"<h2>5. One step</h2><p>Old memory {c_prev}, f = {f}, i = {i}, g = {_number(g)}, o = {o}."
    yield f"({_curve('tanh', np.tanh, (0.1, 0.4, 0.7))})</p>"
    numbers = np.array([f * c_prev, i * g, c, hidden_state(o, c)])
    yield _table(["kept", "written", "new memory c", "shown h"], {}, {"": numbers}, with_key)


def _whole_cell(with_key):
    layer = LSTM(4, 10)
    size = sum(getattr(layer, f"{part}_{k}").size for part in "Wb" for k in "figo")
    yield "<h2>6. The whole cell</h2><p>A unit holds 0.8. It shows 0 for ten steps, then 0.66. Which gate did what?</p>"
    yield _answer("The output gate was shut, then open. The forget gate held the memory.", with_key)
    yield "<p>How many numbers does a layer of 10 units with 4 inputs have to learn?</p>"
    terms = f"4 × 10 × (10 + 4 + 1) = {size}"
    yield _answer(f"{terms}: for each of f, i, g and o, ten rows of 14 weights and a bias.", with_key)


def _learning(with_key):
    symbols, steps, biases = 8, 20, np.array([0.0, 3.0])
    gates = sigmoid(biases)
    yield f"<h2>7. Learning</h2><p>After {steps} steps a network has to say which of {symbols} symbols came first. "
    yield f"Its loss stays at {np.log(symbols):.2f}. What has it learned?</p>"
    yield _answer(f"Nothing: guessing among {symbols} costs ln {symbols} = {np.log(symbols):.2f}.", with_key)
    choices = ", ".join(f"{value:.2f}" for value in sorted([*gates**steps, 1 - gates[1], gates[1]]))
    yield f"<p>Before training its weights are near 0. What is left of a memory after {steps} steps? ({choices})</p>"
    heads = [f"bias {bias:g}: f = {f:.2f}" for bias, f in zip(biases, gates, strict=True)]
    yield _table(heads, {}, {"": gates**steps}, with_key)


def _inside(with_key):
    shown, reads = np.array([[0.5, 0.5], [-0.5, -0.5]]), np.array([4.0, 0.0])
    cat, dog = (_number(h[0]) for h in shown)
    answer = f"σ({reads[0]:g} × h of unit 1 + {reads[1]:g} × h of unit 2)"
    yield f"<h2>8. Inside</h2><p>Two units show {cat} after “cat” and {dog} after “dog”."
    yield f"The network’s answer is P(cat) = {answer}. A unit that forgets shows 0. (σ: see 4)</p>"
    gates = {"nothing is changed": [1, 1], "unit 1 forgets": [0, 1], "unit 2 forgets": [1, 0]}
    answers = {what: sigmoid(shown * kept @ reads) for what, kept in gates.items()}
    yield _table(["P(cat) after “cat”", "P(cat) after “dog”"], {}, answers, with_key)
    yield "<p>Both units differ between cat and dog. Which one does the network use? How do you know?</p>"
    (used,) = [what[5] for what, p in answers.items() if not np.array_equal(p, answers["nothing is changed"])]
    yield _answer(f"Unit {used}: when it forgets, the answer is the same whatever the animal was.", with_key)


_QUESTIONS = (
    _forgetting,
    _over_time,
    _multiply_and_add,
    _where_a_gate_comes_from,
    _one_step,
    _whole_cell,
    _learning,
    _inside,
)
SHEETS = {  # file name -> title, introduction, and tasks
    "worksheet": ("How long does a memory last?", "<p>Work in pairs. Round to two decimals.</p>", _worksheet),
    "final_test": ("The LSTM: final test", "<p>Twenty minutes. Round to two decimals.</p>", _final_test),
}
_STEPS = [f"step {k}" for k in range(1, 6)]
_NAMES = {"f": "forget gate f", "i": "input gate i", "g": "candidate g", "o": "output gate o"}


def _run(schedule):
    """Return the memory after each step."""
    c, memories = 0.0, []
    for f, i, g in zip(schedule["f"], schedule["i"], schedule["g"], strict=True):
        c = float(cell_state(f, c, i, g))
        memories.append(c)
    return np.array(memories)


def _named(schedule):
    return {_NAMES[symbol]: values for symbol, values in schedule.items()}


def _table(heads, given, answers, with_key):
    """Return a table with a row for each name and a column for each head; answers are blank except on the key."""
    rows = [("", [f"<td>{head}</td>" for head in heads])]
    rows += [(name, [f"<td>{_number(v)}</td>" for v in values]) for name, values in given.items()]
    kind = "key" if with_key else "blank"
    for name, values in answers.items():
        texts = (f"{v:.2f}".replace("-", "−") if with_key else "" for v in values)
        rows.append((name, [f'<td class="{kind}">{text}</td>' for text in texts]))
    named = any(name for name, _ in rows)
    lines = ("".join([f"<th>{name}</th>" * named, *cells]) for name, cells in rows)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _curve(name, function, places):
    """List values of a function, so that no calculator is needed."""
    return ", ".join(f"{name}({_number(z)})&nbsp;=&nbsp;{function(z):.2f}" for z in places)


def _number(value):
    return f"{value:g}".replace("-", "−")


def _answer(text, with_key):
    return f"<p><b>{text}</b></p>" if with_key else '<p class="line"></p>'


if __name__ == "__main__":
    main()
