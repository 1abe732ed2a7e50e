"""Legal reuse factors of kernels."""

from hls4ml_hwprune.records import Kernel


def legal_reuse_factors(n_in: int, n_out: int) -> list[int]:
    """Reuse factors that hls4ml allows a Resource kernel of `n_in` inputs and `n_out` outputs, ascending.

    Divisors of n_in, and multiples of n_in that divide all weights: slots then serve one output each, or whole outputs.
    hls4ml finds the same ones by trying all numbers (`FPGABackend.get_valid_reuse_factors`).
    """
    within = _divisors(n_in)
    return within + [n_in * outputs for outputs in _divisors(n_out)[1:]]


def kernel_reuse_factors(kernel: Kernel) -> list[int]:
    """Reuse factors of a kernel once slots are pruned, ascending.

    As `legal_reuse_factors`; for a kernel with separate inputs for each output, the divisors of an output's weights.
    """
    if kernel.per_channel:
        return _divisors(kernel.n_in // kernel.n_out)
    return legal_reuse_factors(kernel.n_in, kernel.n_out)


def _divisors(number: int) -> list[int]:
    small = [d for d in range(1, int(number**0.5) + 1) if number % d == 0]
    return sorted({*small, *(number // d for d in small)})
