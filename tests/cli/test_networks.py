"""Networks of the command line: kinds that cannot be converted as they are."""

from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip('click')
from hls4ml_hwprune.cli.networks import keras
from hls4ml_hwprune.errors import ConfigError


def network(module):
    return SimpleNamespace(layers=[type('HDense', (), {'__module__': module})()])


def test_networks_of_hgq_go_by_their_proxies():
    with pytest.raises(ConfigError, match=r'a\.h5: a network of HGQ as it is trained; save its proxy'):
        keras._check_proxy(Path('a.h5'), network('HGQ.layers.dense'))
    keras._check_proxy(Path('a.h5'), network('HGQ.proxy.fixed_point_quantizer'))


def test_constants_by_default_where_each_weight_has_a_width():
    assert keras.defaults(network('hgq.layers.core.dense')) == {'Strategy': 'Latency', 'ReuseFactor': 1}
    assert keras.defaults(network('qkeras.qlayers')) == {}
