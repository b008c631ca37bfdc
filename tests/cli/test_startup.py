"""What starting costs, and what every command says of itself."""

import re
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from leadline import __version__
from leadline.cli import COMMANDS as COMMAND_TABLE
from leadline.cli import app

HEAVY = {"numpy", "pydantic", "onnxruntime", "torch", "keras", "PIL", "matplotlib", "scipy"}
COMMANDS = (
    ("list",), ("show",), ("data",), ("data", "fetch"), ("data", "audit"), ("train",), ("study",),
    ("compare",), ("report",), ("explain",), ("predict",), ("export",), ("serve",),
    ("doctor",),
)  # fmt: skip


def modules_after(*arguments: str) -> set[str]:
    """Top-level modules that are loaded when a command line has ended."""
    code = (
        "import sys; from leadline.cli import run; run(sys.argv[1:]); "
        "print('\\nMODULES', *{name.split('.')[0] for name in sys.modules})"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return set(said.stdout.splitlines()[-1].split()[1:])


def test_help_loads_nothing_heavy():
    loaded = modules_after("--help")
    assert "leadline" in loaded
    assert loaded & {*HEAVY, "rich"} == set()


def test_help_gives_each_command_one_line(leadline):
    table = leadline("--help").out.split("Commands:\n")[1].split("\n\n")[0]
    assert [line.split()[0] for line in table.splitlines()] == list(COMMAND_TABLE)
    assert "..." not in table


@pytest.mark.parametrize("arguments", [("train", "--help"), ("show", "--bogus"), ("shw",)])
def test_nor_does_the_help_of_a_command(arguments):
    # Typer itself loads Pydantic as soon as a command has parameters.
    assert modules_after(*arguments) & HEAVY <= {"pydantic"}


def test_the_version(leadline):
    said = leadline("--version")
    assert (said.status, said.out, said.err) == (0, f"leadline {__version__}\n", "")


def test_no_command_is_a_question_for_help(leadline):
    said = leadline()
    assert said.status == 0
    assert "Usage: leadline" in said.out


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(command):
    said = CliRunner().invoke(app, [*command, "--help"])
    assert said.exit_code == 0
    if command != ("data",):
        assert f"Example: leadline {' '.join(command)}" in said.stdout
    assert max(map(len, said.stdout.splitlines())) <= 80


def test_the_commands_are_those_tested_here():
    found = typer.main.get_group(app)
    assert set(found.commands) == {command[0] for command in COMMANDS}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("leadline show cnn-3", {"cnn-3", "cnn-3-pooled"}),
        ("leadline train mlp", {"mlp-1", "mlp-2", "mlp-3"}),
        ("leadline study la", {"lab", "ladder"}),
        ("leadline data fetch ", {"chest-xray", "mnist", "pneumoniamnist"}),
        ("leadline predict chest", {"chest-cnn"}),
        ("leadline predict chest-cnn x.png --format ", {"table", "csv", "json", "parquet"}),
        ("leadline serve digits-h", {"digits-hog"}),
        ("leadline doc", {"doctor"}),
    ],
)
def test_the_shell_completes_names(line, expected):
    words = line.split(" ")
    environment = {
        "_LEADLINE_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    said = CliRunner().invoke(app, [], prog_name="leadline", env=environment)
    assert set(said.stdout.split()) == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown(process, shell):
    said = process("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert said.status == 0
    assert re.search(r"_LEADLINE_COMPLETE\b", said.out)
