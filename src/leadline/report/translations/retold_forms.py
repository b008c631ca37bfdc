"""The forms of what the rooms below say in English, for `retelling`.

A test lets these rooms speak, and fails where one says what has no form here.
"""

from __future__ import annotations

from leadline.report.translations.language import mark

LAYERS = (
    mark("no weights"),
    mark("no weights: {reason}"),
    mark("neither gamma nor beta"),
    mark("every pixel divided by 255"),
    mark("(value - mean) / (deviation + 4) of each image"),
    mark("the image as it comes"),
    mark("cells × orientations"),
    mark("cells × orientations: {sum}"),
    mark("blocks × cells of a block × orientations"),
    mark("blocks × cells of a block × orientations: {sum}"),
    mark("every pixel divided by 255: {sum}"),
    mark("(value - mean) / (deviation + 4) of each image: {sum}"),
    mark("the largest value of each window: {sum}"),
    mark("the mean of each window: {sum}"),
    mark("the same values in one row: {sum}"),
    mark("the largest value of each window"),
    mark("the mean of each window"),
    mark("the largest value of each channel"),
    mark("the mean of each channel"),
    mark("the probabilities at temperature {temperature}"),
    mark("sets values to zero, only while training"),
    mark("sets whole channels to zero, only while training"),
    mark("the same values in one row"),
    mark("a function of each value"),
    mark("the sum of its inputs"),
    mark("its inputs side by side"),
    mark("{sum} (sizes of its arrays)"),
    mark("{sum}, {n} of them trained"),
    mark("{sum}, none of them trained"),
    mark("nothing reads its output: {reader} reads {read}"),
    mark("it is read only by {readers}, which reaches nothing"),
    mark("it is read only by {readers}, which reach nothing"),
    mark("{first} and {second}"),
)
"""Why a layer has no weights, or no effect, and what is told of a sum."""

TERMS = (mark("mean"), mark("variance"))
"""Names of terms of a sum, beside gamma and beta."""

FORMS = LAYERS
