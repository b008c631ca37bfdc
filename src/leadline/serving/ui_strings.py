"""What the page's script says, in the language that is spoken."""

from __future__ import annotations

from leadline.report.translations.language import gettext as _


def words() -> dict[str, str]:
    """Each message by the name that the script knows it by; {places} are filled in there."""
    return {
        "weights": _("{n} weights"),
        "latency": _("{ms} ms"),
        "out_of_scope": _("Unlike the images that it was trained on: this answer means nothing."),
        "nothing_drawn": _("Draw a digit."),
        "runner_up": _("then {name}, {share}"),
        "pen": _("Pen at {x}, {y}. {state}"),
        "pen_down": _("Drawing."),
        "pen_up": _("Lifted."),
        "answers": _("{model}: {name}, {share}"),
        "asking": _("Asking…"),
        "mapping": _("Working out the heat map…"),
        "mapped": _("Speaks for {name}: covered, it makes that less likely. Brighter is more."),
        "map_empty": _("Nothing speaks for this class in particular."),
        "decision": _("Decision: {name}"),
        "probability_of": _("probability of {name}"),
        "threshold": _("{point}: from {share} on"),
        "point_youden": _("Youden"),
        "point_sensitivity": _("Sensitivity kept"),
        "point_half": _("One half"),
        "metric_accuracy": _("Accuracy"),
        "metric_auroc": _("AUROC"),
        "metric_sensitivity": _("Sensitivity"),
        "metric_specificity": _("Specificity"),
        "metric_brier": _("Brier score"),
        "intervals": _("On test images, with 95% intervals:"),
        "intervals_of": _("On {n} test images, with 95% intervals:"),
        "size": _("{name}, {width} × {height} px"),
        "failed": _("The server does not answer; is it still running?"),
        "token_missing": _(
            "This server wants a token: open the address that it printed when it was started."
        ),
        "refused_400": _("There is no image in this."),
        "refused_413": _("This is too large."),
        "refused_422": _("This cannot be taken as an image."),
        "refused_429": _("The server is busy; come back in a moment."),
        "refused_503": _("The answer took too long."),
        "finished": _("finished"),
        "running": _("in progress"),
        "interrupted": _("interrupted"),
        "waiting": _("not begun"),
        "damaged": _("damaged"),
        "diverged_in": _("diverged in epoch {epoch}"),
        "judging": _("being judged on the test images"),
        "epochs_done": _("{done} of {all} epochs"),
        "interrupted_after": _("interrupted after {done} of {all} epochs"),
        "validation": _("validation accuracy {share}"),
        "no_runs": _("There are no runs in this folder yet."),
        "report": _("Report"),
        "seed": _("seed {n}"),
        "accuracy": _("test accuracy {share}"),
        "accuracy_interval": _("95%: {low} to {high}"),
        "guessing_not shown": _("Not shown to be better than guessing."),
        "guessing_ranking only": _(
            "Accuracy not shown to exceed always predicting the most frequent class."
        ),
        "names_not_shown": _("{names}: not shown to be better than guessing."),
        "none_shown": _("None of the experiments is shown to be better than guessing."),
        "runs_done": _("{done} of {all} finished"),
        "all_runs_done": _("{all} runs"),
        "single_runs": _("Single runs"),
    }
