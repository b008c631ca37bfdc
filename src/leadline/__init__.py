"""leadline: shallow, feature-based and deep image classifiers under one protocol."""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

__version__ = "0.1.0"
