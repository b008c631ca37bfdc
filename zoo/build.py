"""Train a model of the zoo again, and put its file and its card into the package.

    python zoo/build.py digits-cnn [--seeds N] [--out runs/zoo]
    python zoo/build.py chest-cnn --data DIR

DIR holds the images: for chest-cnn the official folders train, val and test; MNIST is fetched. The
model of seed 0 is the one that ships, whatever the others reach; further seeds only tell on the
card how far the figures scatter. Runs that are finished are reused, interrupted ones gone on with.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from math import nan
from pathlib import Path
from statistics import mean, stdev

import onnx

from leadline import zoo
from leadline.errors import ModelFileError
from leadline.metrics.estimates import BinaryMetrics
from leadline.metrics.registry import stored_metrics
from leadline.report.card_metadata import with_licence
from leadline.report.model_card import FOLDER_NOTE
from leadline.runs import Run, write_bytes, write_text
from leadline.workflow.run_training import run

POINTS = {"youden": "Youden's threshold", "sensitivity": "sensitive threshold"}
"""What the card calls the operating points."""
LICENCE = "apache-2.0"
"""Of the models that ship, as of all of the package; the images have their own."""

CAVEATS = {
    "chest-cnn": (
        "The recipe was chosen among tries whose figures on the test images had been seen, so the "
        "figures above may flatter by a few thousandths of AUROC. Where the model errs, and what "
        "was tried: `docs/chest.md`."
    ),
}


def main() -> None:
    options = _options()
    runs = [
        run(
            options.name,
            seed=seed,
            data=options.data,
            out=options.out / options.name / f"seed-{seed}",
            resume=True,
        )
        for seed in range(options.seeds)
    ]
    ship(runs)


def ship(runs: list[Run], folder: Path | None = None) -> None:
    """Copy the first run's model file, with a card about all runs. folder: the package's."""
    first = runs[0]
    folder = folder or Path(zoo.__file__).parent
    model_file = first.folder / "model.onnx"
    if not model_file.is_file():
        raise ModelFileError(f"{first.folder}: {first.metrics.model_file}; fix that first.")
    name = first.experiment.name
    card = (first.folder / "card.md").read_text(encoding="utf-8")
    card = with_licence(card, LICENCE).replace(
        FOLDER_NOTE, over_seeds(runs) + recipe(name, folder=first.split["data"] is not None)
    )
    content = carrying(model_file.read_bytes(), {"leadline.card": card})
    size_bytes = len(content)
    if size_bytes > zoo.LARGEST_BYTES:
        raise ModelFileError(
            f"{model_file} has {size_bytes:,} bytes, and the zoo takes {zoo.LARGEST_BYTES:,}; make "
            "the network smaller."
        )
    write_bytes(folder / f"{name}.onnx", content)
    write_text(folder / f"{name}.md", card)


def carrying(model_file: bytes, texts: Mapping[str, str]) -> bytes:
    """Replace these metadata of a model file; nothing else changes."""
    model = onnx.load_model_from_string(model_file)
    had = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, {**had, **texts})
    content: bytes = model.SerializeToString()
    return content


def over_seeds(runs: list[Run]) -> str:
    """A table of what each seed reached on the test images; empty for a single run."""
    found = [figures(one) for one in runs]
    if len(runs) < 2:
        return ""
    heads = list(found[0])
    lines = [
        f"| seed | {' | '.join(heads)} |",
        f"|---|{'---|' * len(heads)}",
        *(
            f"| {one.metrics.seed} | {' | '.join(f'{table[head]:.3f}' for head in heads)} |"
            for one, table in zip(runs, found, strict=True)
        ),
    ]
    for word, of in (("mean", mean), ("standard deviation", stdev)):
        cells = " | ".join(f"{of([table[head] for table in found]):.3f}" for head in heads)
        lines.append(f"| {word} | {cells} |")
    return "## Other seeds, on the test images\n\n" + "\n".join(lines) + "\n\n"


def figures(one: Run) -> dict[str, float]:
    """The run's main figures on the test images, by their heading."""
    found = one.metrics.test_detail
    if not isinstance(found, BinaryMetrics):
        return {"accuracy": one.metrics.test.accuracy}
    table = {metric.title: had for metric, had in stored_metrics(found, "study")}
    for at in found.points:
        where = POINTS.get(at.point.name, at.point.name)
        for metric, estimate in stored_metrics(at, "study"):
            table[f"{metric.title}, {where}"] = estimate
    return {head: nan if had.value is None else had.value for head, had in table.items()}


def recipe(name: str, *, folder: bool) -> str:
    """How the card ends: the command, and what is to be known of how it was found.

    folder: whether the images were given by hand.
    """
    caveat = f"\n{CAVEATS[name]}\n" if name in CAVEATS else ""
    images = " --data DIR" if folder else ""
    return (
        "## Recipe\n\n"
        f"`python zoo/build.py {name}{images}` in the project's folder trains it again; "
        f"`leadline show {name}` tells every layer and setting.\n"
        f"{caveat}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train a model of the zoo again.")
    parser.add_argument("name")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/zoo"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
