"""`leadline show`: topology, the sum behind every layer's weights, optimizer and loss."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadline.cli import built_in_names, console, extras
from leadline.cli.options import Data, ExperimentName, Json, Language, Set
from leadline.errors import DataError

if TYPE_CHECKING:
    from leadline.experiments import Experiment

USUAL_CLASSES = 10
LEAST_CLASSES = 2


def command(
    name: ExperimentName,
    settings: Set = None,
    data: Data = None,
    classes: Annotated[
        int | None, typer.Option("--classes", min=2, help="Number of classes of your own images.")
    ] = None,
    *,
    json: Json = False,
    language: Language = "en",
) -> None:
    """Show a model: layers, weight formulas, optimizer and loss. Trains nothing."""
    from leadline.experiments import load_experiment

    built_in_names.check_room(name, "experiments")
    experiment = load_experiment(name, settings or [])
    extras.require("train")
    experiment, classes = resolved_for(experiment, data, classes)
    found = describe(experiment, classes)
    if json:
        console.machine(found)
    else:
        from leadline.cli.topology_text import print_model
        from leadline.report.translations.language import speaking

        with speaking(language):
            print_model(found)


def resolved_for(
    experiment: Experiment, data: Path | None, classes: int | None
) -> tuple[Experiment, int]:
    """The experiment for these images, and their number of classes; 10 where it is not known.

    classes: instead of that of the images. Raises DataError for fewer than two.
    """
    experiment, found = _resolved(experiment, data)
    if classes is None:
        classes = found
    if classes < LEAST_CLASSES:
        where = "classes" if data is None else data
        raise DataError(
            f"{where}: {classes} {'class' if classes == 1 else 'classes'}, but a model needs at "
            f"least two; sort images into a folder per class, or give --classes."
        )
    return experiment, classes


def _resolved(experiment: Experiment, data: Path | None) -> tuple[Experiment, int]:
    from leadline.experiments.citations import ORIGINS

    origin = ORIGINS.get(experiment.data.source) if data is None else None
    if origin is not None and not experiment.data.open_settings:
        return experiment, origin.classes  # without a look at images that may have to be fetched
    if data is None and origin is None and not experiment.data.open_settings:
        return experiment, USUAL_CLASSES
    from leadline.data.preprocessing import resolve
    from leadline.data.sources.source_list import survey_images

    survey = survey_images(experiment.data, path=data)
    resolved = experiment.model_copy(update={"data": resolve(experiment.data, survey)})
    return resolved, origin.classes if origin else survey.classes


def describe(experiment: Experiment, classes: int) -> dict[str, Any]:
    """Return everything that `show` prints, for --json; memory in bytes, for float32 weights.

    Size and channels of the experiment must not be open.
    """
    from leadline.experiments.keras_arguments import (
        FIXED_LOSS_ARGUMENTS,
        FIXED_OPTIMIZER_ARGUMENTS,
        uses_own_step,
    )
    from leadline.models.build import build_model
    from leadline.models.layers.layer_type import formula_text
    from leadline.models.weight_table import layer_table
    from leadline.report.words.equations import loss_formula, optimizer_formula

    shape = experiment.data.form.shape
    built = build_model(experiment, shape, classes, seed=0)
    rows = layer_table(built.model)
    training = experiment.training
    return {
        "name": experiment.name,
        "title": experiment.title,
        "description": experiment.description,
        "family": experiment.family,
        "assumed": experiment.assumed,
        "input_shape": list(shape),
        "classes": classes,
        "features": experiment.features.model_dump(mode="json"),
        "layers": [
            {
                **asdict(row),
                "output_shape": list(row.output_shape),
                "derivation": formula_text(row.formula),
            }
            for row in rows
        ],
        "total_weights": sum(row.weights for row in rows),
        "trainable_weights": sum(row.trainable for row in rows),
        "multiply_adds": sum(row.multiply_adds for row in rows),
        "memory_bytes": sum(row.memory_bytes for row in rows),
        "unused_layers": [asdict(layer) for layer in built.unused_layers],
        "optimizer": {
            **training.optimizer.model_dump(mode="json"),
            "keras_defaults": FIXED_OPTIMIZER_ARGUMENTS,
            "own_step": uses_own_step(training.optimizer),
            "equations": list(optimizer_formula(training.optimizer).text),
        },
        "loss": {
            "name": training.loss,
            "label_smoothing": training.label_smoothing,
            "class_weights": training.class_weights,
            "keras_defaults": FIXED_LOSS_ARGUMENTS,
            "equations": list(loss_formula(training).text),
        },
        "training": training.model_dump(
            mode="json", exclude={"optimizer", "loss", "label_smoothing", "class_weights"}
        ),
    }
