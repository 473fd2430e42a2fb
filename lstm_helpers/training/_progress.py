"""How far a training is, and a way to stop it between two steps."""

import contextlib
import signal
import sys
import threading

# What stands beside the bar: tqdm puts the loss where {postfix} is.
_FORMAT = "{bar} step {n_fmt} of {total_fmt}{postfix}, {remaining_s:.0f} s left; "
_STOPS = "stops it and keeps what is learned"


@contextlib.contextmanager
def progress(steps, wanted):
    """A context manager that gives `show(loss)`, to call after each step; the bar lasts as long as the block."""
    if not wanted:
        yield lambda loss: None
        return
    from tqdm import tqdm

    if sys.platform == "emscripten":  # a browser has no second thread to watch the bar: tqdm would warn of it
        tqdm.monitor_interval = 0
    text = {"leave": False, "disable": None, "file": sys.stderr, "bar_format": f"{_FORMAT}Ctrl+C {_STOPS}"}
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

    from lstm_helpers.view.lifetime import view_of

    with tqdm(total=steps, display=False, bar_format=f"{_FORMAT}■ {_STOPS}") as bar:
        place = display(view_of(bar.container), raw=True, display_id=True)
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


@contextlib.contextmanager
def interrupts():
    """A context manager that gives `interrupted()`: whether there was an interrupt since the block began.

    The first one raises nothing, so that a step is done whole or not at all. The second one goes to whoever took them
    before. Where none can come, outside the main thread or where they are ignored, all stays as it is.
    """
    seen, before = [], signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield lambda: False
        return

    def take(number, frame):
        seen.append(number)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, take)
    try:
        yield lambda: bool(seen)
    finally:
        signal.signal(signal.SIGINT, before)
