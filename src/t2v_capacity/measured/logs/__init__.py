"""Logs of requests: the traffic and the sizes of clips that a plan takes."""
