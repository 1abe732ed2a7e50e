"""Device table and its lookup by part, device or board.

`parts.csv` has one row a device. Its `source` column names the source of the numbers: rows that name a report hold the
"Available" line that Vivado or its HLS printed for the device (and agree with the table named after it); the other rows
were found in tables or notes alone. Flip-flops of Versal are two a LUT (AMD UG1273: 64 and 32 a CLB). `boards.csv` maps
boards to their devices.
"""

import csv
import difflib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from hls4ml_hwprune.errors import DeviceError
from hls4ml_hwprune.quoting import shown

# Commercial, automotive, defence and radiation-tolerant grades of a device share its silicon.
_GRADE = re.compile(r'x(?:c|a|qr?)(?=[a-z0-9])')
# Package and grades, with or without a separator after the device: "clg400-1", "-flga2577-2-e", "-civ-ffva1156-2-i".
_TAIL = re.compile(r'(?:-?[a-z]{2,4}\d{3,4})?(?:-[a-z0-9]+)*')
# 7 series alone put the low-power letter into the device name: "xc7a35ti-csg324-1L".
_TAIL_7_SERIES = re.compile(r'[il]?' + _TAIL.pattern)
_PACKAGE = re.compile(r'(?<=.)[a-z]{3,4}\d{3,4}$')
_BY_HAND = 'or give its numbers by hand: `Device: {DSP: ..., BRAM18: ..., LUT: ..., FF: ...}`'
_SUGGESTIONS = 4
# More letters than any part has.
_LONGEST = 100


@dataclass(frozen=True, order=True)
class Device:
    """Resources of one FPGA device, whatever its package and grades.

    Attributes
    ----------
    name : str
        Device name in Vivado's spelling, e.g. ``xcvu13p``.
    family : str
        Product family, e.g. ``Virtex UltraScale+``.
    dsp : int
        DSP slices; of Versal DSP58 blocks, which multiply 27 x 24 bits.
    bram18 : int
        Block RAMs of 18 Kb: two for each of the 36 Kb tiles that Vivado counts.
    uram : int
        UltraRAM blocks.
    lut : int
        Look-up tables.
    ff : int
        Flip-flops.
    source : str
        Source of the numbers.
    """

    name: str
    family: str
    dsp: int
    bram18: int
    uram: int
    lut: int
    ff: int
    source: str


def lookup(part: str) -> Device:
    """Find the device of a part or board.

    Package, speed and temperature grade, case and separators are ignored, but a device's own name has to be complete:
    ``xczu9`` is not taken for ``xczu9eg``.

    Parameters
    ----------
    part : str
        Part (``xc7z020clg400-1``, ``xcvu13p-flga2577-2-e``), device (``xczu9eg``) or board (``pynq-z2``).

    Returns
    -------
    Device

    Raises
    ------
    DeviceError
        If no part, device or board of that name is known.
    """
    if not isinstance(part, str) or not part.strip():
        raise DeviceError(f'Expected the name of an FPGA part or board, got {shown(part)}; name one, {_BY_HAND}')
    text = re.sub(r'[^a-z0-9]+', '-', part.lower()).strip('-')
    device = _boards().get(text.replace('-', '')) or _device_of_part(text)
    if device is None:
        raise DeviceError(
            f'Unknown FPGA part {shown(part)}: name a known one (nearest: {", ".join(_nearest(text))}), {_BY_HAND}'
        )
    return device


@cache
def known_devices() -> tuple[Device, ...]:
    """All devices of the table, sorted by name."""
    return tuple(
        sorted(
            Device(
                name=row['device'],
                family=row['family'],
                dsp=int(row['dsp']),
                bram18=int(row['bram18']),
                uram=int(row['uram']),
                lut=int(row['lut']),
                ff=int(row['ff']),
                source=row['source'],
            )
            for row in _read('parts.csv')
        )
    )


@cache
def _boards() -> dict[str, Device]:
    """Devices by board alias, the alias without separators."""
    by_name = {device.name: device for device in known_devices()}
    return {row['alias'].replace('-', ''): by_name[row['part']] for row in _read('boards.csv')}


def _read(name: str) -> list[dict[str, str]]:
    text = files('hls4ml_hwprune.devices').joinpath(name).read_text(encoding='utf-8')
    return list(csv.DictReader(text.splitlines()))


def _device_of_part(text: str) -> Device | None:
    body = _GRADE.sub('', text, count=1) if _GRADE.match(text) else text
    for device in known_devices():
        silicon = device.name.removeprefix('xc')
        tail = _TAIL_7_SERIES if silicon.startswith('7') else _TAIL
        if body.startswith(silicon) and tail.fullmatch(body, len(silicon)):
            return device
    return None


def _nearest(text: str) -> list[str]:
    names, text = [device.name for device in known_devices()], text[:_LONGEST]
    if not _GRADE.match(text):
        # Not a full part name: perhaps a board.
        return difflib.get_close_matches(text, names + [row['alias'] for row in _read('boards.csv')], _SUGGESTIONS, cutoff=0)
    stem = _PACKAGE.sub('', text.partition('-')[0])
    return difflib.get_close_matches('xc' + _GRADE.sub('', stem, count=1), names, _SUGGESTIONS, cutoff=0)
