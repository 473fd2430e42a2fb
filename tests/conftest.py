import os

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")  # before anything imports Keras; PyTorch is among the peers already


@pytest.fixture
def rng():
    return np.random.default_rng(20261122)


@pytest.fixture
def keras():
    """Keras on PyTorch; the tests that need it are skipped where one of them is missing."""
    pytest.importorskip("torch")
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "torch":
        pytest.skip(f"Keras computes with {keras.backend.backend()} here, not with PyTorch")
    return keras
