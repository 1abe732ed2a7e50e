"""Plans for networks with calibration data: importance from what they do, and weights that make up for those pruned."""
