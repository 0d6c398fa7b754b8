#!/usr/bin/env python3
"""The practice city's cameras: an RTSP server over GStreamer.

Run as a script by a Python that has `gi` (on Debian the system's own, package python3-gi), never
imported by the console: it needs nothing of the console and nothing but the standard library.

    rtsp_server.py --check                   prints {"missing": [Debian packages]} and ends
    rtsp_server.py --scenes DIR [--port N]   prints {"port": N} and serves until stdin closes

`rtsp://127.0.0.1:PORT/scene/K?name=NAME` is the clip DIR/scene-K.h264 as a live camera: NAME and
the wall clock burnt in, a key frame every second. A camera costs nothing until it is watched; all
who watch the same address share one pipeline.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

FPS = 15
SCENE = re.compile(r"^/scene/(\d{1,2})$")
ACCESS_UNIT = b"\x00\x00\x00\x01\x09"  # every picture of a clip begins with this NAL unit
FONT = "Noto Sans CJK SC Bold 15"
ENCODERS = {
    "x264enc": "x264enc tune=zerolatency speed-preset=ultrafast threads=1 key-int-max=15 "
    "bitrate=1200 byte-stream=true aud=true",
    "openh264enc": "openh264enc complexity=low gop-size=15 bitrate=1200000 multi-thread=1",
}
DECODERS = ("openh264dec", "avdec_h264")
PACKAGES = {
    "appsrc": "gstreamer1.0-plugins-base",
    "rtph264pay": "gstreamer1.0-plugins-good",
    "h264parse": "gstreamer1.0-plugins-bad",
    "clockoverlay": "gstreamer1.0-x",
}


def missing_packages() -> list[str]:
    """The Debian packages without which there are no practice cameras."""
    try:
        import gi  # noqa: PLC0415 - its absence is what is asked about
    except ImportError:
        return ["python3-gi", "gir1.2-gst-rtsp-server-1.0", *sorted(set(PACKAGES.values()))]
    try:
        gi.require_version("Gst", "1.0")
        gi.require_version("GstRtspServer", "1.0")
    except ValueError:
        return ["gir1.2-gst-rtsp-server-1.0"]
    return _missing_elements()


def _missing_elements() -> list[str]:
    from gi.repository import Gst  # noqa: PLC0415 - only a Python with gi gets here

    Gst.init(None)
    missing = {package for name, package in PACKAGES.items() if not Gst.ElementFactory.find(name)}
    if not any(Gst.ElementFactory.find(name) for name in ENCODERS):
        missing.add("gstreamer1.0-plugins-ugly")
    if not any(Gst.ElementFactory.find(name) for name in DECODERS):
        missing.add("gstreamer1.0-plugins-bad")
    return sorted(missing)


def access_units(clip: bytes) -> list[bytes]:
    """The pictures of an Annex B clip, each with its delimiter."""
    starts = [match.start() for match in re.finditer(re.escape(ACCESS_UNIT), clip)]
    return [clip[a:b] for a, b in itertools.pairwise([*starts, len(clip)])]


class Clips:
    """The scenes' pictures, read when first watched."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._units: dict[int, list[bytes]] = {}

    def has(self, scene: int) -> bool:
        """Whether there is such a scene."""
        return self._path(scene).is_file()

    def units(self, scene: int) -> list[bytes]:
        """The scene's pictures in order, the first a key frame."""
        if scene not in self._units:
            self._units[scene] = access_units(self._path(scene).read_bytes())
        return self._units[scene]

    def _path(self, scene: int) -> Path:
        return self._folder / f"scene-{scene}.h264"


class Feed:
    """Pushes one scene's pictures into one pipeline, at the pace of the clock."""

    def __init__(self, gst: Any, source: Any, units: list[bytes]) -> None:
        self._gst, self._source, self._units = gst, source, units
        self._stopped = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """Push no more."""
        self._stopped.set()

    def _run(self) -> None:
        begun = time.monotonic()
        for number in itertools.count():
            wait = begun + number / FPS - time.monotonic()
            if self._stopped.wait(max(0.0, wait)) or not self._push(number):
                return

    def _push(self, number: int) -> bool:
        buffer = self._gst.Buffer.new_wrapped(self._units[number % len(self._units)])
        buffer.pts = buffer.dts = number * self._gst.SECOND // FPS
        buffer.duration = self._gst.SECOND // FPS
        return bool(self._source.emit("push-buffer", buffer) == self._gst.FlowReturn.OK)


def launch_line(gst: Any) -> str:
    """The pipeline of one camera, in gst-launch's words."""
    encoder = next(line for name, line in ENCODERS.items() if gst.ElementFactory.find(name))
    decoder = next(name for name in DECODERS if gst.ElementFactory.find(name))
    return (
        "( appsrc name=scene is-live=true format=time block=true max-bytes=600000 "
        f"caps=video/x-h264,stream-format=byte-stream,alignment=au,framerate={FPS}/1 "
        f"! h264parse ! {decoder} "
        "! clockoverlay name=burnt halignment=right valignment=top line-alignment=right "
        f'time-format="%Y-%m-%d %H:%M:%S" font-desc="{FONT}" xpad=10 ypad=6 '
        f"! {encoder} name=encoder ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
    )


def make_factory(clips: Clips) -> Any:
    """A media factory that builds a camera from the address asked for."""
    from gi.repository import Gst, GstRtspServer  # noqa: PLC0415 - only a Python with gi gets here

    line = launch_line(Gst)

    class Camera(GstRtspServer.RTSPMediaFactory):  # type: ignore[misc]
        def do_create_element(self, url: Any) -> Any:
            element = Gst.parse_launch(line)
            element.get_by_name("burnt").set_property("text", _name_of(url))
            element.scene = int(SCENE.match(url.abspath).group(1))  # type: ignore[union-attr]
            return element

        def do_configure(self, media: Any) -> None:
            element = media.get_element()
            feed = Feed(Gst, element.get_by_name("scene"), clips.units(element.scene))
            media.connect("unprepared", lambda _media: feed.stop())

    factory = Camera()
    factory.set_shared(True)
    factory.set_latency(0)
    return factory


def show_at_once(_client: Any, context: Any) -> None:
    """Somebody begins to watch: give them a key frame now, not at the next second."""
    from gi.repository import Gst  # noqa: PLC0415 - only a Python with gi gets here

    encoder = context.media.get_element().get_by_name("encoder")
    wish = Gst.Structure.new_from_string("GstForceKeyUnit, all-headers=(boolean)true")
    encoder.get_static_pad("src").send_event(
        Gst.Event.new_custom(Gst.EventType.CUSTOM_UPSTREAM, wish)
    )


def _name_of(url: Any) -> str:
    name = parse_qs(url.query or "").get("name", [""])[0]
    return f"{escape(name)}\n" if name else ""  # Pango reads markup: a bare & shows nothing at all


def serve(folder: Path, port: int) -> None:
    """Serve until stdin closes."""
    import gi  # noqa: PLC0415 - only a Python with gi gets here

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer  # noqa: PLC0415

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(port))
    clips = Clips(folder)
    for scene in (scene for scene in range(1, 100) if clips.has(scene)):
        server.get_mount_points().add_factory(f"/scene/{scene}", make_factory(clips))
    server.connect(
        "client-connected", lambda _server, client: client.connect("play-request", show_at_once)
    )
    if server.attach(None) == 0:
        sys.exit(f"cannot listen on 127.0.0.1:{port}")
    GLib.timeout_add_seconds(10, lambda: server.get_session_pool().cleanup() >= 0)
    loop = GLib.MainLoop()
    threading.Thread(target=_wait_for_parent, args=(loop,), daemon=True).start()
    print(json.dumps({"port": server.get_bound_port()}), flush=True)  # noqa: T201 - the answer
    loop.run()


def _wait_for_parent(loop: Any) -> None:
    """Stdin closes when the parent is gone, however it went."""
    while sys.stdin.buffer.read(1):
        continue
    loop.quit()


def main() -> None:
    """Run as the module's docstring says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--scenes", type=Path)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    if given.check:
        print(json.dumps({"missing": missing_packages()}))  # noqa: T201 - the answer
    else:
        serve(given.scenes, given.port)


if __name__ == "__main__":
    main()
