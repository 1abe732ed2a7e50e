"""One option as a record: name, type, default, range and help, on which keys, keywords, checks and documentation rest."""

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
        Of the model's block.
    text : str
        Message behind the key of the option, with the fields {where} (the model's block), {value} and {found} (keys).
    words : tuple of str
        Values of the option that have the need; empty for all.
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
    """One option, as users give it.

    Attributes
    ----------
    help : str
        One sentence.
    default : Any
        Value that stands for an option that is not given.
    absent : str
        Meaning of a default that is None.
    words : tuple of str
        Words that the value may be, read in any case.
    names : tuple of str
        Keys of a mapping under the option, read in any case.
    read : callable, optional
        Takes the value and its key for messages, and returns the value of the `Settings`. None: one of the words.
    allowed : str
        Range, where it is more than the words.
    layer : bool or Option
        Whether the blocks of layers have the option too; an `Option` where it is another one there.
    is_goal : bool
        Whether the option alone asks for anything.
    beside_plan : bool
        Whether it may stand beside a plan that was made before.
    needs : tuple of Need
    not_for : tuple of str
        Users of the block that have no use for the option: 'sweep', 'training'.
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
        """All values that are allowed, in words."""
        return self.allowed or ', '.join(self.words)

    def parse(self, value: Any, where: str) -> Any:
        """Read a value.

        Raises
        ------
        ConfigError
            Naming the key `where`, the value and what is allowed.
        """
        return one_of(value, self.words, where) if self.read is None else self.read(value, where)


def key_of(keyword: str) -> str:
    """Return the key of a block that a name in snake_case stands for."""
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
