#!/usr/bin/env -S /usr/bin/python3 -B
"""Serves the five programs with the place of support.py, prints the gRPC ports of `village` and `gateway` and ends when its
standard input does: for tests that are not written in Python."""

import sys

from support import Programs, create_place

with Programs() as programs:
    client = programs["village"].client()
    create_place(client)
    client.close()
    print(programs["village"].grpc_port, programs["gateway"].grpc_port, flush=True)
    sys.stdin.read()
