"""Properties of plan files: plans come back equal and to the same bytes, and damage is an error of the package."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hls4ml_hwprune import Plan
from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.importance import MEASURES
from hls4ml_hwprune.kernel_plan import KernelPlan, Timing
from hls4ml_hwprune.packing import reorders
from hls4ml_hwprune.resources import NAMES, STAGES, LayerEstimate, Resources
from hls4ml_hwprune.resources.confidence import FIGURES, KINDS, Confidence
from tests.properties.kernels import packed

# Messages name a path, which is short here, and one value.
LONGEST = 500
ARRAYS = ('mask', 'values', 'bias')

names = st.text(max_size=12)
# Messages of damaged estimates have the name of the layer as it is, so that only plain ones keep them to one line.
words = st.sampled_from(('fc1', 'fc2'))
counts = st.integers(0, 2**40)
amounts = st.one_of(counts, st.floats(0, 1e300))
numbers = st.floats(allow_nan=False, allow_infinity=False)
resources = st.builds(Resources, *(amounts for _ in NAMES))
timings = st.tuples(counts, counts, counts).map(lambda three: Timing(min(three[:2]), max(three[:2]), three[2]))
bounds = st.dictionaries(st.sampled_from((*NAMES, 'latency', 'ii')), amounts, max_size=4)
maybe = st.one_of(st.none(), st.floats(0, 1))
confidences = st.fixed_dictionaries({figure: st.builds(Confidence, st.sampled_from(KINDS), maybe) for figure in FIGURES})
layers = st.builds(LayerEstimate, resources, counts, counts, counts, confidences)
evaluations = st.builds(Evaluation, st.integers(0, 10**6), maybe, maybe, maybe, maybe, st.booleans())


def whole_slots(kernel, mask):
    """Widen a mask to whole slots of hls4ml's own layout."""
    size = kernel.group_reuse
    flat = np.pad(mask.ravel(), (0, -mask.size % size)).reshape(-1, size)
    return np.repeat(flat.any(axis=1), size)[: mask.size].reshape(mask.shape)


@st.composite
def kernel_plans(draw, layer):
    made = draw(packed())
    kernel, slots = made.kernel, made.table if reorders(made.packing) else None
    mask = made.mask if slots is not None else whole_slots(kernel, made.mask)
    n_slots = len(slots.positions) if slots is not None else replace(kernel, kept=mask).n_kept
    seed = draw(st.one_of(st.none(), st.integers(0, 99)))
    rng = None if seed is None else np.random.default_rng(seed)
    return KernelPlan(
        layer=layer,
        role=draw(names),
        n_in=kernel.n_in,
        n_out=kernel.n_out,
        reuse_factor=kernel.reuse_factor,
        configured_reuse_factor=draw(st.integers(1, 64)),
        strategy=kernel.strategy,
        packing=made.packing,
        importance=draw(st.sampled_from(MEASURES[1:])),
        copies=draw(st.integers(1, 8)),
        n_slots=kernel.n_slots,
        n_kept=draw(st.integers(0, n_slots)),
        before=draw(resources),
        after=draw(resources),
        mask=mask,
        slots=slots,
        values=None if rng is None else np.where(mask, rng.normal(size=mask.shape), 0.0),
        bias=None if rng is None or draw(st.booleans()) else rng.normal(size=kernel.n_out),
        fingerprint='' if rng is None else f'{draw(st.integers(0, 2**256 - 1)):064x}',
        removed_inputs=draw(st.integers(0, kernel.n_in)),
        removed_outputs=draw(st.integers(0, kernel.n_out)),
    )


@st.composite
def plans(draw, layer_names=names):
    kernels = [draw(kernel_plans(layer)) for layer in draw(st.lists(names, max_size=2, unique=True))]
    plain = {
        **{name: draw(resources) for name in ('before', 'after')},
        **{name: draw(timings) for name in ('timing_before', 'timing_after')},
        **{name: draw(bounds) for name in ('budget', 'part_bounds', 'minimized')},
        **{name: draw(numbers) for name in ('objective', 'bound', 'importance', 'total_importance')},
        **{name: draw(names) for name in ('status', 'device')},
        **{name: draw(st.one_of(st.none(), resources)) for name in ('listed_before', 'listed_after')},
    }
    return Plan(
        kernels,
        **plain,
        not_pruned=draw(st.dictionaries(names, names, max_size=2)),
        stage=draw(st.sampled_from(STAGES)),
        loss=draw(st.one_of(st.none(), numbers)),
        evaluation=draw(st.one_of(st.none(), evaluations)),
        layers=draw(st.dictionaries(layer_names, layers, max_size=2)),
    )


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return tmp_path_factory.mktemp('plans') / 'plan.json'


def same(one, other):
    """Whether two arrays, or tables of arrays, are equal and of one type."""
    if one is None or other is None:
        return one is other
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return all(same(array, getattr(other, name)) for name, array in vars(one).items())


@settings(max_examples=80)
@given(plans())
def test_plans_come_back(path, plan):
    plan.save(path)
    content, found = path.read_bytes(), Plan.load(path)
    assert found == plan
    for name in ('layers', 'listed_before', 'listed_after'):
        assert getattr(found, name) == getattr(plan, name)
    for kernel, read in zip(plan.kernels, found.kernels, strict=True):
        assert all(same(getattr(kernel, name), getattr(read, name)) for name in (*ARRAYS, 'slots'))
    found.save(path)
    assert path.read_bytes() == content


def read(path):
    """Read a file that may be damaged; anything but an error of the package fails."""
    try:
        return Plan.load(path)
    except HWPruneError as error:
        assert str(error).isprintable()
        assert len(str(error)) <= LONGEST
    return None


@settings(max_examples=60)
@given(plans(), st.data())
def test_damaged_bytes(path, plan, data):
    plan.save(path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))])
    read(path)


ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=5,
)


def places(data, path=()):
    """Ways to everything in nested dicts and lists."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield (*path, key)
        yield from places(value, (*path, key))


@settings(max_examples=100)
@given(plans(), st.data())
def test_damaged_entries(path, plan, data):
    plan.save(path)
    content = json.loads(path.read_text())
    *above, last = data.draw(st.sampled_from(list(places(content))))
    parent = content
    for key in above:
        parent = parent[key]
    form = data.draw(st.sampled_from(('other', 'gone', 'renamed')))
    if form == 'other':
        parent[last] = data.draw(ODD)
    elif form == 'gone' or isinstance(parent, list):
        del parent[last]
    else:
        parent[data.draw(names)] = parent.pop(last)
    path.write_text(json.dumps(content))
    found = read(path)
    if found is not None:
        # A plan all the same, which can be written, read and shown.
        found.save(path)
        assert Plan.load(path) == found
        assert str(found)
