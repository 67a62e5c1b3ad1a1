"""A file a framework. Only workers import them; each makes its model from a Graph and weights.

`open_peer(work, threads, options)` returns an object with the methods of base.Peer.
"""
