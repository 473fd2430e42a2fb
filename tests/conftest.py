import os
import signal
import sys

import numpy as np
import pytest

from tests.support.lab import browser_path, chromium

# With this package, jsonschema (loaded by nbformat) builds a grammar for internationalized URLs: seconds per process,
# for a check that no notebook needs.
sys.modules.setdefault("rfc3987_syntax", None)
os.environ.setdefault("KERAS_BACKEND", "torch")  # before anything imports Keras; PyTorch is among the peers already


@pytest.fixture
def rng():
    return np.random.default_rng(20261122)


@pytest.fixture
def interruptible():
    """Deliver interrupts as in a kernel, even if the tests run in the background, where the shell disables them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def keras():
    """Keras on PyTorch; tests that need it are skipped if either is missing."""
    pytest.importorskip("torch")
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "torch":
        pytest.skip(f"Keras computes with {keras.backend.backend()} here, not with PyTorch")
    return keras


@pytest.fixture(scope="session")
def browser():
    if browser_path() is None:
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail("BROWSER_TESTS=required, but there is no Chromium")
        pytest.skip("there is no Chromium for the browser tests")
    with chromium() as browser:
        yield browser
