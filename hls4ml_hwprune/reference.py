"""Reference page of all options: `python -m hls4ml_hwprune.reference > docs/options.md`."""

from collections.abc import Collection, Iterator

from hls4ml_hwprune.config.option import Option
from hls4ml_hwprune.config.options import LAYER_OPTIONS, OPTIONS
from hls4ml_hwprune.config.signature import type_text
from hls4ml_hwprune.training.options import OPTIONS as TRAINING

_INTRODUCTION = """\
# Options

Written from their declarations by `python -m hls4ml_hwprune.reference > docs/options.md`.

## The model's block

Keys stand under `HLSConfig.Model.HWPrune`; keywords are those of `hls4ml_hwprune.enable`. Keys, resources and words may be
in any case.
"""
_OF_LAYERS = """
## Blocks of layers

Keys stand under `LayerName.<name>.HWPrune`, or under `LayerType.<class>.HWPrune` for all layers of a class. The name goes
before the class, and both go before the model.
"""
_OF_TRAINING = """
## Training

Fields of `hls4ml_hwprune.training.TrainingOptions`.
"""


def page() -> str:
    """Return the page, in Markdown."""
    header = ('key', 'keyword', 'type', 'default', 'allowed', 'scope', 'meaning')
    model = [(_code(one.key), *_common(one), 'model, layer' if one.layer else 'model', one.help) for one in OPTIONS]
    layers = [(_code(one.key), _code(_type(one)), one.range, one.help) for one in LAYER_OPTIONS]
    training = [(*_common(one), one.help) for one in TRAINING]
    return '\n'.join(
        [
            _INTRODUCTION,
            *_table(header, model),
            '',
            *_rules(),
            _OF_LAYERS,
            *_table(('key', 'type', 'allowed', 'meaning'), layers),
            _OF_TRAINING,
            *_table(('option', 'type', 'default', 'allowed', 'meaning'), training),
            '',
        ]
    )


def _common(one: Option) -> tuple[str, str, str, str]:
    """Return keyword, type, default and range of an option."""
    default = one.absent if one.default is None else 'none' if one.default == () else _code(one.default)
    return _code(one.keyword), _code(_type(one)), default, one.range


def _rules() -> Iterator[str]:
    """Yield a line for each rule on keys that stand beside one another."""
    yield f'- Goals, one of which a block should have: {_listed(one.key for one in OPTIONS if one.is_goal)}.'
    yield f'- Allowed beside `Plan`: {_listed(one.key for one in OPTIONS if one.beside_plan and one.key != "Plan")}.'
    for one in OPTIONS:
        for need in one.needs:
            values = f' {_listed(need.words, " or ")}' if need.words else ''
            yield f'- {_code(one.key)}{values} needs {_listed(need.keys, " or ")}.'
    for user in ('sweep', 'training'):
        yield f'- Not for {_code(user)}: {_listed(one.key for one in OPTIONS if user in one.not_for)}.'


def _type(one: Option) -> str:
    return type_text(one.type).removesuffix(' | None')


def _code(value: object) -> str:
    return f'`{value}`'


def _listed(names: Collection[str] | Iterator[str], between: str = ', ') -> str:
    return between.join(_code(name) for name in names)


def _table(header: Collection[str], rows: Collection[Collection[str]]) -> Iterator[str]:
    """Yield the lines of a table; bars within cells are escaped."""
    for row in (header, ['---'] * len(header), *rows):
        yield f'| {" | ".join(cell.replace("|", chr(92) + "|") for cell in row)} |'


if __name__ == '__main__':
    print(page(), end='')
