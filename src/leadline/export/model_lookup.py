"""Which file answers: a run's, an artefact, or one of the zoo."""

from __future__ import annotations

from pathlib import Path

from leadline import zoo
from leadline.errors import ArtefactError, RunError

SUFFIX = ".onnx"
IN_RUN = "model.onnx"


def find_artefact(model: Path) -> Path:
    """The artefact of a run's folder, of a file, or of a name in the zoo.

    A file or folder of the user's own goes before a model of the zoo that has its name. Raises
    RunError for a folder without an artefact, ArtefactError for what is none of the three.
    """
    if model.is_dir():
        return _of_run(model)
    if model.exists():
        if model.suffix.lower() != SUFFIX:
            raise ArtefactError(
                f"{model}: is no artefact ({SUFFIX}); give one, a run's folder, or a model of the "
                f"zoo: {', '.join(zoo.names())}."
            )
        return model
    if str(model) in zoo.names():
        return zoo.artefact_path(str(model))
    raise ArtefactError(
        f"{model}: no such run, artefact ({SUFFIX}) or model of the zoo; in the zoo there are: "
        f"{', '.join(zoo.names())}."
    )


def _of_run(folder: Path) -> Path:
    artefact = folder / IN_RUN
    if artefact.is_file():
        return artefact
    if (folder / "metrics.json").is_file():
        raise RunError(
            f"{folder}: this run has no {IN_RUN}; its report says why. Train it again, or give "
            "another."
        )
    raise RunError(
        f"{folder}: holds no finished run; give the folder of one, such as "
        "runs/<study>/<experiment>/seed-0."
    )
