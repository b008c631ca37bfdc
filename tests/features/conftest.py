"""A slow, literal HOG to hold the layer against, and a way to run a layer in ONNX Runtime."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnxruntime
import pytest


class Reference:
    """HOG of grey uint8 images (n, height, width, 1) in float64, loop by loop, without a table."""

    @staticmethod
    def bins(gy: Any, gx: Any, orientations: int) -> Any:
        """Bins by angle; angles within 1e-9 of a multiple of 45 degrees are that multiple."""
        angles_deg = np.degrees(np.arctan2(gy, gx)) % 180
        exact_deg = np.round(angles_deg / 45) * 45
        angles_deg = np.where(np.abs(angles_deg - exact_deg) < 1e-9, exact_deg, angles_deg)
        return np.floor(angles_deg % 180 * orientations / 180).astype(int)

    @classmethod
    def cells(cls, images: Any, orientations: int, cell_px: int) -> Any:
        """(n, cells_y, cells_x, orientations)."""
        grey = images[..., 0].astype(int)
        gy, gx = np.zeros_like(grey), np.zeros_like(grey)
        gy[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
        gx[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
        bins, magnitudes = cls.bins(gy, gx, orientations), np.sqrt(gx * gx + gy * gy)
        n, height_px, width_px = grey.shape
        cells = np.zeros((n, height_px // cell_px, width_px // cell_px, orientations))
        for y, x, k in np.ndindex(cells.shape[1:]):
            inside = np.s_[:, y * cell_px : (y + 1) * cell_px, x * cell_px : (x + 1) * cell_px]
            votes = np.where(bins[inside] == k, magnitudes[inside], 0)
            cells[:, y, x, k] = votes.sum(axis=(1, 2)) / cell_px**2
        return cells

    @classmethod
    def l2_hys(cls, images: Any, orientations: int, cell_px: int) -> Any:
        """(n, features), blocks of one cell."""
        cells = cls.cells(images, orientations, cell_px)
        unit = cells / np.sqrt((cells**2).sum(-1, keepdims=True) + 1e-10)
        clipped = np.minimum(unit, 0.2)
        features = clipped / np.sqrt((clipped**2).sum(-1, keepdims=True) + 1e-10)
        return features.reshape(len(images), -1)


@pytest.fixture(scope="session")
def reference() -> type[Reference]:
    return Reference


@pytest.fixture
def in_onnx_runtime(tmp_path: Path) -> Callable[[Any, Any], Any]:
    """Run a layer over images as its exported graph does, with a free batch."""

    def run(layer: Any, images: Any) -> Any:
        model = keras.Sequential([keras.Input(images.shape[1:], dtype="uint8"), layer])
        model(images[:2])
        path = tmp_path / "layer.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tables become constants, as they should
            model.export(path, format="onnx", verbose=False)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        return session.run(None, {session.get_inputs()[0].name: images})[0]

    return run


@pytest.fixture
def steep() -> Any:
    """200 images of a few grey levels, where most gradients are multiples of 45 degrees."""
    levels = np.array([0, 1, 128, 255], np.uint8)
    return np.random.default_rng(5).choice(levels, size=(200, 28, 28, 1), p=(0.4, 0.2, 0.2, 0.2))
