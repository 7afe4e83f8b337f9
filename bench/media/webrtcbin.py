"""webrtcbin.py - legs of GStreamer's webrtcbin between two processes on loopback: CPU, memory, threads and descriptors of one of them.

usage: webrtcbin.py check | LEGS SECONDS
"""
import json
import os
import resource
import socket
import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

NEEDED = ("webrtcbin", "nicesrc", "dtlssrtpenc", "rtppcmupay", "mulawenc", "audiotestsrc")
SOURCE = (
    "webrtcbin name=w bundle-policy=max-bundle audiotestsrc is-live=true wave=silence samplesperbuffer=160 "
    "! audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay min-ptime=20000000 max-ptime=20000000 "
    "! application/x-rtp,media=audio,encoding-name=PCMU,payload=0 ! w."
)


class Leg:
    def __init__(self, offers):
        self.pipeline = Gst.parse_launch(SOURCE)
        self.peer = self.pipeline.get_by_name("w")
        self.peer.connect("pad-added", self.on_pad)
        self.peer.connect("on-ice-candidate", lambda _, line, text: self.candidates.append((line, text)))
        self.peer.connect("notify::connection-state", self.on_state)
        self.connected = False
        self.packets = 0
        self.candidates = []
        self.description = None
        if offers:
            self.peer.connect("on-negotiation-needed", self.on_needed)
        self.pipeline.set_state(Gst.State.PLAYING)

    def on_pad(self, _, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("sync", False)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.add_probe(Gst.PadProbeType.BUFFER, self.on_packet)
        pad.link(sink.get_static_pad("sink"))

    def on_packet(self, *_):
        self.packets += 1
        return Gst.PadProbeReturn.OK

    def on_needed(self, _):
        self.peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.on_made, "offer"))

    def on_made(self, promise, kind):
        reply = promise.get_reply()  # what is in it lives as long
        made = reply.get_value(kind)
        self.peer.emit("set-local-description", made, Gst.Promise.new())
        self.description = made.sdp.as_text()

    def tell(self):
        """Description and candidates; None when there are none."""
        if not wait_for(lambda: self.description and self.candidates):
            return None
        wait_for(lambda: False, 0.1)  # more of them
        return json.dumps([self.description, self.candidates]).encode()

    def on_state(self, *_):
        state = self.peer.get_property("connection-state")
        self.connected = state == GstWebRTC.WebRTCPeerConnectionState.CONNECTED

    def take(self, kind, told):
        text, candidates = json.loads(told)
        _, sdp = GstSdp.SDPMessage.new_from_text(text)
        description = GstWebRTC.WebRTCSessionDescription.new(kind, sdp)
        self.kept = sdp, description  # each thinks that the message is its own
        self.peer.emit("set-remote-description", description, Gst.Promise.new())
        if kind == GstWebRTC.WebRTCSDPType.OFFER:
            self.peer.emit("create-answer", None, Gst.Promise.new_with_change_func(self.on_made, "answer"))
        for line, candidate in candidates:
            self.peer.emit("add-ice-candidate", line, candidate)


def wait_for(done, seconds=30):
    context = GLib.MainContext.default()
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        context.iteration(False)
        time.sleep(0.005)
    return done()


def set_up(talk, offers):
    leg = Leg(offers)
    if not offers:
        leg.take(GstWebRTC.WebRTCSDPType.OFFER, talk.recv(65536))
    told = leg.tell()
    if told is None:
        return None
    talk.send(told)
    if offers:
        leg.take(GstWebRTC.WebRTCSDPType.ANSWER, talk.recv(65536))
    return leg if wait_for(lambda: leg.connected) else None


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def octets():
    with open("/proc/self/smaps_rollup") as lines:
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private"))


def threads():
    return len(os.listdir("/proc/self/task"))


def files():
    return len(os.listdir("/proc/self/fd"))


def run(talk, offers, count, seconds):
    before = octets(), threads(), files()
    legs = []
    for _ in range(count):
        leg = set_up(talk, offers)
        if leg is None:
            os._exit(1)
        legs.append(leg)
    wait_for(lambda: False, 1)
    begun, packets = cpu(), sum(leg.packets for leg in legs)
    wait_for(lambda: False, seconds)
    used, packets = cpu() - begun, sum(leg.packets for leg in legs) - packets
    if offers:
        print(
            "%-6s %6d %9.4f %9.1f %8.1f %8.1f %7.1f   (%.0f %% of the packets came)"
            % (
                "gst",
                count,
                used * 100 / seconds / count,
                (octets() - before[0]) / 1024 / count,
                (threads() - before[1]) / count,
                (files() - before[2]) / count,
                used * 100 / seconds,
                packets / seconds / 50 / count * 100,
            ),
            flush=True,
        )
    talk.send(b"done")
    talk.recv(16)
    os._exit(0)


def main():
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = os.fork()  # before GStreamer has threads
    Gst.init(None)
    if not all(Gst.ElementFactory.find(name) for name in NEEDED):
        sys.exit(1)
    if sys.argv[1] == "check":
        os._exit(0)
    run(near if child else far, child != 0, int(sys.argv[1]), float(sys.argv[2]))


if __name__ == "__main__":
    main()
