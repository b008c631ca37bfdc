"""An audit as one HTML page. It needs no figure library: the base install writes it."""

from __future__ import annotations

from leadline.report.html_rendering import templates
from leadline.report.sections.audit_view import AuditView


def render_audit(audit: AuditView) -> str:
    """The page of an audit, as HTML text. Equal content gives equal text."""
    return templates().get_template("audit.html.j2").render(audit=audit)
