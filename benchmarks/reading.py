"""Speed of the panels of the reading edition: the time to the first picture, and the work for each move.

For every page with panels: milliseconds until its first picture appears; milliseconds of work (script, styles, layout)
for a press of an arrow key on each slider; and the same for a bare slider that moves nothing. A screen shows a frame
every 16.7 ms.
"""

import tempfile
from pathlib import Path

import numpy as np

from tests.support.flipbooks import MOVING, built, opened
from tests.support.lab import chromium
from tests.support.pages import watched

WORK = ["ScriptDuration", "LayoutDuration", "RecalcStyleDuration"]
PRESSES = 6  # on each slider
PAINTED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
FIRST = """
new MutationObserver((_, observer) => {
    if (!document.querySelector('.lstm-picture g path, .lstm-picture g text')) return;
    observer.disconnect();
    requestAnimationFrame(() => { window.first = performance.now(); });
}).observe(document, {subtree: true, childList: true});
"""
BARE = """document.body.prepend(Object.assign(document.createElement('input'), {type: 'range', id: 'bare'}))"""


def main():
    """Print the table."""
    print(f"{'page':32}{'first picture':>14}{'move: median':>14}{'p95':>12}{'bare slider':>16}")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        site = built(Path(folder), MOVING)
        for name in MOVING:
            first, median, p95, bare = measured(site, name, browser)
            print(f"{name:32}{first:11.0f} ms{median:11.1f} ms{p95:9.1f} ms{bare:13.1f} ms")


def measured(site, name, browser):
    """Milliseconds of one page: first picture, median and 95th percentile of a move, median of a bare slider."""
    with watched(browser) as (page, _, _):
        page.add_init_script(FIRST)
        opened(page, site, name)
        page.wait_for_function("window.first")
        first = page.evaluate("first")
        tracks = page.locator(".lstm-panel input[type=range]:enabled").all()
        times = [time for track in tracks for time in pressed(page, track)]
        page.evaluate(BARE)
        bare = [*pressed(page, page.locator("#bare"))]
    return first, *np.percentile(times, [50, 95]), np.median(bare)


def pressed(page, track):
    """Milliseconds of the page's own work for each press of a key, independent of the machine's load."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy():
        metrics = session.send("Performance.getMetrics")["metrics"]
        return sum(1000 * metric["value"] for metric in metrics if metric["name"] in WORK)

    track.press("Home")
    for _ in range(PRESSES):
        before = busy()
        page.keyboard.press("ArrowRight")
        page.evaluate(PAINTED)
        yield busy() - before
