"""Speed of every explorer, from slider to picture, compared with `interact` and an inline figure of the same picture.

In the kernel: the time from a new value to the message that carries the picture. In the browser: the time from a key
press to the picture on the page, in turns with a stock slider that sets a stock label (no widget is faster), and then
in turns with `interact`. After that the slider is dragged, 60 events a second: the time until the last value is on the
page, the number of pictures that appeared, and whether the picture's box was ever empty or replaced. Only the ratios
are comparable between machines.
"""

import base64
import contextlib
import io
import math
import statistics
import tempfile
import time
from pathlib import Path

import nbformat

from benchmarks import panels
from tests.support.lab import browser_path, chromium, jupyterlab, open_notebook, run_all
from tests.support.panels import UNWATCH, WATCH, assert_right, prepare
from tools.notebooks import METADATA

ROUNDS, WARM_UP, SECONDS = 40, 4, 4
SOURCE = Path(panels.__file__).read_text(encoding="utf-8")
EXPLORER = "explorer = EXPLORERS[{name!r}][0]()\nexplorer"
INTERACT = """%matplotlib inline
import ipywidgets
from IPython.display import display

def draw(value):
    display(drawn_anew({name!r}, explorer, value))

handle = explorer.controls[EXPLORERS[{name!r}][1]].handle
ipywidgets.interact(draw, value=ipywidgets.FloatSlider(
    value=handle.value, min=handle.min, max=handle.max, step=handle.step));"""
STOCK = """slider = ipywidgets.FloatSlider(value=handle.value, min=handle.min, max=handle.max, step=handle.step)
label = ipywidgets.Label("")
slider.observe(lambda change: setattr(label, "value", f"{change.new:.2f}"), "value")
ipywidgets.VBox([slider, label]).add_class("stock")"""

# The arrow key away from the nearer end of a slider, and the opposite one.
INWARD = """handle => {
    const names = ["aria-valuemin", "aria-valuenow", "aria-valuemax"];
    const [low, now, high] = names.map(name => Number(handle.getAttribute(name)));
    return now - low < high - now ? ["ArrowRight", "ArrowLeft"] : ["ArrowLeft", "ArrowRight"];
}"""
IDLE = "window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.status === 'idle'"
# Milliseconds from an arrow key on a slider to the frame that shows the new picture.
PRESS = """([handle, key, picture]) => new Promise((resolve, reject) => {
    const start = performance.now();
    setTimeout(() => reject(new Error(key + ' changed nothing')), 20000);
    const observer = new MutationObserver(() => {
        observer.disconnect();
        requestAnimationFrame(() => resolve(performance.now() - start));
    });
    observer.observe(picture, {subtree: true, childList: true, attributes: true});
    handle.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
})"""
# Drag a handle along its track, 60 events a second; a page that is late gets all overdue events at once. Returns the
# times of the last event and of the frame that showed the last picture, and the number of pictures.
DRAG = """([handle, picture, places]) => new Promise(resolve => {
    const seen = {moved: 0, drawn: 0, pictures: 0, took: 0}, start = performance.now();
    new MutationObserver(() => requestAnimationFrame(() => {
        seen.drawn = performance.now();
        seen.pictures += 1;
    })).observe(picture, {subtree: true, childList: true});
    const track = handle.closest('.noUi-base').getBoundingClientRect(), y = track.top + track.height / 2;
    const tell = (target, type, x) => target.dispatchEvent(new MouseEvent(type, {
        clientX: x, clientY: y, buttons: type === 'mouseup' ? 0 : 1, bubbles: true, cancelable: true,
    }));
    const box = handle.getBoundingClientRect();
    tell(handle, 'mousedown', box.left + box.width / 2);
    let done = 0;
    const timer = setInterval(() => {
        for (const due = (performance.now() - start) / (1000 / 60); done < Math.min(due, places.length); done += 1) {
            tell(document.documentElement, 'mousemove', track.left + places[done] * track.width);
            seen.moved = performance.now();
        }
        if (done < places.length) return;
        clearInterval(timer);
        seen.took = performance.now() - start;
        setTimeout(() => { tell(document.documentElement, 'mouseup', 0); resolve(seen); }, 1500);
    }, 1000 / 60);
})"""


def in_the_kernel(name):
    """A row of the table: milliseconds per move, in turns for the explorer and for a figure drawn from scratch."""
    make, slider, _, _ = panels.EXPLORERS[name]
    explorer, times = make(), {"explorer": [], "interact": []}
    handle = explorer.controls[slider].handle
    for value in _sweep(handle.min, handle.max, ROUNDS):
        start = time.perf_counter()
        handle.value = value
        times["explorer"].append(1e3 * (time.perf_counter() - start))
        start = time.perf_counter()
        stream = io.BytesIO()
        panels.drawn_anew(name, explorer, value).savefig(stream, format="png", bbox_inches="tight")
        base64.b64encode(stream.getvalue())
        times["interact"].append(1e3 * (time.perf_counter() - start))
    return summary(times, "interact")


def _sweep(low, high, number):
    """Values back and forth over the whole range of a slider, like those of a hand."""
    return [
        round((low + high) / 2 - (high - low) / 2 * math.cos(3 * math.pi * (k + 0.5) / number), 2)
        for k in range(number)
    ]


@contextlib.contextmanager
def _notebooks():
    """A browser, and for each explorer the URL of a notebook with the explorer, its `interact` and a stock slider."""
    with tempfile.TemporaryDirectory() as folder:
        for k, name in enumerate(panels.EXPLORERS):
            sources = [SOURCE, EXPLORER.format(name=name), INTERACT.format(name=name), STOCK]
            cells = [nbformat.v4.new_code_cell(source) for source in sources]
            nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), Path(folder, f"{k}.ipynb"))
        with jupyterlab(folder, Path(folder, "lab.log")) as url, chromium() as browser:
            yield browser, {name: url(f"{k}.ipynb") for k, name in enumerate(panels.EXPLORERS)}


def in_the_browser(page, name):
    """A row of the table: milliseconds from key press to picture, in turns, and the results of a drag."""
    run_all(page)
    page.locator(".widget-interact img").wait_for()
    page.wait_for_timeout(1000)  # JupyterLab is still busy after running a notebook
    label = panels.EXPLORERS[name][1].replace("x_1", "x₁")
    ours = page.locator(".lstm-panel .lstm-control").filter(has=page.locator(f"b:text-is('{label}')"))
    sides = {
        "explorer": (ours.locator(".noUi-handle"), page.locator(".lstm-panel .lstm-layer")),
        "interact": (page.locator(".widget-interact .noUi-handle"), page.locator(".widget-interact .widget-output")),
        "stock": (page.locator(".stock .noUi-handle"), page.locator(".stock .widget-label").last),
    }
    elements = {side: [part.element_handle() for part in parts] for side, parts in sides.items()}
    with_stock, with_interact = (_in_turns(page, elements, rival) for rival in ("stock", "interact"))
    drag = _dragged(page, *elements["explorer"])
    page.evaluate("window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    page.close()
    floor = summary(with_stock, "stock")
    return {**summary(with_interact, "interact"), **floor, **drag}


def _in_turns(page, elements, rival):
    """Milliseconds from key press to picture, in turns for ours and for a rival.

    One rival at a time: garbage that `interact` leaves in the kernel would be collected in the time of the others.
    """
    times = {"explorer": [], rival: []}
    keys = page.evaluate(INWARD, elements["explorer"][0])
    for k in range(WARM_UP + ROUNDS):
        key = keys[k // 5 % 2]  # five steps each way, so that the slider never reaches an end
        for side in times:
            handle, picture = elements[side]
            handle.scroll_into_view_if_needed()
            took = page.evaluate(PRESS, [handle, key, picture])
            times[side] += [took] if k >= WARM_UP else []
            page.wait_for_function(IDLE)
            page.wait_for_timeout(100)
    return times


def _dragged(page, handle, picture):
    """Drag back and forth for some seconds, 60 events a second, and stop between the ends: the results."""
    handle.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    page.evaluate(WATCH, 0)
    seen = page.evaluate(DRAG, [handle, picture, [(value + 0.1) / 1.3 for value in _sweep(0, 1, 60 * SECONDS)]])
    boxes = page.evaluate(UNWATCH)
    prepare(page)
    assert_right(page, 0)  # the page shows the picture of the last value
    return {
        "pictures_a_second": 1000 * seen["pictures"] / seen["took"],
        "last_value_after_ms": seen["drawn"] - seen["moved"],
        "boxes": len(boxes),
        "empty": sum(not full for parts in boxes for full, *_ in parts),
    }


def summary(times, rival):
    """Median and 95th percentile of both sides, and their ratios: the explorer's over the rival's."""
    row = {}
    for side, values in times.items():
        row[f"{side}_ms"] = statistics.median(values)
        row[f"{side}_p95_ms"] = statistics.quantiles(values, n=20)[-1]
    for kind in ("", "p95_"):
        row[f"{kind}of_{rival}"] = row[f"explorer_{kind}ms"] / row[f"{rival}_{kind}ms"]
    return row


def main():
    """Print the tables."""
    _print_header("kernel")
    for name in panels.EXPLORERS:
        _print_row(name, in_the_kernel(name))
    if browser_path() is None:
        print("sliders: the browser's part is skipped, Chromium is not installed")
        return
    with _notebooks() as (browser, urls):
        _print_header("browser")
        for name in panels.EXPLORERS:
            _print_row(name, in_the_browser(open_notebook(browser, urls[name]), name))


def _print_header(side):
    print(f"{'slider to picture, ' + side:28} {'ours, ms':>18} {'interact, ms':>18} {'ratio':>7} {'of p95':>7}", end="")
    print(f" {'stock, ms':>18} {'ratio':>7} {'of p95':>7}   drag, 60 events a second" if side == "browser" else "")


def _print_row(name, row):
    line = f"{name:28} {_spread(row, 'explorer')} {_compared(row, 'interact')}"
    if "boxes" in row:
        steady = row["boxes"] == 1 and not row["empty"]
        line += f" {_compared(row, 'stock')}   {row['pictures_a_second']:.0f} pictures a second, "
        line += f"last after {row['last_value_after_ms']:.0f} ms, "
        line += "no flicker" if steady else f"{row['boxes']} boxes, {row['empty']} empty"
    print(line, flush=True)


def _compared(row, rival):
    return f"{_spread(row, rival)} {row[f'of_{rival}']:7.3f} {row[f'p95_of_{rival}']:7.3f}"


def _spread(row, side):
    spread = f"{row[f'{side}_ms']:.1f} (p95 {row[f'{side}_p95_ms']:.1f})"
    return f"{spread:>18}"
