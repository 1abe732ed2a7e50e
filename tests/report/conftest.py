"""A pruned network, its project, and pages written of plans."""

from pathlib import Path

import pytest

from hls4ml_hwprune.report.html_report import write_html
from tests.report.pages import converted


@pytest.fixture(scope='session')
def model(tmp_path_factory):
    return converted(tmp_path_factory.mktemp('html') / 'project')


@pytest.fixture(scope='session')
def project(model):
    model.write()
    return Path(model.config.get_output_dir())


@pytest.fixture
def write(tmp_path):
    def written(plan, **options):
        write_html(plan, tmp_path / 'report.html', **options)
        return (tmp_path / 'report.html').read_text('utf-8')

    return written
