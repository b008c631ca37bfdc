"""Whatever goes wrong is one line and the right status."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from leadline import errors
from leadline.cli import console, error_handler
from leadline.cli.error_handler import describe


def leaves(error: type[Exception]) -> list[type[Exception]]:
    return [error, *(leaf for child in error.__subclasses__() for leaf in leaves(child))]


@pytest.mark.parametrize("kind", leaves(errors.LeadlineError))
def test_what_the_user_can_mend_is_said_as_it_is(kind):
    assert describe(kind("a: 3 is too many; give 2."), []) == (
        "error: a: 3 is too many; give 2.",
        2,
    )


@pytest.mark.parametrize(
    ("error", "said", "status"),
    [
        (MemoryError(), "error: out of memory; close other programs", 2),
        (np.exceptions.AxisError("x"), "error: unexpected AxisError: x.", 70),
        (RuntimeError("[x] DefaultCPUAllocator: can't allocate memory: you tried"), "memory;", 2),
        (RuntimeError("shapes differ"), "error: unexpected RuntimeError: shapes differ.", 70),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "error: out of memory;", 2),
        (OSError(errno.ENOSPC, "No space", "/a/b"), "error: /a/b: the disk is full; free", 2),
        (OSError(errno.EDQUOT, "Quota", "/a/b"), "error: /a/b: the disk is full; free", 2),
        (OSError(errno.EFBIG, "Large", "/a/b"), "error: /a/b: the file is larger than ulimit", 2),
        (PermissionError(errno.EACCES, "no", "/a"), "error: /a: no permission; choose", 2),
        (OSError(errno.EROFS, "no", "/a"), "error: /a: no permission; choose another folder", 2),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "/a"), "error: /a: Is a directory.", 2),
        (FileNotFoundError(errno.ENOENT, "No such file", "/a"), "error: /a: No such file.", 2),
        (
            OSError(errno.EMFILE, "Too many", "/a"),
            "error: too many open files; raise the limit",
            2,
        ),
        (
            RuntimeError("can't start new thread"),
            "no further thread or process can be started",
            2,
        ),
        (
            BlockingIOError(errno.EAGAIN, "Resource temporarily"),
            "raise ulimit -u, close other",
            2,
        ),
        (
            BlockingIOError(errno.EAGAIN, "write could not complete without blocking", 5),
            "error: write could not complete without blocking.",
            2,
        ),
        (
            ImportError("libx.so: failed to map segment from shared object"),
            "out of memory; close",
            2,
        ),
        (
            FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"),
            "found in ['/tmp']; set TMPDIR to a folder that can be written.",
            2,
        ),
        (OSError("odd"), "error: unexpected OSError: odd.", 70),
        (KeyError("k"), "error: unexpected KeyError: 'k'.", 70),
        (ValueError(), "error: unexpected ValueError. Please report it; LEADLINE_DEBUG=1", 70),
    ],
)
def test_what_python_and_the_system_raise(error, said, status):
    line, found = describe(error, ["list"])
    assert said in line
    assert found == status


@pytest.mark.parametrize(
    ("command", "full", "memory"),
    [
        ("train", "or write elsewhere with --out.", "or --set data.train_limit=10000."),
        ("study", "or write elsewhere with --out.", "or --set data.train_limit=10000."),
        ("predict", "or write elsewhere with -o.", "out of memory; close other programs."),
        ("explain", "or write elsewhere with -o.", "out of memory; close other programs."),
        ("list", "or write elsewhere.", "out of memory; close other programs."),
    ],
)
def test_the_mend_is_one_that_the_command_has(command, full, memory):
    assert describe(OSError(errno.ENOSPC, "No space"), [command, "x"])[0].endswith(full)
    assert describe(MemoryError(), [command, "x"])[0].endswith(memory)


def test_torch_out_of_memory_is_told_by_its_name():
    kind = type("OutOfMemoryError", (RuntimeError,), {})
    assert describe(kind("CUDA out of memory. Tried to"), [])[1] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "mlp-1"], "resume with: leadline train mlp-1 --resume"),
        (["train", "mlp-1", "--resume"], "resume with: leadline train mlp-1 --resume"),
        (["train", "my nets/a.toml"], "leadline train 'my nets/a.toml' --resume"),
        (["train", "mlp-1", "--seeds", "3"], "resume with: leadline train mlp-1 --seeds 3"),
        (["study", "lab", "--quick"], "finished runs are kept; resume with: leadline study lab"),
        (["list"], "interrupted; no file is incomplete"),
        ([], "interrupted; no file is incomplete"),
    ],
)
def test_ctrl_c_says_how_to_go_on(arguments, said):
    line, status = describe(KeyboardInterrupt(), arguments)
    assert status == 130
    assert line.startswith("interrupted; ")
    assert line.endswith(said) or f"{said} --quick" in line


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), KeyError("k")])
def test_nothing_passes_the_handler(leadline, monkeypatch, raised):
    def fail(_room: str) -> None:
        raise raised

    monkeypatch.setattr("leadline.cli.built_in_names.tables", fail)
    leadline("list").is_one_line(status=70 if isinstance(raised, KeyError) else 130)


def test_debugging_shows_where(leadline, monkeypatch):
    monkeypatch.setenv("LEADLINE_DEBUG", "1")
    said = leadline("show", "nope")
    assert said.status == 2
    assert "Traceback (most recent call last)" in said.err
    assert said.err.splitlines()[-1].startswith("error: No experiment is called 'nope'.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\t c", "a b c"),
        ("x\x1b[31mred", "x\\x1b[31mred"),
        ("caf\u00e9 \u00d7", "caf\u00e9 \u00d7"),
        ("[bold]not markup[/bold]", "[bold]not markup[/bold]"),
    ],
)
def test_a_message_is_one_printable_line(capsys, text, expected):
    console.fail(text)
    assert capsys.readouterr().err == f"{expected}\n"


def test_a_long_message_is_not_folded(capsys):
    console.fail("word " * 60)
    assert capsys.readouterr().err.count("\n") == 1


def test_red_on_a_terminal_and_plain_with_no_color(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    console.fail("error: x")
    assert capsys.readouterr().err == "\x1b[1;31merror: x\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    console.fail("error: x")
    assert "\x1b[1;31m" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["shw"], ["No such command 'shw'", "'show'", "See: leadline --help"]),
        (["train", "mlp-1", "--seed", "x"], ["--seed", "See: leadline train --help"]),
        (["train", "mlp-1", "--seed", "-1"], ["--seed", "0"]),
        (["data"], ["Missing command", "See: leadline data --help"]),
        (["train"], ["Missing argument 'NAME|FILE'"]),
        (["show", "mlp-1", "--bogus"], ["--bogus", "See: leadline show --help"]),
        (["show", "mlp-1", "--classes", "1"], ["--classes", "2"]),
        (["study", "lab", "--seeds", "0"], ["--seeds", "1"]),
        (["data", "fetch"], ["NAME", "See: leadline data fetch --help"]),
    ],
)
def test_a_command_line_that_does_not_parse(leadline, arguments, parts):
    leadline(*arguments).is_one_line("error: ", *parts)


def test_a_pipe_that_closes_early_is_no_drama(here):
    code = "from leadline.cli import main; main()"
    shell = f'"{sys.executable}" -c "{code}" list --json | head -c 1; echo ${{PIPESTATUS[0]}}'
    said = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert said.stdout in ("{0\n", "{141\n")  # where all fits into the pipe, nobody notices
    assert "Traceback" not in said.stderr
    assert "BrokenPipe" not in said.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Windows close otherwise")
def test_a_pipe_that_is_closed_from_the_start_is_no_finding(here):
    """1 would say that a check found something."""
    code = "from leadline.cli import main; main()"
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        for command in (["list", "--json"], ["show", "--help"], ["--version"]):
            line = [sys.executable, "-c", code, *command]
            said = subprocess.run(line, stdout=pipe, stderr=subprocess.PIPE, text=True, check=False)
            assert (said.returncode, said.stderr) == (141, "")


def test_a_closed_standard_output_is_said_in_one_line(here):
    code = "from leadline.cli import main; main()"
    shell = f'"{sys.executable}" -c "{code}" list --json >&-'
    said = subprocess.run(shell, shell=True, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert said.stderr.startswith("error: standard output is closed")
    assert said.stderr.count("\n") == 1


def test_a_path_is_not_written_to_a_closed_standard_output(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", None)
    console.where("report", Path("runs/x/report.html"))
    assert capsys.readouterr().err == "report: runs/x/report.html\n"


def test_statuses_differ():
    assert (
        len({0, 1, error_handler.MENDABLE, error_handler.UNEXPECTED, error_handler.INTERRUPTED})
        == 5
    )
    assert os.EX_SOFTWARE == error_handler.UNEXPECTED
