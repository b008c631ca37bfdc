"""Downloads against a real server on this machine."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from leadline.data.sources.download import _attempt, download
from leadline.errors import DataError

HTTP = frozenset({"http"})
CONTENT = bytes(range(256)) * 4_000


def fetch(server: Any, path: Path, max_bytes: int = len(CONTENT), **others: Any) -> bool:
    url = f"{server.url}file.bin"
    return download(url, path, max_bytes=max_bytes, schemes=HTTP, timeout_s=5.0, **others)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.bin"


def test_a_whole_file_arrives_in_one_answer(server, path):
    server.files["file.bin"] = CONTENT
    reports = []
    assert fetch(server, path, on_progress=lambda *report: reports.append(report)) is False
    assert path.read_bytes() == CONTENT
    assert reports[-1] == ("file.bin", 1_024_000, 1_024_000)
    assert server.asked == [("file.bin", None)]


def test_a_broken_download_is_gone_on_from_where_it_broke(server, path):
    server.files["file.bin"] = CONTENT
    server.break_after = [300_000, 200_000]
    assert fetch(server, path) is True
    assert path.read_bytes() == CONTENT
    assert [asked for _, asked in server.asked] == [None, "bytes=300000-", "bytes=500000-"]


def test_what_an_earlier_call_left_is_gone_on_from(server, path):
    server.files["file.bin"] = CONTENT
    path.write_bytes(CONTENT[:1000])
    assert fetch(server, path) is True
    assert path.read_bytes() == CONTENT
    assert server.asked == [("file.bin", "bytes=1000-")]


def test_without_ranges_it_starts_again(server, path):
    server.files["file.bin"] = CONTENT
    server.ranges = False
    path.write_bytes(b"something else")
    assert fetch(server, path) is False
    assert path.read_bytes() == CONTENT


def test_a_range_past_the_end_starts_again(server, path):
    server.files["file.bin"] = CONTENT
    path.write_bytes(CONTENT)
    assert fetch(server, path) is False
    assert path.read_bytes() == CONTENT
    assert [asked for _, asked in server.asked] == ["bytes=1024000-", None]


def test_a_server_that_breaks_each_time_is_given_up(server, path):
    server.files["file.bin"] = CONTENT
    server.break_after = [100, 100, 100]
    with pytest.raises(DataError, match="broke off after 300 of 1,024,000 bytes"):
        fetch(server, path)
    assert path.read_bytes() == CONTENT[:300]


def test_a_file_that_is_not_there(server, path):
    with pytest.raises(DataError, match=r"file\.bin: HTTP status 404"):
        fetch(server, path)
    assert not path.exists()
    assert len(server.asked) == 1


@pytest.mark.parametrize("says_length", [True, False])
def test_more_than_allowed_is_refused_and_not_kept(server, path, says_length):
    server.files["file.bin"] = CONTENT
    server.says_length = says_length
    with pytest.raises(DataError, match="the server sends"):
        fetch(server, path, max_bytes=len(CONTENT) - 1)
    assert not path.exists()


def test_nothing_but_https_is_fetched_unless_asked(server, path):
    with pytest.raises(DataError, match="only https is fetched"):
        download(f"{server.url}file.bin", path, max_bytes=10)
    assert server.asked == []


def test_a_redirect_out_of_the_allowed_schemes_is_refused(server, path):
    server.moved_to = "ftp://127.0.0.1/file.bin"
    with pytest.raises(DataError, match=r"ftp://127\.0\.0\.1/file\.bin: only http is fetched"):
        fetch(server, path)


def test_no_server(path):
    with pytest.raises(DataError, match="Connection refused"):
        download("http://127.0.0.1:1/file.bin", path, max_bytes=10, schemes=HTTP)


def test_no_such_host(path):
    with pytest.raises(DataError, match=r"nowhere\.invalid"):
        download("https://nowhere.invalid/file.bin", path, max_bytes=10)


@pytest.mark.parametrize("length", ["9" * 5000, "\u00b2", "-1", "1.5", ""])
def test_a_length_that_is_no_number_is_passed_over(path, length):
    class Opener:
        def open(self, _request, **_settings):
            response = io.BytesIO(b"content")
            response.headers = {"Content-Length": length}  # type: ignore[attr-defined]
            return response

    reports = []
    _attempt(Opener(), "http://a/file.bin", path, 10, lambda *one: reports.append(one), 5.0)  # type: ignore[arg-type]
    assert path.read_bytes() == b"content"
    assert reports[-1] == ("file.bin", 7, 0)
