"""Option as a record of name, type, default, range and help: source of keys, keywords, checks and documentation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, get_type_hints

from hls4ml_hwprune.config.values import one_of
from hls4ml_hwprune.quoting import shown

Reader = Callable[[Any, str], Any]
_METADATA = 'option'


@dataclass(frozen=True)
class Need:
    """A condition: exactly one of some other keys stands beside an option.

    Attributes
    ----------
    keys : tuple of str
        Keys of the model's block.
    text : str
        Message after the key of the option, with the fields {where} (the model's block), {value} and {found} (keys).
    words : tuple of str
        Values of the option with this need; empty for all.
    """

    keys: tuple[str, ...]
    text: str
    words: tuple[str, ...] = ()

    def refusal(self, value: Any, beside: Mapping[str, Any], where: str) -> str:
        """Return the message for a value whose need is not met, else nothing."""
        found = [key for key in self.keys if beside.get(key) is not None]
        asked = not self.words or value in self.words
        return self.text.format(where=where, value=shown(value), found=found) if asked and len(found) != 1 else ''


@dataclass(frozen=True)
class Option:
    """One option of the configuration.

    Attributes
    ----------
    help : str
        One sentence.
    default : Any
        Value of an option that is not given.
    absent : str
        Meaning of a default that is None.
    words : tuple of str
        Allowed words, read in any case.
    names : tuple of str
        Allowed keys of a mapping under the option, read in any case.
    read : callable, optional
        Parser from the value and its key, for messages, to the value in `Settings`. None: one of the words.
    allowed : str
        Range, where it is more than the words.
    layer : bool or Option
        Whether the blocks of layers have the option too; an `Option` where it differs there.
    is_file : bool
        Whether the value may be the name of a file.
    is_goal : bool
        Whether the option counts as a goal: a block should have one.
    beside_plan : bool
        Whether the option may stand beside an existing plan.
    needs : tuple of Need
    not_for : tuple of str
        Users of the block without a use for the option: 'sweep', 'training'.
    keyword : str
        Python's name, taken from the field that declares the option.
    type : Any
        Annotation of that field.
    """

    help: str
    default: Any = None
    absent: str = 'none'
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    read: Reader | None = None
    allowed: str = ''
    layer: 'bool | Option' = False
    is_file: bool = False
    is_goal: bool = False
    beside_plan: bool = False
    needs: tuple[Need, ...] = ()
    not_for: tuple[str, ...] = ()
    keyword: str = ''
    type: Any = None

    @property
    def key(self) -> str:
        """Name in a block."""
        return key_of(self.keyword)

    @property
    def range(self) -> str:
        """All allowed values, in words."""
        return self.allowed or ', '.join(self.words)

    def parse(self, value: Any, where: str) -> Any:
        """Read a value.

        Raises
        ------
        ConfigError
            The message names the key `where`, the value and the range.
        """
        return one_of(value, self.words, where) if self.read is None else self.read(value, where)


def key_of(keyword: str) -> str:
    """Return the key of a block for a name in snake_case."""
    return 'II' if keyword == 'ii' else ''.join(word.capitalize() for word in keyword.split('_'))


def option(default: Any, help: str, **more: Any) -> Any:
    """Return a dataclass field that declares an option; `more` are the other attributes of `Option`."""
    return field(default=default, metadata={_METADATA: Option(help, default, **more)})


def options_of(declaration: type) -> tuple[Option, ...]:
    """Return the options that a class declares, in order, with the names and types of its fields.

    Parameters
    ----------
    declaration : type
        A `TypedDict` of annotations `Annotated[type, Option(...)]`, or a dataclass of fields made by `option`.
    """
    hints = get_type_hints(declaration, include_extras=True)
    if is_dataclass(declaration):
        own = {one.name: one.metadata[_METADATA] for one in fields(declaration)}
    else:
        own = {name: hint.__metadata__[0] for name, hint in hints.items()}
        hints = get_type_hints(declaration)
    return tuple(replace(one, keyword=name, type=hints[name]) for name, one in own.items())
