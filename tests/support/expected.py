"""Numbers that a panel should show, computed without the package."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def two(value):
    """A number as a picture writes it, with two decimals and a real minus sign."""
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")
