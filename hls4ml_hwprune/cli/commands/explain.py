"""`hwprune explain`: zeros that save nothing, reuse factors, limits of tools, fit, types, lost answers."""

from collections.abc import Sequence
from typing import Any

import click

from hls4ml_hwprune.cli.completion import file_names
from hls4ml_hwprune.cli.conversion import configured, convert, without_pruning
from hls4ml_hwprune.cli.options import json_option, project_options
from hls4ml_hwprune.cli.output import show
from hls4ml_hwprune.explain.finding import TOPICS, Finding
from hls4ml_hwprune.tables import wrapped
from hls4ml_hwprune.temporary import temporary_folder


@click.command()
@project_options
@click.option(
    '--samples',
    metavar='FILE',
    shell_complete=file_names,
    help='Inputs (.npy, .npz) on which firmware and network are compared; Keras alone.',
)
@json_option
def explain(samples: str | None, as_json: bool, **options: Any) -> None:
    """Tell why a design is large, slow or wrong, and what to change.

    Pruning of this package that the configuration names is left out.
    """
    from hls4ml_hwprune.cli.tracing import traces
    from hls4ml_hwprune.explain.answers import explain_answers
    from hls4ml_hwprune.explain.design import explain as explained

    project, network = configured(options, strict=False)
    without_pruning(project)
    with temporary_folder() as folder:
        model = convert(project, network, folder)
        found = explained(model)
        if samples is not None:
            found += explain_answers(*traces(model, project, network, samples))
    show(_text(found), [one.as_dict() for one in found], as_json=as_json)


def _text(found: Sequence[Finding]) -> str:
    lines: list[str] = []
    for topic, title in TOPICS.items():
        of_topic = [one for one in found if one.topic == topic]
        lines += [title, *(line for one in of_topic for line in _lines(one)), ''] if of_topic else []
    troubles = sum(one.is_trouble for one in found)
    return '\n'.join([*lines, f'{troubles} of {len(found)} findings have something to mend (marked !)'])


def _lines(one: Finding) -> list[str]:
    where = f'{one.layer}: ' if one.layer else ''
    head = wrapped(f'{"!" if one.is_trouble else " "} {where}{one.text}')
    return [*head, *wrapped(f'-> {one.cure}', '    ')] if one.cure else head
