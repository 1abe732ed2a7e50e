"""`hwprune parts`: known parts and their resources."""

import click

from hls4ml_hwprune.cli.options import json_option
from hls4ml_hwprune.cli.output import show
from hls4ml_hwprune.devices import known_devices, lookup
from hls4ml_hwprune.errors import DeviceError
from hls4ml_hwprune.resources.vector import TITLES
from hls4ml_hwprune.tables import Row, layout


@click.command()
@click.argument('name', required=False)
@json_option
def parts(name: str | None, as_json: bool) -> None:
    """List parts and their resources.

    NAME is a part, a device, a board, or some letters of a device or family.
    """
    devices = sorted(known_devices())
    if name is not None:
        some = [one for one in devices if name.lower() in one.name or name.lower() in one.family.lower()]
        try:
            devices = [lookup(name)]
        except DeviceError:
            if not some:
                raise
            devices = some
    rows = [Row(one.name, [one.family, *(f'{getattr(one, name):,}' for name in TITLES)]) for one in devices]
    text = '\n'.join(layout(['family', *TITLES.values()], rows))
    show(text, [vars(one) for one in devices], as_json=as_json)
