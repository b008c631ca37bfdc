"""Predictions for each image, as a Parquet file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.short_repr import ShortRepr
from leadline.runs.checksums import read_checked
from leadline.runs.folder_files import reading

MOST_UNPACKED_BYTES = 2**30
MOST_RATIO = 8
"""Larger tables may unpack to so many times their file: values count 8 bytes, and probabilities,
which are most of a large table, are stored in 4, without compression."""
PROBABILITY = "p_"
"""Columns of probabilities begin so."""
MOST_THRIFT_BYTES = 2**24
"""Read limit for the file's own schema."""
VALUE_BYTES = 8
ROUNDING = 1e-3
"""By which a probability may leave 0 to 1."""


@dataclass(frozen=True, repr=False)
class Predictions(ShortRepr):
    """Predictions for each image of one part.

    names: n. indices: int64 (n,), positions in the source's split. labels: int64 (n,).
    probabilities: float32 (n, classes). groups, subgroups: whose image each is, and of which kind
    ("" for none); None where the experiment does not say. ood_scores: float32 (n,), above 1
    for images unlike the training images; None without such a score.
    """

    names: tuple[str, ...]
    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    groups: tuple[str, ...] | None = None
    subgroups: tuple[str, ...] | None = None
    ood_scores: NDArray[np.float32] | None = None


def write_predictions(
    path: Path, parts: Mapping[str, Predictions], classes: tuple[str, ...]
) -> None:
    """Write predictions.parquet: a row for each image of each part.

    Parameters
    ----------
    path : Path
        Not synced here: the whole run folder is.
    parts : mapping of str to Predictions
        By the name of the part, "test" or "validation".
    classes : tuple of str
        Names of the columns of probabilities, after `p_`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = []
    for part, predictions in parts.items():
        columns = {
            "part": [part] * len(predictions.names),
            "name": list(predictions.names),
            "index": predictions.indices,
            "label": predictions.labels,
            "group": _words(predictions.groups, len(predictions.names)),
            "subgroup": _words(predictions.subgroups, len(predictions.names)),
            **_ood_columns(predictions.ood_scores),
            **{
                f"{PROBABILITY}{name}": predictions.probabilities[:, k]
                for k, name in enumerate(classes)
            },
        }
        tables.append(pa.table(columns))
    table = pa.concat_tables(tables)
    others = [name for name in table.column_names if not name.startswith(PROBABILITY)]
    stored = dict.fromkeys(table.column_names, "NONE") | dict.fromkeys(others, "SNAPPY")
    pq.write_table(table, path, use_dictionary=others, compression=stored, write_page_checksum=True)


def read_predictions(path: Path, part: str, classes: int | None = None) -> Predictions:
    """Read one part of what `write_predictions` wrote. Raises DamagedRun if the file is damaged.

    classes: how many the run has, where that is known.
    """
    with reading(path):
        rows = _rows(read_checked(path), part)
        columns = [name for name in rows.column_names if name.startswith(PROBABILITY)]
        if len(columns) != (classes or len(columns)):
            raise ValueError(f"probabilities of {len(columns)} classes, expected {classes}")
        ood_scores = (
            _numbers(rows, "ood_score", np.float32) if "ood_score" in rows.column_names else None
        )
        predictions = Predictions(
            tuple(_texts(rows, "name")),
            _numbers(rows, "index", np.int64),
            _numbers(rows, "label", np.int64),
            np.stack([_numbers(rows, name, np.float32) for name in columns], axis=1),
            _read_words(rows, "group"),
            _read_words(rows, "subgroup"),
            ood_scores,
        )
        _check(predictions)
        return predictions


def _rows(content: bytes, part: str) -> Any:
    """The rows of one part as a table. What the file claims is compared with the bounds first."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    source = pa.BufferReader(content)
    with pq.ParquetFile(
        source,
        thrift_string_size_limit=MOST_THRIFT_BYTES,
        thrift_container_size_limit=MOST_THRIFT_BYTES,
        page_checksum_verification=True,
    ) as file:
        about = file.metadata
        groups = [about.row_group(index).total_byte_size for index in range(about.num_row_groups)]
        claimed = max(sum(groups), about.num_rows * about.num_columns * VALUE_BYTES)
        most = max(MOST_UNPACKED_BYTES, MOST_RATIO * len(content))
        if not 0 <= claimed <= most:
            raise ValueError(f"claims {claimed:,} bytes, at most {most:,} are read")
        rows = file.read(use_threads=False)
    if len(set(rows.column_names)) < rows.num_columns:
        raise ValueError("two columns have one name")
    rows = rows.filter(pc.equal(rows["part"], part))
    if rows.num_rows == 0:
        raise ValueError(f"no predictions of part {part!r}")
    return rows


def _numbers(rows: Any, name: str, kind: type[np.generic]) -> NDArray[Any]:
    found: NDArray[Any] = rows[name].to_numpy()
    if found.dtype != kind:  # a column with gaps is float64
        raise ValueError(f"column {name[:100]!a} is {found.dtype}, expected {np.dtype(kind)}")
    return found


def _texts(rows: Any, name: str) -> list[str]:
    found: list[Any] = rows[name].to_pylist()
    if not all(isinstance(one, str) for one in found):
        raise ValueError(f"column {name!r} is not text")
    return found


def _check(predictions: Predictions) -> None:
    """Raise ValueError for labels of no class, and for what is not a probability."""
    classes = predictions.probabilities.shape[1]
    if ((predictions.labels < 0) | (predictions.labels >= classes)).any():
        raise ValueError(f"labels beyond the {classes} classes")
    if not (np.abs(predictions.probabilities - 0.5) <= 0.5 + ROUNDING).all():
        raise ValueError("probabilities outside 0 to 1")
    if predictions.ood_scores is not None and not np.isfinite(predictions.ood_scores).all():
        raise ValueError("out-of-distribution scores that are not finite")


def _ood_columns(scores: NDArray[np.float32] | None) -> dict[str, Any]:
    return {} if scores is None else {"in_scope": scores <= 1, "ood_score": scores}


def _words(words: tuple[str, ...] | None, n: int) -> Any:
    """A column of text, also where there is none, so that all parts have the same columns."""
    import pyarrow as pa

    return pa.array([None] * n if words is None else list(words), pa.string())


def _read_words(rows: Any, name: str) -> tuple[str, ...] | None:
    """None for a column of nothing, and for one that an earlier version did not write."""
    if name not in rows.column_names or rows[name].null_count:
        return None
    return tuple(_texts(rows, name))
