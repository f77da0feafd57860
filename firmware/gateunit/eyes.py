"""Which camera a unit has: from the words of its settings to a source, and before anything starts why there is none."""

from collections.abc import Callable
from pathlib import Path

from gateface import ModelRefused
from gateface.detect import Detector
from gateface.engine import checked
from gateface.manifest import read_manifest
from gateunit import film, picamera, stream, v4l2
from gateunit.camera import FolderCamera, LiveCamera, Source
from gateunit.errors import CameraError
from gateunit.infrared import InfraredCamera
from gateunit.ports import Camera, Clock, Infrared

DEVICE = "/dev/video0"


def hindrance(kind: str, folder: Path, where: str) -> str:
    """Why this camera cannot be used here, with what to change; "" if it can. `where` is camera_source, "" the usual.

    A network camera is not asked: it may come later, and a door does not wait for it.
    """
    match kind:
        case "picamera2":
            python = where or picamera.PYTHON
            return (
                "" if picamera.has_picamera2(python) else f"{python} has no picamera2 (apt install python3-picamera2)"
            )
        case "v4l2":
            return _device(where or DEVICE)
        case "rtsp":
            if not where.startswith(("rtsp://", "rtsps://")):
                return 'name the camera: camera_source = "rtsp://..."'
            return _needs_pyav()
        case "file":
            if not where or not (folder / where).is_file():
                return "there is no such film: name one in camera_source"
            return "" if _is_film(where) else _needs_pyav()
    return ""


def face_hindrance(manifest: Path) -> str:
    """Why faces cannot be told apart by this model (docs/models.md), with what to do; "" if they can."""
    try:
        found = read_manifest(manifest)
        for model in (found.detector, found.embedder):
            model.content()
    except ModelRefused as wrong:
        return str(wrong)
    if found.embedder.floors is None:
        return f"{manifest.name} has no measured floors: name the file that `kaimen face adopt` wrote"
    return ""


def infrared_hindrance(device: str) -> str:
    """Why this device cannot be the infrared eye; "" if it can, or if none is named."""
    return _device(device, (v4l2.GREY,)) if device else ""


def open_infrared(device: str, clock: Clock) -> Infrared | None:
    """The infrared eye of a unit whose settings are good; None for ""."""
    if not device:
        return None
    detector = Detector(read_manifest().detector.content())
    return InfraredCamera(
        lambda: v4l2.V4l2Camera(device, formats=(v4l2.GREY,)), lambda picture: detector.detect(checked(picture)), clock
    )


def _device(path: str, formats: tuple[int, ...] = v4l2.COLOUR) -> str:
    try:
        v4l2.V4l2Camera(path, formats=formats).close()
    except CameraError as wrong:
        return f"no camera can be opened: {wrong}"
    return ""


def _needs_pyav() -> str:
    needed = "this needs the extra stream: pip install '.[stream]' in the folder of kaimen's source"
    return "" if stream.has_pyav() else needed


def _is_film(where: str) -> bool:
    return where.lower().endswith(film.ENDINGS)


def open_camera(kind: str, folder: Path, where: str, pictures: Path | None, clock: Clock) -> Camera | None:
    """The camera of a unit whose settings are good; None for "none". `pictures` is camera_folder."""
    if kind == "folder" and pictures is not None:
        return FolderCamera(pictures, clock)
    opening = source_of(kind, folder, where)
    if opening is None:
        return None
    return LiveCamera(opening, clock, stuck_ms=None) if kind == "file" else LiveCamera(opening, clock)


def source_of(kind: str, folder: Path, where: str) -> Callable[[], Source] | None:
    """What opens the source, as often as it must be; None for kinds that have none."""
    match kind:
        case "picamera2":
            return lambda: picamera.ChildCamera(picamera.command(where or picamera.PYTHON))
        case "v4l2":
            return lambda: v4l2.V4l2Camera(where or DEVICE)
        case "rtsp":
            return lambda: stream.Stream(where)
        case "file" if _is_film(where):
            return lambda: film.Film(folder / where)
        case "file":
            return lambda: stream.Stream(str(folder / where))
    return None
