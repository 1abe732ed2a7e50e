"""Facts in which the HLS tools differ, as their reports show them."""

from dataclasses import dataclass

#: Names of the tools, as `Target.tool` has them.
VIVADO_HLS, VITIS_HLS, INTEL_HLS = 'Vivado HLS', 'Vitis HLS', 'Intel HLS'


@dataclass(frozen=True)
class Tool:
    """Facts of one tool.

    Attributes
    ----------
    name : str
    uncertainty : float
        Share of the clock period that hls4ml lets it set aside by default.
    packs_streams : bool
        Whether the elements of a pack share one FIFO word; else each element has a FIFO of its own.
    registers_fifos : bool
        Whether the word that was read from a FIFO in block RAM has a register.
    overlaps_pixels : bool
        Whether a layer of io_stream takes the next pixel while it works on the one before.
    one_multiplexer : bool
        Whether the report lists the multiplexer of the last kernel with shared multipliers for those of all kernels.
    unsigned_constants : bool
        Whether positive constants are listed without their sign bit, on UltraScale+.
    fills_wide_tables : bool
        Whether softmax tables of wide indices are filled at run time.
    one_softmax_table : bool
        Whether io_stream has one table of exponentials, read over several cycles.
    known_memories : bool
        Whether many reports of FIFOs and softmax tables agree with the rules.
    largest_array : int, optional
        Elements that an array is taken apart into at the most; None where there is no limit.
    has_reports : bool
        Whether reports of the tool stand behind figures. Without any, multipliers and bits of weights are counted, and all
        else is unknown.
    """

    name: str
    uncertainty: float
    packs_streams: bool
    registers_fifos: bool
    overlaps_pixels: bool
    one_multiplexer: bool
    unsigned_constants: bool
    fills_wide_tables: bool
    one_softmax_table: bool
    known_memories: bool
    largest_array: int | None
    has_reports: bool = True


_TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            VIVADO_HLS,
            uncertainty=0.125,
            packs_streams=False,
            registers_fifos=True,
            overlaps_pixels=True,
            one_multiplexer=True,
            unsigned_constants=True,
            fills_wide_tables=False,
            one_softmax_table=True,
            known_memories=True,
            # hls4ml's `config_array_partition -maximum_size`.
            largest_array=4096,
        ),
        Tool(
            VITIS_HLS,
            uncertainty=0.27,
            packs_streams=True,
            registers_fifos=False,
            overlaps_pixels=False,
            one_multiplexer=False,
            unsigned_constants=False,
            fills_wide_tables=True,
            one_softmax_table=False,
            known_memories=False,
            largest_array=None,
        ),
        # Without reports no figure depends on the facts of memories and streams.
        Tool(
            INTEL_HLS,
            uncertainty=0.0,
            packs_streams=True,
            registers_fifos=False,
            overlaps_pixels=False,
            one_multiplexer=False,
            unsigned_constants=False,
            fills_wide_tables=False,
            one_softmax_table=False,
            known_memories=False,
            largest_array=None,
            has_reports=False,
        ),
    )
}


def tool_named(name: str) -> Tool:
    """Facts of the tool of a name."""
    return _TOOLS[name]
