"""The sandbox's page: a channel app in the browser, for the loopback Discord and the real bot on it."""
