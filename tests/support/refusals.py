"""Check of a refused argument."""

import traceback

import pytest


def assert_refused(call, kind, sentence, frames=1):
    """Check that `call` raises `kind` with exactly this message, and with at most `frames` of our stack frames."""
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == sentence
    ours = [f for f in traceback.extract_tb(caught.value.__traceback__) if "lstm_helpers" in f.filename]
    assert 1 <= len(ours) <= frames, f"{len(ours)} frames of ours"
