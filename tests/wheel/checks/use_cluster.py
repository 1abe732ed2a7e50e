"""A sweep on a cluster of two processes, as on one."""

from distributed import Client, LocalCluster
from joblib import parallel_config
from network import dense

import hls4ml_hwprune

if __name__ == '__main__':
    budgets = [{'DSP': '0.5x'}, {'DSP': '0.3x'}]
    alone = hls4ml_hwprune.sweep(dense(), budgets)
    with LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster), parallel_config('dask'):
        assert hls4ml_hwprune.sweep(dense(), budgets) == alone
