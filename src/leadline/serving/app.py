"""The web application: the API, the page and what stands before both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from leadline import __version__
from leadline.errors import LeadlineError
from leadline.serving import problems
from leadline.serving.api import router
from leadline.serving.inference import InferenceWorkers
from leadline.serving.model_registry import Models
from leadline.serving.prometheus import Metrics
from leadline.serving.security import Guard
from leadline.serving.server_settings import Settings
from leadline.serving.site import add_site
from leadline.serving.study_reports import Studies

ABOUT = (
    "Predictions and explanations for images. Nothing that is sent is stored. Errors are "
    "application/problem+json documents with a reason."
)


def create_app(models: Models, settings: Settings) -> FastAPI:
    """An application that serves these models, in the language that is spoken now."""
    metrics = Metrics()
    work = InferenceWorkers(models, settings, metrics)
    studies = Studies(settings.runs)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        yield
        work.close()

    app = FastAPI(
        title="leadline",
        version=__version__,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=running,
        exception_handlers={
            problems.Refused: problems.on_refused,
            LeadlineError: problems.on_mendable,
            HTTPException: problems.on_http,
            RequestValidationError: problems.on_invalid,
        },
    )
    app.include_router(router(models, settings, work, metrics, studies))
    _describe(app, settings)
    add_site(app, app.openapi(), models, settings, studies)
    app.add_middleware(Guard, settings=settings, metrics=metrics)
    return app


def _describe(app: FastAPI, settings: Settings) -> None:
    """Add to the description what FastAPI does not know: problems, and the token."""
    described = app.openapi()
    schemas = described.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = problems.Problem.model_json_schema()
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    if settings.token is not None:
        described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        described["security"] = [{"token": []}]
