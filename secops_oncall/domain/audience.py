"""Who will see what of a hand-off, as it is shown before anything is posted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Audience:
    """One kind of place: `what` stands there, `readers` who can read it, `change` what is done about it."""

    what: str
    readers: str
    change: str


@dataclass(frozen=True)
class Reach:
    """Every audience of a hand-off; `users` are mentioned in GitLab, and so many `people` in Slack."""

    audiences: tuple[Audience, ...]
    users: tuple[str, ...] = ()
    people: int = 0
