"""Parsed pages: elements that balance, tables by their captions or regions, addresses, and the data of the script."""

import json
from html.parser import HTMLParser

from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.host.session.reference import reference_of
from tests import models

BLOCK = {'Budget': {'DSP': '0.4x'}, 'Exclude': ['fc3']}
EVIL = '<script>alert("&")</script>'
VOID = ('meta', 'link')
ADDRESSES = ('href', 'src', 'action', 'srcset', 'data', 'poster')


class Page(HTMLParser):
    """A page: its text, ids, addresses, tables as lists of rows, and texts of elements that hold no others."""

    def __init__(self, text):
        super().__init__()
        self.open, self.addresses, self.tags, self.ids, self.words = [], [], [], [], []
        self.regions, self.rows, self.attributes = {}, None, []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(tag)
        self.attributes.append((tag, found))
        self.addresses += [found[name] for name in ADDRESSES if name in found]
        self.ids += [found['id']] if 'id' in found else []
        if tag not in VOID:
            self.open.append((tag, found))
        if found.get('role') == 'region':
            self.rows = self.regions.setdefault(found['aria-label'], [])
        if tag == 'tr' and self.rows is not None:
            self.rows.append([])
        if tag in ('th', 'td') and self.rows is not None:
            self.rows[-1].append('')

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, text):
        inside = [tag for tag, _ in self.open]
        if 'script' in inside or 'style' in inside:
            if self.open[-1][1].get('id') == 'data':
                self.data = json.loads(text)
            return
        self.words.append(text)
        if self.rows and ('th' in inside or 'td' in inside):
            self.rows[-1][-1] += text


def converted(folder, block=BLOCK, layers=None, **options):
    config = models.hls_config(block, ['vitis:hwprune'], **options)
    return models.convert(layers or models.mlp((16, 64, 32, 5)), config, folder)


def full(model):
    return {'layers': read_layers(model), 'unpruned': read_layers(reference_of(model))}
