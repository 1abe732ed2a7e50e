"""Permutation search: an order of inputs under which slots are worth most."""
