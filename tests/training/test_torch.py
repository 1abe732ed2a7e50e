"""Pruning with training in PyTorch; in the environment of `make test-frameworks`."""

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.training import TrainingOptions, apply_masks, masks, prune
from hls4ml_hwprune.training.adapters import open_adapter
from tests.training.networks import N_CLASSES, N_IN, agree_on_zeros, blobs, run_killed, same_bytes

torch = pytest.importorskip('torch')
hls4ml = pytest.importorskip('hls4ml')
pruning = pytest.importorskip('torch.nn.utils.prune')

QUICK = {'steps': 2, 'epochs': 2, 'last_epochs': 3, 'settling_steps': 1, 'tolerance': 0.1}


class Mlp(torch.nn.Module):
    """Names of layers in a container, and one without."""

    def __init__(self):
        super().__init__()
        linear, relu = torch.nn.Linear, torch.nn.ReLU
        self.body = torch.nn.Sequential(linear(N_IN, 16), relu(), torch.nn.Dropout(0.1), linear(16, 8), relu())
        self.head = linear(8, N_CLASSES)

    def forward(self, x):
        return self.head(self.body(x))


class Cnn(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(2, 4, 3)
        self.norm = torch.nn.BatchNorm2d(4)
        self.relu = torch.nn.ReLU()
        self.flatten = torch.nn.Flatten()
        self.head = torch.nn.Linear(4 * 4 * 4, N_CLASSES)

    def forward(self, x):
        return self.head(self.flatten(self.relu(self.norm(self.conv(x)))))


def adam(parameters):
    return torch.optim.Adam(parameters, 0.01)


def network():
    torch.manual_seed(0)
    model = Mlp()
    x, y = (torch.tensor(array) for array in blobs())
    optimizer = adam(model.parameters())
    for _ in range(60):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model


def hls_config(model, shape=(N_IN,), budget=None):
    config = hls4ml.utils.config_from_pytorch_model(
        model, shape, granularity='model', backend='Vitis', default_precision='ap_fixed<16,6>', default_reuse_factor=4
    )
    config['Model']['Strategy'] = 'Resource'
    hls4ml_hwprune.enable(config, backend='Vitis', budget=budget or {'DSP': '0.3x'})
    return config


def pruned(model, folder, data=None, options=QUICK, config=None, **others):
    return prune(
        model,
        blobs() if data is None else data,
        config=config or hls_config(model),
        backend='Vitis',
        loss=torch.nn.CrossEntropyLoss(),
        optimizer=adam,
        options=TrainingOptions(**options),
        folder=folder,
        **others,
    )


def firmware(model, result, folder):
    return hls4ml.converters.convert_from_pytorch_model(
        model, hls_config=result.config, backend='Vitis', output_dir=str(folder)
    )


def test_training_and_firmware_agree_on_every_zero(tmp_path):
    model = network()
    result = pruned(model, tmp_path / 'run')
    assert result.plan.after.dsp <= 0.3 * result.plan.before.dsp
    assert result.metric >= result.baseline - 0.1
    hls_model = firmware(model, result, tmp_path / 'project')
    found = masks(hls_model)
    assert found.keys() == {'body_0', 'body_3', 'head'}
    assert all(np.array_equal(found[name], result.masks[name]) for name in found)
    x, y = blobs(seed=5)
    measured = hls4ml_hwprune.evaluate(hls_model, x, y)
    answers = model.eval()(torch.tensor(x)).argmax(dim=1).numpy()
    assert measured.accuracy == pytest.approx(np.mean(answers == y), abs=0.02)
    agree_on_zeros(hls_model, result, Seen(model))


class Seen:
    """Weights as users' tools see them: without changing the model."""

    def __init__(self, model):
        self.model = model

    def weights(self):
        modules = {'body_0': self.model.body[0], 'body_3': self.model.body[3], 'head': self.model.head}
        assert all(pruning.is_pruned(module) for module in modules.values())
        return {name: module.weight.detach().numpy() for name, module in modules.items()}

    def to_matrix(self, weights):
        return weights


def test_a_run_that_is_killed_anywhere_ends_the_same(tmp_path, monkeypatch):
    options = {**QUICK, 'regrowth_epochs': 1}
    whole = network()
    result = pruned(whole, tmp_path / 'whole', options=options)
    again, _ = run_killed(monkeypatch, lambda: pruned(network(), tmp_path / 'killed', options=options))
    assert again.steps == result.steps
    for name, ours in again.model.state_dict().items():
        assert torch.equal(ours, whole.state_dict()[name])
    assert same_bytes(tmp_path / 'killed', tmp_path / 'whole')


def test_masks_of_other_tools_are_kept(tmp_path):
    model = network()
    config = hls_config(model)
    pruning.l1_unstructured(model.body[0], 'weight', amount=0.5)
    zeros = (model.body[0].weight_mask == 0).numpy()
    result = pruned(model, tmp_path, options={**QUICK, 'regrowth_epochs': 1, 'tolerance': 1.0}, config=config)
    assert not result.masks['body_0'][zeros].any()
    assert not model.body[0].weight.detach().numpy()[zeros].any()


def test_loaders_callbacks_and_group_lasso(tmp_path):
    x, y = (torch.tensor(array) for array in blobs())
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), 50, shuffle=True)
    seen = []
    options = {**QUICK, 'group_lasso': 0.01}
    result = pruned(
        network(), tmp_path, data=loader, validation=loader, options=options, callbacks=[lambda e, logs: seen.append(logs)]
    )
    # Before the first plan, after it, before and after the one that settles, and after the last.
    assert len(seen) == 2 + 2 + 1 + 2 + 3
    assert all(logs['loss'] > 0 for logs in seen)
    assert result.plan.after.dsp <= 0.3 * result.plan.before.dsp


def test_convolutions_channels_first(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 2, 6, 6)).astype(np.float32), rng.integers(0, N_CLASSES, 200)
    torch.manual_seed(0)
    model = Cnn()
    config = hls_config(model, (2, 6, 6), {'DSP': '0.5x'})
    result = pruned(model, tmp_path / 'run', (x, y), {**QUICK, 'tolerance': 1.0}, config)
    assert result.masks['conv'].shape == (4, 2, 3, 3)
    assert not model.conv.weight.detach().numpy()[~result.masks['conv']].any()
    hls_model = firmware(model, result, tmp_path / 'project')
    found = masks(hls_model)
    assert all(np.array_equal(found[name], result.masks[name]) for name in found)
    hls_model.compile()
    answers = model.eval()(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(hls_model.predict(x), answers, atol=0.1)


def test_apply_masks_is_seen_by_other_tools():
    model = network()
    mask = np.ones((N_CLASSES, 8), bool)
    mask[0] = False
    apply_masks(model, {'head': mask})
    assert pruning.is_pruned(model.head)
    assert np.array_equal(model.head.weight_mask.numpy().astype(bool), mask)
    assert not model.head.weight[0].detach().numpy().any()
    with pytest.raises(ConfigError, match='one of the layers body_0, body_3, head'):
        apply_masks(model, {'body.0': mask})


def test_a_module_that_is_used_twice_is_refused():
    class Twice(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = torch.nn.Linear(4, 4)

        def forward(self, x):
            return self.fc(self.fc(x))

    with pytest.raises(ConfigError, match="'fc' is used twice"):
        open_adapter(Twice())


def test_a_loss_is_needed(tmp_path):
    model = network()
    with pytest.raises(ConfigError, match='loss: needed'):
        prune(model, blobs(), config=hls_config(model), backend='Vitis', folder=tmp_path)


def test_several_outputs_are_refused_before_anything_is_written(tmp_path):
    class Twice(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.other = torch.nn.Linear(N_IN, N_CLASSES), torch.nn.Linear(N_IN, N_CLASSES)

        def forward(self, x):
            return self.fc(x), self.other(x)

    model, loss = Twice(), torch.nn.CrossEntropyLoss()
    with pytest.raises(ConfigError, match='model: expected one output, a tensor, it gives a tuple'):
        prune(model, blobs(), config=hls_config(model), backend='Vitis', loss=loss, folder=tmp_path / 'run')
    assert not (tmp_path / 'run').exists()
