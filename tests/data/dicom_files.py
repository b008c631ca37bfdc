"""DICOM files as small as they can be, written by pydicom; and a lossless JPEG by hand."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEGLosslessSV1,
    RLELossless,
    generate_uid,
)


def film(stored: np.ndarray, bits: int = 12, **attributes: object) -> FileDataset:
    """A film of these stored values (rows, columns) or (rows, columns, 3), uncompressed."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    allocated = 8 if bits <= 8 else 16
    signed = stored.dtype.kind == "i" and bool((stored < 0).any())
    dataset.SOPClassUID, dataset.SOPInstanceUID = (
        DigitalXRayImageStorageForPresentation,
        meta.MediaStorageSOPInstanceUID,
    )
    dataset.Modality = "DX"
    dataset.Rows, dataset.Columns = stored.shape[:2]
    dataset.SamplesPerPixel = 3 if stored.ndim == 3 else 1
    dataset.PhotometricInterpretation = "RGB" if stored.ndim == 3 else "MONOCHROME2"
    if stored.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = allocated, bits, bits - 1
    dataset.PixelRepresentation = int(signed)
    kind = f"<{'i' if signed else 'u'}{allocated // 8}"
    raw = stored.astype(kind).tobytes()
    dataset.add_new("PixelData", "OB" if allocated == 8 else "OW", raw + bytes(len(raw) % 2))
    for name, value in attributes.items():
        setattr(dataset, name, value)
    return dataset


def table(first: int, bits: int, entries: np.ndarray) -> list[Dataset]:
    """A sequence of one lookup table, for the modality LUT or the VOI LUT."""
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries), first, bits])
    item.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    return [item]


def save(dataset: FileDataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)
    return path


def encapsulated(dataset: FileDataset, syntax: str, frame: bytes) -> FileDataset:
    """The same film with this compressed frame as its pixels."""
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.add_new("PixelData", "OB", encapsulate([frame]))
    dataset["PixelData"].is_undefined_length = True
    return dataset


def lossless_jpeg(dataset: FileDataset, stored: np.ndarray, bits: int) -> FileDataset:
    """Compressed as radiography mostly is: ITU-T T.81, process 14, selection value 1."""
    rows, columns = stored.shape
    # Categories 0 to 16, all with codes of five bits.
    huffman = bytes([0, 0, 0, 0, 0, 17, *[0] * 11, *range(17)])
    frame = (
        b"\xff\xd8"
        + _segment(0xC3, struct.pack(">BHHB", bits, rows, columns, 1) + b"\x01\x11\x00")
        + _segment(0xC4, huffman)
        + _segment(0xDA, b"\x01\x01\x00\x01\x00\x00")
        + _scan(stored.astype(int), bits)
        + b"\xff\xd9"
    )
    return encapsulated(dataset, JPEGLosslessSV1, frame)


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _scan(stored: np.ndarray, bits: int) -> bytes:
    """Differences from the left neighbour; in the first column, from the one above."""
    before = np.empty_like(stored)
    before[:, 1:] = stored[:, :-1]
    before[1:, 0] = stored[:-1, 0]
    before[0, 0] = 1 << (bits - 1)
    text = ""
    for difference in (stored - before).ravel().tolist():
        size = abs(difference).bit_length()
        text += f"{size:05b}"
        if size and size < 16:  # the one difference of 16 bits has no more to say
            text += f"{difference if difference > 0 else difference + (1 << size) - 1:0{size}b}"
    text += "1" * (-len(text) % 8)
    packed = int(text, 2).to_bytes(len(text) // 8, "big")
    return packed.replace(b"\xff", b"\xff\x00")


def panicking_film() -> FileDataset:
    """A film in run lengths of more pixels than it says: pylibjpeg-rle, in Rust, panics."""
    offsets = struct.pack("<16I", 2, 64, 66, *[0] * 13)
    runs = b"\xf0\x01" + b"\xf1\x02"  # 17 times 1, 16 times 2
    return encapsulated(film(np.zeros((4, 4), np.uint16), bits=16), RLELossless, offsets + runs)
