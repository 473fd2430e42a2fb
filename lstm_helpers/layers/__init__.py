"""RNN, LSTM, GRU and minimal GRU over whole sequences, forward and back through time, with one interface."""

from lstm_helpers.layers._trace import Gradients, Trace
from lstm_helpers.layers.gru import GRU
from lstm_helpers.layers.lstm import LSTM
from lstm_helpers.layers.min_gru import MinGRU
from lstm_helpers.layers.rnn import RNN

__all__ = ["GRU", "LSTM", "RNN", "Gradients", "MinGRU", "Trace"]
