"""What the card of a model file says besides: weights, family, figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

MOST_BYTES = 1_000_000
MOST_FIGURES = 50
WEIGHTS = re.compile(r"^- \*\*Weights\*\*: ([0-9][0-9,]{0,20})\.", re.MULTILINE)
FAMILY = re.compile(r"\bFamily: (pixels|hog|cnn)\.$", re.MULTILINE)
NUMBER = r"[0-9]{1,6}(?:\.[0-9]{1,16})?"
FIGURE = re.compile(
    rf'^ *name: "(?P<name>[^"(\n]{{1,100}}) '
    rf'\(95% interval (?P<low>{NUMBER}) to (?P<high>{NUMBER})\)"\n *value: (?P<value>{NUMBER})$',
    re.MULTILINE,
)
IN_RUN = "card.md"


@dataclass(frozen=True)
class Figure:
    """A figure on the test images, with its 95% interval; each 0 to 1."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Card:
    """Facts of a model's card; None and "" where it has none, or there is no card."""

    weights: int | None = None
    family: str = ""
    figures: tuple[Figure, ...] = ()


def read_card(model_file: Path, inside: str = "") -> Card:
    """The card of a model file: NAME.md beside NAME.onnx, or card.md in a run's folder.

    inside: the text of the card that the model file itself brings, taken where there is no other.
    """
    for path in (model_file.with_suffix(".md"), model_file.with_name(IN_RUN)):
        try:
            if path.stat().st_size <= MOST_BYTES:
                return card_from(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return card_from(inside)


def card_from(text: str) -> Card:
    """What the text of a card says; what it lacks is left out."""
    weights, family = WEIGHTS.search(text), FAMILY.search(text)
    return Card(
        int(weights[1].replace(",", "")) if weights else None,
        family[1] if family else "",
        tuple(
            Figure(one["name"].strip(), float(one["value"]), float(one["low"]), float(one["high"]))
            for one in islice(FIGURE.finditer(text), MOST_FIGURES)
        ),
    )
