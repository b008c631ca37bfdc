"""The templates, loaded once, and the filters that they use."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from leadline.models.weights import format_bytes
from leadline.report import comparison_words, estimate_words, wording
from leadline.report.images import png_data_uri


@cache
def templates() -> Environment:
    """Everything that a user wrote is escaped; what a template misses is an error."""
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
        "number": estimate_words.number,
        "number_interval": estimate_words.number_interval,
        "share": estimate_words.share,
        "share_interval": estimate_words.share_interval,
        "p_value": comparison_words.p_value,
        "brief_verdict": comparison_words.brief,
        "png": png_data_uri,
    }
    return environment
