"""Parts of the HTML report, each from plain records: bars, tables, network, kernels, cycles, Pareto front; and the page."""
