"""What a model said of each image, as a Parquet file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.runs.files import reading


@dataclass(frozen=True)
class Predictions:
    """What a model said of each image of one part.

    names: n. indices: int64 (n,), positions in the source's split. labels: int64 (n,).
    probabilities: float32 (n, classes). groups, subgroups: whose image each is, and of which kind
    ("" for none); None where the experiment does not say. scope: float32 (n,), the out-of-scope
    score, in scope where at most 1; None in runs of versions that had none.
    """

    names: tuple[str, ...]
    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    groups: tuple[str, ...] | None = None
    subgroups: tuple[str, ...] | None = None
    scope: NDArray[np.float32] | None = None


def write_predictions(
    path: Path, parts: Mapping[str, Predictions], classes: tuple[str, ...]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = []
    for part, said in parts.items():
        columns = {
            "part": [part] * len(said.names),
            "name": list(said.names),
            "index": said.indices,
            "label": said.labels,
            "group": _words(said.groups, len(said.names)),
            "subgroup": _words(said.subgroups, len(said.names)),
            **_scope_columns(said.scope),
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
            _read_words(rows, "group"),
            _read_words(rows, "subgroup"),
            rows["scope"].to_numpy() if "scope" in rows.column_names else None,
        )


def _scope_columns(scores: NDArray[np.float32] | None) -> dict[str, Any]:
    return {} if scores is None else {"in_scope": scores <= 1, "scope": scores}


def _words(words: tuple[str, ...] | None, n: int) -> Any:
    """A column of text, also where there is none, so that all parts have the same columns."""
    import pyarrow as pa

    return pa.array([None] * n if words is None else list(words), pa.string())


def _read_words(rows: Any, name: str) -> tuple[str, ...] | None:
    """None for a column of nothing, and for one that an earlier version did not write."""
    found: list[Any] = rows[name].to_pylist() if name in rows.column_names else [None]
    return None if None in found else tuple(found)
