#!/usr/bin/env python3
"""usage: data.py BUILD: data channels between our peer connection and aiortc's, each side offering once: a megabyte there and back."""

import asyncio
import os
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription

OCTETS = 1 << 20
MESSAGE = 16384
failed = False


def check(what, good, detail=""):
    global failed
    print(f"{'ok     ' if good else 'FAILED '} {what}{f'  ({detail})' if detail else ''}", flush=True)
    failed = failed or not good


async def start(build, role):
    return await asyncio.create_subprocess_exec(
        os.path.join(build, "interop_peer"), role, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)


async def read_description(process):
    lines = []
    while (line := (await process.stdout.readline()).decode()) not in ("", ".\n"):
        lines.append(line.rstrip("\r\n"))
    return "\r\n".join(lines) + "\r\n"


def write_description(process, description):
    process.stdin.write((description.sdp.replace("\r\n", "\n") + ".\n").encode())


async def line_of(process, start_of_line):
    while line := (await process.stdout.readline()).decode():
        if line.startswith(start_of_line):
            return line.strip()
    return ""


async def we_offer(build):
    process = await start(build, "offer")
    connection = RTCPeerConnection()

    @connection.on("datachannel")
    def on_channel(channel):
        channel.on("message", channel.send)

    await connection.setRemoteDescription(RTCSessionDescription(await read_description(process), "offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    write_description(process, connection.localDescription)
    said = await line_of(process, ("same", "other"))
    check("we offer to aiortc: 1 MB there and back, the same octets", said == f"same {OCTETS}", said)
    check("we offer to aiortc: a close is for both", await line_of(process, "closed") == "closed pipit")
    await connection.close()
    check("we offer to aiortc: the end is heard", await process.wait() == 0)


async def aiortc_offers(build):
    process = await start(build, "answer")
    connection = RTCPeerConnection()
    channel = connection.createDataChannel("aiortc", ordered=False)
    sent = os.urandom(OCTETS)
    back = {}
    done = asyncio.Event()

    @channel.on("open")
    def on_open():
        for at in range(0, OCTETS, MESSAGE):
            channel.send(at.to_bytes(4, "big") + sent[at:at + MESSAGE])

    @channel.on("message")
    def on_message(data):
        back[int.from_bytes(data[:4], "big")] = data[4:]
        if len(back) * MESSAGE == OCTETS:
            done.set()

    await connection.setLocalDescription(await connection.createOffer())
    write_description(process, connection.localDescription)
    answer = await read_description(process)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await done.wait()
    check("aiortc offers: 1 MB there and back, the same octets",
          b"".join(back[at] for at in sorted(back)) == sent, f"{len(back)} messages, unordered")
    channel.close()
    check("aiortc offers: a close is for both", await line_of(process, "closed") == "closed aiortc")
    await connection.close()
    check("aiortc offers: the end is heard", await process.wait() == 0)


async def main():
    for run in (we_offer, aiortc_offers):
        try:
            await asyncio.wait_for(run(sys.argv[1]), 60)
        except asyncio.TimeoutError:
            check(f"{run.__name__}: within a minute", False)
    sys.exit(1 if failed else 0)


asyncio.run(main())
