"""Sparse firmware of the Quartus dialect: C++ for Intel HLS, with ac_types."""
