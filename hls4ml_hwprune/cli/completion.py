"""Completion of values by shells: names of files, and words of a list."""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

#: Function that click asks for the completions of a value.
Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def file_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Leave the completion to the shell, which knows its files and folders."""
    return [CompletionItem(incomplete, type='file')]


def words_of(allowed: Iterable[str]) -> Completion:
    """Complete words of a list, in any case."""
    known = tuple(allowed)

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(word) for word in known if word.lower().startswith(incomplete.lower())]

    return complete
