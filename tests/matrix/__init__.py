"""Coverage: every layer of hls4ml with every back end, interface and strategy, as `docs/coverage.md` says."""
