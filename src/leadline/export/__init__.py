"""The model as one file: raw images in, probabilities out, and metadata that describe it.

`model_file` opens and checks such a file without torch, Keras or onnx; `onnx_writing`,
`keras_export` and `torch_export` write one. docs/model-file.md documents the format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadline.system.lazy_names import lazy_names

if TYPE_CHECKING:
    from leadline.export.export_paths import find_model_file
    from leadline.export.latency import time_model_files
    from leadline.export.model_file import ModelFile, open_model_file, read_metadata
    from leadline.export.model_metadata import Metadata, Predictive
    from leadline.export.onnx_writing import (
        SCORE_LEFT_OUT,
        Written,
        write_model_file,
        write_with_score,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "find_model_file": "export_paths",
        "time_model_files": "latency",
        "ModelFile": "model_file",
        "open_model_file": "model_file",
        "read_metadata": "model_file",
        "Metadata": "model_metadata",
        "Predictive": "model_metadata",
        "SCORE_LEFT_OUT": "onnx_writing",
        "Written": "onnx_writing",
        "write_model_file": "onnx_writing",
        "write_with_score": "onnx_writing",
    },
)

__all__ = [
    "SCORE_LEFT_OUT",
    "Metadata",
    "ModelFile",
    "Predictive",
    "Written",
    "find_model_file",
    "open_model_file",
    "read_metadata",
    "time_model_files",
    "write_model_file",
    "write_with_score",
]
