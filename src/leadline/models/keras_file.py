"""A `.keras` file taken apart before Keras sees it: a zip archive of a few known members.

Keras writes `config.json` (the layers), `metadata.json` and `model.weights.h5`, none compressed;
leadline adds `leadline.json`. What holds more, or other than that, is refused, and so are weights
that lie elsewhere than in the file. Nothing here runs, imports or unpacks anything.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadline.data.formats.zip_directory import open_directory
from leadline.errors import ModelFileError
from leadline.system.bounded_files import guarded, parse_json_object

if TYPE_CHECKING:
    import h5py

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
MIB = 2**20
MOST_BYTES = 2048 * MIB
"""Of the file: 500 million weights."""
MEMBERS = {CONFIG: 4 * MIB, "metadata.json": MIB, "leadline.json": 4 * MIB, WEIGHTS: MOST_BYTES}
"""Allowed members of a file and the largest size of each; the longest config of Keras's own
applications has 1 MiB."""
ASSETS = "assets/"
"""Folders where layers of other kinds keep files; looked at only in a file that is trusted."""
MOST_DIRECTORY_BYTES = 64 * 1024
MOST_MEMBERS = 1000
MOST_PARTS = 100_000
"""Groups and arrays among the weights."""
ENCRYPTED = 1
TAIL = 22
"""Bytes of the record that ends a zip archive, where it has no comment."""
LOCATOR = 20
"""Bytes of the record before it in archives beyond 4 GiB."""
FIX = "save the model again"


@dataclass(frozen=True)
class KerasFile:
    """Content of a `.keras` file: its layers, as Keras's JSON, and the size of its weights."""

    config: dict[str, Any]
    weight_bytes: int


def take_apart(path: Path, *, trust: bool = False) -> KerasFile:
    """Read a `.keras` file's config and measure its weights.

    trust: let it hold files of its layers too. Raises ModelFileError, one line that names the file
    and the member, where it is none, is damaged, or exceeds the bounds above.
    """
    try:
        with guarded(path, ModelFileError, FIX):
            _check_file(path)
            with open_directory(path, MOST_MEMBERS) as archive:
                _check_members(archive.infolist(), trust=trust)
                config = _config(archive.read(CONFIG))
                return KerasFile(config, _weight_bytes(archive.read(WEIGHTS)))
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from None


def _check_file(path: Path) -> None:
    """Its size, and that of its list of members, which is read whole."""
    if path.suffix != ".keras":
        raise ModelFileError("is no .keras file by its name; give one that ends in .keras.")
    if not path.is_file():
        raise ModelFileError("no such file; give a .keras file.")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ModelFileError(f"has {size:,} bytes, and at most {MOST_BYTES:,} are read.")
    with path.open("rb") as file:
        file.seek(max(0, size - TAIL - LOCATOR))
        last = file.read().rjust(TAIL + LOCATOR, b"\0")
    record = last[LOCATOR:]
    if not record.startswith(b"PK\5\6") or last.startswith(b"PK\6\7"):
        raise ModelFileError(f"no .keras file, cut short, or with something behind it; {FIX}.")
    directory = int.from_bytes(record[12:16], "little")
    if directory > MOST_DIRECTORY_BYTES:
        raise ModelFileError(f"lists its members in {directory:,} bytes; {FIX}.")


def _check_members(members: list[zipfile.ZipInfo], *, trust: bool) -> None:
    names = [member.orig_filename for member in members]
    for member in members:
        name = member.orig_filename
        if wrong := _wrong(member, trust=trust):
            raise ModelFileError(f"holds {name[:200]!a}, {wrong}; {FIX}.")
        if names.count(name) > 1:
            raise ModelFileError(f"holds {name!r} twice; {FIX}.")
    missing = [name for name in (CONFIG, WEIGHTS) if name not in names]
    if missing:
        raise ModelFileError(f"holds no {missing[0]}, so it is no .keras file; {FIX}.")


def _wrong(member: zipfile.ZipInfo, *, trust: bool) -> str | None:
    """Why a member is refused; None where it is not."""
    name = member.orig_filename
    most = MEMBERS.get(name)
    if most is None and trust and name.startswith(ASSETS) and _is_plain(name):
        most = MOST_BYTES
    if most is None:
        return "which no model of Keras or leadline needs"
    if member.flag_bits & ENCRYPTED:
        return "which is encrypted"
    if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
        return "which is compressed, and Keras compresses nothing"
    if member.file_size > most:
        return f"which has {member.file_size:,} bytes, and at most {most:,} are read"
    return None


def _is_plain(name: str) -> bool:
    """True if a name stays below the folder that it starts with."""
    return ".." not in name.split("/") and not set(name) & {"\\", ":", "\0"}


def _config(text: bytes) -> dict[str, Any]:
    with guarded(CONFIG, ModelFileError, FIX):
        return parse_json_object(text)


def _weight_bytes(content: bytes) -> int:
    """Of all arrays together; each must lie in the file itself, whole and as it is."""
    import h5py

    with guarded(WEIGHTS, ModelFileError, FIX), h5py.File(io.BytesIO(content), "r") as file:
        return sum(_array_bytes(array) for array in _arrays(file))


def _arrays(file: h5py.File) -> Iterator[h5py.Dataset]:
    """Every array, once, by links that stay in the file."""
    import h5py

    waiting: list[h5py.Group] = [file]
    seen = set()
    while waiting:
        group = waiting.pop()
        for name in group:
            where = f"{WEIGHTS}: {group.name.rstrip('/')}/{name}"
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ModelFileError(f"{where[:200]!a} points elsewhere; {FIX}.")
            found = group[name]
            address = h5py.h5o.get_info(found.id).addr
            if address in seen:
                continue
            seen.add(address)
            if len(seen) > MOST_PARTS:
                raise ModelFileError(f"{WEIGHTS} has more than {MOST_PARTS:,} parts; {FIX}.")
            if isinstance(found, h5py.Group):
                waiting.append(found)
            elif isinstance(found, h5py.Dataset):
                yield found
            else:
                raise ModelFileError(f"{where[:200]!a} is not an array; {FIX}.")


def _array_bytes(array: h5py.Dataset) -> int:
    """Raise ModelFileError for one that lies in other files or arrays, or is larger than stored."""
    import h5py

    made = array.id.get_create_plist()
    plain = made.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
    if not plain or made.get_external_count() or made.get_nfilters():
        raise ModelFileError(
            f"{WEIGHTS}: {array.name[:200]!a} is compressed or kept elsewhere; {FIX}."
        )
    if array.dtype.hasobject or array.shape is None:
        raise ModelFileError(f"{WEIGHTS}: {array.name[:200]!a} holds no numbers; {FIX}.")
    size = array.size * array.dtype.itemsize
    stored = array.id.get_storage_size()
    if size != stored:
        raise ModelFileError(
            f"{WEIGHTS}: {array.name[:200]!a} is said to have {size:,} bytes, and {stored:,} are "
            f"in the file; {FIX}."
        )
    return int(size)
