"""Builds everything in order, runs it, and closes it in reverse; the only package that knows every other one.

First the `ground` that all of it stands on, on that the Discord side (`discord_side`), then what works by itself (`engine`), last what
people can ask for (`offer`). `running` starts and ends them.
"""
