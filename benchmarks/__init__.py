"""Benchmarks. Most measure a ratio to something else in the same run; `python -m benchmarks` runs them."""
