"""Explanation of a design: findings about its size, its speed, its types and its answers, one question a file."""

from hls4ml_hwprune.explain.finding import Finding

__all__ = ['Finding']
