"""`leadline serve`: the web page and the API, on this machine by default."""

from __future__ import annotations

import re
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from leadline.cli import console, extras
from leadline.cli.options import Language, Threads, complete_model
from leadline.errors import LeadlineError

if TYPE_CHECKING:
    from leadline.serving.server_settings import Settings

HOST, PORT = "127.0.0.1", 8420
RUNS = Path("runs")
SHORTEST_TOKEN = 16


def command(
    models: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[MODEL]...",
            help="Run folders, model files (.onnx) or zoo names; by default the whole zoo.",
            autocompletion=complete_model,
        ),
    ] = None,
    *,
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="ADDRESS",
            help="Address to bind; 0.0.0.0 accepts other machines (with a token).",
        ),
    ] = HOST,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port; 0 picks a free one.")
    ] = PORT,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="TEXT",
            envvar="LEADLINE_TOKEN",
            help="Token that clients must send; generated if other machines can connect.",
        ),
    ] = None,
    runs: Annotated[
        Path | None,
        typer.Option(
            "--runs",
            metavar="DIR",
            help="Folder of studies to list; by default runs/, if it exists.",
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate", metavar="N", min=0, help="Requests per second per client; 0 for no limit."
        ),
    ] = None,
    _threads: Threads = None,
    lang: Language = "en",
) -> None:
    """Serve models: a web page and an HTTP API.

    It listens on this machine only and needs no network. On any other address clients
    must send a token. Nothing that is sent is stored. Stop it with Ctrl-C.
    """
    if lang != "en":
        extras.require("train")  # brings what reads the catalogue
    from leadline.report.translations.language import speaking
    from leadline.serving.app import create_app
    from leadline.serving.model_registry import open_models
    from leadline.serving.server import bound, serve

    settings = _settings(host, token, runs, rate)
    opened = open_models(models or [])
    with speaking(lang), bound(host, port) as listening:
        app = create_app(opened, settings)
        address = listening.address
        _tell(address, settings)
        serve(app, listening, settings, ends_process=True)
    console.people().print("stopped")


def _settings(host: str, token: str | None, runs: Path | None, rate: float | None) -> Settings:
    from leadline.serving.server_settings import Settings

    if token is not None and len(token) < SHORTEST_TOKEN:
        raise LeadlineError(
            f"--token has {len(token)} characters; give at least {SHORTEST_TOKEN}, or omit it."
        )
    if token is not None and not re.fullmatch("[!-~]+", token):
        raise LeadlineError(
            "--token contains a space or a non-ASCII character; use printable ASCII."
        )
    if runs is not None and not runs.is_dir():
        raise LeadlineError(f"--runs {runs}: no such folder.")
    plain = Settings(host=host, runs=runs or (RUNS if RUNS.is_dir() else None))
    return Settings(
        host=host,
        token=token or (None if plain.is_local else secrets.token_urlsafe(24)),
        runs=plain.runs,
        requests_per_s=plain.requests_per_s if rate is None else rate,
    )


def _tell(address: str, settings: Settings) -> None:
    """Say once where the page is; the token stands behind the #, which browsers keep to
    themselves."""
    shown = f"{address}#token={quote(settings.token, safe='')}" if settings.token else address
    console.people().print(f"leadline serves at {shown}  (Ctrl-C ends it)", soft_wrap=True)
    if sys.stdout is not None and not sys.stdout.isatty():
        sys.stdout.write(f"{shown}\n")
        sys.stdout.flush()
