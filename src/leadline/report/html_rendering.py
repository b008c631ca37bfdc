"""The templates, loaded once, and the filters that they use."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from leadline.data.sources.source import origin_title
from leadline.metrics.registry import stored_metrics
from leadline.report import formatting
from leadline.report.plots.page_images import picture_data_uri, png_data_uri
from leadline.report.sections.audit_view import features_name
from leadline.report.translations import language
from leadline.report.translations.translated_templates import speaking_environment
from leadline.report.words import (
    comparison_words,
    diagnosis_words,
    estimate_words,
    layer_words,
    metric_words,
    preprocessing_words,
)

if TYPE_CHECKING:
    from leadline.report.sections.study_view import StudyView
    from leadline.report.sections.summary_view import SummaryView


def templates() -> Environment:
    """The templates, in the language that is spoken."""
    return _templates(language.spoken())


@cache
def _templates(spoken: str) -> Environment:
    """The templates with their filters.

    One for each language: words that a template sets when it is imported are kept with it.
    """
    environment = speaking_environment(PackageLoader("leadline.report"))
    environment.filters |= {
        "integer": formatting.integer,
        "percent": formatting.percent,
        "percent_range": formatting.percent_range,
        "points": formatting.points,
        "signed": formatting.signed,
        "decimal": formatting.decimal,
        "memory": formatting.memory,
        "count_short": formatting.count_short,
        "duration": formatting.duration,
        "milliseconds": formatting.milliseconds,
        "general": formatting.general,
        "as_number": formatting.as_number,
        "percent_short": formatting.percent_short,
        "listed": formatting.listed,
        "in_turn": formatting.in_turn,
        "capital": formatting.capital,
        "moment": formatting.moment,
        "shape": formatting.shape,
        "unbroken": unbroken,
        "finding_name": diagnosis_words.finding_name,
        "number": estimate_words.number,
        "number_interval": estimate_words.number_interval,
        "unknown_because": estimate_words.reason,
        "stored_metrics": stored_metrics,
        "metric_title": metric_words.title,
        "metric_meaning": metric_words.meaning,
        "metric_value": metric_words.value,
        "metric_interval": metric_words.interval,
        "interval_text": estimate_words.interval_text,
        "rule_text": estimate_words.rule_text,
        "not_fitted_text": estimate_words.not_fitted_text,
        "score": estimate_words.score_text,
        "score_interval": estimate_words.score_interval_text,
        "share": estimate_words.share,
        "share_interval": estimate_words.share_interval,
        "built_in": language.built_in,
        "features_name": features_name,
        "origin": lambda origin: formatting.sentence(origin_title(origin)),
        "sentence": formatting.sentence,
        "written_formula": layer_words.written_formula,
        "weights_text": layer_words.weights_text,
        "size_text": layer_words.size_text,
        "unused_text": layer_words.unused_text,
        "preprocessed": preprocessing_words.summary,
        "preprocessing_warnings": preprocessing_words.warnings,
        "dimensions": preprocessing_words.dimensions,
        "p_value": comparison_words.p_value,
        "p_equation": comparison_words.p_equation,
        "brief_verdict": comparison_words.brief,
        "png": png_data_uri,
        "picture": picture_data_uri,
    }
    environment.globals |= {"language": spoken, "summary_view": _summary_view}
    script = files("leadline.report").joinpath("templates/page.js").read_text(encoding="utf-8")
    # A browser runs the script that has this hash, and no other.
    digest = b64encode(sha256(script.encode()).digest()).decode()
    environment.globals |= {"script": Markup(script), "script_hash": f"sha256-{digest}"}  # noqa: S704
    return environment


def _summary_view(study: StudyView) -> SummaryView:
    # Imported late: the page of an audit is written without matplotlib.
    from leadline.report.sections.summary_view import SummaryView

    return SummaryView(study)


def unbroken(text: str) -> Markup:
    """HTML of a text in which a narrow column breaks a sum only before a sign of its own."""
    whole = Markup('<span class="nowrap">{}</span>')
    parts = [
        Markup(" ").join(whole.format(term) for term in formatting.terms(chunk))
        if " " in chunk
        else chunk
        for chunk in formatting.chunks(text)
    ]
    return Markup(" ").join(parts)


def without_zero(derivation: str) -> str:
    """Why a layer has no weights, where a column beside it says that there are none."""
    return derivation.removeprefix("no weights: ")
