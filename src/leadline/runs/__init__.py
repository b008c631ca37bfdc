"""The only reader and writer of run folders.

    experiment.toml      the experiment, every default filled in
    environment.json     versions, machine, when
    split.json           which images: indices and SHA-256 of each part
    history.csv          one line an epoch
    predictions.parquet  one line an image of validation and test (of test alone, where the
                         validation images are the test images)
    metrics.json         everything measured, and the table of layers
    examples.npz         the images that the report shows: the most confused pairs, the gallery
    label_errors.npz     labels of test images that are likely wrong, with the images
    ood.npz              the out-of-distribution score, and the images it finds most and least usual
    explanations.npz     where the model looks, and the checks of it; convolutional models only
    model.keras          the Keras model
    model.onnx           the model file, where the model could be exported
    card.md              what the model is, its intended use, how good it is
    report.html          the page
    report.json          everything that the page shows, for programs
    checksums.json       sizes and SHA-256 of the files above, but for the page's

A study's folder holds its runs as `<experiment>/seed-<n>/`, and `report.json` beside `report.html`;
`audit.json` too, where its images lay in files, and `timings.json`, how long its models take.
A folder is written under a temporary name beside its place, synced, and renamed when it is whole.

| module | holds |
|---|---|
| `folder` | `Run`; a run folder written and read |
| `place` | where a run is made, and how it becomes a folder |
| `checksums` | sizes and SHA-256, by which a damaged run is recognized |
| `survey` | the runs below a folder, damaged ones among them |
| `metrics` | `Metrics`, as JSON; the epochs, as CSV |
| `predictions` | `Predictions`, as Parquet |
| `ood` | `OODExamples`; the out-of-distribution score as NPZ |
| `new_images` | a run's model as predictions and explanations of new images |
| `explanations` | maps of where a model looks, as NPZ |
| `label_errors` | labels that are likely wrong, as NPZ |
| `study` | a study's folder |
| `progress` | how far a run in the making is, and which runs a study will have |
| `timings` | how long a study's models take for one image |
| `audit` | what was found in a study's images, as JSON |
| `files` | bounded reading; errors that name the file |
"""

from leadline.runs.audit_file import AuditRecord, read_audit, write_audit
from leadline.runs.checksums import CHECKSUMS, FIX, check_sums, write_checksums
from leadline.runs.explanation_file import write_explanations
from leadline.runs.finished_run import (
    MODEL_FILE,
    RUNS,
    Run,
    finished,
    load_run,
    load_unchecked,
    metrics_record,
    require_free,
    require_utf8,
    run_folder,
    write_examples,
    write_run,
)
from leadline.runs.folder_files import as_ranges, dump_json, from_ranges, is_file
from leadline.runs.label_error_file import read_label_errors, write_label_errors
from leadline.runs.metrics_file import Metrics
from leadline.runs.new_images import ImagePredictions, explainer_of
from leadline.runs.ood_file import OODExamples, read_ood_score, write_ood_score
from leadline.runs.predictions_file import Predictions
from leadline.runs.progress_files import (
    PLAN,
    PROGRESS,
    Progress,
    followed,
    read_plan,
    read_progress,
    remove_plan,
    write_plan,
)
from leadline.runs.run_survey import (
    DamagedSummary,
    FailedSummary,
    RunSummary,
    list_runs,
    survey,
)
from leadline.runs.staging import (
    CHECKPOINT,
    aside,
    checkpoint_of,
    discard,
    is_recoverable,
    partial_of,
    recover,
    tidy,
    writing,
)
from leadline.runs.study_folder import (
    STUDY_RECORD,
    finished_inside,
    load_study,
    require_same_study,
    study_failures,
    study_margin,
    study_outcome,
    write_study,
)
from leadline.runs.timing_file import read_timings, write_timings
from leadline.system.durable_files import make_folder, write_bytes, write_text

__all__ = [
    "CHECKPOINT",
    "CHECKSUMS",
    "FIX",
    "MODEL_FILE",
    "PLAN",
    "PROGRESS",
    "RUNS",
    "STUDY_RECORD",
    "AuditRecord",
    "DamagedSummary",
    "FailedSummary",
    "ImagePredictions",
    "Metrics",
    "OODExamples",
    "Predictions",
    "Progress",
    "Run",
    "RunSummary",
    "as_ranges",
    "aside",
    "check_sums",
    "checkpoint_of",
    "discard",
    "dump_json",
    "explainer_of",
    "finished",
    "finished_inside",
    "followed",
    "from_ranges",
    "is_file",
    "is_recoverable",
    "list_runs",
    "load_run",
    "load_study",
    "load_unchecked",
    "make_folder",
    "metrics_record",
    "partial_of",
    "read_audit",
    "read_label_errors",
    "read_ood_score",
    "read_plan",
    "read_progress",
    "read_timings",
    "recover",
    "remove_plan",
    "require_free",
    "require_same_study",
    "require_utf8",
    "run_folder",
    "study_failures",
    "study_margin",
    "study_outcome",
    "survey",
    "tidy",
    "write_audit",
    "write_bytes",
    "write_checksums",
    "write_examples",
    "write_explanations",
    "write_label_errors",
    "write_ood_score",
    "write_plan",
    "write_run",
    "write_study",
    "write_text",
    "write_timings",
    "writing",
]
