"""Generated signatures and docstrings of functions whose keyword arguments are options."""

import inspect
import re
from collections.abc import Callable, Collection
from textwrap import wrap
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from hls4ml_hwprune.config.option import Option

_Function = TypeVar('_Function', bound=Callable[..., Any])
_WIDTH = 100
_MODULES = re.compile(r'\b(?:[a-z_]\w*\.)+(?=[A-Z])')
_PLACE = re.compile(r'    \*\*options\n(?:        .*\n)+')


def with_keywords(options: Collection[Option]) -> Callable[[_Function], _Function]:
    """Give a function of `**options` a signature and a docstring with each option, for `help` and notebooks."""

    def decorate(function: _Function) -> _Function:
        signature = inspect.signature(function)
        own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
        kind = inspect.Parameter.KEYWORD_ONLY
        named = [inspect.Parameter(one.keyword, kind, default=one.default, annotation=one.type) for one in options]
        function.__signature__ = signature.replace(parameters=[*own, *named])  # type: ignore[attr-defined]
        # Python drops docstrings under -OO.
        function.__doc__ = _PLACE.sub(lambda _: parameters_text(options), function.__doc__ or '')
        return function

    return decorate


def parameters_text(options: Collection[Option]) -> str:
    """Return the entries of `options` for a numpy docstring."""
    lines = []
    for one in options:
        default = 'optional' if one.default is None else f'default {one.default!r}'
        lines.append(f'    {one.keyword} : {type_text(one.type).removesuffix(" | None")}, {default}\n')
        text = f'{one.help} Allowed: {one.range}.'
        lines += [f'{line}\n' for line in wrap(text, _WIDTH, initial_indent=' ' * 8, subsequent_indent=' ' * 8)]
    return ''.join(lines)


def type_text(annotation: Any) -> str:
    """Return a type as it is written in code, without the names of modules."""
    if get_origin(annotation) in (Union, UnionType):
        return ' | '.join('None' if one is NoneType else type_text(one) for one in get_args(annotation))
    return _MODULES.sub('', annotation.__name__ if type(annotation) is type else str(annotation))
