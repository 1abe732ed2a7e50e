"""Ask rule4ml, in an environment of its own, for the rows of the checks."""

import logging
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.model_checks import Check

SCRIPT = Path(__file__).with_name('rule4ml_predictions.py')
COLUMNS = {'DSP': 'dsp', 'BRAM18': 'bram', 'LUT': 'lut', 'FF': 'ff', 'latency': 'cycles', 'II': 'interval'}
logger = logging.getLogger(__name__)


def predict(checks: Sequence[Check], interpreter: Path) -> list[Check]:
    """Fill in `other` of the checks of dense layers; rule4ml answers all rows in one call, as its networks want it."""
    asked = [_questions(check, number) for number, check in enumerate(checks)]
    with tempfile.TemporaryDirectory() as folder:
        questions, answers = Path(folder) / 'rows.csv', Path(folder) / 'predictions.csv'
        pd.concat([rows for rows in asked if rows is not None]).to_csv(questions, index=False)
        subprocess.run([str(interpreter), str(SCRIPT), str(questions), str(answers)], check=True)
        found = pd.read_csv(answers).set_index('key')
    return [
        check if rows is None else replace(check, other=found[COLUMNS[check.quantity]].reindex(rows['key']).to_numpy(float))
        for check, rows in zip(checks, asked, strict=True)
    ]


def _questions(check: Check, number: int) -> pd.DataFrame | None:
    """Rows as rule4ml's script wants them; none of convolutions, streams and whole networks."""
    if check.rows is None or check.quantity not in COLUMNS or not {'n_in', 'strategy'} <= set(check.rows):
        return None
    rows = check.rows
    if not rows['layer_type'].str.fullmatch('dense.*').all():
        return None
    precision = rows['weight_precision'].astype(str).map(lambda text: [*re.findall(r'-?\d+', text), '0', '0'][:2])
    return pd.DataFrame(
        {
            'key': [f'{number}-{index}' for index in range(len(rows))],
            'n_in': rows['n_in'].astype(int),
            'n_out': rows['n_out'].astype(int),
            'strategy': rows['strategy'],
            'reuse_factor': rows['reuse_factor'].astype(int),
            'bits': np.array([int(bits) for bits, _ in precision]),
            'integer_bits': np.array([int(bits) for _, bits in precision]),
            'board_or_part': rows['part'],
            'tool_version': rows['tool_version'],
        }
    )
