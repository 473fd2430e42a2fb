"""A check of what all refused arguments have in common."""

import traceback

import pytest


def assert_refused(call, kind, sentence, frames=1):
    """Check that `call` raises `kind` with exactly this sentence, and with at most so many of our frames."""
    with pytest.raises(kind) as caught:
        call()
    said = str(caught.value)
    assert said == sentence, f"said {said!r}, not {sentence!r}"
    ours = [f for f in traceback.extract_tb(caught.value.__traceback__) if "lstm_helpers" in f.filename]
    assert 1 <= len(ours) <= frames, f"{len(ours)} frames of ours"
