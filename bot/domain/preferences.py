"""What a person wants for themselves, wherever they are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What one person has set; whoever has set nothing has the defaults."""

    user_id: int
    private_first: bool = False
    """What they ask for in a server is shown to them alone, until they publish it."""

    @property
    def usual(self) -> bool:
        """Tell whether this is what holds for whoever has set nothing."""
        return self == Preferences(user_id=self.user_id)
