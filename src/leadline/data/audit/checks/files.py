"""Checks of files: those that cannot be read, and those that are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from leadline.data.audit.audit_findings import (
    Check,
    FileReasons,
    Finding,
    Searched,
    Severity,
)
from leadline.data.formats.image_names import Reason
from leadline.data.remarks import Remark
from leadline.system.messages import Message, counted, message


class UnreadableFiles(Check):
    """Image files that cannot be decoded; counted in files."""

    code = "unreadable"
    title = message("Files that cannot be read")
    advice = message("Replace these files or remove them; training refuses them.")

    def search(self, searched: Searched) -> Iterator[Finding]:
        files = searched.records.unreadable
        if files:
            splits = tuple(dict.fromkeys(file.split for file in files))
            details = {"files": [asdict(file) for file in files]}
            yield Finding(self.code, splits, len(files), details)

    def message(self, finding: Finding) -> Message:
        n = finding.count
        return counted(
            "{n:,} file that cannot be read; the first: {reason}",
            "{n:,} files that cannot be read; the first: {reason}",
            n, n=n, reason=Remark(**finding.details["files"][0]["reason"]).message,
        )  # fmt: skip

    def figure(self, finding: Finding) -> Message:
        return counted("{n:,} file", "{n:,} files", finding.count, n=finding.count)

    def severity(self, finding: Finding) -> Severity:
        del finding
        return "serious"

    def exhibit(self, finding: Finding) -> FileReasons:
        files = finding.details["files"]
        return FileReasons(
            tuple((file["name"], Remark(**file["reason"]).message) for file in files)
        )


class LeftOutFiles(Check):
    """Files that a person might take for images of the data set, and that are not read."""

    code = "left-out"
    title = message("Files that are left out")
    advice = message(
        "Convert pictures in other formats to PNG or JPEG, move images into class folders, and "
        "remove what is not an image."
    )

    def search(self, searched: Searched) -> Iterator[Finding]:
        kinds = [kind for kind in searched.records.left_out if kind.reason != Reason.BESIDE]
        if kinds:
            details = {"kinds": [kind.as_json() for kind in kinds]}
            yield Finding(self.code, (), sum(kind.count for kind in kinds), details)

    def message(self, finding: Finding) -> Message:
        return Remark("left-out", {"kinds": finding.details["kinds"]}).message

    def figure(self, finding: Finding) -> Message:
        return counted("{n:,} file", "{n:,} files", finding.count, n=finding.count)
