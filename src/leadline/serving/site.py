"""The page, its files, and the description of the API: rendered once, served from a table."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from leadline import __version__
from leadline.report.translations import language
from leadline.report.translations.translated_templates import speaking_environment
from leadline.serving.model_registry import Models
from leadline.serving.problems import problem
from leadline.serving.security import COOKIE, REPORT_CSP, cookie_value
from leadline.serving.serializers import stroke_settings
from leadline.serving.server_settings import Settings
from leadline.serving.study_reports import Studies
from leadline.serving.ui_strings import words

PAGE = "page"
PALETTE = "palette.css"
"""The colours and typefaces of the reports."""
FILMS = "chest-xray"
"""Dataset of X-ray models; for others the page asks for an image instead of an X-ray."""
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml"}  # fmt: skip


def templates() -> Environment:
    """The page's templates, in the language that is spoken; what is filled in is escaped."""
    environment = speaking_environment(PackageLoader("leadline.serving", PAGE))
    environment.filters["kind"] = _kind
    environment.globals |= {"language": language.spoken(), "version": __version__}
    return environment


def static_files() -> dict[str, tuple[bytes, str]]:
    """All files of the page by name: content and media type."""
    found = {}
    palette = files("leadline.report").joinpath("templates", PALETTE)
    for entry in (palette, *files("leadline.serving").joinpath(PAGE).iterdir()):
        suffix = "." + entry.name.rpartition(".")[2]
        if suffix in KINDS:
            found[entry.name] = (entry.read_bytes(), KINDS[suffix])
    return found


def add_site(
    app: Starlette,
    description: dict[str, Any],
    models: Models,
    settings: Settings,
    studies: Studies,
) -> None:
    """The routes that people open. description: the API, as OpenAPI."""
    environment = templates()
    index = environment.get_template("index.html.j2").render(
        words=json.dumps(words(), ensure_ascii=False),
        has_digits=any(one.takes_digits for one in models.all),
        has_films=_all_films(models),
        has_runs=settings.runs is not None,
        cell_px=stroke_settings(one for one in models.all if one.takes_digits)[1],
    )
    docs = environment.get_template("docs.html.j2").render(api=description)
    known = static_files()

    async def page(_request: Request) -> Response:
        return HTMLResponse(index, headers={"Cache-Control": "no-cache"})

    async def api_docs(_request: Request) -> Response:
        return HTMLResponse(docs, headers={"Cache-Control": "no-cache"})

    async def static(request: Request) -> Response:
        found = known.get(request.path_params["name"])
        return _missing() if found is None else _static(request, *found)

    async def icon(_request: Request) -> Response:
        return RedirectResponse("/static/icon.svg", 308)

    app.router.routes += [
        Route("/", page),
        Route("/docs", api_docs),
        Route("/static/{name}", static),
        Route("/favicon.ico", icon),
    ]
    _add_reports(app, settings, studies)


def _all_films(models: Models) -> bool:
    """Return whether all models that are not for digits are for X-rays."""
    others = [one for one in models.all if not one.takes_digits]
    return bool(others) and all(other.about.data.startswith(FILMS) for other in others)


def _add_reports(app: Starlette, settings: Settings, studies: Studies) -> None:
    def report(request: Request) -> Response:
        content = studies.report(request.path_params["address"])
        if content is None:
            return _missing()
        return HTMLResponse(content, headers={"Content-Security-Policy": REPORT_CSP})

    async def session(request: Request) -> Response:
        answer = Response(status_code=204)
        if settings.token is not None:
            answer.set_cookie(
                COOKIE,
                cookie_value(settings.token),
                path="/runs/",
                httponly=True,
                samesite="strict",
                secure=request.url.scheme == "https",
            )
        return answer

    app.router.routes += [
        Route("/runs/{address:path}", report),
        Route("/api/v1/session", session, methods=["POST"]),
    ]


def _static(request: Request, content: bytes, kind: str) -> Response:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag, "Content-Type": kind}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers)


def _kind(schema: dict[str, Any]) -> str:
    """The type of a field in OpenAPI, in a few words: "array of ModelSaid", "string or null"."""
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    kind = str(schema.get("type", "any"))
    return f"{kind} of {_kind(schema['items'])}" if "items" in schema else kind


def _missing() -> Response:
    return problem(404, "No such page.")
