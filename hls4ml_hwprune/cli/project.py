"""Project to convert: a network, and keys of hls4ml's configuration, from a YAML file, a project or a model file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from hls4ml_hwprune.config.spelling import hint
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown

#: Keys of hls4ml's configuration that name a network, and the frontend of each.
MODEL_KEYS = {'KerasModel': 'keras', 'KerasH5': 'keras', 'KerasJson': 'keras', 'OnnxModel': 'onnx', 'PytorchModel': 'torch'}
#: Frontend of each kind of model file.
SUFFIXES = {
    '.h5': 'keras',
    '.hdf5': 'keras',
    '.keras': 'keras',
    '.json': 'keras',
    '.onnx': 'onnx',
    '.pt': 'torch',
    '.pth': 'torch',
}
_YAML, _WRITTEN = ('.yml', '.yaml'), 'hls4ml_config.yml'
_MOST_BYTES = 2**26


@dataclass(frozen=True)
class Project:
    """A network and the configuration of its conversion.

    Attributes
    ----------
    model : Path
        File of the network.
    weights : Path, optional
        File of its weights, where they are apart.
    frontend : str
        'keras', 'onnx' or 'torch'.
    keys : dict
        Keys of hls4ml's configuration besides those that name the network.
    is_new : bool
        Whether the configuration was made from a model file alone, so that defaults depend on the network.
    """

    model: Path
    weights: Path | None
    frontend: str
    keys: dict[str, Any] = field(default_factory=dict)
    is_new: bool = False

    @property
    def backend(self) -> str:
        """Name of the back end."""
        return str(self.keys.get('Backend', 'Vivado'))

    @property
    def hls_config(self) -> dict[str, Any]:
        """Entry `HLSConfig`, made if it is not there."""
        found: dict[str, Any] = self.keys.setdefault('HLSConfig', {})
        return found

    def with_keys(self, keys: Mapping[str, Any]) -> 'Project':
        """Replace keys that are given; None leaves a key as it is."""
        return replace(self, keys={**self.keys, **{name: value for name, value in keys.items() if value is not None}})


def read_project(source: str, weights: str | None = None) -> Project:
    """Find the network and the configuration behind an argument of the command line.

    Parameters
    ----------
    source : str
        A configuration (.yml), a project's folder, or a model file.
    weights : str, optional
        File of the weights of a .json architecture.

    Raises
    ------
    ConfigError
        If there is no such file, or it names no network.
    """
    path = Path(source)
    if not path.exists():
        raise ConfigError(f'{shown(source)}: there is no such file or folder{_near(path)}')
    if path.is_dir():
        _check_folder(path)
        path = path / _WRITTEN
    if path.suffix.lower() in _YAML:
        return _configured(path)
    frontend = SUFFIXES.get(path.suffix.lower())
    if frontend is None:
        raise ConfigError(
            f'{shown(source)}: no model file; the kinds are {", ".join(SUFFIXES)}, {", ".join(_YAML)} and project folders'
        )
    return Project(path, _weights_of(path, weights), frontend, is_new=True)


def written_keys(folder: Path) -> dict[str, Any]:
    """Read the configuration of a project that hls4ml wrote.

    Raises
    ------
    ConfigError
        If the folder is no such project.
    """
    _check_folder(folder)
    return _read_yaml(folder / _WRITTEN)


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ConfigError(f'{shown(str(folder))}: there is no such folder')
    if not (folder / _WRITTEN).is_file():
        raise ConfigError(f'{shown(str(folder))}: the folder has no {_WRITTEN}, so it is no hls4ml project')


def _near(path: Path) -> str:
    names = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    return hint(path.name, names)


def _configured(path: Path) -> Project:
    """Read an hls4ml configuration, with any of its keys for a network."""
    keys = _read_yaml(path)
    named = [key for key in MODEL_KEYS if keys.get(key)]
    if not named:
        near = next((hint(key, MODEL_KEYS) for key in keys if hint(key, MODEL_KEYS)), '')
        raise ConfigError(f'{path}: none of {", ".join(MODEL_KEYS)} names a network{near}')
    if len({MODEL_KEYS[key] for key in named}) > 1:
        raise ConfigError(f'{path}: {" and ".join(named)} name different networks; keep one')
    files = {key: _found(path, key, keys.pop(key)) for key in named}
    model = files.get('KerasJson') or next(iter(files.values()))
    weights = files.get('KerasH5') if 'KerasJson' in files else None
    return Project(model, weights, MODEL_KEYS[named[0]], keys)


def _found(path: Path, key: str, value: Any) -> Path:
    """File that a key names, from the current folder as hls4ml has it, else from that of the configuration."""
    if not isinstance(value, str):
        raise ConfigError(f'{path}: {key}: expected the name of a file, got {shown(value)}')
    for found in (Path(value), path.parent / value):
        if found.is_file():
            return found
    raise ConfigError(f'{path}: {key}: there is no file {shown(value)}')


def _weights_of(path: Path, weights: str | None) -> Path | None:
    """File of the weights of an architecture: the given one, or of the same name with `_weights.h5`."""
    if path.suffix.lower() != '.json':
        if weights is not None:
            raise ConfigError(f'--weights: {shown(weights)} goes with a .json architecture, not with {path.name}')
        return None
    found = Path(weights) if weights is not None else path.with_name(f'{path.stem}_weights.h5')
    if not found.is_file():
        asked = 'there is no such file' if weights is not None else f'{path.name} is an architecture; give --weights FILE'
        raise ConfigError(f'{shown(str(found))}: {asked}')
    return found


class _Loader(yaml.SafeLoader):
    """Loader of plain data, and of the tag that hls4ml writes around the file of a Keras model."""


_Loader.add_constructor('!keras_model', lambda loader, node: str(node.value))


def _read_yaml(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _MOST_BYTES:
        raise ConfigError(f'{path}: too large for a configuration')
    try:
        content = yaml.load(path.read_text('utf-8'), _Loader)
    except yaml.YAMLError as error:
        where = getattr(error, 'problem_mark', None)
        line = f', line {where.line + 1}' if where is not None else ''
        raise ConfigError(f'{path}{line}: {getattr(error, "problem", None) or "no YAML"}') from None
    except UnicodeDecodeError:
        raise ConfigError(f'{path}: no text') from None
    if not isinstance(content, dict):
        raise ConfigError(f'{path}: expected the keys of an hls4ml configuration, got {shown(content)}')
    return content
