"""Models and their answers in the words of the API."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from leadline.explain.hog_drawings import (
    CELL_PX,
    ORIENTATIONS,
    hog_settings,
    hog_strokes,
    stroke_degrees,
)
from leadline.explain.overlay import png_bytes
from leadline.report.translations.language import gettext, pgettext
from leadline.report.words.guessing_words import with_limits
from leadline.serving.api_schema import (
    Decision,
    Explanation,
    ImageAnswer,
    ModelAnswer,
    ModelResponse,
    Strokes,
)
from leadline.serving.batching import Batched
from leadline.serving.heat_map_requests import Explained, heat_png
from leadline.serving.model_registry import ServedModel
from leadline.serving.uploaded_images import Picture

METHOD = "occlusion"


def model_said(model: ServedModel, *, usual: bool) -> ModelResponse:
    """Return one entry of `GET /models`."""
    about, predictor = model.about, model.predictor
    decided = about.decision
    points = decided.points if decided is not None and decided.positive is not None else ()
    return ModelResponse(
        name=model.name,
        title=pgettext("catalog", about.title) if about.title else "",
        family=about.family,
        classes=about.classes,
        size_px=about.size_px,
        channels=about.channels,
        fit=about.fit,
        weights=about.weights,
        digits=model.takes_digits,
        usual=usual,
        positive=predictor.positive,
        point=predictor.point.name if predictor.point else None,
        points=points,
        test_metrics=about.test_metrics,
        share_in_scope=about.scope.share_in_scope if about.scope else None,
        trained_on=sum(about.counts.get("train", ())) or None,
        tested_on=sum(about.counts.get("test", ())) or None,
        data=about.data,
        credit=about.credit,
        limits=with_limits(about.guessing, gettext(about.limits)),
    )


def image_answer(picture: Picture, answers: tuple[ModelAnswer, ...]) -> ImageAnswer:
    """Return one image with its predictions."""
    digits = [
        image for image, way in zip(picture.inputs, picture.prepared, strict=True) if way == "digit"
    ]
    return ImageAnswer(
        image=picture.name,
        width_px=picture.width_px,
        height_px=picture.height_px,
        seen_png=base64(png_bytes(digits[0])) if digits else None,
        picture_jpeg=base64(picture.jpeg) if picture.jpeg else None,
        models=answers,
    )


def model_answer(
    model: ServedModel, batched: Batched, row: int, picture: Picture, at: int
) -> ModelAnswer:
    """Return one model's prediction for one image: row `row` of its answers, input `at` of the
    picture.
    """
    predictor, said = model.predictor, batched.answers
    classes, probabilities = predictor.classes, said.probabilities[row]
    second = runner_up(probabilities, int(said.likeliest[row]))
    score = None if said.scores is None else float(said.scores[row])
    return ModelAnswer(
        model=model.name,
        class_=classes[said.likeliest[row]],
        probability=float(probabilities.max()),
        runner_up=classes[second],
        runner_up_probability=float(probabilities[second]),
        probabilities=dict(zip(classes, probabilities.tolist(), strict=True)),
        decision=classes[said.decided[row]],
        point=predictor.point.name if predictor.point else None,
        threshold=predictor.point.threshold if predictor.point else None,
        positive=predictor.positive,
        decisions=_decisions(model, probabilities),
        in_scope=None if score is None else score <= 1,
        ood_score=score,
        prepared=picture.prepared[at],
        latency_ms=round(batched.latency_ms, 3),
        batch=batched.batch,
        weights=model.about.weights,
        limits=with_limits(model.about.guessing, model.about.limits),
    )


def _decisions(model: ServedModel, probabilities: NDArray[np.float32]) -> tuple[Decision, ...]:
    """At each operating point."""
    decided, classes = model.about.decision, model.predictor.classes
    if decided is None or decided.positive is None:
        return ()
    positive = classes.index(decided.positive)
    found = float(probabilities[positive])
    return tuple(
        Decision(
            point=point.name,
            threshold=point.threshold,
            decision=classes[positive if found >= point.threshold else 1 - positive],
        )
        for point in decided.points
    )


def explanation(model: ServedModel, found: Explained, picture: Picture, at: int) -> Explanation:
    """Return one model's heat map, and the runner-up."""
    classes = model.predictor.classes
    second = runner_up(found.probabilities, found.explained)
    return Explanation(
        model=model.name,
        class_=classes[found.explained],
        probability=float(found.probabilities[found.explained]),
        runner_up=classes[second],
        runner_up_probability=float(found.probabilities[second]),
        method=METHOD,
        heat_png=base64(heat_png(found.heat)),
        seen_png=base64(png_bytes(picture.inputs[at])),
        border_share=found.border,
        wall_ms=round(found.wall_ms, 3),
    )


def strokes(digit: NDArray[np.uint8], models: Iterable[ServedModel]) -> Strokes:
    """The oriented gradients of uint8 (28, 28, 1), to two digits, as these models have them."""
    orientations, cell_px = stroke_settings(models)
    values = hog_strokes(digit, orientations=orientations, cell_px=cell_px).round(2).tolist()
    return Strokes(
        cell_px=cell_px, degrees=tuple(stroke_degrees(orientations).tolist()), values=values
    )


def stroke_settings(models: Iterable[ServedModel]) -> tuple[int, int]:
    """(orientations, cell_px): of the first model on HOG features, else those of the zoo's."""
    own = (hog_settings(model.about.features) for model in models)
    return next((found for found in own if found is not None), (ORIENTATIONS, CELL_PX))


def runner_up(probabilities: NDArray[np.float32], first: int) -> int:
    """The likeliest of the other classes."""
    others = probabilities.copy()
    others[first] = -1
    return int(others.argmax())


def base64(content: bytes) -> str:
    """A file as text."""
    return b64encode(content).decode()
