"""A progress bar that disappears at the end."""

import contextlib
import sys


@contextlib.contextmanager
def progress(steps, wanted):
    """A context manager that gives `show(loss)`, to call after each step; the bar lasts as long as the block."""
    if not wanted:
        yield lambda loss: None
        return
    from tqdm import tqdm

    if sys.platform == "emscripten":  # a browser has no second thread to watch the bar: tqdm would warn of it
        tqdm.monitor_interval = 0
    text = {"leave": False, "disable": None, "file": sys.stderr}
    with _widget(steps) if _in_a_notebook() else tqdm(total=steps, **text) as bar:

        def show(loss):
            bar.set_postfix_str(f"loss {loss:.3g}", refresh=False)
            bar.update()

        yield show


@contextlib.contextmanager
def _widget(steps):
    """A bar that is shown as a widget only, and emptied at the end: the page keeps no trace of it."""
    from IPython.display import display
    from tqdm.notebook import tqdm

    with tqdm(total=steps, display=False) as bar:
        view = bar.container._repr_mimebundle_()["application/vnd.jupyter.widget-view+json"]
        place = display({"application/vnd.jupyter.widget-view+json": view}, raw=True, display_id=True)
        try:
            yield bar
        finally:
            place.update({}, raw=True)
            bar.container.close()


def _in_a_notebook():
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return getattr(shell, "kernel", None) is not None
