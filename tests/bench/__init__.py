"""Measurements, each a function named ``bench_…`` that returns ratios of one run."""
