"""The section of a run's page on how its training went."""

from __future__ import annotations

from dataclasses import dataclass

from leadline.analysis.diagnosis.training_findings import Diagnosis, rule_of
from leadline.report.plots.history_plots import ShadedEpochs
from leadline.report.words import diagnosis_words as words


@dataclass(frozen=True)
class FindingView:
    """A finding's name and sentence; advice: what to type, and why."""

    name: str
    text: str
    advice: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class DiagnosisView:
    """held: the part that the history's validation values are of."""

    found: Diagnosis
    held: str

    @property
    def findings(self) -> tuple[FindingView, ...]:
        return tuple(
            FindingView(
                words.finding_name(one.kind),
                words.finding_sentence(one, self.held),
                tuple(words.advised(advice) for advice in one.advice),
            )
            for one in self.found.findings
        )

    @property
    def shaded(self) -> ShadedEpochs | None:
        """Of the first finding that spans epochs; None where there is none."""
        spans = (one for one in self.found.findings if rule_of(one.kind).stretch)
        found = next(spans, None)
        if found is None:
            return None
        return ShadedEpochs(words.lower_name(found), found.first_epoch, found.last_epoch)

    @property
    def ringed(self) -> tuple[int, ...]:
        """Epochs in which the loss jumped up."""
        return tuple(epoch for one in self.found.findings for epoch in one.at)

    @property
    def notes(self) -> tuple[str, ...]:
        """The gap and what it means, the best epoch, the noise; what was measured of them."""
        gap = f"{words.gap_sentence(self.found)} {words.limit_sentence(self.found)}".strip()
        best = words.best_sentence(self.found, self.held)
        noise = words.noise_sentence(self.found, self.held)
        return tuple(filter(None, (gap, f"{best} {noise}")))
