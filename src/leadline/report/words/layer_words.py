"""Formulas of weights and sizes, what layers without weights do, and why a layer is unused."""

from __future__ import annotations

from leadline.errors import mark
from leadline.models.built_model import UnusedLayer
from leadline.models.layers import meaning_text
from leadline.models.layers.layer_type import Formula, formula_text
from leadline.models.weight_table import LayerRow
from leadline.report.formatting import general, integer, listed
from leadline.report.translations.language import gettext as _

NAMES = {"mean": mark("mean"), "variance": mark("variance")}
"""Names of arrays in a formula; gamma and beta are the same in every language."""


def written_formula(formula: Formula) -> str:
    """A formula in the language in force: "(784 × 512) + 512 = 401,920"."""
    return formula_text(formula, number=integer, name=lambda name: _(NAMES.get(name, name)))


def weights_text(row: LayerRow) -> str:
    """How a layer's weights add up, or what a layer without weights does.

    Where a layer without weights changes the number of values, the equation of that follows:
    "the largest value of each window: 28 ÷ 2 = 14".
    """
    if not row.weights:
        meaning = _meaning(row)
        if not row.size_formula:
            return meaning or _("no weights")
        return _("{meaning}: {formula}").format(
            meaning=meaning or _("no weights"), formula=written_formula(row.size_formula)
        )
    text = written_formula(row.formula)
    if row.from_arrays:
        text = _("{formula} (sizes of its arrays)").format(formula=text)
    if not row.trainable:
        return _("{formula}, none of them trained").format(formula=text)
    if row.trainable < row.weights:
        return _("{formula}, {n} of them trained").format(formula=text, n=integer(row.trainable))
    return text


def size_text(row: LayerRow) -> str:
    """Equation of the size of a layer's output that `weights_text` does not have; or ""."""
    return written_formula(row.size_formula) if row.weights else ""


def unused_text(layer: UnusedLayer) -> str:
    """Why a layer is connected to no output."""
    if layer.reason == "not-read":
        return _("nothing reads its output: {layer} reads {read}").format(
            layer=layer.following, read=listed(layer.following_reads)
        )
    readers = listed(layer.readers)
    if len(layer.readers) == 1:
        return _("it is read only by {reader}, which is unused").format(reader=readers)
    return _("it is read only by {readers}, which are unused").format(readers=readers)


def _meaning(row: LayerRow) -> str:
    values = {name: general(value, 4) for name, value in row.values}
    text = meaning_text(row.meaning)
    return _(text).format(**values) if text else ""
