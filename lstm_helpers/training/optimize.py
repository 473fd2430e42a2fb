"""Adam, and gradient clipping."""

import numpy as np

from lstm_helpers._arguments import above_0, brief, real_array, real_number, refuse, short_traceback


class Adam:
    """Adam: each weight moves by about the learning rate, whatever the size of its gradient.

        m = beta_1 m + (1 - beta_1) dW                 m_hat = m / (1 - beta_1^k)
        v = beta_2 v + (1 - beta_2) dW^2               v_hat = v / (1 - beta_2^k)
        W = (1 - learning_rate * weight_decay) W - learning_rate * m_hat / (sqrt(v_hat) + epsilon)    at the k-th step

    Args:
        learning_rate: above 0.
        beta_1, beta_2: from 0 up to but not 1; the larger, the more slowly the two averages change.
        epsilon: 0 or above; it prevents jumps of weights that rarely get a gradient.
        weight_decay: 0 or above; the strength of the pull of every weight toward 0, regardless of its gradient.

    Sources: Kingma & Ba (2015), "Adam: A Method for Stochastic Optimization"; Loshchilov & Hutter (2019), "Decoupled
    Weight Decay Regularization".
    """

    @short_traceback
    def __init__(self, learning_rate=0.001, *, beta_1=0.9, beta_2=0.999, epsilon=1e-8, weight_decay=0.0):
        self.learning_rate = above_0("learning_rate", learning_rate)
        self.beta_1, self.beta_2 = _decay("beta_1", beta_1), _decay("beta_2", beta_2)
        self.epsilon = real_number("epsilon", epsilon, "0 or above", lambda epsilon: epsilon >= 0)
        self.weight_decay = real_number("weight_decay", weight_decay, "0 or above", lambda decay: decay >= 0)
        self._averages, self._count = None, 0  # for each weight matrix: m, v and a buffer

    @short_traceback
    def step(self, weights, gradients):
        """Move `weights`, a list of arrays, in place. `gradients` are arrays of the same shapes."""
        _arrays("weights", weights), _arrays("gradients", gradients)
        known = [averages[0] for averages in self._averages] if self._averages else weights
        for name, arrays, like in (("gradients", gradients, weights), ("weights", weights, known)):
            got, expected = (", ".join(str(array.shape) for array in listed) for listed in (arrays, like))
            if got != expected:
                refuse(ValueError, f"{name} must have the shapes {expected}, got {got}")
        if self._averages is None:
            self._averages = [tuple(np.zeros_like(w) for _ in range(3)) for w in weights]
        self._count += 1
        beta_1, beta_2 = self.beta_1, self.beta_2
        bias_1, bias_2 = 1 - beta_1**self._count, 1 - beta_2**self._count
        for w, dw, (m, v, buffer) in zip(weights, gradients, self._averages, strict=True):
            # m = beta_1 m + (1 - beta_1) dW
            np.multiply(dw, 1 - beta_1, buffer)
            m *= beta_1
            m += buffer
            # v = beta_2 v + (1 - beta_2) dW^2
            np.square(dw, buffer)
            buffer *= 1 - beta_2
            v *= beta_2
            v += buffer
            # W = (1 - learning_rate * weight_decay) W - learning_rate * m_hat / (sqrt(v_hat) + epsilon)
            np.sqrt(v, buffer)
            buffer *= 1 / np.sqrt(bias_2)
            buffer += self.epsilon
            np.divide(m, buffer, buffer)
            buffer *= self.learning_rate / bias_1
            w *= 1 - self.learning_rate * self.weight_decay
            w -= buffer


@short_traceback
def clip(gradients, limit):
    """Clip the norm of all gradients together to `limit`, in place, without changing their direction.

    `gradients` is a list of arrays; `limit` is above 0, or None to leave them unchanged. Returns the norm before
    clipping: the root of the sum of all squares.

    Source: Pascanu, Mikolov & Bengio (2013), "On the Difficulty of Training Recurrent Neural Networks".
    """
    _arrays("gradients", gradients)
    limit = clipping_norm("limit", limit)
    norm = float(np.sqrt(sum(np.vdot(dw, dw) for dw in gradients)))
    if limit is not None and limit < norm < np.inf:
        for dw in gradients:
            dw *= limit / norm
    return norm


def clipping_norm(name, limit):
    """The largest norm, above 0, or None. A limit of 0 would stop the training, and one below 0 reverse it."""
    return None if limit is None else above_0(name, limit, "above 0, or None for no clipping")


def _decay(name, beta):
    return real_number(name, beta, "from 0 up to but not 1", lambda beta: 0 <= beta < 1)


def _arrays(name, arrays):
    """Refuse anything but a list of arrays: only arrays can be changed in place."""
    if not isinstance(arrays, (list, tuple)) or not arrays:
        refuse(TypeError, f"{name} must be a list of arrays, got {brief(arrays)}")
    for array in arrays:
        if not isinstance(array, np.ndarray) or array.dtype not in (np.float32, np.float64):
            refuse(TypeError, f"{name} must be a list of arrays of float32 or float64, got {brief(array)} among them")
        if isinstance(array, np.ma.MaskedArray):
            real_array(name, array)
