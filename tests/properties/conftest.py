"""Hypothesis draws the same examples on every machine, and no clock decides anything."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    'same_everywhere', derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile('same_everywhere')
