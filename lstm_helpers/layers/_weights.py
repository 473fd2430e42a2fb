"""The weights of a layer: one matrix with named parts, their sizes and initial values."""

import numpy as np

from lstm_helpers._arguments import brief, generator, real_array, refuse, short_traceback, whole_number


class Named:
    """One matrix `W` with named parts. A part is a view: writing to it changes W, and `layer.b_f = 1` writes.

    Args:
        W: the matrix.
        parts: name -> (rows, columns) of W.
        **attributes: any other attributes. Later, only weights can be assigned.
    """

    def __init__(self, W, parts, **attributes):
        for name, value in {"W": W, "parts": parts, **attributes}.items():
            object.__setattr__(self, name, value)

    def __getattr__(self, name):  # called for what is not an attribute
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
        if value is not part:  # it is after `layer.W -= ...`
            value = real_array(name, value, dtype=part.dtype)
            if value.shape not in ((), part.shape):
                refuse(ValueError, f"{name} must have shape {part.shape}, got shape {value.shape}")
            part[...] = value

    def __dir__(self):
        return [*super().__dir__(), *self.parts]


def sizes(input_size, hidden_size, dtype):
    """The arguments common to all layers, or a refusal."""
    dtype = float_dtype(dtype)
    return whole_number("input_size", input_size, 1), whole_number("hidden_size", hidden_size, 1), dtype


def float_dtype(dtype):
    """float32 or float64 as a dtype, or a refusal. (NumPy reads None as float64.)"""
    known = isinstance(dtype, (str, type, np.dtype)) and dtype in (np.float32, np.float64, "float32", "float64")
    if not known:
        refuse(TypeError, f"dtype must be float32 or float64, got {brief(dtype)}")
    return np.dtype(dtype)


def fill_weights(layer, rng):
    """Random weights: orthogonal on h_prev (Saxe et al. 2014), uniform on x (Glorot & Bengio 2010)."""
    generator(rng)
    H, D = layer.hidden_size, layer.input_size
    for W in (getattr(layer, name) for name in layer.parts if name.startswith("W_")):
        q, r = np.linalg.qr(rng.normal(size=(H, H)))
        W[:, :H] = q * np.sign(np.diag(r))  # without the signs QR favors some rotations over others
        W[:, H:] = rng.uniform(-1, 1, (H, D)) * np.sqrt(6 / (D + H))
    return layer
