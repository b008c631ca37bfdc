"""`leadline show`: topology, the sum behind every layer's weights, optimizer and loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadline.cli import catalogue, console, extras
from leadline.cli.options import ExperimentName, Json, Set

if TYPE_CHECKING:
    from leadline.spec import Experiment

USUAL_CLASSES = 10


def command(
    name: ExperimentName,
    settings: Set = None,
    classes: Annotated[
        int | None, typer.Option("--classes", min=2, help="Classes of your own images.")
    ] = None,
    json: Json = False,
) -> None:
    """Show a model: layers, weights, by which sums; trains nothing."""
    from leadline.spec import load_experiment

    catalogue.check_room(name, "experiments")
    experiment = load_experiment(name, settings or [])
    extras.require("train")
    found = describe(experiment, classes or usual_classes(experiment))
    if json:
        console.machine(found)
    else:
        from leadline.cli.topology_text import print_model

        print_model(found)


def usual_classes(experiment: Experiment) -> int:
    """Number of classes of the experiment's own images, or 10 for a user's images."""
    from leadline.spec.origins import ORIGINS

    origin = ORIGINS.get(experiment.data.source)
    return origin.classes if origin else USUAL_CLASSES


def describe(experiment: Experiment, classes: int) -> dict[str, Any]:
    """Everything that `show` tells, as --json prints it; memory in bytes, for float32 weights."""
    from leadline.models.build import build_model
    from leadline.models.weights import layer_table
    from leadline.report.equations import loss_formula, optimizer_formula

    shape = (*experiment.data.size_px, experiment.data.channels)
    built = build_model(experiment, shape, classes, seed=0)
    rows = layer_table(built.model)
    training = experiment.training
    return {
        "name": experiment.name,
        "title": experiment.title,
        "description": experiment.description,
        "family": experiment.family,
        "input_shape": list(shape),
        "classes": classes,
        "features": experiment.features.model_dump(mode="json"),
        "layers": [
            {
                "name": row.name,
                "type": row.type,
                "output_shape": list(row.output_shape),
                "weights": row.weights,
                "trainable": row.trainable,
                "derivation": row.derivation,
                "multiply_adds": row.multiply_adds,
                "memory_bytes": row.memory_bytes,
            }
            for row in rows
        ],
        "total_weights": sum(row.weights for row in rows),
        "trainable_weights": sum(row.trainable for row in rows),
        "multiply_adds": sum(row.multiply_adds for row in rows),
        "memory_bytes": sum(row.memory_bytes for row in rows),
        "dead_layers": [
            {"name": layer.name, "type": layer.type, "reason": layer.reason}
            for layer in built.dead_layers
        ],
        "optimizer": {
            **training.optimizer.model_dump(mode="json"),
            "equations": list(optimizer_formula(training.optimizer).text),
        },
        "loss": {
            "name": training.loss,
            "label_smoothing": training.label_smoothing,
            "class_weights": training.class_weights,
            "equations": list(loss_formula(training).text),
        },
        "training": training.model_dump(
            mode="json", exclude={"optimizer", "loss", "label_smoothing", "class_weights"}
        ),
    }
