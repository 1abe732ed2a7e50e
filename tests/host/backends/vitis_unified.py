"""Stand-in for back ends of later versions of hls4ml, as far as flows are concerned: Vitis, and a platform around it.

`VitisUnified` has a flow of its own that goes through `vitis:ip`; `VitisUnifiedPartial` converts by `vitis:ip` itself.
"""

from hls4ml.backends import VitisBackend, VivadoBackend, register_backend
from hls4ml.model.flow import register_flow
from hls4ml.writer.vitis_writer import VitisWriter
from hls4ml.writer.writers import register_writer


class VitisUnified(VitisBackend):
    """A back end whose flow has a pass after those of Vitis."""

    def __init__(self, name='VitisUnified'):
        super(VivadoBackend, self).__init__(name=name)
        self._register_layer_attributes()
        self._register_flows()

    def _register_flows(self):
        own = f'{self.name.lower()}:validate_std_cpp_types'
        self._default_flow = register_flow('ip', [own], requires=['vitis:ip'], backend=self.name)
        self._write()

    def _write(self):
        passes = ['make_stamp', f'{self.name.lower()}:write_hls']
        self._writer_flow = register_flow('write', passes, requires=[self._default_flow], backend=self.name)


class VitisUnifiedPartial(VitisUnified):
    """A back end whose flow is that of Vitis."""

    def __init__(self):
        super().__init__('VitisUnifiedPartial')

    def _register_flows(self):
        self._default_flow = 'vitis:ip'
        self._write()


def register():
    """Make them known to hls4ml, which makes its own before it loads plug-ins."""
    for backend in (VitisUnified, VitisUnifiedPartial):
        register_writer(backend.__name__, VitisWriter)
        register_backend(backend.__name__, backend)
