"""Random types of numbers, as hls4ml's configuration writes them."""

from numpy.random import Generator

ROUNDING = ('AP_TRN', 'AP_TRN_ZERO', 'AP_RND', 'AP_RND_ZERO', 'AP_RND_INF', 'AP_RND_MIN_INF', 'AP_RND_CONV')
SATURATION = ('AP_WRAP', 'AP_SAT', 'AP_SAT_ZERO', 'AP_SAT_SYM')


def random_type(rng: Generator, low: int = 3, high: int = 20) -> str:
    """Fixed-point or integer type of `low` to `high` bits: half of them signed with hls4ml's default modes."""
    width = int(rng.integers(low, high + 1))
    if rng.random() < 0.15:
        return f'{rng.choice(["ap_int", "ap_uint"])}<{width}>'
    integer = int(rng.integers(max(-1, width // 4 - 1), width + 2)) if rng.random() < 0.2 else width // 2
    head = f'{"ap_ufixed" if rng.random() < 0.15 else "ap_fixed"}<{width},{integer}'
    modes = rng.random()
    if modes < 0.5:
        return f'{head}>'
    rounding = rng.choice(ROUNDING)
    return f'{head},{rounding}>' if modes < 0.7 else f'{head},{rounding},{rng.choice(SATURATION)}>'


def layer_types(rng: Generator) -> dict[str, str]:
    """Types of one layer with a kernel; what is absent is left to the model's default."""
    found = {
        'weight': random_type(rng, 2, 18),
        'bias': random_type(rng, 2, 18),
        'accum': 'auto' if rng.random() < 0.3 else random_type(rng, 6, 34),
        'result': 'auto' if rng.random() < 0.2 else random_type(rng, 4, 24),
    }
    return {name: kind for name, kind in found.items() if rng.random() < 0.8}
