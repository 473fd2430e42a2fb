"""RNN, LSTM, GRU and minimal GRU layers with one interface: whole sequences forward, and backward through time."""

from lstm_helpers.layers._trace import Gradients, Trace
from lstm_helpers.layers.gru import GRU
from lstm_helpers.layers.lstm import LSTM
from lstm_helpers.layers.min_gru import MinGRU
from lstm_helpers.layers.rnn import RNN

__all__ = ["GRU", "LSTM", "RNN", "Gradients", "MinGRU", "Trace"]
