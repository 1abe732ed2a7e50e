"""Predictions of rule4ml for dense layers, from a table of configurations.

rule4ml has the GPL, so it is not a dependency: run this file in an environment that has it (and torch_geometric),
``python benchmarks/rule4ml_predictions.py rows.csv predictions.csv``.

What rule4ml 0.2.0 takes, and how a row becomes that:

- board: one of its four, or the board whose part is of the same family (``BOARDS``); rows of other families are left out;
- strategy: latency or resource; rows of others are left out;
- precision: only the total width is a feature, so the integer bits do not change a prediction, nor does the clock;
- reuse factor: any; rule4ml takes the nearest that hls4ml allows for the layer;
- tool: the nearest of its versions; hls4ml: 0.8.1 for Vivado HLS (up to 2020.1), else 1.1.0.

Its graph networks normalise over all layers of a call, so a prediction depends a little on its neighbours. All
configurations go into one call, for the networks were trained with mixed batches.
"""

import argparse
import functools
import logging
import re
from pathlib import Path
from typing import Any

# isort: off
import torch_geometric  # type: ignore[import-not-found]  # noqa: F401  (after TensorFlow, its LLVM stops the process)
import keras
import pandas as pd
from rule4ml.models.wrappers import MultiModelWrapper  # type: ignore[import-not-found]
from rule4ml.parsers.data_parser import get_global_inputs, get_layers_data, to_dataframe  # type: ignore[import-not-found]
from rule4ml.parsers.network_parser import config_from_keras_model  # type: ignore[import-not-found]
# isort: on

log = logging.getLogger('rule4ml_predictions')

# The first pattern that the part starts with; among Virtex UltraScale+ devices, the board with the nearest LUT count.
BOARDS = {
    r'(xc)?7z': 'pynq-z2',  # Zynq-7000
    r'xczu': 'zcu102',  # Zynq UltraScale+
    r'xcu250|xcvu(13|19|29)p': 'alveo-u250',
    r'xcu(200|50|55c|280)|xcvu\d+p': 'alveo-u200',
}
FEATURES = ['n_in', 'n_out', 'strategy', 'reuse_factor', 'bits', 'integer_bits', 'board', 'vivado', 'hls4ml']
TARGETS = ['dsp', 'bram', 'lut', 'ff', 'cycles', 'interval']


def board_of(name: str, known: dict[str, int]) -> str | None:
    """Give the board that rule4ml knows for a board or a part, if any."""
    name = name.lower()
    return name if name in known else next((board for part, board in BOARDS.items() if re.match(part, name)), None)


def year_and_half(version: str) -> float:
    """Give the release of a tool as a number of years: 2019.0 for 2019.1 and 2019.5 for 2019.2.1."""
    year, release = version.split('.')[:2]
    return int(year) + (int(release) - 1) / 2


@functools.cache
def dense_config(n_in: int, n_out: int, reuse_factor: int) -> list[dict[str, Any]]:
    """Let rule4ml read a keras model of one dense layer; it uses nothing of the configuration but the reuse factor."""
    inputs = keras.Input((n_in,))
    model = keras.Model(inputs, keras.layers.Dense(n_out)(inputs))
    model.build((None, n_in))
    return config_from_keras_model(model, {'model': {'reuse_factor': reuse_factor}})


def accepted(rows: pd.DataFrame, known: dict[str, dict[str, int]]) -> pd.DataFrame:
    """Map the rows to what rule4ml knows and leave out those that it cannot take.

    Parameters
    ----------
    rows : pd.DataFrame
        The table of configurations.
    known : dict[str, dict[str, int]]
        The values that the networks know for each category.

    Returns
    -------
    pd.DataFrame
        The key and the features of the rows that remain.
    """
    numbers = ['n_in', 'n_out', 'reuse_factor', 'bits', 'integer_bits']
    rows = rows.assign(
        **rows[numbers].apply(pd.to_numeric, errors='coerce'),
        strategy=rows['strategy'].str.lower(),
        board=rows['board_or_part'].fillna('').map(lambda name: board_of(name, known['board'])),
    )
    checks = {
        'strategy': rows['strategy'].isin(list(known['strategy'])),
        'board or part': rows['board'].notna(),
        'tool version': rows['tool_version'].fillna('').str.match(r'\d{4}\.\d'),
        'shape, reuse factor or width': (rows[numbers[:4]] >= 1).all(axis=1) & rows['integer_bits'].notna(),
    }
    kept = pd.Series(True, index=rows.index)
    for name, good in checks.items():
        if count := (kept & ~good).sum():
            values = rows.loc[kept & ~good, ['strategy', 'board_or_part', 'tool_version']].drop_duplicates()
            log.info('%d rows left out for their %s, such as %s', count, name, values.head(3).to_dict('records'))
        kept &= good
    rows = rows[kept].astype(dict.fromkeys(numbers, int))
    years = rows['tool_version'].map(year_and_half)
    releases = {version: year_and_half(version) for version in known['vivado_version']}
    nearest = years.map(lambda year: min(releases, key=lambda version: abs(releases[version] - year)))
    rows = rows.assign(vivado=nearest, hls4ml=years.map(lambda year: '0.8.1' if year <= 2020 else '1.1.0'))
    return rows[['key', *FEATURES]]


def predict(rows: pd.DataFrame, networks: dict[str, Any]) -> pd.DataFrame:
    """Predict each distinct configuration, all in one call to each network."""
    configs, global_inputs, layers = rows[FEATURES].drop_duplicates(ignore_index=True), [], []
    for row in configs.itertuples():
        config = dense_config(row.n_in, row.n_out, row.reuse_factor)
        precision = f'ap_fixed<{row.bits}, {row.integer_bits}>'
        model = {'strategy': row.strategy, 'precision': precision, 'reuse_factor': row.reuse_factor}
        hls = {'board': row.board, 'model': model}
        global_inputs.append(get_global_inputs(config, hls, hls4ml_version=row.hls4ml, vivado_version=row.vivado))
        layers.append(get_layers_data(config))
    any_network = next(iter(networks.values()))
    maps = any_network.global_categorical_maps, any_network.sequential_categorical_maps
    inputs = to_dataframe([], global_inputs, layers, *maps, [])
    outputs = {name.lower(): network.predict_from_df(inputs.copy())[:, 0] for name, network in networks.items()}
    log.info('%d rows are %d distinct configurations', len(rows), len(configs))
    return rows.merge(configs.assign(**outputs), on=FEATURES)[['key', *TARGETS]]


def main() -> None:
    """Read the rows and write the predictions."""
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('rows', type=Path, help='CSV of configurations')
    parser.add_argument('predictions', type=Path, help='CSV to write')
    arguments = parser.parse_args()
    table = pd.read_csv(arguments.rows, dtype=str)
    wrapper = MultiModelWrapper()
    wrapper.load_default_models()
    networks = wrapper._models  # the wrapper's own predict() takes only products of models and configurations
    rows = accepted(table, next(iter(networks.values())).global_categorical_maps)
    predictions = predict(rows, networks).round(3) if len(rows) else pd.DataFrame(columns=['key', *TARGETS])
    predictions.to_csv(arguments.predictions, index=False)
    log.info('predicted %d of %d rows', len(predictions), len(table))


if __name__ == '__main__':
    main()
