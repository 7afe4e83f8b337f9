"""webrtcbin_peer.py - GStreamer's webrtcbin at the end of two pipes: webrtcbin_peer.py offer|answer. See ours.c."""
import array
import sys
import threading

import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

from wire import OCTETS_SENT, SAID_HZ, SECONDS, Ear, Echo, read, result, tell  # noqa: E402

Gst.init(None)
NAMES = {"offer": GstWebRTC.WebRTCSDPType.OFFER, "answer": GstWebRTC.WebRTCSDPType.ANSWER}


class Peer:
    def __init__(self, offers):
        self.offers, self.ear, self.echo, self.loop = offers, Ear(), Echo(), GLib.MainLoop()
        self.pipeline = Gst.parse_launch(
            "webrtcbin name=peer bundle-policy=max-bundle "
            f"audiotestsrc is-live=true freq={SAID_HZ[0]} volume=0.25 ! audio/x-raw,rate=48000,channels=1 ! opusenc ! "
            "rtpopuspay pt=111 ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! peer.")
        self.peer = self.pipeline.get_by_name("peer")
        self.peer.connect("pad-added", self.on_pad)
        self.peer.connect("notify::ice-gathering-state", self.on_gathering)
        self.peer.connect("on-data-channel", lambda _, channel: self.on_channel(channel))
        self.peer.connect("notify::connection-state", self.on_connection)
        self.told = self.connected = False

    def start(self):
        self.pipeline.set_state(Gst.State.READY)
        if self.offers:
            self.peer.connect("on-negotiation-needed", lambda _: self.make("offer"))
            self.channel = self.peer.emit("create-data-channel", "octets", None)
            self.channel.connect("on-message-data", lambda _, data: self.echo.returned(data.get_data()))
            self.channel.connect("on-open", self.send_octets)
            self.pipeline.set_state(Gst.State.PLAYING)
        else:
            self.pipeline.set_state(Gst.State.PLAYING)
            self.take("offer", lambda: self.make("answer"))
        GLib.timeout_add_seconds(SECONDS + 4, self.loop.quit)
        self.loop.run()
        result(self.connected, [self.ear], self.echo)
        self.pipeline.set_state(Gst.State.NULL)

    # Once is enough: over TCP it sees at once that we have gone.
    def on_connection(self, *_):
        self.connected |= self.peer.get_property("connection-state") == GstWebRTC.WebRTCPeerConnectionState.CONNECTED

    def send_octets(self, channel):
        half = len(OCTETS_SENT) // 2
        for part in (OCTETS_SENT[:half], OCTETS_SENT[half:]):
            channel.emit("send-data", GLib.Bytes.new(part))

    def on_channel(self, channel):
        def on_message(channel, data):
            self.echo.passed(data.get_data())
            channel.emit("send-data", data)
        channel.connect("on-message-data", on_message)

    def make(self, kind):
        def on_made(promise):
            reply = promise.get_reply()  # what is made is part of it
            self.kind = kind
            self.peer.emit("set-local-description", reply.get_value(kind), None)
        self.peer.emit(f"create-{kind}", None, Gst.Promise.new_with_change_func(on_made))

    # The description with all candidates: the pipes carry no single ones.
    def on_gathering(self, *_):
        if self.peer.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE or self.told:
            return
        self.told = True
        tell(self.kind, self.peer.get_property("local-description").sdp.as_text())
        if self.offers:
            threading.Thread(target=self.take, args=("answer", lambda: None), daemon=True).start()

    def take(self, kind, then):
        _, sdp = GstSdp.SDPMessage.new_from_text(read(kind))
        description = GstWebRTC.WebRTCSessionDescription.new(NAMES[kind], sdp)
        self.peer.emit("set-remote-description", description, Gst.Promise.new_with_change_func(lambda _: then()))

    def on_pad(self, _, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        listener = Gst.parse_bin_from_description(
            "rtpopusdepay ! opusdec ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
            "appsink name=ear emit-signals=true sync=false", True)
        listener.get_by_name("ear").connect("new-sample", self.on_sample)
        self.pipeline.add(listener)
        listener.sync_state_with_parent()
        pad.link(listener.get_static_pad("sink"))

    def on_sample(self, sink):
        buffer = sink.emit("pull-sample").get_buffer()
        samples = array.array("h", buffer.extract_dup(0, buffer.get_size()))
        self.ear.hear(samples, 48000)
        return Gst.FlowReturn.OK


Peer(sys.argv[1] == "offer").start()
