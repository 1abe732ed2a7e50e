"""Statistics of a kernel, for the measures that need calibration data."""

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.records import Kernel, KernelStatistics


def statistics_of(kernel: Kernel) -> KernelStatistics:
    """Statistics of a kernel.

    Raises
    ------
    ConfigError
        If the kernel has no statistics.
    """
    if kernel.statistics is None:
        raise ConfigError(f'Importance: the measure for layer {kernel.layer!r} needs Calibration data')
    return kernel.statistics
