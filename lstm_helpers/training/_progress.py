"""A progress bar that disappears at the end."""

import contextlib
import sys


@contextlib.contextmanager
def progress(steps, wanted):
    """A context manager that gives `show(loss)`, to call after each step; the bar lasts as long as the block."""
    if not wanted:
        yield lambda loss: None
        return
    with _bar(steps) as bar:

        def show(loss):
            bar.set_postfix_str(f"loss {loss:.3g}", refresh=False)
            bar.update()

        yield show


@contextlib.contextmanager
def _bar(steps):
    if _in_a_notebook():
        from IPython.display import display
        from tqdm.notebook import tqdm

        _without_threads(tqdm)
        with tqdm(total=steps, display=False) as bar:
            # Shown as a widget only, and emptied at the end: the page keeps no trace of it.
            view = bar.container._repr_mimebundle_()["application/vnd.jupyter.widget-view+json"]
            place = display({"application/vnd.jupyter.widget-view+json": view}, raw=True, display_id=True)
            try:
                yield bar
            finally:
                place.update({}, raw=True)
                bar.container.close()
    else:
        from tqdm import tqdm

        _without_threads(tqdm)
        with tqdm(total=steps, leave=False, disable=None, file=sys.stderr) as bar:
            yield bar


def _without_threads(tqdm):
    """Python in a browser has no second thread for tqdm to watch its bars; tqdm would print a warning on the page."""
    if sys.platform == "emscripten":
        tqdm.monitor_interval = 0


def _in_a_notebook():
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return getattr(shell, "kernel", None) is not None
