"""How fast we are, always as a ratio to something else in the same run: `python -m benchmarks`."""
