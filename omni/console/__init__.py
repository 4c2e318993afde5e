"""The console: a web page and an HTTP API on a running node, in a process of its own.

It is a client of the node's control socket and nothing more: when it falls, trading goes on.
"""
