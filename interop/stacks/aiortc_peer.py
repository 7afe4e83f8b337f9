"""aiortc_peer.py - aiortc at the end of two pipes: aiortc_peer.py offer|answer [stereo]. See ours.c."""
import asyncio
import fractions
import math
import re
import sys

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame
import numpy

from wire import OCTETS_SENT, SAID_HZ, SECONDS, Ear, Echo, read, result, tell

RATE, FRAME = 48000, 960
CHANNELS = 2 if sys.argv[2:] == ["stereo"] else 1


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
        phases = [2 * math.pi * hz * (self.at + numpy.arange(FRAME)) / RATE for hz in SAID_HZ[:CHANNELS]]
        samples = (8000 * numpy.sin(numpy.array(phases))).astype(numpy.int16)  # a row a channel
        frame = AudioFrame.from_ndarray(samples.T.reshape(1, -1), layout="stereo" if CHANNELS == 2 else "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.at, fractions.Fraction(1, RATE)
        self.at += FRAME
        return frame


def asking(sdp):
    """It hears two channels in any case, but does not say so."""
    if CHANNELS == 1:
        return sdp
    number = re.search(r"a=rtpmap:(\d+) opus/48000/2\r\n", sdp).group(1)
    return sdp.replace(f"a=rtpmap:{number} opus/48000/2\r\n",
                       f"a=rtpmap:{number} opus/48000/2\r\na=fmtp:{number} stereo=1;sprop-stereo=1\r\n")


async def listen(track, ears):
    try:
        while True:
            frame = await track.recv()
            samples = frame.to_ndarray().reshape(-1)
            for channel, ear in enumerate(ears):
                ear.hear(samples[channel::len(frame.layout.channels)].tolist(), frame.sample_rate)
    except MediaStreamError:
        pass


async def main(offers):
    peer, ears, echo = RTCPeerConnection(), [Ear(channel) for channel in range(CHANNELS)], Echo()

    peer.on("track", lambda track: asyncio.ensure_future(listen(track, ears)))
    if offers:
        peer.addTrack(Tone())
        channel = peer.createDataChannel("octets")
        channel.on("message", echo.returned)
        half = len(OCTETS_SENT) // 2
        channel.on("open", lambda: (channel.send(OCTETS_SENT[:half]), channel.send(OCTETS_SENT[half:])))
        await peer.setLocalDescription(await peer.createOffer())
        tell("offer", asking(peer.localDescription.sdp))
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
        tell("answer", asking(peer.localDescription.sdp))
    await asyncio.sleep(SECONDS)
    result(peer.connectionState == "connected", ears, echo)
    await peer.close()

asyncio.run(main(sys.argv[1] == "offer"))
