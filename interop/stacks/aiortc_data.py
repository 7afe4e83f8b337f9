"""aiortc_data.py - aiortc with a data channel and nothing else at the end of two pipes: aiortc_data.py offer|answer. See ours.c."""
import asyncio
import json
import os
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription

from wire import read, tell

OCTETS, MESSAGE = 1 << 20, 16384


async def take(peer, kind):
    text = await asyncio.get_event_loop().run_in_executor(None, read, kind)
    await peer.setRemoteDescription(RTCSessionDescription(text, kind))


async def main(offers):
    peer, sent, back, closed = RTCPeerConnection(), os.urandom(OCTETS), {}, asyncio.Event()

    if offers:
        channel = peer.createDataChannel("octets", ordered=False)

        @channel.on("open")
        def _():
            for at in range(0, OCTETS, MESSAGE):
                channel.send(at.to_bytes(4, "big") + sent[at:at + MESSAGE])

        @channel.on("message")
        def _(data):
            back[data[:4]] = data[4:]
            if len(back) * MESSAGE == OCTETS:
                channel.close()

        channel.on("close", closed.set)
        await peer.setLocalDescription(await peer.createOffer())
        tell("offer", peer.localDescription.sdp)
        await take(peer, "answer")
    else:
        @peer.on("datachannel")
        def _(channel):
            channel.on("message", channel.send)
            channel.on("close", closed.set)

        await take(peer, "offer")
        await peer.setLocalDescription(await peer.createAnswer())
        tell("answer", peer.localDescription.sdp)
    await asyncio.wait_for(closed.wait(), 60)
    await peer.close()
    octets = b"".join(back[at] for at in sorted(back))
    tell("result", json.dumps({"octets": len(octets), "right": octets == sent, "closed": closed.is_set()}))

asyncio.run(main(sys.argv[1] == "offer"))
