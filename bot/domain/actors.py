"""Who acts on a job."""

from dataclasses import dataclass

from bot.domain.jobs import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who presses a button, and where; `moderator` is Manage Messages there."""

    user_id: int
    guild_id: int | None
    moderator: bool

    def may_act_on(self, job: Job) -> bool:
        """Tell whether this is the job's person, or a moderator of its server."""
        of_its_server = self.guild_id is not None and self.guild_id == job.origin.guild_id
        return self.user_id == job.origin.user_id or (self.moderator and of_its_server)
