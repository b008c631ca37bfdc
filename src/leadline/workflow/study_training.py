"""From a study to its runs, the comparison and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from leadline import runs
from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.significance.comparison import MARGIN, check_margin
from leadline.analysis.significance.guessing import Guessing
from leadline.data.dataset import Dataset
from leadline.errors import Diverged, SpecError
from leadline.experiments import (
    Experiment,
    Study,
    load_study,
    quick_name,
)
from leadline.models.keras_setup import with_standard_keras
from leadline.report.translations.language import SOURCE_LANGUAGE, check_language, speaking
from leadline.runs import Run
from leadline.system.threads import training_threads
from leadline.workflow.events import (
    StudyProgress,
    WarningMessage,
    Watcher,
)
from leadline.workflow.events import ignore as nobody
from leadline.workflow.job import Job, with_threads_so_far
from leadline.workflow.output_files import (
    PAGE,
    write_study_page,
)
from leadline.workflow.preparation import audit_once, prepare_all
from leadline.workflow.report_data import study_page
from leadline.workflow.report_writing import compared
from leadline.workflow.run_comparison import (
    guessing_of,
    write_shared_suspects,
)
from leadline.workflow.run_evaluation import (
    check_decision,
    timed_together,
)
from leadline.workflow.run_training import named_experiment, test_pixels, train_job


@dataclass(frozen=True)
class Plan:
    """A study to train: its seeds, and a folder for each experiment."""

    study: Study
    seeds: int
    folder: Path
    places: tuple[Path, ...]
    margin: float
    language: str


@dataclass(frozen=True, repr=False)
class StudyResult:
    """A finished study: its folder, its page, and its runs in the study's order.

    guessing: each experiment over its seeds against guessing, by its name; empty of quick trials.
    failed: the runs that diverged, which are not among the others.
    """

    study: Study
    folder: Path
    report: Path
    runs: tuple[Run, ...]
    guessing: Mapping[str, Guessing]
    failed: tuple[FailedRun, ...] = ()

    def __repr__(self) -> str:
        names = ", ".join(dict.fromkeys(run.experiment.name for run in self.runs))
        count = f"{len(self.runs)} run{'s' * (len(self.runs) > 1)}"
        failed = f", {len(self.failed)} failed" * bool(self.failed)
        return f"StudyResult({self.study.name!r}, {count} of {names}{failed}, {str(self.report)!r})"


@with_standard_keras
def repeat(
    experiment: Experiment | str | Path,
    *,
    seeds: int,
    quick: bool = False,
    data: str | Path | Dataset | None = None,
    out: str | Path | None = None,
    language: str = SOURCE_LANGUAGE,
    on_event: Watcher = nobody,
) -> StudyResult:
    """Train one experiment with seeds 0 to `seeds` - 1, then write a page on all of them.

    quick: as in `run`. out: the folder of the runs `seed-<n>` and of their page,
    `runs/<experiment>` unless given. Otherwise as `study`, of which this is the one with a single
    experiment.
    """
    experiment = named_experiment(experiment, quick=quick)
    alone = Study(
        name=experiment.name,
        title=experiment.title,
        description=experiment.description,
        experiments=(experiment,),
    )
    folder = Path(out) if out else runs.RUNS / experiment.name
    plan = Plan(alone, _several(seeds), folder, (folder,), MARGIN, check_language(language))
    return _carry_out(plan, data, on_event, quick=quick)


@with_standard_keras
def study(
    study: Study | str | Path,
    *,
    seeds: int | None = None,
    quick: bool = False,
    data: str | Path | Dataset | None = None,
    out: str | Path | None = None,
    margin: float = MARGIN,
    language: str = SOURCE_LANGUAGE,
    on_event: Watcher = nobody,
) -> StudyResult:
    """Train all experiments of a study, with seeds 0 to `seeds` - 1, then write its report.

    study: a built-in name, a TOML file, or a `Study`. quick: few images and epochs, to see whether
    all works. out: the study's folder, `runs/<study>` unless given. margin: a difference smaller
    than this, 0 to 1, is negligible. language: of the pages, "en" or "fr". Runs already there are
    reused, interrupted ones are continued. Raises SpecError for fewer seeds than 1, and for
    experiments that would be tested on different images; DataError for an invalid margin. A run
    that diverges does not stop the others; Diverged is raised where all of them do.
    """
    seeds = None if seeds is None else _several(seeds)
    check_margin(margin)
    study = study if isinstance(study, Study) else load_study(study)
    if quick:
        study = study.model_copy(update={"name": quick_name(study.name), "seeds": 1})
    folder = Path(out) if out else runs.RUNS / study.name
    places = tuple(folder / member.name for member in study.experiments)
    plan = Plan(study, seeds or study.seeds, folder, places, margin, check_language(language))
    return _carry_out(plan, data, on_event, quick=quick)


def _several(seeds: int) -> int:
    if seeds < 1:
        raise SpecError(f"seeds = {seeds}; give 1 or more.")
    return seeds


def _carry_out(
    plan: Plan, data: str | Path | Dataset | None, on_event: Watcher, *, quick: bool
) -> StudyResult:
    """Train a study's experiments, each in its place, and write the page on them."""
    folder = plan.folder
    runs.require_utf8(folder)
    runs.require_same_study(folder, plan.study)
    for place in plan.places:
        for seed in range(plan.seeds):
            runs.require_free(place / f"seed-{seed}")
    members = prepare_all(plan.study.experiments, data, on_event, quick=quick)
    study = plan.study.model_copy(update={"experiments": tuple(one for one, _ in members)})
    images = members[0][1]
    for member, prepared in members:
        check_decision(member, prepared.split)
    threads = training_threads()
    jobs = [
        Job(member, seed, place / f"seed-{seed}", prepared, threads, plan.language)
        for (member, prepared), place in zip(members, plan.places, strict=True)
        for seed in range(plan.seeds)
    ]
    jobs = with_threads_so_far(jobs)  # refuses what it must before anything is written
    runs.write_plan(folder, [job.folder.relative_to(folder).as_posix() for job in jobs])
    audit_once(study, images, folder, on_event)
    trained, failed = _train_each(jobs, on_event)
    done = [one for _, one in trained]
    comparison = compared(done, plan.margin, on_event)
    timings = timed_together((one, test_pixels(job)) for job, one in trained)
    write_shared_suspects(folder, done, images.split.test.images)
    audit, labels = runs.read_audit(folder), runs.read_label_errors(folder, done[0].metrics.test.n)
    page = study_page(
        study, done, audit, comparison, timings, labels,
        guessing=guessing_of(done), failed=failed,
    )  # fmt: skip
    runs.write_timings(folder, timings)
    with speaking(plan.language):
        write_study_page(folder, page, done)
    runs.remove_plan(folder)
    return StudyResult(study, folder, folder / PAGE, tuple(done), page.guessing, failed)


def _train_each(
    jobs: Sequence[Job], on_event: Watcher
) -> tuple[list[tuple[Job, Run]], tuple[FailedRun, ...]]:
    """Train the jobs of a study: those that finished with their runs, and those that diverged.

    Raises Diverged, of the first, where every job diverged.
    """
    trained: list[tuple[Job, Run]] = []
    failed: list[FailedRun] = []
    first: Diverged | None = None
    for position, job in enumerate(jobs, start=1):
        on_event(StudyProgress(position, len(jobs), job.name))
        try:
            trained.append((job, train_job(job, on_event, resume=True)))
        except Diverged as error:
            if len(jobs) == 1:
                raise
            first = first or error
            # Its checkpoint leads to the same loss; without it the next attempt starts fresh.
            runs.discard(job.folder)
            failed.append(_failed_run(job, error))
            on_event(WarningMessage(f"{job.name}: {error}"))
    if not trained and first is not None:
        raise first
    return trained, tuple(failed)


def _failed_run(job: Job, error: Diverged) -> FailedRun:
    return FailedRun(
        experiment=job.experiment.name,
        seed=job.seed,
        code="diverged",
        epoch=error.epoch,
        batch=error.batch,
        loss=error.loss,
        last_loss=error.last_loss,
    )
