"""A model file opened: with ONNX Runtime and NumPy alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import ModelFileError
from leadline.export.model_metadata import Metadata, metadata_from
from leadline.export.onnx_inspection import inspect
from leadline.export.ood_graph import IMAGES, PROBABILITIES, SCOPE
from leadline.system.bounded_files import guarded, read_bytes
from leadline.system.threads import choose_threads

MOST_BYTES = 512 * 1024**2
NEARLY = 1e-3
"""Tolerance of the sum of probabilities around 1; a thousand classes are off by 1e-6."""
NOISE = re.compile(
    r"\[ONNXRuntimeError\] : \d+ : \w+ : |Load model from .* failed:|"
    r"\S+\.(?:cc|h):\d+ .*?\) (?=[A-Z])"
)
"""Where in its own code ONNX Runtime is, which it says before what is wrong."""


@dataclass(frozen=True, eq=False)
class ModelFile:
    """A model ready to answer."""

    metadata: Metadata
    session: Any
    """An `onnxruntime.InferenceSession`."""

    def check(self, images: NDArray[np.uint8]) -> None:
        """Raise ModelFileError for images that it does not take."""
        wanted = (*self.metadata.size_px, self.metadata.channels)
        if images.dtype != np.uint8 or images.shape[1:] != wanted:
            raise ModelFileError(
                f"{self.metadata.name} takes uint8 images (n, {', '.join(map(str, wanted))}). "
                f"Received: {images.dtype} {images.shape}."
            )

    def answer(
        self, images: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Probabilities (n, classes), and scores (n,), in scope where at most 1; None without.

        images: uint8 (n, height, width, channels). Raises ModelFileError for others, and where the
        graph fails on them, or answers with what are no probabilities.
        """
        self.check(images)
        scored = len(self.session.get_outputs()) > 1
        if len(images) == 0:  # which not every graph can be asked
            none = np.empty((0, len(self.metadata.classes)), np.float32)
            return none, none[:, 0] if scored else None
        names = [PROBABILITIES, SCOPE] if scored else [PROBABILITIES]
        try:
            answers = self.session.run(names, {IMAGES: images})
        except Exception as error:  # noqa: BLE001 - its own exceptions have no common base
            raise ModelFileError(
                f"{self.metadata.name}: its graph does not run ({_reason(error)}); export the "
                "model again."
            ) from None
        self._check_answers(answers[0], len(images))
        return answers[0], answers[1] if scored else None

    def _check_answers(self, probabilities: NDArray[np.float32], count: int) -> None:
        name, classes = self.metadata.name, len(self.metadata.classes)
        if probabilities.shape != (count, classes):
            raise ModelFileError(
                f"{name}: its graph gives {probabilities.shape} to {count} images and {classes} "
                "classes; export the model again."
            )
        if not np.isfinite(probabilities).all():
            raise ModelFileError(f"{name}: its probabilities are not finite; train it again.")
        off = np.maximum(np.abs(probabilities.sum(axis=1) - 1), -probabilities.min(axis=1))
        if off.max(initial=0.0) > NEARLY:
            worst = probabilities[off.argmax()]
            raise ModelFileError(
                f"{name}: gives no probabilities, such as {worst.min():.3g} to {worst.max():.3g} "
                f"with a sum of {worst.sum():.3g}; export the model again."
            )


def open_model_file(path: Path, *, threads: int = 0) -> ModelFile:
    """Open a model file. threads: of one answer; 0 for those of `system.threads.choose_threads`.

    Nothing but the file is read, and nothing is computed yet. Raises ModelFileError, one line that
    names the file, where it is missing, larger than 512 MiB, no ONNX file, more than a plain graph
    (see `inspection`), none of ours, or not what its metadata say.
    """
    _check_file(path)
    try:
        with guarded(path, ModelFileError, "export the model again"):
            content = read_bytes(path, MOST_BYTES)
            inspect(content)
            session = _session(content, threads)
            metadata = metadata_from(session.get_modelmeta().custom_metadata_map)
            _check_ends(session, metadata)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from None
    return ModelFile(metadata, session)


def _session(content: bytes, threads: int) -> Any:
    """Of the very bytes that were looked through, so that no other file takes their place."""
    import onnxruntime

    options = session_options(threads)
    options.add_session_config_entry("session.load_model_format", "ONNX")
    try:
        return onnxruntime.InferenceSession(
            content,
            options,
            providers=["CPUExecutionProvider"],
            # Which computes what is constant on opening, however large a file makes that.
            disabled_optimizers=["ConstantFolding"],
            # Which prints to standard output before it fails in the same way again.
            enable_fallback=0,
        )
    except Exception as error:  # noqa: BLE001 - its own exceptions have no common base
        raise ModelFileError(
            f"not an ONNX file that can be run ({_reason(error)}); export the model again."
        ) from None


def session_options(threads: int = 0) -> Any:
    """Return options of ONNX Runtime: so many threads, which sleep while they have no work.

    threads: of one answer; 0 for those of `system.threads.choose_threads`, where ONNX Runtime would
    start one for each core of the machine whatever the process may use.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or choose_threads().count
    for pool in ("intra", "inter"):
        options.add_session_config_entry(f"session.{pool}_op.allow_spinning", "0")
    options.log_severity_level = 4  # what is wrong is said here, in one line
    return options


def _reason(error: Exception) -> str:
    return NOISE.sub("", " ".join(str(error).split())).rstrip(".")[:200]


def read_metadata(path: Path) -> Metadata:
    """Read the metadata of a model file. Raises ModelFileError as `open_model_file` does."""
    return open_model_file(path, threads=1).metadata


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise ModelFileError(f"{path}: no such file; give the model.onnx of a run.")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ModelFileError(f"{path}: has {size:,} bytes, and at most {MOST_BYTES:,} are read.")


def _check_ends(session: Any, metadata: Metadata) -> None:
    """Inputs and outputs are those that the metadata promise."""
    ends = [*session.get_inputs(), *session.get_outputs()]
    found = [(end.name, end.type, *_fixed(end.shape)) for end in ends]
    height_px, width_px = metadata.size_px
    expected = [
        (IMAGES, "tensor(uint8)", height_px, width_px, metadata.channels),
        (PROBABILITIES, "tensor(float)", len(metadata.classes)),
    ]
    if len(found) == 3:
        expected.append((SCOPE, "tensor(float)"))
    if found != expected:
        raise ModelFileError(
            f"its graph does not match its metadata (inputs and outputs {found[:4]}, expected "
            f"{expected}); export the model again."
        )


def _fixed(shape: list[Any] | None) -> list[Any]:
    """All but the first axis, which is the batch."""
    return list(shape or [])[1:]
