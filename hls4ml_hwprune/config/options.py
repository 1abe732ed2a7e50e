"""Options of the `HWPrune` block, each declared once: the keys of its blocks and the keyword arguments of `enable`."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypedDict, get_type_hints

from hls4ml_hwprune.config import values
from hls4ml_hwprune.config.budget import BOUNDS
from hls4ml_hwprune.config.option import Need, Option, options_of
from hls4ml_hwprune.config.settings import AS_CONFIGURED, AUTO, METHODS, RECONSTRUCTIONS, TASKS, LayerSettings
from hls4ml_hwprune.devices import DEVICE_KEYS
from hls4ml_hwprune.importance import CALIBRATED, MEASURES
from hls4ml_hwprune.packing import PACKINGS
from hls4ml_hwprune.packing.narrow import LEAST_BITS, MOST_BITS
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.resources import STAGES

_RESOURCES = ', '.join(BOUNDS)
_MINIMIZE = Need(('Minimize',), 'needs Minimize beside it, which says of what the least is to be used')


class Options(TypedDict, total=False):
    """Keyword arguments of `enable`: the keys of the model's block in snake_case, in the order of messages and tables."""

    budget: Annotated[
        Mapping[str, int | float | str] | None,
        Option(
            'Upper bounds by resource (BRAM: 18 Kb); others are held to the part, or to the unpruned design if larger.',
            absent='the whole part',
            names=tuple(BOUNDS),
            read=values.budget,
            allowed=f'{_RESOURCES}, each a count N, "N%" of the part or "Nx" of the unpruned design',
            is_goal=True,
            beside_plan=True,
        ),
    ]
    packing: Annotated[
        str,
        Option(
            'Rule by which weights share a multiplier slot; auto leaves the choice for each layer to the knapsack.',
            'auto',
            words=PACKINGS,
            layer=True,
        ),
    ]
    importance: Annotated[
        str,
        Option(
            'Measure of the value of weights: sum of magnitudes (l1), of squares (l2), of magnitudes times the size of the '
            'inputs (activation), loss of the answers (obs); auto is obs with Calibration and l1 without.',
            'auto',
            words=MEASURES,
            layer=True,
            needs=(Need(('Calibration',), '{value} is measured on calibration data; give {where}.Calibration', CALIBRATED),),
        ),
    ]
    reuse_factor: Annotated[
        str,
        Option(
            'Reuse factors of layers of the Resource strategy: those of hls4ml (config), or chosen by the knapsack (auto).',
            AS_CONFIGURED,
            words=(AS_CONFIGURED, AUTO),
            layer=Option(
                'Reuse factor of the layer.',
                words=(AS_CONFIGURED, AUTO),
                read=values.layer_reuse_factor,
                allowed=f'a positive whole number, {AS_CONFIGURED}, {AUTO}',
            ),
        ),
    ]
    slot_width: Annotated[
        int | str,
        Option(
            'Bits of weights where two slots that read the same inputs share a DSP block: at most N, as many as fit where '
            'the knapsack finds it better (auto), or no such slots (config).',
            AS_CONFIGURED,
            words=(AS_CONFIGURED, AUTO),
            read=values.slot_width,
            allowed=f'a whole number from {LEAST_BITS} to {MOST_BITS}, {AS_CONFIGURED}, {AUTO}',
            layer=True,
            not_for=('training',),
        ),
    ]
    latency: Annotated[
        int | str | None,
        Option(
            'Upper bound on the latency of the design.',
            read=values.period,
            allowed='a positive whole number of clock cycles, "N ns"',
            is_goal=True,
            beside_plan=True,
        ),
    ]
    ii: Annotated[
        int | None,
        Option(
            'Upper bound on the initiation interval of the design.',
            read=values.interval,
            allowed='a positive whole number of clock cycles',
            is_goal=True,
            beside_plan=True,
        ),
    ]
    minimize: Annotated[
        str | Mapping[str, float] | None,
        Option(
            'Resource of which the least is used, or several with the weight of a whole part of each.',
            absent='the most importance is kept',
            words=tuple(BOUNDS),
            names=tuple(BOUNDS),
            read=values.weights,
            allowed=f'one of {_RESOURCES}, or a mapping from them to positive weights',
            is_goal=True,
            needs=(
                Need(('MinImportance', 'MaxLoss'), 'needs MinImportance or MaxLoss beside it, one of them; got {found}'),
            ),
            not_for=('training',),
        ),
    ]
    min_importance: Annotated[
        float | str | None,
        Option(
            'Share of the importance that is kept at least.',
            read=values.share,
            allowed='0 to 1, "N%"',
            needs=(_MINIMIZE,),
            not_for=('training',),
        ),
    ]
    max_loss: Annotated[
        float | str | None,
        Option(
            'Loss on the calibration data that is allowed.',
            read=values.share,
            allowed='0 to 1, "N%"',
            needs=(
                _MINIMIZE,
                Need(('Calibration',), 'needs {where}.Calibration beside it: the loss is that on the calibration data'),
            ),
            not_for=('sweep', 'training'),
        ),
    ]
    calibration: Annotated[
        Any,
        Option(
            'Inputs of the network, without labels, for the measure obs and for new values of the kept weights.',
            read=values.anything,
            allowed='the name of an .npy or .npz file; in Python an array, a list of arrays, a mapping of x (and y)',
            is_file=True,
            not_for=('sweep',),
        ),
    ]
    reconstruction: Annotated[
        str,
        Option(
            'New values of the kept weights: those that restore what each layer hands on (layers), and the answers of the '
            'network too where all layers can be emulated (auto), or no new values (none).',
            AUTO,
            words=RECONSTRUCTIONS,
            needs=(Need(('Calibration',), 'needs {where}.Calibration, the inputs that new weights are found with'),),
            not_for=('sweep', 'training'),
        ),
    ]
    validation: Annotated[
        Any,
        Option(
            'Inputs and labels on which the firmware is simulated before and after, for the report.',
            read=values.anything,
            allowed='as Calibration',
            is_file=True,
            beside_plan=True,
            not_for=('sweep', 'training'),
        ),
    ]
    task: Annotated[
        str,
        Option(
            'Meaning of the outputs, and so of a loss: auto is classification if the network ends in a softmax or y holds '
            'labels, else regression.',
            AUTO,
            words=TASKS,
            beside_plan=True,
        ),
    ]
    exclude: Annotated[
        str | Collection[str],
        Option(
            'Layers that are not pruned.',
            (),
            read=values.names,
            allowed='a list of layer names',
            layer=Option('Whether the layer is not pruned.', read=values.flag, allowed='true, false'),
        ),
    ]
    device: Annotated[
        str | Mapping[str, int] | None,
        Option(
            'Part whose resources bound the design.',
            absent="the project's part",
            names=DEVICE_KEYS,
            read=values.device,
            allowed=f'a part of the table, or a mapping of {", ".join(DEVICE_KEYS)} to counts (URAM may be left out)',
            beside_plan=True,
        ),
    ]
    stage: Annotated[
        str,
        Option(
            'Estimate that the plan is made at and that the budget refers to: report of the HLS compiler (csynth), or '
            'structure that logic synthesis builds (vsynth).',
            'vsynth',
            words=STAGES,
            beside_plan=True,
        ),
    ]
    method: Annotated[
        str,
        Option(
            'Solution of the knapsack with a proof (exact), or a good selection without the search for one (fast).',
            'exact',
            words=METHODS,
        ),
    ]
    time_limit: Annotated[
        float | None,
        Option(
            'Seconds for the knapsack, where its fixed effort leaves a gap to be proven or closed.',
            absent='the fixed effort',
            read=values.seconds,
            allowed='a positive number',
        ),
    ]
    plan: Annotated[
        str | Path | Plan | None,
        Option(
            'Plan made before, applied as it is in place of a new one.',
            read=values.plan,
            allowed='the file of `Plan.save`; in Python a `Plan` too',
            is_file=True,
            is_goal=True,
            beside_plan=True,
            not_for=('sweep', 'training'),
        ),
    ]


#: Options of the model's block, and of the blocks of layers.
OPTIONS = options_of(Options)
_LAYER_TYPES = get_type_hints(LayerSettings)
LAYER_OPTIONS = tuple(
    replace(
        one.layer if isinstance(one.layer, Option) else one,
        keyword=one.keyword,
        type=_LAYER_TYPES[one.keyword],
        default=None,
    )
    for one in OPTIONS
    if one.layer
)


def keys_not_for(user: str) -> list[str]:
    """Return the keys without a use for a user of the block, 'sweep' or 'training'."""
    return [one.key for one in OPTIONS if user in one.not_for]
