"""One file that holds all that resuming needs: NumPy arrays and JSON, never a pickle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from leadline.data.formats.npz import unpack_arrays
from leadline.errors import RunError
from leadline.system.bounded_files import guarded, parse_json_object, reason_of
from leadline.system.durable_files import make_folder, replacing_file
from leadline.training.averaging import copy_into
from leadline.training.history import EpochRow
from leadline.training.session import Session

FORMAT = 1
Arrays = dict[str, NDArray[Any]]
MOST_BYTES = 16 * 2**30


@dataclass(frozen=True, eq=False)
class SavedProgress:
    """Progress restored from a checkpoint, beside the session's own state."""

    rows: tuple[EpochRow, ...]
    best: list[torch.Tensor]
    wall_s: float


class Store:
    """Writes a session to `path`, and reads it back.

    Raises StorageError where the file cannot be written, RunError where it is damaged or belongs
    to another training.
    """

    def __init__(self, path: Path, session: Session, seed: int) -> None:
        self._path, self._session = path, session
        self._identity = _identity(session, seed)

    def save(self, rows: Sequence[EpochRow], best: Sequence[torch.Tensor], wall_s: float) -> None:
        """Atomic: an interruption leaves the checkpoint before it, whole."""
        said = {
            "format": FORMAT,
            "identity": self._identity,
            "rows": [asdict(row) for row in rows],
            "wall_s": wall_s,
            "averaged": self._session.averager.count,
            "threads": torch.get_num_threads(),
        }
        arrays = {name: tensor.numpy(force=True) for name, tensor in self._tensors().items()}
        arrays |= {f"best/{i}": tensor.numpy(force=True) for i, tensor in enumerate(best)}
        arrays["torch"] = torch.get_rng_state().numpy()
        arrays |= {
            f"generator/{name}": generator.get_state().numpy()
            for name, generator in self._session.generators.items()
        }
        arrays["json"] = np.frombuffer(json.dumps(said).encode(), np.uint8)
        _write(self._path, arrays)

    def load(self) -> SavedProgress | None:
        """Restore the session's state; return None if there is no checkpoint."""
        if not self._path.exists():
            return None
        with guarded(self._path, RunError, "delete it to start again"):
            arrays, said = _read(self._path)
            self._check(said)
            return self._restore(arrays, said)

    def _check(self, said: dict[str, Any]) -> None:
        theirs = {"format": said["format"], **said["identity"]}
        ours = {"format": FORMAT, **self._identity}
        for key, value in ours.items():
            if theirs.get(key) != value:
                raise RunError(
                    f"{self._path}: a checkpoint of another training ({key} is "
                    f"{theirs.get(key)!r} there, {value!r} here); delete it to start again."
                )
        trained, asked = len(said["rows"]), self._session.training.epochs
        if trained > asked:
            raise RunError(
                f"{self._path}: has trained {trained} epochs, more than the {asked} asked for; ask "
                "for more (--set training.epochs=...), or delete it to start again."
            )

    def _restore(self, arrays: Arrays, said: dict[str, Any]) -> SavedProgress:
        ours = self._tensors()
        copy_into(list(ours.values()), [torch.from_numpy(arrays[name]) for name in ours])
        torch.set_rng_state(torch.from_numpy(arrays["torch"]))
        for name, generator in self._session.generators.items():
            generator.set_state(torch.from_numpy(arrays[f"generator/{name}"]))
        self._session.averager.count = said["averaged"]
        count = sum(name.startswith("best/") for name in arrays)
        best = [torch.from_numpy(arrays[f"best/{i}"]) for i in range(count)]
        return SavedProgress(tuple(EpochRow(**row) for row in said["rows"]), best, said["wall_s"])

    def _tensors(self) -> dict[str, torch.Tensor]:
        """Every tensor that the session changes, by its name in the file."""
        groups = {
            "model": [variable.value for variable in self._session.model.variables],
            "optimizer": [variable.value for variable in self._session.optimizer.variables],
            "average": self._session.averager.sums,
        }
        return {
            f"{group}/{i}": tensor for group, row in groups.items() for i, tensor in enumerate(row)
        }


def checkpoint_threads(path: Path) -> int | None:
    """Return the number of threads that a checkpoint was trained with.

    None where there is no checkpoint, or none that can be read: `Store.load` says why.
    """
    try:
        with guarded(path, RunError, "delete it"):
            table = parse_json_object(unpack_arrays(path, ["json"])["json"].tobytes())
            threads = table["threads"]
    except RunError:
        return None
    return threads if isinstance(threads, int) and threads > 0 else None


def damage(path: Path) -> str | None:
    """The reason why a checkpoint does not read; None where it does, or there is none."""
    if not path.exists():
        return None
    try:
        with guarded(path, RunError, "delete it"):
            _read(path)
    except RunError as error:
        return reason_of(error.__cause__ or error, path)
    return None


def _read(path: Path) -> tuple[Arrays, dict[str, Any]]:
    """Read all arrays and their metadata. Raises the readers' own errors for a damaged file."""
    arrays = unpack_arrays(path, most_bytes=MOST_BYTES)
    return arrays, parse_json_object(arrays["json"].tobytes())


def _identity(session: Session, seed: int) -> dict[str, Any]:
    """Return what must match for a run to be resumed. More epochs are allowed."""
    training = session.training.model_dump(mode="json", exclude={"time_limit_s"})
    if training["schedule"] is None or training["schedule"]["kind"] != "cosine":
        training.pop("epochs")
    shapes = [list(weight.shape) for weight in session.weights]
    return {
        "training": training,
        "seed": seed,
        "training images": len(session.train_batches),
        "shapes of weights": shapes,
    }


def _write(path: Path, arrays: Arrays) -> None:
    make_folder(path.parent)
    with replacing_file(path) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # keyword names are data here
