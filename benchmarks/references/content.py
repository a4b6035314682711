"""What decides the log density of a model that has no checkpoint: its code and everything in it, hashed.

A model is hashed by the source files of its classes and of all that was imported from their folder, by its
fields, tensors and modules as they are, and at each data point by what it returns there. What cannot be
looked into (an open file, a function that closes over something) leaves the model without a hash.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import hashlib
import inspect
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from evidence_bench.benchmarks.record.sources import ROOT, digest_of, project_files
from evidence_bench.models.base import Model
from evidence_bench.models.offers import log_joint_of, proposal_of
from evidence_bench.models.randomness import keyed_generator

_PLAIN = (str, bytes, int, float, complex, bool, type(None), enum.Enum, torch.dtype, torch.device, Path)
_DRAWS = 4


class Opaque(TypeError):
    """Something in a model of which nothing can be known."""


def content_of(model: Model, x: Tensor) -> str:
    """sha256 of the model's code and state; Opaque where some of it cannot be told.

    One evaluation at the first point comes before, so that what a model computes once is there.
    """
    behaviour(model, x[:1])
    digest = hashlib.sha256(f"{digest_of(project_files())} torch {torch.__version__}".encode())
    try:
        _Walk(digest.update, set()).add(model)
    except (OSError, TypeError, RecursionError) as error:
        raise error if isinstance(error, Opaque) else Opaque(str(error)) from error
    return digest.hexdigest()


def behaviour(model: Model, x: Tensor) -> str:
    """sha256 of log_joint and log q at a few fixed draws for the one row of x: what the code does there."""
    with torch.no_grad():
        proposal = proposal_of(model, x)
        z, log_q = proposal.draw(proposal.noise(_DRAWS, keyed_generator(("content",), x.device)))
        values = torch.cat([log_joint_of(model, x, z).double(), log_q.double()])
    return hashlib.sha256(_bytes_of(values)).hexdigest()


@dataclasses.dataclass
class _Walk:
    """Adds an object, and all that can be reached from it, to a digest."""

    update: Callable[[bytes], object]
    seen: set[int]

    def add(self, value: Any) -> None:
        if isinstance(value, _PLAIN):
            self._put(type(value).__qualname__, repr(value).encode())
        elif isinstance(value, Tensor):
            self._put(f"tensor {value.dtype} {tuple(value.shape)}", _bytes_of(value))
        elif isinstance(value, np.ndarray) and value.dtype != object:
            self._put(f"array {value.dtype} {value.shape}", np.ascontiguousarray(value).tobytes())
        elif isinstance(value, Mapping):
            self._put("mapping", str(len(value)).encode())
            for key in sorted(value, key=repr):
                self.add(key)
                self.add(value[key])
        elif isinstance(value, list | tuple | set | frozenset):
            self._put(type(value).__name__, str(len(value)).encode())
            for item in sorted(value, key=repr) if isinstance(value, set | frozenset) else value:
                self.add(item)
        elif inspect.isbuiltin(value):
            self._put("built-in", f"{value.__module__}.{value.__qualname__}".encode())
        elif inspect.ismethod(value):
            self.add([value.__self__, value.__func__])
        elif inspect.isfunction(value) or inspect.isclass(value):
            self._code(value)
        else:
            self._object(value)

    def _object(self, value: Any) -> None:
        """Its class, then its attributes; one that was met before is a reference to it."""
        if id(value) in self.seen:
            self._put("again", type(value).__qualname__.encode())
            return
        self.seen.add(id(value))
        if not hasattr(value, "__dict__"):
            raise Opaque(f"{type(value).__name__} cannot be looked into")
        self._code(type(value))
        self.add(dict(vars(value)))

    def _code(self, code: Any) -> None:
        """The files of a class and its bases, or of a function, and what that closes over."""
        self._put("code", f"{code.__module__}.{code.__qualname__}".encode())
        for owner in inspect.getmro(code) if inspect.isclass(code) else (code,):
            for path in source_files(owner):
                self._put(path.name, path.read_bytes())
        if inspect.isfunction(code):
            self.add([cell.cell_contents for cell in code.__closure__ or ()])
            self.add(code.__defaults__)

    def _put(self, kind: str, content: bytes) -> None:
        self.update(f"{kind} {len(content)}\n".encode() + content)


def source_files(code: Any) -> list[Path]:
    """The file of a class or function and those imported from its folder; none of what is installed."""
    file = getattr(sys.modules.get(code.__module__), "__file__", None)
    if code.__module__ in ("builtins", "abc") or (file and _installed(Path(file))):
        return []  # versions stand in provenance.json
    if file is None:
        raise Opaque(f"the code of {code.__qualname__} lies in no file")
    path = Path(file).resolve()
    imported = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    beside = {Path(other).resolve() for other in imported if other}
    own = (other for other in beside if path.parent in other.parents and not _installed(other))
    return sorted({path, *own})


def _installed(path: Path) -> bool:
    """Whether it belongs to Python, to an installed package or to this project, hashed apart."""
    above = path.resolve().parents
    return ROOT in above or any(folder in above for folder in _folders_of_python())


@functools.cache
def _folders_of_python() -> tuple[Path, ...]:
    """Where Python and its packages lie; asked once, because hundreds of modules are looked at."""
    return tuple(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib"))


def _bytes_of(tensor: Tensor) -> bytes:
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
