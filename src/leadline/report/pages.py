"""A run or a study as one HTML page: no script, no request, no network."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from leadline.models.weights import format_bytes
from leadline.report import wording
from leadline.report.content import RunPage, StudyPage
from leadline.report.images import png_data_uri
from leadline.report.run_view import run_view
from leadline.report.study_view import study_view


def render_run(page: RunPage) -> str:
    """The page of one run, as HTML text. Equal content gives equal text."""
    return _environment().get_template("run.html.j2").render(run=run_view(page))


def render_study(page: StudyPage) -> str:
    """The page of a study: the best of each family, the table, then every run folded."""
    return _environment().get_template("study.html.j2").render(study=study_view(page))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("leadline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "integer": wording.integer,
        "percent": wording.percent,
        "percent_range": wording.percent_range,
        "points": wording.points,
        "signed": wording.signed,
        "decimal": wording.decimal,
        "memory": format_bytes,
        "count_short": wording.count_short,
        "duration": wording.duration,
        "shape": wording.shape,
        "png": png_data_uri,
    }
    return environment
