"""The sound itself: decoded, measured, joined and encoded again.

Everything here keeps a processor busy and is called in a thread. What is decoded goes through in blocks: no whole track of samples is
ever in memory.
"""
