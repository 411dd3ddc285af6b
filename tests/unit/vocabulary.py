"""Words that the code has and people do not see."""

import re

FORBIDDEN = re.compile(r"\b(lanes?|heads?|leaf|leaves|lineage|clip ids?)\b", re.IGNORECASE)
