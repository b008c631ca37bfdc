"""What commands reach: no network, and no file outside their output, cache and temporary folder.

strace sees what native libraries do, ONNX Runtime's telemetry for one; Python's audit hooks do not.
Without strace the hooks alone look.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.serving.making import brightness

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace and /proc of Linux")

STRACE = shutil.which("strace")
CALLS = (
    "socket,bind,connect,sendto,sendmsg,open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,"
    "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,truncate"
)
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")
PATHS = re.compile(r'"((?:[^"\\]|\\.)*)"')
IPV6_PROBE = re.compile(r"^socket\.bind \(\('::1', 0\),\)|bind\(.*sin6_port=htons\(0\).*\"::1\"")
"""urllib3, which Keras imports where it is installed, binds a local port to see whether there is
IPv6, and closes it again: nothing is sent or received."""
BESIDE_OUTPUT = re.compile(r"\.leadline-.*\.tmp")
"""What becomes the output when it is whole."""
ALLOWED = ("/dev/null", "/dev/tty", "/dev/shm/", "/proc/self/")
"""Devices, and the semaphores of multiprocessing, which exist in memory alone."""
SHORT = ["--set", "training.epochs=1", "--set", "training.batch_size=16"]
HOOK = """
import os, sys
def _hook(event, given, _file=open(os.environ["AUDIT_FILE"], "a", buffering=1)):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"):
        _file.write(f"{event} {given[1:]!r}\\n")
sys.addaudithook(_hook)
"""


@dataclass
class Seen:
    """What a command did: addresses it reached for, and files it changed."""

    network: list[str] = field(default_factory=list)
    written: set[Path] = field(default_factory=set)


@dataclass(frozen=True)
class Place:
    """Folders of one command line, all empty at first but for the current one."""

    home: Path
    cache: Path
    temporary: Path
    here: Path


@pytest.fixture
def place(tmp_path):
    made = Place(*(tmp_path / name for name in ("home", "cache", "temporary", "here")))
    for folder in vars(made).values():
        folder.mkdir()
    generator = np.random.default_rng(0)
    for name, low in (("bright", 128), ("dark", 0)):
        (made.here / "pictures" / name).mkdir(parents=True)
        for number in range(12):
            pixels = generator.integers(low, low + 128, (28, 28), dtype=np.uint8)
            Image.fromarray(pixels).save(made.here / "pictures" / name / f"{number}.png")
    return made


def environment(place):
    taken = ("ORT_DISABLE_TELEMETRY", "KERAS_BACKEND", "KERAS_HOME", "MPLCONFIGDIR",
             "TORCHINDUCTOR_CACHE_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if name not in taken}
    return {
        **kept,
        "HOME": str(place.home),
        "LEADLINE_CACHE": str(place.cache),
        "TMPDIR": str(place.temporary),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def watch(place, *arguments, code="from leadline.cli import main; main()"):
    """Run a command line under strace and the audit hook; what it did."""
    trace, audit = place.here.parent / "trace", place.here.parent / "audit"
    audit.touch()
    line = [sys.executable, "-c", HOOK + code, *arguments]
    if STRACE:
        # Calls that are not looked at run at full speed.
        line = [
            STRACE,
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-y",
            "-s",
            "4096",
            "-e",
            f"trace={CALLS}",
            "-o",
            trace,
            *line,
        ]
    done = subprocess.run(
        line,
        cwd=place.here,
        env={**environment(place), "AUDIT_FILE": str(audit)},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = Seen(network=audit.read_text().splitlines())
    if STRACE:
        for text in trace.read_text(errors="replace").splitlines():
            look_at(text, place, seen)
    seen.network = [text for text in seen.network if not IPV6_PROBE.search(text)]
    return seen


def look_at(text, place, seen):
    """Take what one line of strace's says into account."""
    call = text.partition("(")[0].split()[-1]
    if " = -1 " in text or "<... " in text:
        if call == "connect" and "AF_INET" in text:
            seen.network.append(text)
        return
    if call in ("socket", "bind", "connect", "sendto", "sendmsg"):
        if re.search(r"AF_INET|AF_PACKET", text) and call != "socket":
            seen.network.append(text)
        return
    if call.startswith("open") and not WRITING.search(text):
        return
    # A descriptor is shown with its path: a relative name is meant below that.
    below = re.match(r".*?\((?:AT_FDCWD|\d+)<([^>]*)>", text)
    folder = Path(below[1]) if below else place.here
    seen.written |= {Path(os.path.normpath(folder / name)) for name in PATHS.findall(text)}


def outside(seen, place, *more):
    """Files that were changed where a command has nothing to change."""
    rooms = (place.cache, place.temporary, *more)
    return {
        path for path in seen.written
        if not any(path.is_relative_to(room) for room in rooms)
        and not (path.parent == place.here and BESIDE_OUTPUT.fullmatch(path.name))
        and not str(path).startswith(ALLOWED) and path != place.here.parent / "audit"
    }  # fmt: skip


def is_clean(seen, place, *outputs):
    assert seen.network == []
    assert outside(seen, place, *outputs) == set()
    assert list(place.here.glob(".*")) == []
    assert list(place.temporary.iterdir()) == []
    assert list(place.home.iterdir()) == []


@pytest.mark.parametrize("command", [["list"], ["doctor", "--json"]])
def test_commands_that_only_look(place, command):
    is_clean(watch(place, *command), place)


def test_training_and_what_is_done_with_a_run(place):
    is_clean(
        watch(place, "train", "first-cnn", *SHORT, "--data", "pictures", "--out", "r"),
        place, place.here / "r", place.here / "r.partial",
    )  # fmt: skip
    assert json.loads((place.here / "r" / "metrics.json").read_text())["model_file"] == "model.onnx"


@pytest.mark.slow
def test_a_study_and_what_is_done_with_it(place):
    """In one process, for the libraries are imported once."""
    (place.here / "two.toml").write_text('experiments = ["first-hog", "first-pixels"]')
    study, pages = place.here / "s", place.here / "pages"
    pages.mkdir()
    commands = [
        ["study", "two.toml", *SHORT, "--data", "pictures", "--out", "s"],
        ["report", "s", "-o", "pages/again.html", "--files"],
        ["export", "s/first-hog/seed-0", "--format", "torch", "-o", "pages/model.safetensors"],
        ["compare", "s", "--json"],
        ["show", "first-cnn", "--data", "pictures", "--json"],
    ]
    code = f"from leadline.cli import run; [1 / (not run(line)) for line in {commands!r}]"
    is_clean(watch(place, code=code), place, study, place.here / "s.partial", pages)
    written = {"again.html", "model.safetensors", "model.py", "figures", "tables"}
    assert written <= {path.name for path in pages.iterdir()}


SERVE = """
import os, signal, sys, threading, time, urllib.request
def ask():
    address, image = f"http://127.0.0.1:{sys.argv[-1]}", open("pictures/dark/0.png", "rb").read()
    for _ in range(200):
        try:
            request = urllib.request.Request(
                f"{address}/api/v1/predict", image, {"Content-Type": "image/png"}
            )
            assert b"dark" in urllib.request.urlopen(request).read()
            break
        except OSError:
            time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=ask).start()
from leadline.cli import main; main()
"""


def test_a_server_listens_on_its_own_address_alone(place):
    brightness(place.here / "two.onnx")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    seen = watch(place, "serve", "two.onnx", "--port", port, code=SERVE)
    assert any("bind" in line and port in line for line in seen.network)
    own = re.compile(rf'127\.0\.0\.1"?\S* {port}|{port}.*127\.0\.0\.1|getaddrinfo \({port},')
    seen.network = [line for line in seen.network if not own.search(line)]
    is_clean(seen, place)


def test_answers(place):
    brightness(place.here / "two.onnx")
    answers = place.here / "answers.csv"
    is_clean(watch(place, "predict", "two.onnx", "pictures", "-o", "answers.csv"), place, answers)
    assert answers.stat().st_size > 0


def test_an_explanation(place):
    brightness(place.here / "two.onnx")
    picture = place.here / "why.png"
    seen = watch(place, "explain", "two.onnx", "pictures/dark/0.png", "-o", "why.png")
    is_clean(seen, place, picture)


def test_an_audit(place):
    is_clean(watch(place, "data", "audit", "pictures", "--json", code=AUDIT), place)


AUDIT = "from leadline.cli import run; import sys; sys.exit(run(sys.argv[1:]) > 1)"


@pytest.mark.skipif(STRACE is None, reason="needs strace: libraries in C++ pass Python's hooks")
def test_onnx_runtime_reports_nothing_through_the_library_either(place):
    brightness(place.here / "two.onnx")
    code = (
        "import leadline, time; from pathlib import Path; "
        "from leadline.export.model_file import open_model_file; "
        "open_model_file(Path('two.onnx')); time.sleep(1)"
    )
    is_clean(watch(place, code=code), place)


@pytest.mark.skipif(STRACE is None, reason="needs strace")
def test_the_test_sees_what_it_looks_for(place):
    code = (
        "import socket, pathlib; pathlib.Path.home().joinpath('x').write_text('y'); "
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('127.0.0.1', 9))"
    )
    seen = watch(place, code=code)
    assert outside(seen, place) == {place.home / "x"}
    assert any("AF_INET" in line for line in seen.network)
    assert any(line.startswith("socket.connect") for line in seen.network)
