"""The data sets that come in files: their names, addresses, checksums and splits.

Checksums are of content, computed from the files themselves: see ``models.data.files.Content``. That of
``chardata.mat`` is the name git gives it in the repository of the IWAE paper's authors.
"""

from __future__ import annotations

from evidence_bench.models.data.binarisation import AT_THRESHOLD, DYNAMIC, GREY
from evidence_bench.models.data.chardata import read_chardata
from evidence_bench.models.data.drawings import read_drawing_arrays, read_drawing_pictures
from evidence_bench.models.data.files import Form, Part
from evidence_bench.models.data.idx import read_idx_images
from evidence_bench.models.data.packed import read_amat, read_packed, read_plain_array
from evidence_bench.models.data.sources import FileSource, LastRows, MixedRows, one_file_each

PIXELS = 784
_MNIST_AT = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
_FASHION_AT = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)
_BINARISED_AT = "http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/"
_OMNIGLOT_AT = "https://raw.githubusercontent.com/brendenlake/omniglot/master/python/"


def _idx(what: str, count: int, stem: str, at: tuple[str, ...], sha256: str) -> Part:
    names = f"{stem}-images-idx3-ubyte", f"{stem}-images.idx3-ubyte"
    form = Form(names, read_idx_images, tuple(f"{address}{names[0]}.gz" for address in at))
    return Part(what, (count, PIXELS), (form,), sha256)


def _binarised(what: str, count: int, stem: str, sha256: str) -> Part:
    name = f"binarized_mnist_{stem}"
    forms = (
        Form((f"{name}_packed.npz",), read_packed),
        Form((f"{name}.npy", f"{stem}.npy"), read_plain_array),
        Form((f"{name}.amat",), read_amat, (f"{_BINARISED_AT}{name}.amat",)),
    )
    return Part(what, (count, PIXELS), forms, sha256)


def _drawings(what: str, count: int, stem: str, sha256: str) -> Part:
    forms = (
        Form((f"{stem}.npz",), read_drawing_arrays),
        Form((f"{stem}.zip",), read_drawing_pictures, (f"{_OMNIGLOT_AT}{stem}.zip",)),
    )
    return Part(what, (count, PIXELS), forms, sha256)


MNIST = FileSource(
    name="mnist",
    variant="28 x 28 grey levels / 255; validation is the last 10000 rows of the training file",
    sizes={"train": 50_000, "validation": 10_000, "test": 10_000},
    folders=("mnist", "MNIST/raw", "MNIST", "raw", ""),
    binarisations={"dynamic": DYNAMIC, "none": GREY},
    parts=(
        _idx(
            "training images", 60_000, "train", _MNIST_AT,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        _idx(
            "test images", 10_000, "t10k", _MNIST_AT,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
    ),
    divide=LastRows(10_000),
)  # fmt: skip

FASHION = FileSource(
    name="fashion-mnist",
    variant="28 x 28 grey levels / 255; validation is the last 10000 rows of the training file",
    sizes={"train": 50_000, "validation": 10_000, "test": 10_000},
    folders=("fashion-mnist", "FashionMNIST/raw", "FashionMNIST", "fashion_mnist", "fashion", "raw", ""),
    binarisations={"dynamic": DYNAMIC, "fixed": AT_THRESHOLD, "none": GREY},
    parts=(
        _idx(
            "training images", 60_000, "train", _FASHION_AT,
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        _idx(
            "test images", 10_000, "t10k", _FASHION_AT,
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
    ),
    divide=LastRows(10_000),
)  # fmt: skip

BINARISED = FileSource(
    name="mnist-binarised",
    variant="the fixed binarisation of Larochelle, Salakhutdinov and Murray",
    sizes={"train": 50_000, "validation": 10_000, "test": 10_000},
    folders=("binarized_mnist", "mnist-binarised", "binarized-mnist", "BinaryMNIST", ""),
    binarisations={"fixed": "zeros and ones as their authors drew them, once and for all"},
    parts=(
        _binarised(
            "training images", 50_000, "train",
            "727146c35424b019f3e350e1e69faa05644a0abaf787e3f4e1a9632220a13906",
        ),
        _binarised(
            "validation images", 10_000, "valid",
            "a256ac44ae26be720fad8616a05ed6ecfd1619930d9a208379bb2a4405df5b6d",
        ),
        _binarised(
            "test images", 10_000, "test",
            "9fcd8da6f0fdf09b2ba30fe63a0bb784042a0de82563172530229b983e294ff2",
        ),
    ),
    divide=one_file_each,
)  # fmt: skip

OMNIGLOT = FileSource(
    name="omniglot28",
    variant=(
        "the original 105 x 105 drawings as 28 x 28 exact area averages of ink; training and validation "
        "from the background characters (validation 1280 drawings at random), test all of the evaluation ones"
    ),
    sizes={"train": 18_000, "validation": 1_280, "test": 13_180},
    folders=("omniglot", "omniglot28", "omniglot-py", "omniglot/python", "python", ""),
    binarisations={"dynamic": DYNAMIC, "fixed": AT_THRESHOLD, "none": GREY},
    parts=(
        _drawings(
            "background drawings", 19_280, "images_background",
            "e43d8f1d44fcef8a37f8614b2b6f43879e3f5872f7453a221f18e72b7cc9be82",
        ),
        _drawings(
            "evaluation drawings", 13_180, "images_evaluation",
            "09c4987452ed86125ca1841dfbeb191158a7f8131e3a33ac04b579fc68cf72d4",
        ),
    ),
    divide=MixedRows(1_280),
)  # fmt: skip

BURDA = FileSource(
    name="omniglot-burda",
    variant="chardata.mat, the 28 x 28 grey images of the IWAE paper; validation 1345 of the training images",
    sizes={"train": 23_000, "validation": 1_345, "test": 8_070},
    folders=("omniglot-burda", "OMNIGLOT", "omniglot", ""),
    binarisations={"dynamic": DYNAMIC, "fixed": AT_THRESHOLD, "none": GREY},
    parts=(
        Part(
            "images that come with the code of the IWAE paper",
            (32_415, PIXELS),
            (Form(("chardata.mat",), read_chardata),),
            git_blob="016a3536ffe5e1d38e42563a18d7a78bfaf643ec",
        ),
    ),
    divide=MixedRows(1_345, training=24_345),
)

PUBLISHED = (MNIST, BINARISED, OMNIGLOT, BURDA, FASHION)
