"""Benchmarks: each module prints its figure last and compares with a baseline in the same run."""
