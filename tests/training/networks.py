"""A small classification task, and hls4ml configurations for it."""

import numpy as np

import hls4ml_hwprune
from hls4ml_hwprune.training.correspondence import to_kernel
from hls4ml_hwprune.training.state import Checkpoint

N_IN, N_CLASSES = 8, 3


def blobs(n=600, seed=0):
    """Points around the centre of their class, which lie apart."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(0, 1.5, (N_CLASSES, N_IN))
    y = rng.integers(0, N_CLASSES, n)
    return (centres[y] + rng.normal(0, 1, (n, N_IN))).astype(np.float32), y


# hls4ml folds batch normalisation only into layers whose result type it may choose.
FOLDING = {'default': 'ap_fixed<16,6>', 'result': 'auto', 'maximum': 'ap_fixed<16,6>'}


def hls_config(budget=None, reuse_factor=4, precision='ap_fixed<16,6>', **options):
    config = {'Model': {'Precision': precision, 'ReuseFactor': reuse_factor, 'Strategy': 'Resource'}}
    hls4ml_hwprune.enable(config, backend='Vitis', budget=budget or {'DSP': '0.3x'}, **options)
    return config


def agree_on_zeros(hls_model, result, adapter):
    """Weights of the firmware are zero where training held them, and no slot is built for them."""
    weights = adapter.weights()
    for kernel in result.plan.kernels:
        name = str(kernel.key)
        mask = to_kernel(adapter, result.masks[name], 1, kernel.n_out)
        trained = to_kernel(adapter, weights[name], 1, kernel.n_out)
        assert not trained[~mask].any()
        node = hls_model.graph[kernel.layer]
        found = hls4ml_hwprune.get_plan(hls_model)
        (same,) = [k for k in found.kernels if k.key == kernel.key]
        assert np.array_equal(same.mask, kernel.mask)
        assert not (mask & ~kernel.mask).any()
        assert node.get_attr('n_kept', same.n_kept) == same.n_kept


def run_killed(monkeypatch, attempt):
    """Attempt a run until it comes to its end; it is killed before some of its checkpoints and after others.

    Returns what the last attempt did, and how often checkpoints were to be saved.
    """
    save, saved = Checkpoint.save, []

    def dying(checkpoint, state, arrays):
        saved.append(state.phase)
        if len(saved) % 3 == 0:
            raise KeyboardInterrupt
        save(checkpoint, state, arrays)
        if len(saved) % 4 == 0:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, 'save', dying)
        for _ in range(60):
            try:
                return attempt(), len(saved)
            except KeyboardInterrupt:
                continue
    raise AssertionError(f'never done: {saved}')


def same_bytes(folder, other):
    return (folder / 'plan.json').read_bytes() == (other / 'plan.json').read_bytes()
