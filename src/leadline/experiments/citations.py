"""Data sets that experiments name as their source: classes, licence and citation."""

from __future__ import annotations

from dataclasses import dataclass

from leadline.experiments.image_form import ImageForm

TINY_GREY = ImageForm((28, 28), 1, "stretch")


@dataclass(frozen=True)
class Origin:
    """Facts about a dataset that are known before it is read.

    form: of its images where an experiment leaves size, channels or fit open; None where they are
    chosen from the images.
    """

    classes: int
    licence: str
    citation: str
    form: ImageForm | None = None


CHEST_XRAY = Origin(
    classes=2,
    licence="CC BY 4.0",
    citation=(
        "D. S. Kermany, K. Zhang, M. Goldbaum: Labeled Optical Coherence Tomography (OCT) and "
        "Chest X-Ray Images for Classification. Mendeley Data, version 2, 2018, "
        "doi:10.17632/rscbjbr9sj.2. Described in D. S. Kermany et al.: Identifying Medical "
        "Diagnoses and Treatable Diseases by Image-Based Deep Learning. Cell 172 (5), 2018, "
        "pages 1122-1131, doi:10.1016/j.cell.2018.02.010."
    ),
)
ORIGINS = {
    "mnist": Origin(
        classes=10,
        licence="CC BY-SA 3.0",
        citation=(
            "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-Based Learning Applied to "
            "Document Recognition. Proceedings of the IEEE 86 (11), 1998, pages 2278-2324, "
            "doi:10.1109/5.726791."
        ),
        form=TINY_GREY,
    ),
    "chest-xray": CHEST_XRAY,
    "pneumoniamnist": Origin(
        classes=2,
        licence="CC BY 4.0",
        citation=(
            "J. Yang et al.: MedMNIST v2, a Large-Scale Lightweight Benchmark for 2D and 3D "
            "Biomedical Image Classification. Scientific Data 10, 41, 2023, "
            f"doi:10.1038/s41597-022-01721-8. Its images: {CHEST_XRAY.citation}"
        ),
        form=TINY_GREY,
    ),
}
"""By name, as `data.source` writes them."""


def credit_of(dataset: str) -> str:
    """Licence and citation of a known data set, in one line; empty for any other."""
    origin = ORIGINS.get(dataset)
    return f"{origin.licence}. {origin.citation}" if origin else ""
