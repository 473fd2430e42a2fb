"""A progress bar that goes away when it is done."""

import contextlib
import sys


@contextlib.contextmanager
def progress(steps, wanted):
    """A function `show(loss)` to call after each step; the bar lives as long as the block."""
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
            # Shown as a widget and nothing else, and in the end replaced by nothing: the page keeps no trace of it.
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
    """In a browser Python has no second thread, on which tqdm watches its bars, and tqdm would say so on the page."""
    if sys.platform == "emscripten":
        tqdm.monitor_interval = 0


def _in_a_notebook():
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return getattr(shell, "kernel", None) is not None
