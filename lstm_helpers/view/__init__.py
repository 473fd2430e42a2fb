"""Pictures: arrays in, pictures out. Nothing here knows the mathematics of an LSTM."""
