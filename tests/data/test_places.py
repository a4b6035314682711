"""Where files are found, what is downloaded, and the sentences for what is missing, damaged or wrong."""

from __future__ import annotations

import gzip
import io
import sys
import urllib.error

import pytest
import torch

from evidence_bench.models import data
from evidence_bench.models.data import catalogue, download, place
from evidence_bench.models.data.published import PUBLISHED
from evidence_bench.models.errors import BadData, MissingData, MissingPackage
from tests.data.synthetic import TRAIN, idx_bytes, lay_out, source

URL = "https://example.org/files/train-images.gz"
PACKED = gzip.compress(idx_bytes(TRAIN))


class Server:
    """Answers of a server that may lose the connection, ignore ranges, or have something else."""

    def __init__(self, content: bytes, lost_after: tuple[int, ...] = (), ranges: bool = True) -> None:
        self.content, self.lost_after, self.ranges = content, list(lost_after), ranges
        self.asked: list[str | None] = []

    def __call__(self, request, timeout):
        asked = request.get_header("Range")
        self.asked.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.ranges else 0
        if start >= len(self.content):
            raise urllib.error.HTTPError(request.full_url, 416, "Range Not Satisfiable", {}, None)
        rest = self.content[start:]
        answer = io.BytesIO(rest[: self.lost_after.pop(0)] if self.lost_after else rest)
        answer.status = 206 if start else 200
        answer.headers = {"Content-Length": str(len(rest))}
        return answer


@pytest.fixture
def served(monkeypatch, tmp_path):
    """Loads the tiny data set with its training file from the server, its test file from the cache."""
    pytest.importorskip("pooch", reason="pooch, of the extra 'data', is not installed")
    lay_out(tmp_path / "cache" / "made")
    (tmp_path / "cache" / "made" / "tiny").rename(tmp_path / "cache" / "tiny")
    (tmp_path / "cache" / "tiny" / "train-images").unlink()

    def load(server: Server, urls: tuple[str, ...] = (URL,)):
        monkeypatch.setattr(download.urllib.request, "urlopen", server)
        return catalogue.read(source(urls), None, "none")

    return load


@pytest.mark.parametrize("folder", ["tiny", "", "."])
def test_files_are_found_in_the_usual_folders(tmp_path, folder):
    lay_out(tmp_path)
    root = tmp_path if folder == "tiny" else tmp_path / "tiny"
    assert len(catalogue.read(source(), root).test) == 20


def test_the_argument_goes_before_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(place.ENVIRONMENT, str(tmp_path / "environment"))
    assert place.local_root(None) == tmp_path / "environment"
    assert place.local_root(str(tmp_path)) == tmp_path
    monkeypatch.setenv(place.ENVIRONMENT, "")
    assert place.local_root(None) is None


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda source: source.name)
def test_an_empty_folder_gets_the_names_and_the_places(tmp_path, published):
    with pytest.raises(MissingData) as caught:
        data.load(published.name, tmp_path)
    sentence = str(caught.value)
    assert str(tmp_path) in sentence
    assert all(f"'{form.names[0]}'" in sentence for part in published.parts for form in part.forms)
    assert f"'{tmp_path / published.folders[0]}'" in sentence


def test_no_folder_at_all(tmp_path):
    with pytest.raises(MissingData, match="is no folder"):
        data.load("mnist", tmp_path / "nowhere")


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda source: source.name)
def test_without_a_network_the_sentence_says_what_to_put_where(published):
    pytest.importorskip("pooch", reason="pooch, of the extra 'data', is not installed")
    with pytest.raises(MissingData) as caught:
        data.load(published.name)
    sentence = str(caught.value)
    assert all(f"'{form.names[0]}'" in sentence for part in published.parts for form in part.forms)
    assert f"a folder '{published.folders[0]}'" in sentence
    assert place.ENVIRONMENT in sentence
    assert "could not be downloaded" in sentence or "cannot be downloaded" in sentence


def test_without_pooch_the_sentence_says_so(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.delenv(place.ENVIRONMENT, raising=False)
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(MissingPackage, match=r"install evidence-bench\[data\].*'train-images-idx3-ubyte'"):
        data.load("mnist")


def damaged(content: bytes) -> bytes:
    flipped = bytearray(content)
    flipped[-1] ^= 1
    return bytes(flipped)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (idx_bytes(TRAIN)[:-1], "is truncated"),
        (PACKED[:-20], "is truncated"),
        (damaged(idx_bytes(TRAIN)), "is not the file of the training images: its content has sha256"),
        (damaged(PACKED), "is corrupt"),
        (idx_bytes(TRAIN[:20]), "holds 16 pixels, 20 times; the training images are 16 pixels, 30 times"),
        (b"", "is truncated"),
    ],
)
def test_files_that_are_not_the_ones_are_refused(tmp_path, content, says):
    lay_out(tmp_path)
    (tmp_path / "tiny" / "train-images").write_bytes(content)
    with pytest.raises(BadData, match=says):
        catalogue.read(source(), tmp_path)


def test_a_download_is_kept_and_used_again(served, tmp_path):
    server = Server(PACKED)
    loaded = served(server)
    assert torch.equal(served(server).train.images, loaded.train.images)
    assert server.asked == [None]
    assert loaded.facts.files[0].name == "train-images.gz"
    assert sorted(path.name for path in (tmp_path / "cache" / "tiny").iterdir()) == [
        "test-images.gz",
        "train-images.gz",
    ]


def test_a_lost_connection_is_taken_up_where_it_ended(served):
    server = Server(PACKED, lost_after=(100, 50))
    assert len(served(server).train) == 24
    assert server.asked == [None, "bytes=100-", "bytes=150-"]


def test_an_interrupted_download_goes_on_in_the_next_run(served):
    with pytest.raises(MissingData, match="the connection ended after 100 of"):
        served(Server(PACKED, lost_after=(100, 0)))
    server = Server(PACKED)
    served(server)
    assert server.asked == ["bytes=100-"]


def test_a_server_without_ranges_starts_over(served):
    server = Server(PACKED, lost_after=(100,), ranges=False)
    assert len(served(server).train) == 24
    assert server.asked == [None, "bytes=100-"]


def test_a_beginning_that_is_too_long_is_thrown_away(served):
    with pytest.raises(MissingData):
        served(Server(PACKED + bytes(500), lost_after=(len(PACKED) + 9, 0)))
    server = Server(PACKED)
    served(server)
    assert server.asked == [f"bytes={len(PACKED) + 9}-", None]


def test_what_is_not_the_file_is_not_kept(served, tmp_path):
    with pytest.raises(MissingData, match=r"is no IDX file.*put there the training images"):
        served(Server(b"<html>please log in</html>"))
    assert not (tmp_path / "cache" / "tiny" / "train-images.gz").exists()
    assert len(served(Server(PACKED)).train) == 24


def test_the_next_address_is_tried(served):
    class Gone(Server):
        def __call__(self, request, timeout):
            if "gone" in request.full_url:
                raise urllib.error.HTTPError(request.full_url, 404, "Not Found", {}, None)
            return super().__call__(request, timeout)

    gone = "https://gone.example.org/train-images.gz"
    with pytest.raises(MissingData, match=f"'{gone}' could not be downloaded .Not Found.*tiny"):
        served(Gone(PACKED), (gone,))
    assert len(served(Gone(PACKED), (gone, URL)).train) == 24
