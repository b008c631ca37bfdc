"""A process whose server was told to stop."""

import subprocess
import sys

import pytest

CODE = """
import os, signal, sys, threading, time
from leadline.serving import server
from leadline.serving.server_settings import Settings

server.GRACE_S = server.END_S = 0.2

async def app(scope, receive, send):
    assert scope["type"] == "lifespan"
    await receive()
    await send({"type": "lifespan.startup.complete"})
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGNUMBER)
    await receive()
    await send({"type": "lifespan.shutdown.complete"})

with server.bound("127.0.0.1", 0) as place:
    server.serve(app, place, Settings(), **eval(sys.argv[1]))
print("stopped", flush=True)
time.sleep(1.5)
print("went on")
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    ("settings", "said"),
    [({}, "stopped\nwent on\n"), ({"ends_process": True}, "stopped\n")],
)
def test_only_the_command_line_ends_the_process(name, settings, said):
    code = CODE.replace("SIGNUMBER", name)
    done = subprocess.run(
        [sys.executable, "-c", code, repr(settings)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, said)
