"""A matrix with named parts: the weights of a layer or a readout, or their gradients."""

import numpy as np

from lstm_helpers._arguments import must_be, real_array, refuse, short_traceback


class Named:
    """A matrix `W` with named parts, which are views of it: `layer.b_f = 1` writes into W.

    Args:
        W: the matrix.
        parts: name -> (rows, columns) of W.
        **attributes: any other attributes. After this, only W and its parts can be assigned.
    """

    def __init__(self, W, parts, **attributes):
        for name, value in {"W": W, "parts": parts, **attributes}.items():
            object.__setattr__(self, name, value)

    def __getattr__(self, name):  # called only for names that are not attributes
        parts = vars(self).get("parts", {})
        if name not in parts:
            raise AttributeError(f"{type(self).__name__} has no {name}; its weights are {', '.join(parts)}")
        return self.W[parts[name]]

    def __setattr__(self, name, value):
        if name != "W" and name not in self.parts:
            raise AttributeError(f"{type(self).__name__} has no {name} to write to, only {', '.join(self.parts)}")
        self._write(name, value)

    @short_traceback
    def _write(self, name, value):
        part = getattr(self, name)
        if value is not part:  # `layer.W -= ...` assigns W to itself
            value = real_array(name, value, dtype=part.dtype)
            if value.shape not in ((), part.shape):
                refuse(ValueError, f"{name} must have shape {part.shape}, got shape {value.shape}")
            part[...] = value

    def __dir__(self):
        return [*super().__dir__(), *self.parts]


def float_dtype(dtype):
    """`dtype` as a NumPy dtype, float32 or float64, or a refusal. (NumPy would read None as float64.)"""
    known = isinstance(dtype, (str, type, np.dtype)) and dtype in (np.float32, np.float64, "float32", "float64")
    return np.dtype(must_be("dtype", dtype, "float32 or float64", known))
