"""A file's format by its first bytes, and what to do about pictures in formats that are not read.

Names lie: photographs from phones are called .jpg and hold HEIC, a failed download is a web page
called .png. So the content decides, and the suffix only where the content has no signature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from leadline.data.formats.dicom_start import begins_as_dicom, has_preamble
from leadline.errors import mark

HEAD_BYTES = 4096
"""Enough for every signature here; an SVG may begin with comments. One read of a buffered file."""


@dataclass(frozen=True)
class FileFormat:
    """A file format.

    code : short name in JSON, as "heic".
    title : name in messages, with its article: "a HEIC photograph".
    readable : leadline decodes it.
    picture : people would call the file an image (or a film), whether or not it is readable.
    way_on : what to do with a file that is not readable, as an imperative without full stop.
    """

    code: str
    title: str
    readable: bool = False
    picture: bool = False
    way_on: str = ""


def _readable(code: str, title: str) -> FileFormat:
    return FileFormat(code, title, readable=True, picture=True)


def _unread(code: str, title: str, way_on: str) -> FileFormat:
    return FileFormat(code, title, picture=True, way_on=way_on)


PNG = _readable("png", "a PNG image")
JPEG = _readable("jpeg", "a JPEG image")
GIF = _readable("gif", "a GIF image")
BMP = _readable("bmp", "a BMP image")
WEBP = _readable("webp", "a WebP image")
TIFF = _readable("tiff", "a TIFF image")
PPM = _readable("ppm", "a PPM, PGM or PBM image")
AVIF = _readable("avif", "an AVIF image")
JPEG2000 = _readable("jpeg2000", "a JPEG 2000 image")
PCX = _readable("pcx", "a PCX image")
ICO = _readable("ico", "an ICO image")
DICOM_FILE = _readable("dicom", "a DICOM file")

HEIC = _unread(
    "heic",
    mark("a HEIC photograph"),
    mark(
        "convert it to PNG or JPEG (heif-convert IN.heic OUT.png, or ImageMagick); an iPhone saves "
        "JPEG with Settings > Camera > Formats > Most Compatible"
    ),
)
HEIF = _unread(
    "heif",
    mark("a HEIF image"),
    mark("convert it to PNG (heif-convert IN OUT.png, or ImageMagick)"),
)
SVG = _unread(
    "svg", mark("an SVG drawing"), mark("draw it as PNG (rsvg-convert IN.svg -o OUT.png)")
)
PSD = _unread("psd", mark("a Photoshop document"), mark("export it as PNG"))
XCF = _unread("xcf", mark("a GIMP document"), mark("export it as PNG"))
RAW = _unread(
    "raw",
    mark("a camera's raw file"),
    mark("develop it to PNG or TIFF (darktable-cli IN OUT.png, or dcraw -T IN)"),
)
EPS = _unread("eps", mark("an EPS drawing"), mark("convert it to PNG (gs or ImageMagick)"))
PDF = _unread(
    "pdf", mark("a PDF document"), mark("convert its pages to PNG (pdftoppm -png IN.pdf OUT)")
)
JXL = _unread("jxl", mark("a JPEG XL image"), mark("convert it to PNG (djxl IN.jxl OUT.png)"))
BPG = _unread("bpg", mark("a BPG image"), mark("convert it to PNG (bpgdec -o OUT.png IN)"))
FLIF = _unread("flif", mark("a FLIF image"), mark("convert it to PNG (flif -d IN OUT.png)"))
IPHONE_PNG = _unread(
    "png-iphone",
    mark("a PNG changed by Xcode for the iPhone"),
    mark("convert it to PNG (pngcrush -revert-iphone-optimizations IN OUT.png)"),
)
JXR = _unread("jxr", mark("a JPEG XR image"), mark("convert it to PNG"))
ICNS = _unread(
    "icns", mark("a macOS icon"), mark("convert it to PNG (sips -s format png IN --out OUT.png)")
)
QOI = _unread("qoi", mark("a QOI image"), mark("convert it to PNG"))
DDS = _unread("dds", mark("a DDS texture"), mark("convert it to PNG"))
EXR = _unread("exr", mark("an OpenEXR image"), mark("convert it to an 8-bit or 16-bit PNG"))
HDR = _unread("hdr", mark("a Radiance HDR image"), mark("convert it to an 8-bit or 16-bit PNG"))
FITS = _unread("fits", mark("a FITS image"), mark("convert it to an 8-bit or 16-bit PNG"))
NIFTI = _unread("nifti", mark("a NIfTI volume"), mark("export its slices as PNG"))
NRRD = _unread("nrrd", mark("an NRRD volume"), mark("export its slices as PNG"))
METAIMAGE = _unread("metaimage", mark("a MetaImage volume"), mark("export its slices as PNG"))
EMF = _unread("emf", mark("a Windows metafile"), mark("convert it to PNG"))
VIDEO = _unread(
    "video",
    mark("a video"),
    mark("extract the frames you need as PNG (ffmpeg -i IN frame-%04d.png)"),
)

AUDIO = FileFormat("audio", mark("an audio file"))
DAMAGED_PNG = FileFormat(
    "png-damaged",
    mark("a PNG whose line ends were converted"),
    way_on=mark("copy or download it again, in binary mode"),
)

EMPTY = FileFormat("empty", mark("empty"), way_on=mark("copy or download it again"))
ZEROS = FileFormat(
    "zeros", mark("nothing but zero bytes"), way_on=mark("copy or download it again")
)
HTML = FileFormat(
    "html",
    mark("a web page"),
    way_on=mark("the download went wrong: download the image itself again"),
)
XML = FileFormat("xml", mark("an XML file"))
JSON = FileFormat("json", mark("a JSON file"))
LFS = FileFormat(
    "git-lfs", mark("a Git LFS pointer"), way_on=mark("fetch the image itself with 'git lfs pull'")
)
ANNEX = FileFormat(
    "git-annex", mark("a git-annex pointer"), way_on=mark("fetch the image with 'git annex get'")
)
APPLE_DOUBLE = FileFormat(
    "apple-double", mark("a macOS resource fork, not the image itself"), way_on=mark("remove it")
)
SHORTCUT = FileFormat(
    "shortcut", mark("a Windows shortcut"), way_on=mark("put the image itself in its place")
)
ZIP = FileFormat("zip", mark("a ZIP archive"), way_on=mark("unpack it"))
ARCHIVE = FileFormat("archive", mark("an archive"), way_on=mark("unpack it"))
NPY = FileFormat(
    "npy", mark("a NumPy array"), way_on=mark("save its images as PNG, or all of them as .npz")
)
NPZ = FileFormat(
    "npz",
    mark("an archive of NumPy arrays"),
    way_on=mark("give this file, or a folder of arrays alone"),
)
PICKLE = FileFormat(
    "pickle",
    mark("a Python pickle"),
    way_on=mark(
        "not read, because unpickling can run code; if you trust it, load it yourself and save "
        "its arrays with numpy.savez_compressed('data.npz', x_train=..., y_train=..., x_test=..., "
        "y_test=...)"
    ),
)
PARQUET = FileFormat(
    "parquet",
    mark("a Parquet table"),
    way_on=mark(
        "not read; save its images as CLASS/NAME.png (the datasets library loads it), or its "
        "arrays as .npz with x_train and y_train"
    ),
)
HDF5 = FileFormat(
    "hdf5", mark("an HDF5 file"), way_on=mark("save its images as PNG, or all of them as .npz")
)
MATLAB = FileFormat(
    "mat", mark("a MATLAB file"), way_on=mark("save its images as PNG, or all of them as .npz")
)
PROGRAM = FileFormat("program", mark("a program"))

BY_CODE = {one.code: one for one in tuple(globals().values()) if isinstance(one, FileFormat)}

BY_SUFFIX = {
    **dict.fromkeys((".heic", ".heif", ".hif"), HEIC),
    **dict.fromkeys((".svg", ".svgz"), SVG),
    **dict.fromkeys((".jxl",), JXL),
    **dict.fromkeys((".psd", ".psb"), PSD),
    **dict.fromkeys(
        (".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".orf", ".rw2",
         ".raf", ".pef", ".srw", ".x3f", ".3fr", ".fff", ".iiq", ".mrw", ".kdc", ".dcr", ".erf",
         ".mos", ".mef", ".rwl", ".gpr"),
        RAW,
    ),
    **dict.fromkeys((".nii",), NIFTI),
    **dict.fromkeys((".pkl", ".pickle"), PICKLE),
}  # fmt: skip
"""Formats without a signature, or with that of another: most raw files begin like TIFF."""

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG), (b"GIF87a", GIF), (b"GIF89a", GIF),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", JPEG2000), (b"\xff\x4f\xff\x51", JPEG2000),
    (b"IIRO", RAW), (b"IIRS", RAW), (b"MMOR", RAW), (b"IIU\x00", RAW), (b"FUJIFILMCCD-RAW", RAW),
    (b"FOVb", RAW), (b"\x00MRM", RAW), (b"II\x1a\x00\x00\x00HEAPCCDR", RAW),
    (b"II\xbc", JXR),
    (b"II*\x00", TIFF), (b"MM\x00*", TIFF), (b"II+\x00", TIFF), (b"MM\x00+", TIFF),
    (b"8BPS", PSD), (b"gimp xcf", XCF), (b"%PDF-", PDF),
    (b"%!PS", EPS), (b"\xc5\xd0\xd3\xc6", EPS),
    (b"\xff\x0a", JXL), (b"\x00\x00\x00\x0cJXL ", JXL),
    (b"icns", ICNS), (b"qoif", QOI), (b"DDS ", DDS), (b"\x76\x2f\x31\x01", EXR),
    (b"#?RADIANCE", HDR), (b"#?RGBE", HDR), (b"SIMPLE  =", FITS), (b"NRRD000", NRRD),
    (b"ObjectType = Image", METAIMAGE), (b"\xd7\xcd\xc6\x9a", EMF),
    (b"\x1aE\xdf\xa3", VIDEO), (b"\x00\x00\x01\xba", VIDEO), (b"\x00\x00\x01\xb3", VIDEO),
    (b"BPG\xfb", BPG), (b"FLIF", FLIF), (b"\x89PNG\n\x1a\n", DAMAGED_PNG),
    (b"\x89PNG\r\r\n\x1a", DAMAGED_PNG), (b"ID3", AUDIO), (b"fLaC", AUDIO),
    (b"FLV\x01", VIDEO), (b"0&\xb2u\x8ef\xcf\x11", VIDEO), (b"OggS", VIDEO),
    (b"version https://git-lfs", LFS), (b"/annex/objects/", ANNEX),
    (b"\x00\x05\x16\x07", APPLE_DOUBLE), (b"L\x00\x00\x00\x01\x14\x02\x00", SHORTCUT),
    (b"[InternetShortcut]", SHORTCUT),
    (b"PK\x03\x04", ZIP), (b"PK\x05\x06", ZIP), (b"Rar!\x1a\x07", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE), (b"\x1f\x8b", ARCHIVE), (b"BZh", ARCHIVE),
    (b"\xfd7zXZ\x00", ARCHIVE), (b"\x28\xb5\x2f\xfd", ARCHIVE),
    (b"PAR1", PARQUET), (b"\x80\x02", PICKLE), (b"\x80\x03", PICKLE), (b"\x80\x04\x95", PICKLE),
    (b"\x80\x05\x95", PICKLE),
    (b"\x93NUMPY", NPY), (b"\x89HDF\r\n\x1a\n", HDF5), (b"MATLAB 5.0", MATLAB),
    (b"\x7fELF", PROGRAM), (b"MZ", PROGRAM),
)  # fmt: skip
"""Unambiguous beginnings, the first that fits counts; weaker ones are tested in `format_of`."""

BRANDS = {
    **dict.fromkeys((b"avif", b"avis", b"avio"), AVIF),
    **dict.fromkeys(
        (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), HEIC
    ),
    # Of JPEG, JPEG 2000, AVC, VVC, EVC and uncompressed images.
    **dict.fromkeys(
        (b"jpeg", b"jpgs", b"j2ki", b"j2is", b"avci", b"avcs", b"vvic", b"vvis", b"evbi", b"evmi",
         b"evbs", b"evms", b"unif"),
        HEIF,
    ),
    b"crx ": RAW,
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), AUDIO),
}  # fmt: skip
"""By the brand of an ISO media file (ISO/IEC 14496-12, 23008-12)."""
ANY_CODEC = frozenset({b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"heif", b"1pic"})
"""Brands of images and sequences that leave the codec open."""
HEVC_SETUP, AV1_SETUP = b"hvcC", b"av1C"
"""Boxes in the head of a file that has images coded in HEVC and AV1."""
MARKUP = re.compile(rb"<(svg|!doctype\s+svg|[a-z]+:svg|!doctype\s+html|html|head|body|script)\b")
PORTABLE = re.compile(rb"P[1-7fFy][ \t\r\n]")
BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
"""Sizes in bytes of the second header of a BMP, by its version."""
PCX_VERSIONS = (b"\0", b"\2", b"\3", b"\4", b"\5")
PCX_DEPTHS = (b"\1\1", b"\1\2", b"\1\4", b"\1\x08")
"""Run-length encoding, and bits a pixel."""
COMPLETE_BYTES = 64
"""A file of fewer bytes than this may be all zeros by right."""


def format_of(head: bytes, suffix: str = "") -> FileFormat | None:
    """Identify a file by its first bytes.

    Parameters
    ----------
    head : bytes
        The first `HEAD_BYTES` of the file, or all of a shorter one.
    suffix : str
        Suffix of its name, with the dot. It decides between a RAW file and a TIFF, which begin
        alike, and where the content has no signature.

    Returns
    -------
    FileFormat or None
        None for content without a known signature, as text has.
    """
    if not head:
        return EMPTY
    by_name = BY_SUFFIX.get(suffix.lower())
    by_content = _by_signature(head)
    if by_content is ZIP and suffix.lower() == ".npz":
        return NPZ
    if by_name is RAW and by_content in (TIFF, None):
        return RAW
    if by_name is SVG and by_content is ARCHIVE:  # .svgz
        return SVG
    return by_content or by_name


def _by_signature(head: bytes) -> FileFormat | None:
    # First, for its free 128 bytes may hold another format's signature.
    if has_preamble(head):
        return DICOM_FILE
    if head.startswith(b"II*\x00") and head[8:10] == b"CR":
        return RAW  # Canon's CR2
    if head.startswith(b"\x89PNG") and head[12:16] == b"CgBI":
        return IPHONE_PNG
    for signature, known in SIGNATURES:
        if head.startswith(signature):
            return known
    if (weak := _weak_binary(head)) is not None:
        return weak
    return DICOM_FILE if begins_as_dicom(head) else _text(head)


def _weak_binary(head: bytes) -> FileFormat | None:
    """Formats whose signature is short or not at the beginning, with what follows checked."""
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"AVI ": VIDEO, b"WAVE": AUDIO}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _media(head)
    fits = {
        BMP: head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in BMP_HEADERS,
        PPM: PORTABLE.match(head) is not None,
        PCX: head[:1] == b"\x0a" and head[1:2] in PCX_VERSIONS and head[2:4] in PCX_DEPTHS,
        ICO: head.startswith(b"\0\0\1\0") and head[5:6] == b"\0" and head[4:5] != b"\0",
        EMF: head[40:44] == b" EMF",
        NIFTI: head[344:348] in (b"n+1\0", b"ni1\0"),
        ARCHIVE: head[257:262] == b"ustar",
        ZEROS: len(head) >= COMPLETE_BYTES and not any(head),
    }
    return next((known for known, holds in fits.items() if holds), None)


def _media(head: bytes) -> FileFormat:
    """Format of an ISO media file, by the major brand and the compatible ones."""
    size = int.from_bytes(head[:4], "big")
    major = head[8:12]
    others = [head[at : at + 4] for at in range(16, min(size, len(head)), 4)]
    if major in BRANDS:
        return BRANDS[major]
    known = [BRANDS[brand] for brand in others if brand in BRANDS]
    if HEIC in known and AVIF in known:
        return AVIF if AV1_SETUP in head and HEVC_SETUP not in head else HEIC
    if known:
        return known[0]
    return HEIF if ANY_CODEC.intersection((major, *others)) else VIDEO


def _text(head: bytes) -> FileFormat | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text[:1] == b"<":
        match = MARKUP.search(text)
        if match is None:
            return XML if text.startswith(b"<?xml") else None
        return SVG if b"svg" in match[0] else HTML
    if text[:1] in (b"{", b"["):
        return JSON
    return None
