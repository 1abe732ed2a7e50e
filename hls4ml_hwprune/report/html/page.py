"""HTML page in one file: style, script and data are part of it, and nothing is loaded from elsewhere."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from hls4ml_hwprune.markup import Html, element, joined

# Nothing but the page itself may be loaded, even by a page that was tampered with.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
# A picture of no size, in place of the icon that browsers ask servers for.
_ICON = 'data:,'
_LEGEND = (('kept', 'kept'), ('pruned', 'pruned'), ('moved', 'moved to another code'))
_MARKED = (('same', 'same slot'), ('shared', 'same multiplexer'))


@dataclass(frozen=True)
class Section:
    """A part of the page: its title, its content, and a sentence below the title."""

    title: str
    content: Html
    note: str = ''


def page(title: str, facts: Sequence[str], sections: Sequence[Section], data: Mapping[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    title : str
    facts : sequence of str
        Sentences below the title.
    sections : sequence of Section
    data : mapping
        Plain data for the script.
    """
    names = [f'part{number}' for number in range(len(sections))]
    links = [element('a', part.title, href=f'#{name}') for part, name in zip(sections, names, strict=True)]
    switch = element('button', 'theme: system', type='button', id='theme', hidden=True)
    header = [element('h1', title), *(element('p', fact) for fact in facts), element('nav', *links, aria_label='parts')]
    parts = [_section(part, name) for part, name in zip(sections, names, strict=True)]
    body = [
        element('header', switch, *header),
        element('main', *parts),
        _dialog(),
        element('script', _json(data), type='application/json', id='data'),
        element('script', Html(_script())),
    ]
    document = element('html', _head(title), element('body', *body, class_='hwprune page'), lang='en')
    return f'<!DOCTYPE html>\n{document}\n'


def fragment(*content: str) -> str:
    """Return contents with their style, for the output of a notebook."""
    return element('div', element('style', Html(_asset('style.css'))), *content, class_='hwprune')


def paragraphs(sentences: Sequence[str]) -> Html:
    """Return a paragraph for each sentence."""
    return joined([element('p', sentence) for sentence in sentences])


def code(lines: str) -> Html:
    """Return lines of code, which the keyboard can scroll."""
    return element('pre', element('code', lines), tabindex='0', role='region', aria_label='code')


def _head(title: str) -> Html:
    metas = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><link rel="icon" href="{_ICON}">'
    return element('head', Html(metas + policy), element('title', title), element('style', Html(_asset('style.css'))))


def _section(part: Section, name: str) -> Html:
    note = [element('p', part.note, class_='soft')] if part.note else []
    return element('section', element('h2', part.title, id=f'{name}-title'), *note, part.content, id=name)


def _dialog() -> Html:
    """Return the window of a weight matrix, which the script fills."""
    views = [
        element('button', 'matrix', type='button', data_view='matrix', aria_pressed='true'),
        element('button', 'slots', type='button', data_view='slots', aria_pressed='false'),
        element('button', '-', type='button', data_zoom='0.5', aria_label='smaller'),
        element('button', '+', type='button', data_zoom='2', aria_label='larger'),
    ]
    head = [element('h2', '', id='kernel-title'), element('button', 'close', type='button', id='close')]
    legend = [_sample(*one) for one in (*_LEGEND, *_MARKED)]
    canvas = element('canvas', id='weights', tabindex='0', role='application', aria_describedby='help')
    content = [
        element('div', *head, class_='head'),
        element('p', '', id='kernel-text', class_='soft'),
        element('div', *views, class_='tools'),
        element('div', *legend, class_='legend'),
        element('div', canvas, class_='sheet'),
        element('p', '', id='cell', aria_live='polite'),
        element('p', 'Click a weight, or go there by the arrow keys; Escape closes.', id='help', class_='soft'),
    ]
    return element('dialog', *content, id='kernel', aria_labelledby='kernel-title')


def _sample(name: str, words: str) -> Html:
    return element('span', element('i', class_=name), words, data_legend=name)


def _json(data: Mapping[str, Any]) -> Html:
    """Return data as a script has them: nothing there can end the script."""
    text = json.dumps(data, separators=(',', ':'), allow_nan=False)
    return Html(text.replace('<', '\\u003c').replace('&', '\\u0026'))


def _script() -> str:
    """Return the scripts as one, with no names outside."""
    return f"(() => {{\n'use strict';\n{_asset('kernels.js')}{_asset('script.js')}}})();"


@cache
def _asset(name: str) -> str:
    return (files(__package__) / name).read_text('utf-8')
