"""What bounds a file: which ones are opened at all, and what a system says where one more does not fit."""

import errno
from typing import Final

FORMATS: Final = "mp3,mov,wav,ogg,flac"
"""FFmpeg opens nothing else: a playlist could make it read files, and addresses, of its author's choosing."""
MAX_SECONDS: Final = 3600.0
"""No track is longer; what is, was made to keep a decoder busy."""
MAX_BROKEN: Final = 0.01
"""The share of packets that may fail to decode: a player skips as many without anybody noticing."""
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What a system says where there is no room: on the disk, for the user, or in this file (RLIMIT_FSIZE)."""
