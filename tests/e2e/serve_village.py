#!/usr/bin/env -S /usr/bin/python3 -B
"""Serves `village` with the place of support.py, prints its port, and ends when its standard input does: for tests that are not
written in Python."""

import sys

from support import Programs, create_place

with Programs("village") as programs:
    client = programs["village"].client()
    create_place(client)
    client.close()
    print(programs["village"].grpc_port, flush=True)
    sys.stdin.read()
