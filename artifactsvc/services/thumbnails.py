"""Small pictures of screenshots for lists and strips: made once, cached beside the store, never in it.

The cache may be deleted at any time. Its files are `<last two of the id>/<id>-<width>.webp`; one that says `.broken` keeps a
picture that cannot be read from being tried again.
"""

import logging
import os
import re
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from artifactsvc.filestore import FileStore
from artifactsvc.filestore.staged import remove_quietly
from artifactsvc.identifiers import new_id
from artifactsvc.models import Artifact
from artifactsvc.services.pictures import FORMATS, picture_size

log = logging.getLogger(__name__)
CHUNK = 500  # ids asked for at once
TALLEST = 1.5  # times the width: of a page that was photographed whole, a list shows the top
_FEW = threading.BoundedSemaphore(2)  # a page of 500 thumbnails decodes two pictures at a time, not 500
_NAME = re.compile(r"([0-9a-f-]{36})-[0-9]+\.(webp|broken)|[0-9a-f-]{36}\.tmp")


def thumbnail(store: FileStore, artifact: Any, folder: Path, width: int, pixels: int) -> bytes | None:
    """The thumbnail of an artifact as WebP, at most `width` wide; None for what has none.

    Parameters: `folder`, the cache; `pixels`, how many a picture may have to be decoded at all.
    Raises NotFoundError when the artifact's file is missing.
    """
    if artifact.mime_type not in FORMATS:
        return None
    cached = folder / artifact.id[-2:] / f"{artifact.id}-{width}.webp"
    found = _read(cached)
    if found is not None or cached.with_suffix(".broken").exists():
        return found
    with _FEW:
        found = _read(cached)  # somebody may have made it while we waited
        return found if found is not None else _make(store, artifact, cached, width, pixels)


def _read(path: Path) -> bytes | None:
    """A cached thumbnail; None where there is none, or where a power cut left half of one."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return data if data[:4] == b"RIFF" and len(data) == 8 + int.from_bytes(data[4:8], "little") else None


def _make(store: FileStore, artifact: Any, cached: Path, width: int, pixels: int) -> bytes | None:
    with store.open(artifact.storage_path) as file:
        size = picture_size(file, artifact.mime_type)
        if size is None or not 0 < size[0] * size[1] <= pixels:
            return None
        try:
            data = draw(file, artifact.mime_type, width, pixels)
        except MemoryError:
            return None
        except Exception as error:  # noqa: BLE001 - for a broken file Pillow raises nearly anything
            if not getattr(error, "errno", None):  # else it was the disk, which may be well again
                _write(cached.with_suffix(".broken"), b"")
            return None
    _write(cached, data)
    return data


def draw(file: Any, media_type: str, width: int, pixels: int) -> bytes:
    """The picture in `file` as a small WebP. Raises whatever Pillow does for what it cannot read, ValueError for too many pixels."""
    from PIL import Image, ImageOps  # here, because it takes ten megabytes that a server without viewers does not need

    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and checked before anything is decoded; Pillow's own would warn on stderr
    file.seek(0)
    with Image.open(file, formats=[FORMATS[media_type]]) as opened:
        if opened.width * opened.height > pixels:  # a GIF's frame may be larger than its screen
            raise ValueError("too many pixels")
        opened.draft("RGB", (2 * width, 2 * width))  # JPEG: decoded at a half, a quarter or an eighth
        plain = opened.mode in ("RGB", "RGBA", "L")
        clear = opened.mode in ("LA", "PA", "La") or "transparency" in opened.info
        picture = opened if plain and not clear else opened.convert("RGBA" if clear or opened.mode == "RGBA" else "RGB")
        shown = min(picture.height, max(1, int(picture.width * TALLEST)))
        scale = min(1.0, width / picture.width)
        size = (max(1, round(picture.width * scale)), max(1, round(shown * scale)))
        small = picture.resize(size, Image.Resampling.LANCZOS, box=(0, 0, picture.width, shown), reducing_gap=2.0)
    small = ImageOps.exif_transpose(small)
    out = BytesIO()
    small.save(out, "WEBP", quality=80, method=3)
    return out.getvalue()


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all. A cache that cannot be written costs time, nothing else."""
    temporary = path.with_name(new_id() + ".tmp")
    try:
        path.parent.mkdir(0o750, parents=True, exist_ok=True)
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        log.warning("cannot keep the thumbnail %s: %s", path, error)
        remove_quietly(str(temporary))


def forget_gone(engine: Engine, folder: Path, dry_run: bool = False) -> int:
    """Remove the thumbnails of artifacts that are gone, and unfinished ones; returns how many."""
    gone, chunk = 0, {}
    for path in _walk(folder):
        chunk[path] = path.name[:36]
        if len(chunk) == CHUNK:
            gone += _forget(engine, chunk, dry_run)
            chunk = {}
    return gone + _forget(engine, chunk, dry_run)


def _walk(folder: Path) -> Iterator[Path]:
    for directory, _, names in os.walk(folder):
        yield from (Path(directory, name) for name in names if _NAME.fullmatch(name))


def _forget(engine: Engine, chunk: dict[Path, str], dry_run: bool) -> int:
    with engine.connect() as db:
        known = set(db.scalars(select(Artifact.id).where(Artifact.id.in_(set(chunk.values())))))
    gone = [path for path, artifact_id in chunk.items() if artifact_id not in known]
    for path in gone:
        if not dry_run:
            remove_quietly(str(path))
    return len(gone)
