"""The outside world on loopback: a music API and a Discord for the real bot, and people who use it."""
