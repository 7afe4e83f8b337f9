"""aiortc_peer.py - aiortc at the end of two pipes: aiortc_peer.py offer|answer. See ours.c."""
import asyncio
import fractions
import math
import sys

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame
import numpy

from wire import OCTETS_SENT, SAID_HZ, SECONDS, Ear, Echo, read, result, tell

RATE, FRAME = 48000, 960


class Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self):
        super().__init__()
        self.at = 0
        self.start = None

    async def recv(self):
        loop = asyncio.get_event_loop()
        self.start = self.start or loop.time()
        await asyncio.sleep(max(0, self.start + self.at / RATE - loop.time()))
        phases = 2 * math.pi * SAID_HZ * (self.at + numpy.arange(FRAME)) / RATE
        frame = AudioFrame.from_ndarray((8000 * numpy.sin(phases)).astype(numpy.int16).reshape(1, -1), layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.at, fractions.Fraction(1, RATE)
        self.at += FRAME
        return frame


async def listen(track, ear):
    try:
        while True:
            frame = await track.recv()
            samples = frame.to_ndarray().reshape(-1)
            ear.hear(samples[::len(frame.layout.channels)].tolist(), frame.sample_rate)
    except MediaStreamError:
        pass


async def main(offers):
    peer, ear, echo = RTCPeerConnection(), Ear(), Echo()

    peer.on("track", lambda track: asyncio.ensure_future(listen(track, ear)))
    if offers:
        peer.addTrack(Tone())
        channel = peer.createDataChannel("octets")
        channel.on("message", echo.returned)
        half = len(OCTETS_SENT) // 2
        channel.on("open", lambda: (channel.send(OCTETS_SENT[:half]), channel.send(OCTETS_SENT[half:])))
        await peer.setLocalDescription(await peer.createOffer())
        tell("offer", peer.localDescription.sdp)
        answer = await asyncio.get_event_loop().run_in_executor(None, read, "answer")
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    else:
        @peer.on("datachannel")
        def _(channel):
            channel.on("message", lambda data: (echo.passed(data), channel.send(data)))
        offer = await asyncio.get_event_loop().run_in_executor(None, read, "offer")
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        peer.addTrack(Tone())
        await peer.setLocalDescription(await peer.createAnswer())
        tell("answer", peer.localDescription.sdp)
    await asyncio.sleep(SECONDS)
    result(peer.connectionState == "connected", ear, echo)
    await peer.close()

asyncio.run(main(sys.argv[1] == "offer"))
