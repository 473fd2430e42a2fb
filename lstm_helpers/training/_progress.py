"""The progress bar of a training, and interrupts that end it between two steps."""

import contextlib
import signal
import sys
import threading

# In tqdm's format; {postfix} is the loss.
_FORMAT = "{bar} step {n_fmt} of {total_fmt}{postfix}, {remaining_s:.0f} s left; "
_STOPS = "stops it and keeps what is learned"


@contextlib.contextmanager
def progress(steps, enabled):
    """A context manager for a progress bar. It gives `show(loss)`, to call after each step."""
    if not enabled:
        yield lambda loss: None
        return
    from tqdm import tqdm

    if sys.platform == "emscripten":  # tqdm watches the bar in a thread, and a browser has none
        tqdm.monitor_interval = 0
    options = {"leave": False, "disable": None, "file": sys.stderr, "bar_format": f"{_FORMAT}Ctrl+C {_STOPS}"}
    with _widget(steps) if _in_a_notebook() else tqdm(total=steps, **options) as bar:

        def show(loss):
            bar.set_postfix_str(f"loss {loss:.3g}", refresh=False)
            bar.update()

        yield show


@contextlib.contextmanager
def _widget(steps):
    """A bar as a widget. At the end its output is emptied, so that the stored notebook has no trace of it."""
    from IPython.display import display
    from tqdm.notebook import tqdm

    from lstm_helpers.view.lifetime import view_of

    with tqdm(total=steps, display=False, bar_format=f"{_FORMAT}■ {_STOPS}") as bar:
        handle = display(view_of(bar.container), raw=True, display_id=True)
        try:
            yield bar
        finally:
            handle.update({}, raw=True)
            bar.container.close()


def _in_a_notebook():
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return getattr(shell, "kernel", None) is not None


@contextlib.contextmanager
def interrupts():
    """A context manager that gives `interrupted()`: whether SIGINT has arrived since the block began.

    The first signal raises nothing, so that no step is left half done. The second goes to the previous handler.
    Nothing changes in threads other than the main one, as they get no signals, or if SIGINT is ignored.
    """
    received, previous = [], signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(previous):
        yield lambda: False
        return

    def receive(number, frame):
        received.append(number)
        signal.signal(signal.SIGINT, previous)

    signal.signal(signal.SIGINT, receive)
    try:
        yield lambda: bool(received)
    finally:
        signal.signal(signal.SIGINT, previous)
