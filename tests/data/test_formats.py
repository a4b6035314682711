"""Every form of a file gives the same images and the same checksum; what is no such file gets a sentence."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from scipy.io import savemat

from evidence_bench.models.data.chardata import read_chardata
from evidence_bench.models.data.drawings import read_drawing_arrays, read_drawing_pictures
from evidence_bench.models.data.files import Form, Part, git_blob, sha256
from evidence_bench.models.data.idx import read_idx_images
from evidence_bench.models.data.packed import read_amat, read_packed, read_plain_array
from evidence_bench.models.errors import BadData
from tests.data.synthetic import idx_bytes, levels, npz_bytes, picture_archive

BITS = np.random.default_rng(3).random((7, 16)) < 0.3
AMAT = "".join(" ".join(str(int(bit)) for bit in row) + "\n" for row in BITS).encode()
PAPER = np.random.default_rng(4).random((3, 2, 105, 105)) < 0.9
READERS = {
    read_idx_images: idx_bytes(levels(5, 0)),
    read_amat: AMAT,
    read_packed: npz_bytes(bits=np.packbits(BITS, axis=1)),
    read_drawing_arrays: npz_bytes(images=PAPER),
    read_drawing_pictures: picture_archive(PAPER),
}


@pytest.fixture
def written(tmp_path):
    def write(content: bytes):
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx_is_read_plain_and_in_gzip(written, pack):
    original = levels(5, 0)
    content = read_idx_images(written(pack(idx_bytes(original))))
    assert content.images.dtype == np.float32
    assert np.array_equal(np.rint(content.images * 255).astype(np.uint8), original.reshape(5, -1))
    assert content.sha256 == sha256(idx_bytes(original))


def test_all_forms_of_the_binarised_images_agree(written, tmp_path):
    np.save(tmp_path / "file.npy", BITS.astype(np.float64))
    contents = [
        read_amat(written(AMAT)),
        read_amat(written(gzip.compress(AMAT))),
        read_amat(written(AMAT.rstrip())),
        read_amat(written(AMAT.replace(b"\n", b" \r\n"))),
        read_packed(written(READERS[read_packed])),
        read_plain_array(tmp_path / "file.npy"),
    ]
    for content in contents:
        assert np.array_equal(content.images, BITS.astype(np.float32))
        assert content.sha256 == sha256(np.packbits(BITS, axis=1))


def test_both_forms_of_the_drawings_agree(written):
    arrays = read_drawing_arrays(written(READERS[read_drawing_arrays]))
    pictures = read_drawing_pictures(written(READERS[read_drawing_pictures]))
    assert arrays.images.shape == (6, 784)
    assert np.array_equal(arrays.images, pictures.images)
    assert arrays.sha256 == pictures.sha256 == sha256(np.packbits(PAPER.reshape(6, -1), axis=1))


def test_true_is_true_whatever_its_byte(written):
    """Files exist whose true values are the byte 255, as imaging libraries make them."""
    odd = np.where(PAPER, 255, 0).astype(np.uint8).view(bool)
    whole, usual = (read_drawing_arrays(written(npz_bytes(images=paper))) for paper in (odd, PAPER))
    assert np.array_equal(whole.images, usual.images)
    assert whole.sha256 == usual.sha256


def test_chardata_is_turned_upright(tmp_path):
    upright = np.random.default_rng(5).random((9, 28, 28)).astype(np.float32)
    columns = upright.transpose(0, 2, 1).reshape(9, 784).T.astype(np.float64)  # a column, column by column
    path = tmp_path / "chardata.mat"
    savemat(path, {"data": columns[:, :6], "testdata": columns[:, 6:], "target": np.eye(6)})
    content = read_chardata(path)
    assert np.array_equal(content.images.reshape(9, 28, 28), upright)
    assert content.sha256 == sha256(path.read_bytes())
    assert content.git_blob == git_blob(path.read_bytes())


def test_the_name_git_gives_a_file():
    assert git_blob(b"what is up, doc?") == "bd9dbf5aae1a3862dd1526723246b20206e5fc37"  # from the book of git


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_files_cut_off_anywhere_are_refused(written, reader, pack):
    whole = pack(READERS[reader])
    path = written(whole)
    content, form = reader(path), Form(("file",), reader)
    part = Part("images", content.images.shape, (form,), content.sha256)
    part.read(form, path)
    for kept in {*range(20), *np.linspace(20, len(whole) - 2, 40).astype(int).tolist()}:
        with pytest.raises(BadData, match="Put the original in its place"):
            part.read(form, written(whole[:kept]))


@pytest.mark.parametrize("kept", [0.2, 0.9, 0.99])
def test_truncated_gzip_is_called_truncated(written, kept):
    whole = gzip.compress(idx_bytes(levels(50, 0)))
    with pytest.raises(BadData, match="is truncated"):
        read_idx_images(written(whole[: int(kept * len(whole))]))


def test_corrupt_gzip_is_called_corrupt(written):
    damaged = bytearray(gzip.compress(idx_bytes(levels(50, 0))))
    damaged[len(damaged) // 2] ^= 255
    damaged[-6] ^= 255
    with pytest.raises(BadData, match="corrupt"):
        read_idx_images(written(bytes(damaged)))


@pytest.mark.parametrize("reader", [*READERS, read_plain_array, read_chardata], ids=lambda r: r.__name__)
def test_files_of_another_kind_get_a_sentence(written, reader):
    noise = np.random.default_rng(0).integers(0, 256, 3000, dtype=np.uint8).tobytes()
    for content in (noise, b"<html><body>404</body></html>" * 9, npz_bytes(other=np.arange(5))):
        with pytest.raises(BadData, match="Put the original in its place"):
            reader(written(content))


def test_nothing_is_unpickled(written, tmp_path):
    np.save(tmp_path / "file.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(BadData):
        read_plain_array(tmp_path / "file.npy")
    with pytest.raises(BadData):
        read_packed(written(npz_bytes(bits=np.array([None], dtype=object))))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (idx_bytes(np.zeros(5, np.uint8)), "holds labels, not images"),
        (idx_bytes(levels(5, 0)) + b"x", "bytes too many"),
        (struct.pack(">HBB", 0, 13, 3) + bytes(40), "no IDX file of bytes"),
    ],
)
def test_idx_files_with_other_things(written, content, says):
    with pytest.raises(BadData, match=says):
        read_idx_images(written(content))


@pytest.mark.parametrize("text", [b"0 1 2\n", b"0 1\n0\n", b"\n", b"a b\n"])
def test_texts_that_are_no_zeros_and_ones(written, text):
    with pytest.raises(BadData):
        read_amat(written(text))


def test_chardata_outside_its_range_is_refused(tmp_path):
    path = tmp_path / "chardata.mat"
    for data, says in ((np.full((784, 2), 2.0), "outside 0 to 1"), (np.zeros((100, 2)), "shape")):
        savemat(path, {"data": data, "testdata": np.zeros((784, 2))})
        with pytest.raises(BadData, match=says):
            read_chardata(path)
    savemat(path, {"data": np.full((784, 2), np.nan), "testdata": np.zeros((784, 2))})
    with pytest.raises(BadData, match="outside 0 to 1"):
        read_chardata(path)


def test_a_folder_in_the_place_of_a_file(tmp_path):
    with pytest.raises(BadData, match="cannot be read"):
        read_idx_images(tmp_path)
