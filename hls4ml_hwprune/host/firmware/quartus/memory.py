"""Memory of kept weights for Intel HLS: banks of the slots that there are."""

import re

_BANKS = re.compile(r'hls_numbanks\(\d+\)')


def with_kept_banks(text: str, n_slots: int) -> str:
    """Let a header of weights ask for a bank for two kept slots, as hls4ml's writer does for all slots of a layer.

    A bank takes block RAM of its own, so that banks without weights would cost as much as those with.
    """
    banks = max(1, (1 << (n_slots - 1).bit_length()) // 2)
    return _BANKS.sub(f'hls_numbanks({banks})', text)
