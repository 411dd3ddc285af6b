"""What people type into the forms of the settings, checked."""

import re

from bot.domain.requests import parse_clip_id
from bot.domain.sharing import NEEDED
from bot.domain.starters import MOST as MOST_STARTERS
from bot.errors import BadOption

MOST_A_DAY = 100_000
"""No server makes more, and a longer number is a slip of the hand."""
MOST_WORDS = 200
LONGEST_WORD = 40
"""Characters. The whole list fits a form's field, which holds 4000 (Text Input)."""
LONGEST_LIST = 4000

MOST_VOTES = 1000
"""For the showcase."""

EXAMPLE_WORDS = "badword, worse*"
EXAMPLE_STARTER = "186001a9-a9e2-487a-bdcc-417914676f24"


def parse_daily(field: str, text: str) -> int | None:
    """Read a limit of tracks a day; nothing typed is None, no limit of the server's own. Raises BadOption."""
    typed = text.strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit()):
        raise BadOption(field, "That is not a whole number; leave it empty for no limit of this server's own.", "20")
    number = int(typed) if len(typed) <= len(str(MOST_A_DAY)) else MOST_A_DAY + 1
    if not 1 <= number <= MOST_A_DAY:
        raise BadOption(field, f"It must be from 1 to {MOST_A_DAY}; leave it empty for no limit of this server's own.", "20")
    return number


def parse_votes(text: str) -> int:
    """Read how many votes bring a track into the showcase; nothing typed is the usual number. Raises BadOption."""
    typed = text.strip()
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= len(str(MOST_VOTES)) else 0
    if typed and not 1 <= number <= MOST_VOTES:
        raise BadOption("showcase_votes", f"It must be a whole number from 1 to {MOST_VOTES}.", str(NEEDED))
    return number or NEEDED


def parse_words(text: str) -> tuple[str, ...]:
    """Read words that are separated by commas or lines, each once. Raises BadOption."""
    typed = (" ".join(part.split()) for part in re.split(r"[,;\n]", text))
    words = tuple({word.casefold(): word for word in typed if word}.values())
    if len(words) > MOST_WORDS or len(", ".join(words)) > LONGEST_LIST:
        raise BadOption("words", f"That is too much: {MOST_WORDS} words, and {LONGEST_LIST} characters in all, are kept.", EXAMPLE_WORDS)
    for word in words:
        if len(word) > LONGEST_WORD:
            raise BadOption("words", f"“{word[:LONGEST_WORD]}…” is too long: separate words by commas.", EXAMPLE_WORDS)
        if not any(character.isalnum() for character in word) or "*" in word[:-1]:
            raise BadOption("words", f"“{word}” is not a word; a * may only stand at its end.", EXAMPLE_WORDS)
    return words


def parse_starters(text: str) -> tuple[str, ...]:
    """Read ids or links of tracks or tasks that are separated by commas, spaces or lines, each once. Raises BadOption."""
    typed = [part for part in re.split(r"[,;\s]+", text) if part]
    try:
        starters = tuple(dict.fromkeys(parse_clip_id(part) for part in typed))
    except BadOption as error:
        raise BadOption("starters", "One of these is neither the id nor the link of a track or a task.", EXAMPLE_STARTER) from error
    if len(starters) > MOST_STARTERS:
        raise BadOption("starters", f"At most {MOST_STARTERS} can be kept.", EXAMPLE_STARTER)
    return starters
