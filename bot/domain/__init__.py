"""What the bot's things are and how they may change: pure, no I/O, no Discord, no SQL, no clock of its own."""
