"""The file of notebook 14's model is intact, and any other file is refused with one error."""

import numpy as np
import pytest

from lstm_helpers.jupyter.cells import NotIntactError
from lstm_helpers.runs import calls, calls_state

SHIPPED = calls.FILE


def test_the_shipped_file_is_intact():
    state = calls_state()
    assert sum(array.size for array in state.values()) == 1429


def half(path):
    whole = SHIPPED.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def flipped(path):
    """Flip the bits of one byte in the middle."""
    whole = bytearray(SHIPPED.read_bytes())
    whole[len(whole) // 2] ^= 255
    path.write_bytes(whole)


def arrays(**changed):
    """A function that writes the file with some arrays changed, or left out if None."""

    def write(path):
        kept = {name: array for name, array in (calls_state_of(SHIPPED) | changed).items() if array is not None}
        np.savez(path, **kept)

    return write


def calls_state_of(path):
    with np.load(path) as arrays:
        return dict(arrays)


@pytest.mark.parametrize(
    "make",
    [
        lambda path: None,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("oid 1234\n"),
        lambda path: path.mkdir(),
        half,
        flipped,
        arrays(**{"readout.bias": None}),
        arrays(more=np.ones(2, np.float32)),
        arrays(**{"readout.bias": np.zeros(12, np.float32)}),
        arrays(**{"readout.bias": np.zeros(13)}),
        arrays(**{"readout.bias": np.full(13, np.nan, np.float32)}),
    ],
    ids=["missing", "empty", "text", "a folder", "half", "a byte", "one less", "one more", "shape", "dtype", "NaN"],
)
def test_any_other_file_is_refused_in_one_sentence(make, tmp_path, monkeypatch):
    make(tmp_path / "calls.npz")
    monkeypatch.setattr(calls, "FILE", tmp_path / "calls.npz")
    with pytest.raises(NotIntactError) as refused:
        calls_state()
    assert str(refused.value) == calls.MESSAGE and "lstm_helpers/runs/calls.npz" in calls.MESSAGE
