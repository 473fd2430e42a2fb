"""RNN, LSTM, GRU and minimal GRU layers with one interface: whole sequences forward, and backward through time.

A `Stack` combines layers in depth and side by side; a `Reversed` layer runs each sequence from its end to its start.
"""

from lstm_helpers.layers._trace import Gradients, Trace
from lstm_helpers.layers.gru import GRU
from lstm_helpers.layers.lstm import LSTM
from lstm_helpers.layers.min_gru import MinGRU
from lstm_helpers.layers.rnn import RNN
from lstm_helpers.layers.stack import Reversed, Stack, StackGradients, StackTrace

__all__ = ["GRU", "LSTM", "RNN", "Gradients", "MinGRU", "Reversed", "Stack", "StackGradients", "StackTrace", "Trace"]
