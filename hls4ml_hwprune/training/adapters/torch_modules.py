"""Modules of PyTorch with a kernel, and the masks that `torch.nn.utils.prune` gives them."""

from collections.abc import Iterator

import torch
from torch.nn.utils import prune

from hls4ml_hwprune.errors import ConfigError

#: Modules that hls4ml converts to layers that can be pruned.
KINDS = (torch.nn.Linear, torch.nn.Conv1d, torch.nn.Conv2d)


def named_modules(model: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Module]]:
    """Yield modules with a kernel, under the names that hls4ml gives them.

    Raises
    ------
    ConfigError
        If one is used twice: its masks would have to serve two layers of the firmware.
    """
    from hls4ml.utils.torch import CustomFXTracer

    seen: set[str] = set()
    for node in CustomFXTracer().trace(model).nodes:
        if node.op == 'call_module' and isinstance(module := model.get_submodule(node.target), KINDS):
            if node.target in seen:
                raise ConfigError(f'model: the module {node.target!r} is used twice; hls4ml makes two layers of it')
            seen.add(node.target)
            yield node.name, module


def is_masked(module: torch.nn.Module) -> bool:
    """Whether the weights have a mask."""
    hooks = module._forward_pre_hooks.values()
    return any(isinstance(hook, prune.BasePruningMethod) and hook._tensor_name == 'weight' for hook in hooks)


def parameter_of(module: torch.nn.Module) -> torch.Tensor:
    """Return the parameter that optimizers change."""
    return module.weight_orig if is_masked(module) else module.weight


@torch.no_grad()
def effective_weights(module: torch.nn.Module) -> torch.Tensor:
    """Return the weights with their mask applied."""
    return module.weight_orig * module.weight_mask if is_masked(module) else module.weight.detach()


@torch.no_grad()
def refresh(module: torch.nn.Module) -> None:
    """Bring the weights up to date that `torch.nn.utils.prune` else only calculates when the module is called."""
    if is_masked(module):
        module.weight = effective_weights(module)


def make_permanent(module: torch.nn.Module) -> None:
    """Leave zeros in the place of a mask."""
    if is_masked(module):
        prune.remove(module, 'weight')


def plain_state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Parameters and buffers under the names that they have without masks."""
    state = model.state_dict(keep_vars=False)
    return {name.removesuffix('_orig'): tensor for name, tensor in state.items() if not name.endswith('weight_mask')}
