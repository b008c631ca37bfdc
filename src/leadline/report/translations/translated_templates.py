"""Templates that speak: what the report's and the server's have in common."""

from __future__ import annotations

from jinja2 import BaseLoader, Environment, StrictUndefined

from leadline.report.translations import language


def speaking_environment(loader: BaseLoader) -> Environment:
    """Everything that is filled in is escaped; what a template misses is an error.

    Messages are looked up in the language that is spoken when they are said.
    """
    environment = Environment(
        loader=loader,
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    # The extension puts its functions on the environment, where type checkers don't see them.
    install = vars(environment)["install_gettext_callables"]
    install(language.gettext, language.ngettext, newstyle=True, pgettext=language.pgettext)
    return environment
