"""Whether the channels of the settings are there and can be posted to, and whether the token may."""

from secops_oncall.domain.doctor import AUTH, CONFIG, NOT_FOUND, Checks
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.setup import TokenFacts
from secops_oncall.domain.slack import Channel
from secops_oncall.domain.tokens import SLACK_PRIVATE_SCOPES, SLACK_SCOPES


def scopes(checks: Checks, facts: TokenFacts, *, private: bool) -> Finding:
    """Whether the scopes are there to post, and to find a message again; `private` where a channel is."""
    needed = [*SLACK_SCOPES, *(SLACK_PRIVATE_SCOPES if private else ())]
    if facts.scopes is None:
        return checks.fine("scopes", f"Slack doesn't tell them for: {facts.kind}")
    lacking = [each for each in needed if each not in facts.scopes]
    if lacking:
        fix = f"add {', '.join(lacking)} at https://api.slack.com/apps, and install the app again"
        return checks.error("scopes", f"the token lacks {', '.join(lacking)}", fix, AUTH)
    return checks.fine("scopes", ", ".join(needed))


def channel(checks: Checks, check: str, key: str, found: Channel, who: str, *, confides: bool = False) -> Finding:
    """Whether a channel takes messages of the token's user (`who`); where it `confides`, whether it is private."""
    name, kind = f"#{found.name}", "private" if found.is_private else "public"
    if found.is_archived:
        fix = f"unarchive it in Slack, or oncall config set {key} CHANNEL"
        return checks.error(check, f"{name} is archived", fix, NOT_FOUND)
    if not found.is_member:
        return checks.error(
            check, f"{who} is not in {name}, and can't post there", f"/invite @{who} in {name}", NOT_FOUND
        )
    if confides and not found.is_private:
        what = f"{name} is public: nothing of a confidential issue goes there, whatever handoff.slack_confidential says"
        return checks.error(
            check, what, f"make {name} private, or oncall config set handoff.slack_confidential none", CONFIG
        )
    return checks.fine(check, f"{name}: {kind}, {who} is in it")
