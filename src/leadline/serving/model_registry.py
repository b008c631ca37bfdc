"""The models that a server has, by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from leadline import zoo
from leadline.data.digits.mnist_style import SIDE_PX
from leadline.errors import ModelFileError
from leadline.export.model_metadata import Metadata
from leadline.serving.predictor import Predictor
from leadline.serving.problems import Refused

FAMILIES = ("pixels", "hog", "cnn")


@dataclass(frozen=True, eq=False)
class ServedModel:
    """A model under the name by which clients ask for it."""

    name: str
    predictor: Predictor

    @property
    def about(self) -> Metadata:
        return self.predictor.metadata

    @property
    def takes_digits(self) -> bool:
        """Whether images are first converted to MNIST's form, from the metadata."""
        return self.predictor.prepare == "digit"

    @property
    def fits_digits(self) -> bool:
        """Whether its images have the form of MNIST's."""
        return (*self.about.size_px, self.about.channels) == (SIDE_PX, SIDE_PX, 1)


class Models:
    """All that are served, in the order in which they were given."""

    def __init__(self, served: Sequence[ServedModel]) -> None:
        self.all = tuple(served)
        self.by_name = {one.name: one for one in self.all}

    @property
    def usual(self) -> tuple[ServedModel, ...]:
        """Return the default models: all digit models, or else the first."""
        return tuple(one for one in self.all if one.takes_digits) or self.all[:1]

    def chosen(self, names: Iterable[str]) -> tuple[ServedModel, ...]:
        """The models of these names, each once; `usual` for none. Raises Refused (404)."""
        wanted = tuple(dict.fromkeys(names))
        unknown = [name for name in wanted if name not in self.by_name]
        if unknown:
            raise Refused(
                HTTPStatus.NOT_FOUND,
                f"No model {unknown[0][:100]!r} here; available: {', '.join(self.by_name)}.",
            )
        return tuple(self.by_name[name] for name in wanted) or self.usual


def open_models(given: Sequence[Path]) -> Models:
    """Open runs' folders, model files and models of the zoo; all of the zoo where none is given.

    Models of one name get a number behind it. Raises ModelFileError and RunError as
    `Predictor.open` does, and where there is nothing to serve.
    """
    wanted = list(given) or [Path(name) for name in _in_order(zoo.names())]
    if not wanted:
        raise ModelFileError("the zoo is empty; name a run's folder or a model file (.onnx).")
    served: list[ServedModel] = []
    for model in wanted:
        predictor = Predictor.open(model, threads=1)
        name = _free(predictor.metadata.name, {one.name for one in served})
        served.append(ServedModel(name, predictor))
    return Models(served)


def _in_order(names: Sequence[str]) -> list[str]:
    """The families of digits from shallow to deep, as on reports; then all others."""
    return sorted(
        names,
        key=lambda name: next(
            (at for at, one in enumerate(FAMILIES) if name == f"digits-{one}"), 9
        ),
    )


def _free(name: str, taken: set[str]) -> str:
    """The name itself, or with the first number that makes it one of its own."""
    name = name or "model"
    number = 2
    found = name
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    return found
