"""Recalled trainings come from a file only if it began in the same way; otherwise they run, with a message."""

import numpy as np
import pytest

from lstm_helpers.runs import recall, recalled
from lstm_helpers.runs import run as files
from lstm_helpers.training.storage import write

BEGIN = [np.array([1.0, 2.0]), ((50, 0.015), (20, 0.005)), 3]
SAID = "a-b.npz is missing or was made from other numbers, so the training runs now.\n"


class Training:
    """A training that counts how often it ran."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1
        return {"loss": [1 / 3, self.times], "W": np.eye(2)}


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """A training that is recorded as "a b" in a temporary folder."""
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    train = Training()
    with monkeypatch.context() as during:
        during.setattr(recalled, "RECORDING", True)
        recall("a b", BEGIN, train)
    assert [path.name for path in tmp_path.iterdir()] == ["a-b.npz"] and train.times == 1
    return train


def test_a_recording_is_recalled_without_training(recorded, capsys):
    found = recall("a b", BEGIN, recorded)
    assert recorded.times == 1 and capsys.readouterr().err == ""
    assert list(found) == ["loss", "W"] and {array.dtype for array in found.values()} == {np.dtype(np.float16)}
    np.testing.assert_array_equal(found["loss"], np.float16([1 / 3, 1]))


@pytest.mark.parametrize(
    "begins_with",
    [
        [np.array([1.0, 2.01]), *BEGIN[1:]],
        [np.array([[1.0, 2.0]]), *BEGIN[1:]],
        [BEGIN[0], ((50, 0.015), (30, 0.005)), 3],
        [*BEGIN[:2], 4],
        BEGIN[:2],
    ],
)
def test_a_different_beginning_is_trained_with_a_message(begins_with, recorded, capsys):
    again = recall("a b", begins_with, recorded)
    assert recorded.times == 2 and capsys.readouterr().err == SAID
    np.testing.assert_array_equal(again["loss"], np.float16([1 / 3, 2]))
    recall("a b", BEGIN, recorded)
    assert recorded.times == 2  # the file is as it was


def test_a_difference_in_rounding_does_not_count(recorded, capsys):
    recall("a b", [BEGIN[0] * (1 + 1e-15), *BEGIN[1:]], recorded)
    assert recorded.times == 1 and capsys.readouterr().err == ""


@pytest.mark.parametrize("content", [None, b"", b"half", "nan"])
def test_a_missing_or_damaged_file_is_trained_again(content, recorded, tmp_path, capsys):
    path = tmp_path / "a-b.npz"
    whole = path.read_bytes()
    path.unlink()
    if content == "nan":
        write(path, recalled._fingerprint(BEGIN), {"loss": np.float16([np.nan])})
    elif content is not None:
        path.write_bytes(whole[: len(whole) // 2] if content == b"half" else content)
    recorded.times = 1
    found = recall("a b", BEGIN, recorded)
    assert recorded.times == 2 and capsys.readouterr().err == SAID
    np.testing.assert_array_equal(found["W"], np.eye(2))


def test_unusable_results_are_refused():
    with pytest.raises(ValueError, match=r"train\(\)\['loss'\] must be finite"):
        recall("no such", [1.0], lambda: {"loss": [np.nan]})
    with pytest.raises(ValueError, match=r"train\(\)\['loss'\] must be finite in float16, got 1000000.0 at index 0"):
        recall("no such", [1.0], lambda: {"loss": [1e6]})
    with pytest.raises(TypeError, match=r"train\(\) must be a mapping"):
        recall("no such", [1.0], lambda: [1.0])
