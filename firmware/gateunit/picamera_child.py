"""Runs under the system's Python, alone: WIDTH HEIGHT FPS -> frames on standard output (see picamera.py).

It may import nothing of ours: the system's Python does not have it. No frame is ever written to a file.
"""

import os
import struct
import sys
import threading


def main(words: list[str]) -> int:
    """Until standard input closes, or nobody reads."""
    from picamera2 import Picamera2

    width, height, fps = (int(word) for word in words)
    threading.Thread(target=leave_with_parent, daemon=True).start()
    camera = Picamera2()
    # picamera2 names formats by machine words: its BGR888 lies in memory as red, green, blue
    main_stream = {"size": (width, height), "format": "BGR888"}
    camera.configure(camera.create_video_configuration(main=main_stream, controls={"FrameRate": fps}))
    camera.start()
    out = sys.stdout.buffer
    try:
        while True:
            picture = camera.capture_array("main")[:height, :width, :3]
            out.write(struct.pack(">3sHHI", b"KF1", width, height, 3 * width * height))
            out.write(picture.tobytes())
            out.flush()
    except BrokenPipeError:
        return 0
    finally:
        camera.close()


def leave_with_parent() -> None:
    """The unit holds the other end of standard input for as long as it lives."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
