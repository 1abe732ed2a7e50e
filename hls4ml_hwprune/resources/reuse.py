"""Reuse factors."""


def legal_reuse_factors(n_in: int, n_out: int) -> list[int]:
    """Reuse factors that hls4ml allows a Resource kernel of `n_in` inputs and `n_out` outputs, ascending.

    Divisors of n_in, and multiples of n_in that divide all weights: slots then serve one output each, or whole outputs.
    hls4ml finds the same ones by trying all numbers (`FPGABackend.get_valid_reuse_factors`).
    """
    within = _divisors(n_in)
    return within + [n_in * outputs for outputs in _divisors(n_out)[1:]]


def _divisors(number: int) -> list[int]:
    small = [d for d in range(1, int(number**0.5) + 1) if number % d == 0]
    return sorted({*small, *(number // d for d in small)})
