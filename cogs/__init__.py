"""The commands, one file a family: parse, call a service, render."""
