"""Training: a layer and its readout, losses, Adam, the training loop, sampling, and models as files."""

from lstm_helpers.training.fit import DivergenceError, History, fit
from lstm_helpers.training.generate import generate
from lstm_helpers.training.losses import cross_entropy, softmax, squared_error
from lstm_helpers.training.model import Model, Readout
from lstm_helpers.training.optimize import Adam, clip
from lstm_helpers.training.storage import load, save

__all__ = [
    "Adam",
    "DivergenceError",
    "History",
    "Model",
    "Readout",
    "clip",
    "cross_entropy",
    "fit",
    "generate",
    "load",
    "save",
    "softmax",
    "squared_error",
]
