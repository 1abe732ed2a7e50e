"""Clock cycles of kernels, layers and designs."""
