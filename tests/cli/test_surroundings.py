"""Commands in environments as people have them: encodings, no home, closed streams, warnings."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.command_line import START, CommandOutput

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, limits and users of POSIX")

SHELL = f'"{sys.executable}" -c "from leadline.cli import main; main()"'
SHORT = ["--set", "training.epochs=1", "--set", "training.batch_size=16"]


def run(*arguments, flags=(), preexec=None, **environment):
    """Run a command line with changes to the environment; None takes a variable away."""
    changed = {**os.environ, **environment}
    done = subprocess.run(
        [sys.executable, *flags, "-c", "from leadline.cli import main; main()", *arguments],
        env={name: value for name, value in changed.items() if value is not None},
        preexec_fn=preexec,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return CommandOutput(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Two classes of 12 pictures each, bright or dark, in a folder whose name is not ASCII."""
    folder = tmp_path_factory.mktemp("data") / "ombre_\u00e9t\u00e9"
    generator = np.random.default_rng(0)
    for name, low in (("\u00e9clair", 128), ("nuit", 0)):
        (folder / name).mkdir(parents=True)
        for number in range(12):
            pixels = generator.integers(low, low + 128, (28, 28), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture
def no_home(tmp_path):
    """Removes every way to a home folder, for a user id without an entry."""
    return {"HOME": None, "XDG_CACHE_HOME": None, "LEADLINE_CACHE": None, "XDG_CONFIG_HOME": None}


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "ascii:strict"}, {"PYTHONIOENCODING": "latin-1"},
     {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}],
    ids=["ascii", "latin-1", "posix"],
)  # fmt: skip
def test_json_is_utf_8_in_any_encoding(here, environment):
    said = run("list", "--json", **environment)
    assert (said.status, said.err) == (0, "")
    titles = {row["name"]: row["title"] for row in json.loads(said.out)["experiments"]}
    assert titles["chest-hog"] == "HOG: 128 \u00d7 128, cells of 16 px, one dense layer"
    assert "\u00d7" in said.out


def test_tables_for_people_do_not_fail_in_ascii(here):
    said = run("list", PYTHONIOENCODING="ascii:strict")
    assert said.status == 0
    assert "128 x 128" in said.err
    assert said.err.isascii()


def test_a_path_goes_to_a_script_byte_for_byte(here):
    code = (
        "import os, sys; from pathlib import Path; from leadline.system import process; "
        "process.prepare(); from leadline.cli import console; "
        "console.where('report', Path(os.fsdecode(b'r\\xff\\xc3\\xa9'))); "
        "console.machine({'path': os.fsdecode(b'\\xff\\xc3\\xa9')})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "ascii:strict"},
        capture_output=True,
        check=True,
    )
    path, _, rest = done.stdout.partition(b"\n")
    assert path == b"r\xff\xc3\xa9"
    assert done.stderr == b"report: r\\xff\\xe9\n"
    assert os.fsencode(json.loads(rest.decode("utf-8"))["path"]) == b"\xff\xc3\xa9"


@pytest.mark.parametrize("command", [["list"], ["doctor"], ["predict", "digits-hog", "9.png"]])
def test_no_home_and_no_entry_in_the_password_database(here, no_home, command):
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(here / "9.png")
    # Nobody has this number; the home of the user is then unknown altogether.
    code = (
        "import os, pwd; pwd.getpwuid = lambda _: (_ for _ in ()).throw(KeyError()); "
        "from leadline.cli import main; main()"
    )
    environment = {name: value for name, value in os.environ.items() if name not in no_home}
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "unexpected" not in done.stderr
    if command == ["doctor"]:
        assert "set LEADLINE_CACHE to a folder" in " ".join(done.stderr.split())


@pytest.mark.parametrize("variable", ["HOME", "LEADLINE_CACHE", "XDG_CACHE_HOME"])
def test_a_cache_that_cannot_be_written(here, no_home, variable):
    (here / "file").write_text("no folder")
    said = run("doctor", "--json", **{**no_home, variable: str(here / "file" / "x")})
    assert said.status == 0
    found = json.loads(said.out)
    assert found["cache"]["folder"].startswith(str(here / "file" / "x"))
    assert found["cache"]["mnist"] is False


@pytest.mark.slow
def test_training_without_a_cache_leaves_nothing_behind(here, pictures, no_home, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    (here / "file").write_text("no folder")
    said = run(
        "train", "first-pixels", *SHORT, "--data", str(pictures), "--out", "r",
        **{**no_home, "HOME": str(here / "file"), "TMPDIR": str(temporary)},
    )  # fmt: skip
    assert said.status == 0, said.err
    assert list(temporary.iterdir()) == []
    assert {path.name for path in here.iterdir()} == {"file", "r", "temporary"}


@pytest.mark.slow
def test_keras_as_configured_for_other_work_changes_nothing(here, tmp_path):
    configuration = {"image_data_format": "channels_first", "floatx": "float16", "epsilon": 1e-3}
    (tmp_path / "keras.json").write_text(json.dumps({**configuration, "backend": "jax"}))
    said = run("show", "first-cnn", "--json", KERAS_HOME=str(tmp_path), KERAS_BACKEND="tensorflow")
    assert said.err == (
        "warning: KERAS_BACKEND=tensorflow is ignored: leadline trains with Keras on torch.\n"
    )
    assert said.status == 0
    weights = {layer["name"]: layer["weights"] for layer in json.loads(said.out)["layers"]}
    # 16 filters of 5 x 5 pixels in one channel, with a bias each; not in 28 channels.
    assert weights["conv2d_1"] == 5 * 5 * 1 * 16 + 16


@pytest.mark.slow
def test_matplotlib_as_configured_for_a_notebook_changes_nothing(here):
    (here / "matplotlibrc").write_bytes(b"\xff\xfe: 3\nfoo\n")
    said = run(
        "show", "mlp-1", "--json",
        MPLBACKEND="module://matplotlib_inline.backend_inline", SOURCE_DATE_EPOCH="today",
    )  # fmt: skip
    assert (said.status, said.err) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [("KERAS_TORCH_DEVICE", "meta", "set it to cpu"), ("TORCH_LOGS", "nonsense", "unset it")],
)
def test_a_variable_that_stops_torch_is_one_line(here, name, value, fix):
    said = run("show", "mlp-1", **{name: value})
    said.is_one_line(f"error: {name}={value}", fix)


@pytest.mark.slow
def test_warnings_as_errors_change_nothing(here):
    said = run("show", "mlp-1", "--json", flags=("-W", "error", "-P"))
    assert (said.status, said.err) == (0, "")
    assert json.loads(said.out)["total_weights"] == 784 * 512 + 512 + 512 * 10 + 10


def test_no_docstrings_no_bytecode(here):
    flags = ("-OO", "-bb", "-W", "error")
    said = run("list", "--json", flags=flags, PYTHONDONTWRITEBYTECODE="1")
    assert (said.status, said.err) == (0, "")
    assert run("--help", flags=flags, PYTHONDONTWRITEBYTECODE="1").status == 0


@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["list", "--version", "show --help", "shw"])
def test_closed_streams_are_no_defect(here, command, closed):
    done = subprocess.run(
        f"{SHELL} {command} {closed}", shell=True, capture_output=True, text=True, check=False
    )
    assert done.returncode == (2 if command == "shw" else 0)
    assert "Traceback" not in done.stderr + done.stdout


def test_a_full_disk_behind_standard_output_is_one_line(here):
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    done = subprocess.run(
        f"{SHELL} list --json > /dev/full",
        shell=True,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "disk is full" in done.stderr
    assert done.stderr.count("\n") == 1


def file_size_limit(size_bytes):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_does_not_fit_into_its_file_is_one_line(here, unbuffered):
    with (here / "list.json").open("wb") as file:
        done = subprocess.run(
            [*START, "list", "--json"],
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            preexec_fn=file_size_limit(2048),
            stdout=file, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        "error: the file is larger than ulimit -f or the file system allows; allow more with "
        "ulimit -f unlimited, or write elsewhere.\n"
    )


def test_a_file_larger_than_allowed_is_named_and_the_old_one_stays(here):
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(here / "9.png")
    (here / "answers.csv").write_text("old")
    said = run("predict", "digits-hog", "9.png", "-o", "answers.csv", preexec=file_size_limit(9))
    said.is_one_line("error: answers.csv: the file is larger than ulimit -f", "ulimit -f unlimited")
    assert (here / "answers.csv").read_text() == "old"
    assert {path.name for path in here.iterdir()} == {"9.png", "answers.csv"}


def test_a_closed_pipe_behind_standard_error(here):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        for command, status in ((["list"], 141), (["shw"], 2)):
            done = subprocess.run(
                [*START, *command], stdout=subprocess.PIPE, stderr=pipe, check=False
            )
            assert (done.returncode, done.stdout) == (status, b"")


@pytest.mark.parametrize("columns", ["1", "1000000000000"])
def test_widths_that_no_screen_has(here, columns):
    for command in (["list"], ["--help"]):
        said = run(*command, COLUMNS=columns, TERM="dumb", FORCE_COLOR="1")
        assert said.status == 0
        assert max(map(len, (said.out + said.err).splitlines())) <= 400


@pytest.mark.slow
def test_few_open_files_are_one_line(here, pictures):
    said = run(
        "train", "first-pixels", *SHORT, "--data", str(pictures),
        preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (6, 6)),
    )  # fmt: skip
    said.is_one_line("error: ", "ulimit -n")


@pytest.mark.parametrize("limit_mb", [120, 1000])
def test_little_memory_is_one_line(here, pictures, limit_mb):
    said = run(
        "train", "first-pixels", *SHORT, "--data", str(pictures),
        preexec=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit_mb * 2**20,) * 2),
    )  # fmt: skip
    said.is_one_line("error: out of memory: ulimit -v allows", "MB; allow more.")


def default_signals():
    """A shell that runs the tests in the background has SIGINT ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def started(*arguments):
    return subprocess.Popen(
        [*START, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=default_signals,  # noqa: PLW1509 - there is but one thread
    )  # fmt: skip


def wait_for(condition, process):
    deadline_s = time.monotonic() + 100
    while not condition() and time.monotonic() < deadline_s:
        assert process.poll() is None, "it ended before it could be interrupted"
        time.sleep(0.002)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ctrl_c_while_torch_is_imported(here, pictures):
    library = "libtorch_python"
    process = started("train", "first-pixels", "--data", str(pictures))
    maps = Path(f"/proc/{process.pid}/maps")
    wait_for(lambda: library in maps.read_text(), process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=100)
    assert (out, err.count("\n")) == ("", 1), err
    assert err.startswith("interrupted; no file is incomplete; resume with: leadline train")
    assert process.returncode == 130


@pytest.mark.slow
def test_sigterm_ends_a_training_as_ctrl_c_does(here, pictures):
    process = started(
        "train", "first-pixels", "--data", str(pictures), "--out", "r",
        "--set", "training.epochs=2000", "--set", "training.batch_size=1",
    )  # fmt: skip
    checkpoint = here / "r.partial" / "checkpoint.npz"
    wait_for(checkpoint.exists, process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=100)
    assert out == ""
    assert err.splitlines()[-1].startswith("interrupted; no file is incomplete; resume with: ")
    assert err.rstrip("\n").endswith(" --resume")
    assert process.returncode == 143
    assert checkpoint.exists()
    assert not (here / "r").exists()
