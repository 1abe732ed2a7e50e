"""FPGA devices: resources of each, found by part name or by board, or given by hand."""

from hls4ml_hwprune.devices.custom import DEVICE_KEYS, device_from_numbers
from hls4ml_hwprune.devices.table import Device, known_devices, lookup

__all__ = ['DEVICE_KEYS', 'Device', 'device_from_numbers', 'known_devices', 'lookup']
