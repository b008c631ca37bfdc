"""What a model said of each image, as a Parquet file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline.runs.files import reading


@dataclass(frozen=True)
class Predictions:
    """What a model said of each image of one part.

    names: n. indices: int64 (n,), positions in the source's split. labels: int64 (n,).
    probabilities: float32 (n, classes).
    """

    names: tuple[str, ...]
    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]


def write_predictions(path: Path, parts: dict[str, Predictions], classes: tuple[str, ...]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = []
    for part, said in parts.items():
        columns = {
            "part": [part] * len(said.names),
            "name": list(said.names),
            "index": said.indices,
            "label": said.labels,
            **{f"p_{name}": said.probabilities[:, k] for k, name in enumerate(classes)},
        }
        tables.append(pa.table(columns))
    pq.write_table(pa.concat_tables(tables), path)


def read_predictions(path: Path, part: str) -> Predictions:
    import pyarrow.parquet as pq

    with reading(path):
        rows = pq.read_table(path, filters=[("part", "=", part)])
        if rows.num_rows == 0:
            raise ValueError(f"no predictions of part {part!r}")
        columns = [name for name in rows.column_names if name.startswith("p_")]
        return Predictions(
            tuple(rows["name"].to_pylist()),
            rows["index"].to_numpy(),
            rows["label"].to_numpy(),
            np.stack([rows[name].to_numpy() for name in columns], axis=1),
        )
