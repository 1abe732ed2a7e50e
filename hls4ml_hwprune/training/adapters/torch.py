"""PyTorch, with masks of `torch.nn.utils.prune` and a proximal step for the group lasso."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils import prune
from torch.utils.data import DataLoader, TensorDataset

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.training.adapters.base import Adapter, Hold, Training
from hls4ml_hwprune.training.adapters.torch_modules import (
    effective_weights,
    make_permanent,
    named_modules,
    parameter_of,
    plain_state,
    refresh,
)
from hls4ml_hwprune.training.samples import Arrays, Inputs

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_TINY = 1e-12
_PREDICTED = 1024


class TorchAdapter(Adapter):
    """A torch.nn.Module; masks are those of `torch.nn.utils.prune`."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__(model)
        self._modules = dict(named_modules(model))
        self._training: Training | None = None
        self._optimizer: torch.optim.Optimizer | None = None

    def weights(self) -> dict[str, NDArray[np.float32]]:  # noqa: D102  # as in the base class
        return {name: effective_weights(module).cpu().numpy().copy() for name, module in self._modules.items()}

    def set_weights(self, weights: Mapping[str, NDArray]) -> None:  # noqa: D102
        with torch.no_grad():
            for name, array in weights.items():
                module = self._modules[name]
                parameter_of(module).copy_(torch.as_tensor(array))
                refresh(module)

    def to_matrix(self, weights: NDArray) -> NDArray:  # noqa: D102
        return np.moveaxis(weights, 1, -1).reshape(len(weights), -1)

    def from_matrix(self, matrix: NDArray, like: NDArray) -> NDArray:  # noqa: D102
        channels_last = (like.shape[0], *like.shape[2:], like.shape[1])
        return np.ascontiguousarray(np.moveaxis(matrix.reshape(channels_last), -1, 1))

    def channel_counts(self, weights: NDArray) -> Sequence[int]:
        """Any that divide the inputs of a dense layer: before it, hls4ml may turn a flattened image to channels last."""
        n_in = weights.shape[1]
        return (1,) if weights.ndim > 2 else [count for count in range(1, n_in + 1) if n_in % count == 0]

    def convert(self, config: dict[str, Any], **conversion: Any) -> 'ModelGraph':  # noqa: D102
        import hls4ml

        self.model.eval()
        for module in self._modules.values():
            refresh(module)
        device = self._device
        self.model.cpu()
        try:
            return hls4ml.converters.convert_from_pytorch_model(self.model, hls_config=config, **conversion)
        finally:
            self.model.to(device)

    def to_network(self, x: Inputs, shapes: Sequence[tuple[int, ...]]) -> Inputs:
        """Turn channels first to channels last, where hls4ml's network takes those."""
        return tuple(
            array if array.shape[1:] == shape else np.moveaxis(array, 1, -1) for array, shape in zip(x, shapes, strict=True)
        )

    def predict(self, x: Inputs) -> NDArray:  # noqa: D102
        self.model.eval()
        parts = []
        with torch.no_grad():
            for first in range(0, len(x[0]), _PREDICTED):
                found = self.model(*(self._tensor(array[first : first + _PREDICTED]) for array in x))
                if not isinstance(found, torch.Tensor):
                    raise ConfigError(f'model: expected one output, a tensor, it gives a {type(found).__name__}')
                parts.append(found.cpu().numpy())
        return np.concatenate(parts)

    def check(self, loss: Any) -> None:  # noqa: D102
        if loss is None:
            raise ConfigError('loss: needed for a torch.nn.Module, such as torch.nn.CrossEntropyLoss()')

    def begin(self, training: Training, holds: Mapping[str, Hold]) -> None:  # noqa: D102
        self._training, self._holds = training, holds
        for module in self._modules.values():
            make_permanent(module)
        for name, hold in holds.items():
            self._mask(name, hold.mask)
        make = training.optimizer or torch.optim.Adam
        self._optimizer = make(self.model.parameters())
        self._rates = [group['lr'] for group in self._optimizer.param_groups]
        self._thresholds = {
            name: torch.as_tensor(hold.thresholds(self._rates[0]), device=self._device)
            for name, hold in holds.items()
            if hold.groups is not None
        }

    def train(self, first: int, last: int, epochs: int, seed: int) -> None:  # noqa: D102
        assert self._training is not None and self._optimizer is not None
        torch.manual_seed(seed)
        batches = self._batches(seed)
        for epoch in range(first, last):
            for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
                if self._training.decays:
                    group['lr'] = rate * self._training.rate(epoch, epochs)
            self.model.train()
            total = count = 0.0
            for x, y in batches:
                inputs = x if isinstance(x, list | tuple) else (x,)
                self._optimizer.zero_grad()
                loss = self._training.loss(self.model(*(part.to(self._device) for part in inputs)), y.to(self._device))
                loss.backward()
                self._optimizer.step()
                self._project()
                total, count = total + float(loss) * len(y), count + len(y)
            for callback in self._training.callbacks:
                callback(epoch, {'loss': total / max(count, 1)})
        for module in self._modules.values():
            refresh(module)

    def end(self) -> None:  # noqa: D102
        self._training = self._optimizer = None
        for module in self._modules.values():
            make_permanent(module)

    def keep_masks(self, masks: Mapping[str, NDArray[np.bool_]]) -> None:
        """Put masks where `torch.nn.utils.prune` and the user's tools see them."""
        for name, mask in masks.items():
            self._mask(name, mask)

    def state(self) -> dict[str, NDArray]:  # noqa: D102
        weights = {name: tensor.cpu().numpy().copy() for name, tensor in plain_state(self.model).items()}
        found = {f'model/{name}': array for name, array in weights.items()}
        if self._optimizer is not None:
            found['optimizer/0'] = _packed(self._optimizer.state_dict())
        return found

    def load(self, state: Mapping[str, NDArray]) -> None:  # noqa: D102
        with torch.no_grad():
            for name, tensor in plain_state(self.model).items():
                tensor.copy_(torch.as_tensor(state[f'model/{name}']))
        for module in self._modules.values():
            refresh(module)
        if self._optimizer is not None and 'optimizer/0' in state:
            self._optimizer.load_state_dict(torch.load(io.BytesIO(state['optimizer/0'].tobytes()), weights_only=True))

    @property
    def resumes_anywhere(self) -> bool:  # noqa: D102
        return not (self._training is not None and self._training.callbacks)

    @property
    def _device(self) -> torch.device:
        return next(self.model.parameters()).device

    def _tensor(self, array: NDArray) -> torch.Tensor:
        kind = np.float32 if array.dtype.kind == 'f' else array.dtype
        return torch.as_tensor(np.ascontiguousarray(array, kind), device=self._device)

    def _mask(self, name: str, mask: NDArray[np.bool_]) -> None:
        module = self._modules[name]
        make_permanent(module)
        prune.custom_from_mask(module, 'weight', torch.as_tensor(mask, device=self._device))
        refresh(module)

    def _batches(self, seed: int) -> Any:
        assert self._training is not None
        data = self._training.data
        if not isinstance(data, Arrays):
            # A loader with a generator of its own goes on where it stopped, which a run that starts again could not.
            for owner in (data, getattr(data, 'sampler', None)):
                if isinstance(generator := getattr(owner, 'generator', None), torch.Generator):
                    generator.manual_seed(seed)
            return data
        tensors = TensorDataset(*(self._tensor(array) for array in data.x), self._tensor(data.y))
        loader = DataLoader(tensors, self._training.batch_size, shuffle=True)
        return _Pairs(loader)

    @torch.no_grad()
    def _project(self) -> None:
        for name, hold in self._holds.items():
            weights = parameter_of(self._modules[name])
            if hold.fixed is not None:
                weights.copy_(torch.as_tensor(hold.fixed))
            elif hold.groups is not None:
                groups = torch.as_tensor(hold.groups.ravel(), device=weights.device)
                masked = (weights * torch.as_tensor(hold.mask, device=weights.device)).ravel()
                thresholds = self._thresholds[name]
                norms = torch.zeros_like(thresholds).index_add(0, groups, masked**2).sqrt()
                factors = (1 - thresholds / (norms + _TINY)).clamp(min=0)
                weights.copy_((masked * factors[groups]).reshape(weights.shape))


class _Pairs:
    """Batches of several inputs and a target as (inputs, target)."""

    def __init__(self, loader: DataLoader) -> None:
        self.loader = loader

    def __iter__(self) -> Any:
        for *x, y in self.loader:
            yield x, y


def _packed(state: dict[str, Any]) -> NDArray[np.uint8]:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return np.frombuffer(buffer.getvalue(), np.uint8)
