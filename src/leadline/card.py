"""A model card in Markdown: what the model is, how good, and for what it was not made."""

from __future__ import annotations

from typing import Any

from leadline.evaluation.metrics import Evaluation
from leadline.runs import Metrics
from leadline.spec import Experiment, headline, limits_of


def model_card(experiment: Experiment, metrics: Metrics, split: dict[str, Any]) -> str:
    """The card of one run. split: what split.json holds."""
    test = metrics.test
    low, high = test.accuracy_interval
    epochs = len(metrics.fitted.history)
    names = ", ".join(metrics.classes)
    weights = sum(row.weights for row in metrics.layers)
    height_px, width_px = experiment.data.size_px
    kind = "grey" if experiment.data.channels == 1 else "colour"
    counts = {name: part["count"] for name, part in split["parts"].items()}
    return f"""# {experiment.name}

{_limits(experiment)}{experiment.title or experiment.name}. Family: {experiment.family}.

- **Takes** raw uint8 {kind} images of {height_px} × {width_px} px; scaling and features are inside.
- **Gives** one probability for each of {len(metrics.classes)} classes: {names}.
- **Weights**: {weights:,}.
- **Trained on** {counts["train"]:,} images of {split["dataset"]} (from {split["source"]}), \
seed {metrics.seed}, {epochs} epoch{"s" * (epochs != 1)}.
- **Test accuracy** on {test.n:,} images: {test.accuracy:.4f} (95% Wilson interval {low:.4f} to \
{high:.4f}); test loss {test.loss:.4f}{_loss_interval(test)}.
- **Validation**: {_validation(counts, split)}

## Limits

The figures hold for images made as these were. Nothing here tells an image that is of none of the
classes: it gets a probability all the same. {" ".join(split["warnings"])}

Settings: `experiment.toml`. Everything measured: `metrics.json`. The page: `report.html`.
"""


def _limits(experiment: Experiment) -> str:
    """For whom the images stand, set off from the rest; empty where nothing is said."""
    first, rest = headline(limits_of(experiment))
    return f"> **{first}** {rest}".rstrip() + "\n\n" if first else ""


def _validation(counts: dict[str, int], split: dict[str, Any]) -> str:
    if split["validation_is_test"]:
        return "the test images themselves, so nothing may be chosen by it."
    return f"{counts['validation']:,} images that are neither trained nor tested on."


def _loss_interval(test: Evaluation) -> str:
    if test.loss_interval is None:
        return ""
    low, high = test.loss_interval
    return f" (95% interval {low:.4f} to {high:.4f})"
