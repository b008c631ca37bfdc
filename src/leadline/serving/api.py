"""HTTP API, under /api/v1."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from leadline import __version__
from leadline.data.labels import class_index
from leadline.serving.api_schema import (
    ExplainResponse,
    Health,
    ModelsResponse,
    PredictResponse,
    StudiesResponse,
)
from leadline.serving.disconnects import present
from leadline.serving.inference import InferenceWorkers
from leadline.serving.model_registry import Models, ServedModel
from leadline.serving.problems import Refused, responses
from leadline.serving.prometheus import CONTENT_TYPE, Metrics
from leadline.serving.serializers import model_said, strokes
from leadline.serving.server_settings import Settings
from leadline.serving.study_reports import Studies
from leadline.serving.uploaded_images import Prepare
from leadline.serving.uploads import RAW, uploads

PREFIX = "/api/v1"
IMAGE_KINDS = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", *RAW)
BINARY = {"type": "string", "format": "binary"}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "One image, or a form with an image in each part.",
        "content": {
            **{kind: {"schema": BINARY} for kind in IMAGE_KINDS},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"image": {"type": "array", "items": BINARY}},
                    "required": ["image"],
                }
            },
        },
    }
}
REFUSALS = responses(400, 401, 403, 404, 408, 413, 415, 422, 429, 503)

ModelNames = Annotated[
    list[str] | None,
    Query(
        alias="model",
        max_length=16,
        description="Model names; by default all digit models, or else the first model.",
    ),
]
Preparing = Annotated[
    Prepare,
    Query(
        description="auto: convert images to MNIST's form for models that need it; digit: for all "
        "models of that form; none: only resize."
    ),
]


def router(
    models: Models, settings: Settings, work: InferenceWorkers, metrics: Metrics, studies: Studies
) -> APIRouter:
    """The routes of one server."""
    routes = APIRouter(prefix=PREFIX)
    _add_asking(routes, models, settings, work)

    @routes.get("/models", responses=responses(401, 403, 429))
    async def list_models() -> ModelsResponse:
        """List the models served, with their metadata."""
        return ModelsResponse(
            models=tuple(model_said(one, usual=one in models.usual) for one in models.all)
        )

    @routes.get("/runs", responses=responses(401, 403, 429))
    async def list_studies() -> StudiesResponse:
        """The studies and runs of the server's folder, as they are now."""
        return await asyncio.to_thread(studies.now)

    @routes.get("/healthz", responses=responses(403, 429))
    async def health() -> Health:
        """Health check; needs no token."""
        return Health(status="ok", version=__version__, models=len(models.all))

    @routes.get(
        "/metrics",
        response_class=Response,
        responses={
            200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
            **responses(401, 403, 429),
        },
    )
    async def read_metrics() -> Response:
        """Counters in Prometheus's text format."""
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    return routes


def _add_asking(
    routes: APIRouter, models: Models, settings: Settings, work: InferenceWorkers
) -> None:
    @routes.post("/predict", openapi_extra=BODY, responses=REFUSALS)
    async def predict(
        request: Request,
        model: ModelNames = None,
        prepare: Preparing = "auto",
        picture: Annotated[
            bool, Query(description="Also return each image as it was read, as a JPEG.")
        ] = False,
    ) -> PredictResponse:
        """Predict one image or several. Nothing is stored."""
        chosen = models.chosen(model or ())
        with work.requests.taken():
            async with uploads(request, settings, work.memory) as found:
                pictures = await work.read(found, chosen, prepare, keep=picture)
            return PredictResponse(answers=await work.answer(pictures, chosen))

    @routes.post("/explain", openapi_extra=BODY, responses=REFUSALS)
    async def explain(
        request: Request,
        model: ModelNames = None,
        prepare: Preparing = "auto",
        class_name: Annotated[
            str | None,
            Query(
                alias="class",
                max_length=1000,
                description="Class to explain; by default each model's decision.",
            ),
        ] = None,
    ) -> ExplainResponse:
        """Explain one image by heat maps: how much covering each region changes the prediction."""
        chosen = models.chosen(model or ())
        _check_class(chosen, class_name)
        with work.explains.taken():
            async with uploads(request, settings, work.memory) as found:
                if len(found) > 1:
                    raise Refused(400, f"{len(found)} images; send one at a time.")
                (seen,) = await work.read(found, chosen, prepare)
            async with present(request) as waiting:
                found_by_each = await work.explain(seen, chosen, class_name, waiting)
            digits = [at for at, way in enumerate(seen.prepared) if way == "digit"]
            return ExplainResponse(
                image=seen.name,
                strokes=strokes(seen.inputs[digits[0]], [chosen[at] for at in digits])
                if digits
                else None,
                explanations=found_by_each,
            )


def _check_class(chosen: tuple[ServedModel, ...], class_name: str | None) -> None:
    for one in chosen:
        if class_name is not None and class_index(class_name, one.predictor.classes) is None:
            known = ", ".join(one.predictor.classes[:20])
            raise Refused(422, f"{one.name} has no class {class_name[:100]!r}; it has {known}.")
