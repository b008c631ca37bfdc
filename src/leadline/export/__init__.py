"""The model as one file: raw images in, probabilities out, and metadata that describe it.

`model_file` opens and checks such a file without torch, Keras or onnx; `onnx_writing`,
`keras_export` and `torch_export` write one. docs/artefact.md documents the format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadline.system.lazy_names import lazy_names

if TYPE_CHECKING:
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

__getattr__ = lazy_names(
    __name__,
    {
        "find_artefact": "export_paths",
        "time_artefacts": "latency",
        "Artefact": "model_file",
        "open_artefact": "model_file",
        "read_metadata": "model_file",
        "Metadata": "model_metadata",
        "Predictive": "model_metadata",
        "SCORE_LEFT_OUT": "onnx_writing",
        "Written": "onnx_writing",
        "write_artefact": "onnx_writing",
        "write_with_score": "onnx_writing",
    },
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
