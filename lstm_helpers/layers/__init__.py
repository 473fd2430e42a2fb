"""RNN, LSTM and GRU over whole sequences, forward and back through time, with one interface."""

from lstm_helpers.layers.lstm import LSTM

__all__ = ["LSTM"]
