"""The process of a command: streams that never fail, silent warnings, signals that are obeyed."""

import os
import signal
import subprocess
import sys
import time

import pytest

from leadline.system.process import IN_ASCII, Stopping

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and descriptors of POSIX")

SLOW = """
import sys, time
print("importing", flush=True)
try:
    for _ in range(8):
        time.sleep(0.05)
except BaseException:
    raise ImportError("what a library makes of it") from None
print("imported", flush=True)
"""
STOPPED = """
import time
from leadline.system import process
process.prepare()
process.stopping.last_words = lambda: "half way \u2713"
try:
    {body}
except process.Interrupted:
    print("interrupted", flush=True)
    {cleanup}
raise SystemExit(process.stopping.status)
"""


def default_signals():
    """A shell that runs the tests in the background has SIGINT ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def started(code, folder, **options):
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        **{"preexec_fn": default_signals, **options},
    )


def run(code, *flags, **environment):
    return subprocess.run(
        [sys.executable, *flags, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_during_an_import_is_raised_once_the_import_has_ended(tmp_path, number, status):
    (tmp_path / "slow.py").write_text(SLOW)
    code = STOPPED.format(body="import slow; time.sleep(30)", cleanup="pass")
    process = started(code, tmp_path)
    assert process.stdout.readline() == "importing\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (out, err) == ("imported\ninterrupted\n", "")
    assert process.returncode == status


def test_an_import_that_goes_on_does_not_keep_the_process(tmp_path):
    (tmp_path / "slow.py").write_text(SLOW.replace("range(8)", "range(1200)"))
    code = STOPPED.format(body="import slow", cleanup="pass")
    process = started(code, tmp_path)
    assert process.stdout.readline() == "importing\n"
    start_s = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert 2 <= time.monotonic() - start_s < 9  # containers are killed after 10 s
    assert (out, err) == ("", "half way \u2713\n")
    assert process.returncode == 143


def test_a_second_signal_ends_the_process_at_once(tmp_path):
    body = "print('ready', flush=True); time.sleep(30)"
    code = STOPPED.format(body=body, cleanup="time.sleep(30)")
    process = started(code, tmp_path)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "interrupted\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (out, err) == ("", "half way \u2713\n")
    assert process.returncode == 143  # of the first


def test_a_signal_that_the_starter_ignores_stays_ignored(tmp_path):
    body = "print('ready', flush=True); time.sleep(0.5); print('done'); raise SystemExit"
    code = STOPPED.format(body=body, cleanup="pass")
    process = started(
        code, tmp_path, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGHUP)
    assert process.communicate(timeout=20) == ("done\n", "")


def test_after_the_command_signals_have_their_usual_meaning(tmp_path):
    code = (
        "from leadline.system import process; import time; process.prepare(); "
        "process.stopping.release(); print('ready', flush=True); time.sleep(30)"
    )
    process = started(code, tmp_path)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == -signal.SIGTERM


def test_without_a_signal_the_status_is_that_of_ctrl_c():
    assert Stopping().status == 130


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_text_that_a_stream_cannot_encode_is_written_in_ascii(encoding):
    code = (
        "from leadline.system import process; process.prepare(); import sys; "
        "print('28 \\u00d7 28 \\u2013 \\u2713 \\u732b'); "
        "print('\\u2265 1 \\udcff', file=sys.stderr)"
    )
    done = run(code, PYTHONIOENCODING=f"{encoding}:strict")
    assert done.returncode == 0
    expected = {
        "ascii": "28 x 28 - \\u2713 \\u732b\n",
        "latin-1": "28 \u00d7 28 - \\u2713 \\u732b\n",
        "cp1252": "28 \u00d7 28 \u2013 \\u2713 \\u732b\n",
        "utf-8": "28 \u00d7 28 \u2013 \u2713 \u732b\n",
    }
    assert done.stdout.decode(encoding) == expected[encoding]
    assert done.stderr.decode(encoding).rstrip("\n").endswith("1 \\xff")


def test_replacements_are_ascii():
    assert all(text.isascii() for text in IN_ASCII.values())


@pytest.mark.parametrize(
    ("flags", "environment"),
    [(("-W", "error"), {}), ((), {"PYTHONWARNINGS": "error"}), (("-bb",), {})],
)
def test_warnings_are_neither_shown_nor_errors_here_or_in_children(flags, environment):
    code = (
        "import warnings, subprocess, sys; from leadline.system import process; process.prepare(); "
        "warnings.warn('w', DeprecationWarning); str(b'x') == b'x'; "
        "sys.exit(subprocess.call([sys.executable, '-c', 'import warnings; warnings.warn(\"w\")']))"
    )
    done = run(code, *flags, **environment)
    assert (done.returncode, done.stderr) == (0, b"")


def test_debugging_shows_warnings():
    code = (
        "from leadline.system import process; process.prepare(); "
        "import warnings; warnings.warn('odd')"
    )
    assert b"UserWarning: odd" in run(code, "-W", "error", LEADLINE_DEBUG="1").stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_no_file_takes_the_number_of_a_closed_stream(tmp_path, closed):
    code = (
        "from leadline.system import process; process.prepare(); "
        "print(open('x', 'w').fileno() > 2, file=open('answer', 'w'))"
    )
    shell = f'{sys.executable} -c "{code}" {closed}'
    assert subprocess.run(shell, shell=True, cwd=tmp_path, check=False).returncode == 0
    assert (tmp_path / "answer").read_text() == "True\n"


@pytest.mark.parametrize(
    ("columns", "expected"),
    [("1", "40"), ("80", "80"), ("400", "400"), ("9" * 30, "400"), ("0", ""), ("x", "x")],
)
def test_an_absurd_width_is_bounded(columns, expected):
    code = (
        "from leadline.system import process; process.prepare(); "
        "import os; print(os.environ['COLUMNS'])"
    )
    assert run(code, COLUMNS=columns).stdout.decode() == f"{expected}\n"


@pytest.mark.parametrize(("received", "expected"), [(None, []), (signal.SIGTERM, ["a", "b"])])
def test_helpers_end_only_after_a_signal(received, expected):
    stopping, ended = Stopping(), []
    stopping.helpers += [lambda: ended.append("a"), lambda: ended.append("b")]
    stopping.received = received
    stopping.end_helpers()
    assert ended == expected
