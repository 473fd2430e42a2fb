"""Which calls a piece of code makes: what it has to do with, whatever time that takes."""

import sys
from pathlib import Path


def calls_while(do):
    """Each call that this thread makes in `do`: the file of a function, or what a built-in one belongs to; its name."""
    found = []

    def note(frame, event, arg):
        if event == "call":
            found.append((Path(frame.f_code.co_filename).name, frame.f_code.co_name))
        elif event == "c_call":
            found.append((type(arg.__self__).__name__, arg.__name__))

    sys.setprofile(note)
    try:
        do()
    finally:
        sys.setprofile(None)
    return found[:-1]  # the last is of the profile itself
