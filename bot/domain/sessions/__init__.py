"""Sessions: a channel grows one track together. Pure: a session and what happened in, the session as it is then out.

`plans` is what the host sets, `model` what a session is. What moves it: `clock` (time), `rounds` (what all modes have in common), and
one module a mode: `ideas`, `relay`, `free`. `deadlines` says what the end of a step brings, `hosting` what the host may do.
"""
