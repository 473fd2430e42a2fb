"""Write notebooks/worksheet.html, one page to print: the document's examples with blanks; and the same with the key."""

from pathlib import Path

import numpy as np

from lstm_helpers import EXAMPLES, cell_state, hidden_state

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
@page {{ size: A4; margin: 14mm 16mm }}
body {{ font: 11pt/1.3 "DejaVu Sans", Verdana, sans-serif; max-width: 178mm; margin: 0 auto; color: #000 }}
h1 {{ font-size: 16pt; margin: 0 }}
h2 {{ font-size: 12pt; margin: 4.5mm 0 1mm }}
p {{ margin: 1mm 0 }}
table {{ border-collapse: collapse; margin: 1.5mm 0 }}
th, td {{ border: 0.3mm solid #555; padding: 1mm 2mm; min-width: 19mm; height: 5mm; text-align: center }}
th {{ font-weight: normal; background: #eee; text-align: left; min-width: 52mm }}
.pair {{ display: flex; gap: 6mm }}
.pair th {{ min-width: 25mm }}
.pair td {{ min-width: 13mm }}
td.blank {{ border-width: 0.6mm }}
td.key {{ border-width: 0.6mm; font-weight: bold }}
.line {{ border-bottom: 0.3mm solid #555; height: 7mm }}
.name {{ float: right; font-size: 10.5pt }}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def main():
    for name, with_key in (("worksheet", False), ("worksheet_key", True)):
        (FOLDER / f"{name}.html").write_text(worksheet(with_key), encoding="utf-8")
        print(f"notebooks/{name}.html")


def worksheet(with_key):
    """The page as HTML; every number on it comes from `EXAMPLES` or is computed from it."""
    title = "The LSTM on one page" + (": key" if with_key else "")
    head = f"<h1>{title}</h1>" if with_key else f'<p class="name">Name ______________________</p><h1>{title}</h1>'
    intro = "<p>Three units side by side. × and + work unit by unit. <b>Round last.</b></p>"
    return PAGE.format(title=title, body="\n".join([head, intro, *_tasks(with_key)]))


def _tasks(with_key):
    """The tasks, one after the other."""
    product, update, forget, write, show = (
        EXAMPLES[name] for name in ("pointwise_product", "context_update", "forget_gate", "input_gate", "output_gate")
    )
    x, y = product.inputs.values()
    yield '<div class="pair"><div><h2>1. Multiply: a row of gate values</h2>'
    yield _table({"memory x": x, "gate values y": y}, {"x × y": product.computed}, with_key)

    c_prev, new = update.inputs.values()
    yield "</div><div><h2>2. Add: something new comes in</h2>"
    yield _table({"memory c<sub>t−1</sub>": c_prev, "new": new}, {"sum": update.computed}, with_key)
    yield "</div></div>"

    f, c_prev = forget.stated, forget.inputs["c_prev"]
    yield "<h2>3. The forget gate f: what is <i>kept</i></h2>"
    yield _table(
        {"memory c<sub>t−1</sub>": c_prev, "forget gate f": f}, {"kept: f × c<sub>t−1</sub>": f * c_prev}, with_key
    )
    yield "<p>“f = 0.7, so it forgets 70%.” What do you say?</p>"
    yield _said("It keeps 70% and forgets 30%. A forget gate of 1 forgets nothing.", with_key)

    i, g = write.on_the_way["i"], write.on_the_way["g"]
    c = cell_state(f, c_prev, i, g)
    yield "<h2>4. The input gate i: how much of the candidate g is written</h2>"
    given = {"input gate i": i, "candidate g": g}
    yield _table(given, {"written: i × g": write.computed, "new memory: kept + written": c}, with_key)

    o, c_shown = show.on_the_way["o"], show.inputs["c"]
    yield "<h2>5. The output gate o: how much is shown (three decimals)</h2>"
    given = {"memory c (another one)": c_shown, "tanh(c)": np.tanh(c_shown).round(4), "output gate o": o}
    yield _table(given, {"h = o × tanh(c)": hidden_state(o, c_shown)}, with_key, decimals=3)
    as_computed = show.as_written(show.computed).strip("[]").split(", ")
    (differs,) = np.flatnonzero(show.stated != np.array(as_computed, dtype=float))
    yield f"<p>The document writes h = {show.written}. Which unit’s last digit is wrong, and why?</p>"
    yield _said(
        f"Unit {differs + 1}: it is {as_computed[differs]}. The document rounds tanh(c) to "
        f"{show.on_the_way['tanh_c'][differs]:g} before it multiplies.",
        with_key,
    )
    yield "<p>A unit shows h = 0. Is its memory empty?</p>"
    yield _said("Not necessarily: its output gate may be shut. h is not c.", with_key)


def _table(given, wanted, with_key, decimals=2):
    """A row for each vector, a column for each unit; the answers are blank, or filled in on the key."""
    units = "".join(f"<td>unit {k + 1}</td>" for k in range(3))
    rows = [f"<tr><th></th>{units}</tr>"]
    for name, values in given.items():
        rows.append(f"<tr><th>{name}</th>" + "".join(f"<td>{_number(v)}</td>" for v in values) + "</tr>")
    kind = "key" if with_key else "blank"
    for name, values in wanted.items():
        cells = (f'<td class="{kind}">{f"{v:.{decimals}f}".replace("-", "−") if with_key else ""}</td>' for v in values)
        rows.append(f"<tr><th>{name}</th>" + "".join(cells) + "</tr>")
    return "<table>" + "".join(rows) + "</table>"


def _number(value):
    return f"{value:g}".replace("-", "−")


def _said(answer, with_key):
    return f"<p><b>{answer}</b></p>" if with_key else '<p class="line"></p>'


if __name__ == "__main__":
    main()
