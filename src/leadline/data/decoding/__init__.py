"""Images decoded in processes of their own, which can be stopped and have limits.

A decoder written in C cannot be interrupted: inside this process a hostile file could hold a thread
for minutes, take all memory, or crash everything. So files that are not small and simple
(`structure.Layout.is_cheap`) are decoded by workers,
`python -m leadline.data.decoding.decode_worker`:

- a worker imports NumPy, Pillow and, for films, pydicom; neither torch nor ONNX Runtime;
- it is started when it is first needed, and used for one file after another;
- it has limits on memory and on processor time for each file, and one on the time that passes;
- where it is killed or crashes, that file cannot be read, and the next one gets a new worker.
"""

from __future__ import annotations

from leadline.data.decoding.decode_request import Decoded, Fit, Request, render
from leadline.data.decoding.decoder_pool import (
    DecoderPool,
    DecoderUnavailable,
    Stopped,
    shared_pool,
)

__all__ = [
    "Decoded", "DecoderPool", "DecoderUnavailable", "Fit", "Request", "Stopped", "render",
    "shared_pool",
]  # fmt: skip
