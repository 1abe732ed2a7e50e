"""Properties of `parse_settings`: valid blocks in any spelling, values that come back, and one error for all else."""

import json

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import hls4ml_hwprune
from hls4ml_hwprune.config import parse_settings
from hls4ml_hwprune.config.options import LAYER_OPTIONS, OPTIONS
from hls4ml_hwprune.devices import DEVICE_KEYS
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown_name

BY_KEY = {one.key: one for one in OPTIONS}
# No two names of one resource.
RESOURCES = ('DSP', 'BRAM36', 'URAM', 'LUT', 'FF')
# More than any message of a block needs.
LONGEST = 500

counts = st.integers(0, 10**7)
decimals = st.decimals(0, 1000, places=2).map(lambda number: f'{number:f}')
bounds = st.one_of(counts, counts.map(str), decimals.map('{}%'.format), decimals.map('{}x'.format))
cycles = st.integers(1, 2**53)
shares = st.one_of(st.floats(0, 1), st.integers(0, 100).map('{}%'.format))
layer_names = st.lists(st.text(min_size=1, max_size=8), max_size=3)
VALUES = {
    'Budget': st.dictionaries(st.sampled_from(RESOURCES), bounds, max_size=4),
    'Latency': st.one_of(cycles, st.integers(1, 10**6).map('{} ns'.format)),
    'II': cycles,
    'Calibration': st.just('inputs.npy'),
    'Validation': st.just('labelled.npz'),
    'Exclude': st.one_of(layer_names, st.text(max_size=8)),
    'Device': st.fixed_dictionaries({key: counts for key in DEVICE_KEYS}),
    'TimeLimit': st.floats(1e-3, 1e6),
} | {one.key: st.sampled_from(one.words) for one in OPTIONS if one.words and one.read is None}
WEIGHTS = st.dictionaries(st.sampled_from(RESOURCES), st.floats(0.01, 100), min_size=1, max_size=3)
GOAL = {'Minimize': st.one_of(st.sampled_from(RESOURCES), WEIGHTS), 'MinImportance': shares}
LAYER_VALUES = {
    'Exclude': st.booleans(),
    'ReuseFactor': st.one_of(st.integers(1, 4096), st.sampled_from(('config', 'auto'))),
} | {one.key: st.sampled_from(one.words) for one in LAYER_OPTIONS if one.read is None}


@st.composite
def blocks(draw):
    """Valid blocks of the model."""
    if draw(st.integers(0, 4)) == 0:
        beside = {key: strategy for key, strategy in VALUES.items() if BY_KEY[key].beside_plan}
        return draw(st.fixed_dictionaries({'Plan': st.just('plan.json')}, optional=beside))
    block = draw(st.fixed_dictionaries({}, optional=VALUES))
    if draw(st.booleans()):
        block |= draw(st.fixed_dictionaries(GOAL))
        if 'Calibration' in block and draw(st.booleans()):
            block['MaxLoss'] = block.pop('MinImportance')
    if 'Calibration' not in block:
        block.pop('Reconstruction', None)
        block.pop('Importance', None)
    return block


@st.composite
def configurations(draw):
    """Valid blocks of a model and, without a plan, of layers."""
    block = draw(blocks())
    config = {'Model': {'HWPrune': block}}
    if 'Plan' in block:
        return config
    own = {one.key: LAYER_VALUES[one.key] for one in LAYER_OPTIONS if one.key in LAYER_VALUES}
    if 'Calibration' not in block:
        del own['Importance']
    of_layer = st.fixed_dictionaries({'HWPrune': st.fixed_dictionaries({}, optional=own)})
    names = st.sampled_from(('fc1', 'fc2', 'Dense', 'é', ' '))
    return config | {scope: draw(st.dictionaries(names, of_layer, max_size=2)) for scope in ('LayerName', 'LayerType')}


@st.composite
def respelled(draw, word):
    """Another spelling of a word: letters in any case, dashes within, spaces around."""
    letters = [letter.swapcase() if draw(st.booleans()) else letter for letter in word]
    place, between = draw(st.integers(1, max(1, len(word) - 1))), draw(st.sampled_from(('', '_', '-')))
    return draw(st.sampled_from(('', ' '))) + ''.join(letters[:place]) + between + ''.join(letters[place:])


@st.composite
def in_another_spelling(draw, block, options):
    """Respell all names of a block."""
    found = {}
    for key, value in block.items():
        one = next(one for one in options if one.key == key)
        if one.names and isinstance(value, dict):
            value = {draw(respelled(name)): amount for name, amount in value.items()}
        elif isinstance(value, str) and value in one.words:
            value = draw(respelled(value))
        found[draw(respelled(key))] = value
    return found


@settings(max_examples=60)
@given(st.data(), configurations())
def test_spelling_changes_nothing(data, config):
    plain = parse_settings(config)
    other = {'Model': {'HWPrune': data.draw(in_another_spelling(config['Model']['HWPrune'], OPTIONS))}}
    for scope in config.keys() - {'Model'}:
        other[scope] = {
            name: {'HWPrune': data.draw(in_another_spelling(own['HWPrune'], LAYER_OPTIONS))}
            for name, own in config[scope].items()
        }
    found = parse_settings(other)
    assert found == plain
    assert len(found.notes) >= len(plain.notes)


@given(configurations())
def test_blocks_survive_yaml_and_json(config):
    plain = parse_settings(config)
    assert parse_settings(yaml.safe_load(yaml.safe_dump(config))) == plain
    assert parse_settings(json.loads(json.dumps(config))) == plain


@given(blocks())
def test_keywords_of_enable_give_the_block(block):
    config = {}
    hls4ml_hwprune.enable(config, backend='Vitis', **{BY_KEY[key].keyword: value for key, value in block.items()})
    if block:
        assert config['Model']['HWPrune'] == block
        assert parse_settings(config) == parse_settings({'Model': {'HWPrune': block}})


@given(configurations())
def test_values_come_back(config):
    block, found = config['Model']['HWPrune'], parse_settings(config)
    for key in block.keys() & {one.key for one in OPTIONS if one.read is None}:
        assert getattr(found, BY_KEY[key].keyword) == block[key]
    for key in block.keys() & {'II', 'TimeLimit', 'Calibration', 'Validation', 'Plan'}:
        assert getattr(found, BY_KEY[key].keyword) == block[key]
    excluded = block.get('Exclude', ())
    assert found.exclude == ((excluded,) if isinstance(excluded, str) else tuple(excluded))
    for name, own in config.get('LayerName', {}).items():
        for one in LAYER_OPTIONS:
            if one.key in own['HWPrune'] and not (one.key == 'Exclude' and name in found.exclude):
                assert getattr(found.for_layer(name, 'Other'), one.keyword) == own['HWPrune'][one.key]


WORDS = st.sampled_from(sorted({*BY_KEY, *RESOURCES, 'HWPrune', 'Model', 'auto', '50%', '0.5x', '5 ns', 'hw_prune'}))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), WORDS)
RUBBISH = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(WORDS, st.text(max_size=8), st.integers()), inner, max_size=3)
    ),
    max_leaves=8,
)


def refusal(config):
    """Message of the error, if there is one; it is one line."""
    try:
        parse_settings(config)
    except ConfigError as error:
        text = str(error)
        assert text.isprintable()
        assert len(text) <= LONGEST
        return text
    return ''


@settings(max_examples=300)
@given(st.sampled_from(OPTIONS), RUBBISH)
def test_any_value_is_taken_or_refused_by_its_key(one, value):
    text = refusal({'Model': {'HWPrune': {one.key: value}}})
    assert not text or text.startswith(f'Model.HWPrune.{one.key}')


@given(st.sampled_from(LAYER_OPTIONS), st.sampled_from(('LayerName', 'LayerType')), RUBBISH)
def test_any_value_in_a_block_of_a_layer(one, scope, value):
    text = refusal({scope: {'fc1': {'HWPrune': {one.key: value}}}})
    assert not text or text.startswith(f'{scope}.fc1.HWPrune.{one.key}')


def keys_of(data):
    for key, value in data.items() if isinstance(data, dict) else ():
        yield key
        yield from keys_of(value)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(('Model', 'LayerName', 'LayerType', 'HWPrune', 'Flows')), RUBBISH, max_size=4))
def test_any_configuration_is_read_or_refused_by_a_key(config):
    text = refusal(config)
    assert not text or any(shown_name(key) in text for key in keys_of(config))
