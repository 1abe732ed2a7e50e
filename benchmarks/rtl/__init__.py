"""RTL twins: small Verilog of the kernels' structure, for logic synthesis where no HLS report exists."""
