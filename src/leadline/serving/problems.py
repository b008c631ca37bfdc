"""Client and server errors as JSON problem documents (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from leadline.errors import LeadlineError, MissingExtra, ModelFileError

MEDIA_TYPE = "application/problem+json"


CODES = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    408: "request-timeout",
    413: "content-too-large",
    415: "unsupported-media-type",
    422: "invalid-request",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}
"""For programs, where nothing more exact is known than the status."""
UNREADABLE, MISSING_EXTRA, MODEL_FAILED = "unreadable-image", "missing-extra", "model-failed"


class Problem(BaseModel):
    """An error response.

    code: for programs; detail: for people, one sentence with what was wrong and how to fix it.
    """

    model_config = ConfigDict(json_schema_extra={"title": "Problem"})

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str


class Refused(Exception):
    """A request that gets no answer. status: 4xx or 503; retry_after_s: when to come back."""

    def __init__(self, status: int, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.retry_after_s = retry_after_s

    def response(self) -> Response:
        """Return the response."""
        headers = {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return problem(self.status, self.detail, headers)


def problem(
    status: int, detail: str, headers: dict[str, str] | None = None, *, code: str = ""
) -> Response:
    """A problem as a response. code: by the status unless given."""
    code = code or CODES.get(status, "error")
    # Text of a client or of a file's name may hold halves of characters, which UTF-8 has no bytes
    # for.
    detail = detail.encode("utf-8", "backslashreplace").decode("utf-8")
    said = Problem(title=HTTPStatus(status).phrase, status=status, code=code, detail=detail)
    return JSONResponse(said.model_dump(), status, headers, media_type=MEDIA_TYPE)


async def on_refused(_request: Request, error: Exception) -> Response:
    """Starlette's handler of `Refused`."""
    return error.response() if isinstance(error, Refused) else problem(500, UNEXPECTED)


async def on_mendable(_request: Request, error: Exception) -> Response:
    """Starlette's handler of `LeadlineError`: what was sent does not read, or does not fit."""
    if not isinstance(error, LeadlineError):
        return problem(500, UNEXPECTED)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, " ".join(str(error).split()), code=_code(error))


def _code(error: LeadlineError) -> str:
    if isinstance(error, MissingExtra):
        return MISSING_EXTRA
    return MODEL_FAILED if isinstance(error, ModelFileError) else UNREADABLE


async def on_http(_request: Request, error: Exception) -> Response:
    """Starlette's handler of its own errors: no such address, another method."""
    if not isinstance(error, HTTPException):
        return problem(500, UNEXPECTED)
    detail = {
        404: "No such address; see /docs.",
        405: "This address needs another method; see /docs.",
    }.get(error.status_code, str(error.detail))
    return problem(error.status_code, detail, dict(error.headers or {}))


async def on_invalid(_request: Request, error: Exception) -> Response:
    """FastAPI's handler of a query that does not read."""
    if not isinstance(error, RequestValidationError):
        return problem(500, UNEXPECTED)
    first = error.errors()[0]
    where = " ".join(str(step) for step in first["loc"])
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}: {first['msg']}.")


GIVEN_UP = "Nobody waits for this answer any more, or the server is being stopped."
STOPPED = "The server is shutting down."
UNEXPECTED = "Internal server error; see the server's log."


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of these error statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }
