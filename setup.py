"""The description on an index page: README with absolute links, or without links where no address is known.

All else of the build stands in pyproject.toml. An index page shows no pictures and no links of relative addresses: they
begin with that of `[project.urls] Repository`, once the owner has given it, and are left out until then.
"""

import re
import tomllib
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).resolve().parent
_PICTURE = re.compile(r'!\[([^\]]*)\]\((?!https?:)([^)\s]+)\)\n*')
_LINK = re.compile(r'(?<!!)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)\s]+)\)')


def description(readme: str, repository: str = '') -> str:
    """Return the text of an index page.

    Parameters
    ----------
    readme : str
        Markdown with addresses relative to the repository.
    repository : str
        Address of the repository; '' where it is not known.
    """
    place = repository.rstrip('/')
    if not place:
        return _LINK.sub(r'\1', _PICTURE.sub('', readme))
    pictures = _PICTURE.sub(lambda found: f'![{found[1]}]({place}/raw/HEAD/{found[2]})\n\n', readme)
    return _LINK.sub(lambda found: f'[{found[1]}]({place}/blob/HEAD/{found[2]})', pictures)


def _repository() -> str:
    project = tomllib.loads((ROOT / 'pyproject.toml').read_text('utf-8'))['project']
    return str(project.get('urls', {}).get('Repository', ''))


if __name__ == '__main__':
    setup(
        long_description=description((ROOT / 'README.md').read_text('utf-8'), _repository()),
        long_description_content_type='text/markdown',
    )
