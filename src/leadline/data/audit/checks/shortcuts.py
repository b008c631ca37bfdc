"""The check for classes that simple image properties separate."""

from __future__ import annotations

from collections.abc import Iterator

from leadline.data.audit.audit_findings import Check, Finding, Searched, Severity
from leadline.system.messages import Message, message

TOGETHER = "together"
FEATURES = {
    "image size": message("image size"),
    "file size": message("file size"),
    "border pixels": message("border pixels"),
    "brightness": message("brightness"),
    TOGETHER: message("together"),
}
"""Groups of features of the probe, in words."""
OF_THE_FILE = frozenset({"image size", "file size"})
"""Properties of a file rather than of its subject. Border and brightness can be the subject's own,
as the brightness of garments is."""


class Shortcut(Check):
    """Features of the probe whose AUC is certainly above the level of a finding."""

    code = "shortcut"
    title = message("Classes that differ in simple image properties")
    advice = message(
        "The probe measures how well properties such as size, border and brightness separate the "
        "classes. It matters if they come from how the images were made (device, crop, file "
        "format): a model may learn them and fail elsewhere, so make them equal across the "
        "classes. It does not matter if they belong to the classes, as brightness does for dark "
        "and light garments. Report this AUC beside your model's."
    )

    def search(self, searched: Searched) -> Iterator[Finding]:
        for measured in searched.probe:
            if measured.flagged:
                details = {
                    "features": measured.features,
                    "auc": measured.auc,
                    "interval": list(measured.interval),
                }
                yield Finding(self.code, searched.probed_splits, 1, details)

    def message(self, finding: Finding) -> Message:
        features, (low, high) = finding.details["features"], finding.details["interval"]
        what = message("all of these") if features == TOGETHER else FEATURES[features]
        return message(
            "a logistic regression on {what} alone separates the classes with an AUC of {auc:.3f} "
            "(95% interval {low:.3f} to {high:.3f}).",
            what=what, auc=finding.details["auc"], low=low, high=high,
        )  # fmt: skip

    def figure(self, finding: Finding) -> Message:
        return Message("AUC {auc:.3f}", {"auc": finding.details["auc"]})

    def severity(self, finding: Finding) -> Severity:
        return "caution" if finding.details["features"] in OF_THE_FILE else "minor"
