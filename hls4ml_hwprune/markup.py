"""HTML as text: elements whose content is escaped, and tables, for reports and notebooks."""

from collections.abc import Sequence
from html import escape


class Html(str):
    """Text that is HTML already; any other text is escaped where it enters an element."""

    __slots__ = ()


def element(tag: str, *content: str, **attributes: str | float | bool | None) -> Html:
    """Return an element.

    Parameters
    ----------
    tag : str
    *content : str
        Texts, which are escaped, and elements.
    **attributes
        Attributes; underscores stand for hyphens, and one at the end is dropped (`class_`). None and False leave an
        attribute out, True gives it no value.
    """
    named = {name.rstrip('_').replace('_', '-'): value for name, value in attributes.items()}
    given = ''.join(_attribute(name, value) for name, value in named.items() if value is not None and value is not False)
    return Html(f'<{tag}{given}>{joined(content)}</{tag}>')


def joined(parts: Sequence[str]) -> Html:
    """Return texts, which are escaped, and elements, one after the other."""
    return Html(''.join(part if isinstance(part, Html) else escape(part) for part in parts))


def table(header: Sequence[str], rows: Sequence[Sequence[str]], caption: str = '', class_: str | None = None) -> Html:
    """Return a table whose first column names its rows."""
    title = [element('caption', caption)] if caption else []
    head = element('thead', element('tr', *(element('th', text, scope='col') for text in header)))
    body = element('tbody', *(_row(cells) for cells in rows))
    return element('table', *title, head, body, class_=class_)


def figure(amount: float) -> str:
    """Return an amount as tables show it: whole, with thousands apart."""
    return f'{amount:,.0f}'


def _row(cells: Sequence[str]) -> Html:
    name, *figures = cells
    return element('tr', element('th', element('span', name), scope='row'), *(element('td', text) for text in figures))


def _attribute(name: str, value: str | float) -> str:
    return f' {name}' if value is True else f' {name}="{escape(str(value))}"'
