"""The file that is handed over: an ONNX graph that takes raw images, and says what it is.

| module | holds |
|---|---|
| `writing` | `write_artefact`: a Keras model and its out-of-scope score as one checked file |
| `keras_writing` | `write_keras`: the same as a `.keras` file that opens without running code |
| `torch_writing` | `write_torch`: the same as safetensors, and the Python that builds the network |
| `torch_graph`, `torch_layers` | the calls of a Keras model, and what each layer is in torch |
| `torch_model` | that Python: it is copied out, and imports nothing of this package |
| `places` | where an exported file may go |
| `agreement` | how nearly a file must answer as the Keras model does |
| `export` | a Keras model as ONNX |
| `scope_graph` | the out-of-scope score as nodes of the graph |
| `metadata` | `Metadata`: what the file says of itself |
| `finding` | `find_artefact`: of a run's folder, of a file, of a name in the zoo |
| `inspection` | what an ONNX file may not bring: weights elsewhere, operators of others, loops |
| `reading` | `open_artefact`, `read_metadata`: without torch, Keras or onnx |
| `timing` | `time_artefacts`: milliseconds a prediction, of several files in turn |

docs/artefact.md tells it to those who run such a file without this package.
"""

from leadline.export.export_paths import find_artefact
from leadline.export.latency import time_artefacts
from leadline.export.model_file import Artefact, open_artefact, read_metadata
from leadline.export.model_metadata import Metadata, Predictive
from leadline.export.onnx_writing import (
    SCORE_LEFT_OUT,
    Written,
    write_artefact,
    write_with_score,
)

__all__ = [
    "SCORE_LEFT_OUT",
    "Artefact",
    "Metadata",
    "Predictive",
    "Written",
    "find_artefact",
    "open_artefact",
    "read_metadata",
    "time_artefacts",
    "write_artefact",
    "write_with_score",
]
