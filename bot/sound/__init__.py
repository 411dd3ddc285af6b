"""The sound itself: decoded, measured, joined and encoded again.

Everything here keeps a processor busy: `apart` does it in a process of its own, and is what the event loop calls. What is decoded goes
through in blocks: no whole track of samples is ever in memory.
"""
