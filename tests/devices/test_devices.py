"""The device table: sane rows, every spelling of a part, and names that must not resolve."""

import csv
import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from hls4ml_hwprune import devices
from hls4ml_hwprune.devices import Device, known_devices, lookup
from hls4ml_hwprune.errors import DeviceError

ROOM = Path(devices.__file__).parent
SYNTHESIS = Path(__file__).parents[3] / 'shared/data/synthesis/synthesis.csv'

# Spellings and boards of a device, separated by semicolons.
SPELLINGS = {
    'xcvu13p': 'xcvu13p-flga2577-2-e; XCVU13P-FLGA2577-2-E; XCVU13P FLGA2577 -2 E; xcvu13p_flga2577_2_e; vu13p',
    'xcvu33p': 'xcvu33p-fsvh2104-2-e',
    'xcvu9p': 'xcvu9pflga2104-2L; vcu118; vcu1525',
    'xc7z020': 'xc7z020; xc7z020clg400-1; 7z020clg400-1; xc7z020iclg400-1L; pynq-z2; PYNQ Z1; zedboard; zc702',
    'xc7z007s': 'xc7z007sclg225-1; xc7z007s-clg225-2; minized',
    'xc7z045': 'xa7z045ffg900-1Q; xq7z045-rf900-1I; zc706',
    'xc7k325t': 'xc7k325tffg900-2; xq7k325trf900-1I; kc705; genesys2',
    'xc7k410t': 'xc7k410tiffg900-2L',
    'xc7a35t': 'xc7a35ticsg324-1L; xc7a35ti-csg324-1L; xc7a35tcpg236-1; arty-a7-35; basys3',
    'xc7a100t': 'xc7a100tcsg324-1; xc7a100t-fgg676-2L; arty-a7-100',
    'xc7vx690t': 'xc7vx690tffg1927-2; 7vx690tffg1761-2; vc709',
    'xcku040': 'xcku040ffva1156-2; kcu105',
    'xcku060': 'xcku060_CIV-ffva1156-2-e; xqrku060-cna1509-1-m',
    'xcku115': 'xcku115-flvb2104-2-i; kcu1500',
    'xczu3eg': 'xazu3eg-sfva625-1-i; ultra96; ultra96v2',
    'xczu7ev': 'xczu7ev-ffvc1156-2-e; ZCU104; zcu106',
    'xczu9eg': 'xczu9eg-ffvb1156-2-e; xczu9egffvb1156-2; xqzu9eg-ffrb1156-1-i; zcu102',
    'xczu28dr': 'xczu28dr-ffvg1517-2-e; zcu111; rfsoc2x2',
    'xczu48dr': 'xczu48dr-ffvg1517-2-e; zcu208; rfsoc4x2',
    'xczu49dr': 'xczu49dr-ffvf1760-2-e; zcu216',
    'xcu250': 'xcu250-figd2104-2L-e; xcu250figd2104-2L; alveo_u250',
    'xcu50': 'xcu50-fsvh2104-2-e; xcu50fsvh2104-2L; alveo-u50',
    'xcu55c': 'xcu55c-fsvh2892-2L-e; u55c; alveo-u55c',
    'xck26': 'xck26-sfvc784-2LV-c; kv260; kria-k26',
    'xcvc1902': 'xcvc1902-vsva2197-2MP-e-S; XCVC1902-VSVA2197-2MP-E-S-ES1; vck190; VCK-190',
    'xcvm1802': 'xcvm1802-vsvd1760-2MP-e-S; vmk180',
    'xcve2802': 'xcve2802-vsvh1760-2MP-e-S; vek280; xave2802-vsvh1760-1LP-i-L',
    'xcvh1582': 'xcvh1582-vsva3697-2MP-e-S-es1; vhk158',
    'xcvp1202': 'xcvp1202-vsva2785-2MHP-e-S; vpk120; xqvp1202-vsra2785-1LHP-i-S',
    'xcvp1802': 'xcvp1802-lsvc4072-2MP-e-S; vpk180',
}
# The "Available" line of Vivado or Vitis HLS reports: dsp, bram18, uram, lut, ff.
REPORTED = {
    'xc7z020': (220, 280, 0, 53200, 106400),
    'xc7vx690t': (3600, 2940, 0, 433200, 866400),
    'xcku035': (1700, 1080, 0, 203128, 406256),
    'xcvu13p': (12288, 5376, 1280, 1728000, 3456000),
    'xczu9eg': (2520, 1824, 0, 274080, 548160),
    'xcu50': (5952, 2688, 640, 871680, 1743360),
    'xcu55c': (9024, 4032, 960, 1303680, 2607360),
    'xcvc1902': (1968, 1934, 463, 899840, 1799680),
    'xcve2802': (1312, 1200, 264, 520704, 1041408),
}
UNKNOWN = """
xczu9 xczu9-ffvb1156-2-e xczu9ffvb1156-2-e xczu9egx xc7z01 xc7z0 xc7z0200 xc7a35 xcvu xcvu1 xcvu13pi-flga2577-2-e xcu xcu2
xcu2500 xc 7 pynq pynq-z3 alveo 10AX115H1F34E1SG part
"""


@pytest.mark.parametrize('device', known_devices(), ids=lambda device: device.name)
def test_rows_are_sane(device: Device) -> None:
    assert re.fullmatch(r'xc[a-z0-9]+', device.name)
    assert device.family and device.source
    assert min(device.dsp, device.bram18, device.lut, device.uram + 1) > 0
    assert device.bram18 % 2 == 0
    # All of these fabrics have two flip-flops a LUT; only UltraScale+ and Versal have UltraRAM.
    assert device.ff == 2 * device.lut
    assert device.uram == 0 or '+' in device.family or device.family.startswith(('Alveo', 'Kria', 'Versal'))


def test_table_is_sorted_and_has_no_duplicates() -> None:
    names = [device.name for device in known_devices()]
    assert names == sorted(set(names))
    assert known_devices() is known_devices()


@pytest.mark.parametrize(('name', 'spellings'), SPELLINGS.items())
def test_spellings_and_boards(name: str, spellings: str) -> None:
    for part in spellings.split(';'):
        assert lookup(part).name == name


@pytest.mark.parametrize(('name', 'numbers'), REPORTED.items())
def test_numbers_are_those_of_reports(name: str, numbers: tuple[int, ...]) -> None:
    device = lookup(name)
    assert (device.dsp, device.bram18, device.uram, device.lut, device.ff) == numbers


def test_no_device_is_taken_for_another() -> None:
    tails = ['', '-ffvb1156-2-e', 'ffvb1156-2', 'clg400-1', 'rf900-1I']
    for device in known_devices():
        assert {lookup(prefix + device.name[2:] + tail) for prefix in ('xc', 'xa', 'xq', '') for tail in tails} == {device}


def test_every_board_alias_resolves_and_hides_no_device() -> None:
    with (ROOM / 'boards.csv').open() as stream:
        boards = list(csv.DictReader(stream))
    names = {device.name for device in known_devices()}
    assert len({row['alias'].replace('-', '') for row in boards}) == len(boards)
    for row in boards:
        assert lookup(row['alias']).name == row['part']
        assert 'xc' + row['alias'] not in names


@pytest.mark.parametrize('part', UNKNOWN.split())
def test_unknown_parts_name_near_ones(part: str) -> None:
    with pytest.raises(DeviceError, match=r'`Device: \{DSP: \.\.\., BRAM18: \.\.\., LUT: \.\.\., FF: \.\.\.\}`') as error:
        lookup(part)
    assert repr(part) in str(error.value)
    assert 3 <= len(re.split(r'nearest: |\)', str(error.value))[1].split(', ')) <= 5


NEAR = {'xczu9-ffvb1156-2-e': 'xczu9eg', 'xc7z01clg400-1': 'xc7z010', 'xa7a35': 'xc7a35t', 'pynq-z3': 'pynq-z2'}


@pytest.mark.parametrize(('part', 'near'), NEAR.items())
def test_nearest_are_near(part: str, near: str) -> None:
    with pytest.raises(DeviceError, match=rf'\b{near}\b'):
        lookup(part)


@pytest.mark.parametrize('part', ['', '  ', '--', None, 7020, ['xc7z020']])
def test_empty_and_other_types(part: object) -> None:
    with pytest.raises(DeviceError, match='by hand'):
        lookup(part)  # type: ignore[arg-type]


def test_hls4ml_boards_and_default_part() -> None:
    # Found without importing hls4ml, which would load its backends.
    spec = find_spec('hls4ml')
    if spec is None or spec.origin is None:
        pytest.skip('hls4ml is not installed')
    path = Path(spec.origin).parent / 'backends/vivado_accelerator/supported_boards.json'
    boards = json.loads(path.read_text())
    assert boards
    for board, entry in boards.items():
        assert lookup(board).name == lookup(entry['part']).name
    assert lookup('xcvu13p-flga2577-2-e').dsp == 12288


@pytest.mark.skipif(not SYNTHESIS.is_file(), reason='the collected synthesis reports are not in this checkout')
def test_parts_of_collected_reports() -> None:
    with SYNTHESIS.open() as stream:
        parts = {row['part'] for row in csv.DictReader(stream)} - {''}
    assert parts
    for part in sorted(parts):
        assert lookup(part).name[2:] in part
