"""A model card in Markdown: what the model is, how good, and for what it was not made.

It begins with the metadata by which the Hugging Face Hub finds and lists models.
"""

from __future__ import annotations

import json
from typing import Any

from leadline.analysis.ood.ood_score import OODRecord
from leadline.data.preprocessing import Preprocessing
from leadline.data.remarks import Remark
from leadline.data.sources.source import origin_title
from leadline.experiments import Experiment, headline, limits_of
from leadline.experiments.citations import ORIGINS, credit_of
from leadline.experiments.image_form import ImageForm
from leadline.metrics.classification import Evaluation
from leadline.metrics.estimates import (
    BinaryMetrics,
    DecisionRule,
    MetricValues,
    MulticlassMetrics,
    ThresholdMetrics,
)
from leadline.metrics.positive_class import ChosenBy
from leadline.metrics.registry import stored_metrics
from leadline.report.card_metadata import metadata_block
from leadline.report.words.estimate_words import (
    interval_text,
    not_fitted_text,
    number_with_interval,
    rule_text,
)
from leadline.report.words.guessing_words import sentence, title
from leadline.report.words.metric_words import title as metric_title
from leadline.report.words.preprocessing_words import (
    dimensions,
    fit_words,
    is_changed,
    summary,
    warnings,
)
from leadline.runs import Metrics
from leadline.runs.typed_json import typed

FOLDER_NOTE = (
    "Settings: `experiment.toml`. Everything measured: `metrics.json`. The page: `report.html`.\n"
)
"""The card's last line, true where it lies in a run folder."""


def model_card(experiment: Experiment, metrics: Metrics, split: dict[str, Any]) -> str:
    """The card of one run. split: what split.json holds."""
    test = metrics.test
    low, high = test.accuracy_interval
    epochs = len(metrics.fitted.history)
    names = ", ".join(metrics.classes)
    weights = sum(row.weights for row in metrics.layers)
    form = experiment.data.form
    kind = "grey" if form.channels == 1 else "colour"
    counts = {name: part["count"] for name, part in split["parts"].items()}
    return f"""{metadata_block(experiment, metrics, split)}
# {experiment.name}

{_guessing(metrics)}{_limits(experiment, split)}\
{experiment.title or experiment.name}. Family: {experiment.family}.

- **Takes** raw uint8 {kind} images of {dimensions(form.size_px)}; scaling and features are inside.\
{_made_to_fit(form)}
- **Gives** one probability for each of {len(metrics.classes)} classes: {names}.
- **Weights**: {weights:,}.
- **Trained on** {counts["train"]:,} images of {split["dataset"]}, \
{where_from(experiment, split)}, seed {metrics.seed}, {epochs} epoch{"s" * (epochs != 1)}.
- **Test accuracy** on {test.n:,} images: {test.accuracy:.4f} (95% Wilson interval {low:.4f} to \
{high:.4f}); test loss {test.loss:.4f}{_loss_interval(test)}.
{_decision(metrics)}- **Validation**: {_validation(counts, split)}{_preprocessing(split)}\
{_ood(metrics.ood)}{_credit(split)}

## Limits

The figures hold for images made as these were. {_what_is_flagged(metrics.ood)} \
{" ".join(str(Remark(**warning)) for warning in split["warnings"])}

{FOLDER_NOTE}"""


def _made_to_fit(form: ImageForm) -> str:
    """The way other images are resized; for square images that were stretched, nothing is said."""
    if form.fit == "stretch":
        return ""
    return f" Resize others with Pillow's BILINEAR filter, {fit_words(form.fit)} where needed."


def _preprocessing(split: dict[str, Any]) -> str:
    """What the images were and became, with what that cost them, as a line of the list."""
    if split.get("preprocessing") is None:
        return ""
    done = typed(Preprocessing, split["preprocessing"])
    if not is_changed(done):
        return ""
    return f"\n- **Images**: {' '.join([f'{summary(done)}.', *warnings(done)])}"


def _limits(experiment: Experiment, split: dict[str, Any]) -> str:
    """Population of the images, as a block quote; empty where it is not stated."""
    first, rest = headline(limits_of(experiment, split["dataset"]))
    return f"> **{first}** {rest}".rstrip() + "\n\n" if first else ""


def _guessing(metrics: Metrics) -> str:
    """First of all, where the model is not shown to be better than guessing."""
    found = metrics.guessing
    if found is None or found.verdict == "better":
        return ""
    return f"> **{title(found)}** {sentence(found)}\n\n"


def where_from(experiment: Experiment, split: dict[str, Any]) -> str:
    """Where the images came from, without a folder's path, which is nobody else's business."""
    own = split.get("data") is not None or experiment.data.source not in ORIGINS
    return "from a folder given by hand" if own else f"from {origin_title(split['source'])}"


def _credit(split: dict[str, Any]) -> str:
    """Licence and citation of a known data set, as a line of the list."""
    credit = credit_of(split["dataset"])
    return f"\n- **Data**: {credit}" if credit else ""


def _decision(metrics: Metrics) -> str:
    """Of two classes: what is looked for, how well, and at which thresholds; lines of the list."""
    decided, found = metrics.decided, metrics.test_detail
    if isinstance(found, MulticlassMetrics):
        return f"- **Metrics** on test: {_figures(found)}.\n"
    if decided is None or found is None:
        return ""
    calibrated = f"temperature {decided.temperature:.3f}, from validation"
    if decided.no_temperature is not None:
        calibrated = not_fitted_text(decided.no_temperature)
    patients = "" if found.n_groups is None else f" of {found.n_groups:,} patients"
    of_test = f"{found.n_positive:,} of {found.n:,} test images{patients}"
    whole = _figures(found)
    lines = [
        f"**Looks for** {found.positive}: {of_test}. {whole}.",
        *_chosen_by(decided, found),
        f"**Calibration**: {calibrated}.",
        *(f"**Says {found.positive}** from {_at(at)} on test." for at in found.points),
        f"**Intervals** in brackets are of 95%: {'; '.join(_methods(found))}.",
    ]
    return "".join(f"- {line}\n" for line in lines)


def _chosen_by(decided: DecisionRule, found: BinaryMetrics) -> list[str]:
    """How the positive class was chosen, unless the experiment names it."""
    if decided.chosen_by == ChosenBy.GIVEN:
        return []
    by_name = decided.chosen_by == ChosenBy.NAME
    why = "chosen by the class names" if by_name else "only because it comes second"
    setting = f"`decision.positive = {json.dumps(found.negative, ensure_ascii=False)}`"
    chosen = f"**Positive class**: {found.positive} ({why})."
    return [f"{chosen} To use {found.negative} instead, set {setting}."]


def _at(at: ThresholdMetrics) -> str:
    """A threshold, why it is there, and what it reaches."""
    return f"{at.point.threshold:.4f} ({rule_text(at.point)}): {_figures(at)}"


def _figures(found: MetricValues) -> str:
    """ "sensitivity 0.931 (0.903–0.957), specificity ..."."""
    return ", ".join(
        f"{metric_title(metric)} {number_with_interval(estimate)}"
        for metric, estimate in stored_metrics(found, "card")
    )


def _methods(found: BinaryMetrics) -> list[str]:
    """How the intervals above were found, each way once."""
    estimates = [
        one for values in (found, *found.points) for _, one in stored_metrics(values, "card")
    ]
    return list(dict.fromkeys(interval_text(one) for one in estimates))


def _validation(counts: dict[str, int], split: dict[str, Any]) -> str:
    if split["validation_is_test"]:
        return "the test images themselves, so nothing may be chosen by it."
    return f"{counts['validation']:,} images that are neither trained nor tested on."


def _ood(record: OODRecord | None) -> str:
    """How often the out-of-distribution score is wrong about test images, as a line of the list."""
    if record is None:
        return ""
    alarms = record.test
    patients = ""
    if alarms.by_patient is not None:
        low, high = alarms.by_patient.low, alarms.by_patient.high
        patients = (
            f"; by patient, with any image flagged: {alarms.groups_flagged:,} of "
            f"{alarms.n_groups:,} ({low:.1%} to {high:.1%})"
        )
    return (
        "\n- **Out of scope**: a second answer, the score, is above 1 for images unlike those "
        f"trained on. It flags {alarms.flagged:,} of {alarms.n:,} test images (95% Wilson interval "
        f"{alarms.share.low:.1%} to {alarms.share.high:.1%}){patients}."
    )


def _what_is_flagged(record: OODRecord | None) -> str:
    if record is None:
        return (
            "Nothing here tells an image that is of none of the classes: it gets a probability all "
            "the same."
        )
    return (
        "An image that is flagged gets probabilities all the same, which mean nothing; one that is "
        "not flagged may still be unlike these in ways that the score does not see."
    )


def _loss_interval(test: Evaluation) -> str:
    if test.loss_interval is None:
        return ""
    low, high = test.loss_interval
    return f" (95% interval {low:.4f} to {high:.4f})"
