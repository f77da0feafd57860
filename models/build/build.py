"""Rebuilds every weight file: `python build.py ARCHIVES OUT` (see README.md).

ARCHIVES holds the two archives of sources.txt. OUT receives the weight files and the licences that travel with them.
Every input is checked against its hash first; the hash of every output is printed in MANIFEST.toml's form.
"""

import os

# before TensorFlow is loaded: no accelerator, one order of additions
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TF_ENABLE_ONEDNN_OPTS": "0"}

import hashlib
import sys
import tarfile
import zipfile
from pathlib import Path

import detector
import mesh
import parts
from calibration import synthetic_pictures
from dlib_file import read_network
from network import convert

DLIB_ARCHIVE = "face_recognition_models-0.3.0.tar.gz"
DLIB_FOLDER = "face_recognition_models-0.3.0/"
DLIB_MODEL = DLIB_FOLDER + "face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat"
MEDIAPIPE_ARCHIVE = "mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl"
MEDIAPIPE_MODEL = "mediapipe/modules/face_detection/face_detection_short_range.tflite"
MEDIAPIPE_MESH = "mediapipe/modules/face_landmark/face_landmark.tflite"
INPUTS = {
    DLIB_ARCHIVE: "b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
    MEDIAPIPE_ARCHIVE: "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
}


def main(archives: Path, out: Path) -> None:
    for name, expected in INPUTS.items():
        found = hashlib.sha256((archives / name).read_bytes()).hexdigest()
        if found != expected:
            raise SystemExit(f"{name}: sha256 {found}, {expected} expected")
    out.mkdir(parents=True, exist_ok=True)
    keep(out / "blazeface_short.tflite", detector.convert(member_of_wheel(archives, MEDIAPIPE_MODEL)))
    keep(out / "face_mesh.tflite", mesh.convert(member_of_wheel(archives, MEDIAPIPE_MESH)))
    keep(out / "LICENSE.blazeface", member_of_wheel(archives, "mediapipe-0.10.21.dist-info/LICENSE"))
    keep(out / "LICENSE.embedder", member_of_sdist(archives, DLIB_FOLDER + "LICENSE"))
    network = read_network(member_of_sdist(archives, DLIB_MODEL))
    whole = convert(network, synthetic_pictures())
    keep(out / "resnet29_relu6_int8.tflite", whole)
    for name, content in zip(("stem", "stem_tiled", "trunk"), parts.cut(whole), strict=True):
        keep(out / f"resnet29_{name}.tflite", content)


def member_of_wheel(archives: Path, name: str) -> bytes:
    with zipfile.ZipFile(archives / MEDIAPIPE_ARCHIVE) as wheel:
        return wheel.read(name)


def member_of_sdist(archives: Path, name: str) -> bytes:
    with tarfile.open(archives / DLIB_ARCHIVE) as sdist:
        member = sdist.extractfile(name)
        if member is None:
            raise SystemExit(f"{DLIB_ARCHIVE} holds no {name}")
        return member.read()


def keep(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    print(f"{hashlib.sha256(content).hexdigest()}  {len(content):>9}  {path.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
