"""Public files: fetched from a real local server, checked, never kept if they are others."""

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from false_promise import public_artefacts
from false_promise.public_artefacts import RECORDS, PublicError, Record, Source, measure_again, provide, read_sources

TEXT = b"one\ntwo\n"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "file.txt").write_bytes(TEXT)
    listening = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()


def source(url, text=TEXT, path="set/file.txt"):
    return Source(path, hashlib.sha256(text).hexdigest(), url)


def test_a_missing_file_is_fetched_once_and_checked(server, tmp_path):
    folder = tmp_path / "real"
    path = provide(source(f"{server}/file.txt"), folder)
    assert path.read_bytes() == TEXT
    assert provide(source("http://127.0.0.1:1/nowhere"), folder) == path  # it is there: nothing is asked


def test_another_content_is_not_kept(server, tmp_path):
    with pytest.raises(PublicError, match="holds another file than was measured; nothing was kept"):
        provide(source(f"{server}/file.txt", b"three"), tmp_path)
    assert not list((tmp_path / "set").iterdir())


def test_a_changed_file_and_an_absent_address_are_named(server, tmp_path):
    with pytest.raises(PublicError, match=r"(?s)cannot fetch .*nowhere.txt .*put the file at .*set/file.txt yourself"):
        provide(source(f"{server}/nowhere.txt"), tmp_path)
    with pytest.raises(PublicError, match="is missing .*it has no address of its own.*REAL_DATA"):
        provide(source(None), tmp_path)
    with pytest.raises(PublicError, match="is missing"):
        provide(source(f"{server}/file.txt"), tmp_path, offline=True)
    (tmp_path / "set").mkdir(exist_ok=True)
    (tmp_path / "set" / "file.txt").write_bytes(b"edited")
    with pytest.raises(PublicError, match="is not the file that was measured .*remove it to fetch it again"):
        provide(source(f"{server}/file.txt"), tmp_path)


def test_what_cannot_be_measured_leaves_its_record_alone(server, tmp_path, monkeypatch):
    found = Record("one", ("set/",), lambda folder: {"lines": (folder / "set/file.txt").read_text().count("\n")})
    lost = Record("two", ("lost/",), lambda folder: {})
    monkeypatch.setattr(public_artefacts, "RECORDS", (found, lost))
    listed = [source(f"{server}/file.txt"), source(None, path="lost/file.txt")]
    left_out = measure_again(tmp_path / "real", tmp_path, ["one", "two"], sources=listed)
    assert (tmp_path / "one.json").read_text().strip() == '{\n "lines": 2\n}'
    assert not (tmp_path / "two.json").exists() and left_out[0].startswith("two: ")


def test_every_record_has_its_files_listed_at_pinned_commits():
    listed = read_sources()
    for record in RECORDS:
        assert all(any(one.path.startswith(need) for one in listed) for need in record.needs), record.name
    addresses = [one.url for one in listed if one.url]
    assert addresses and all("/main/" not in url and "/master/" not in url for url in addresses)
    assert all(one.url or one.note for one in listed)
