"""Keeping what `oncall init` was told: first all but the tokens in the file, then these in the keyring."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from secops_oncall.domain.setup import NAMES, Service
from secops_oncall.domain.tokens import host_of
from secops_oncall.errors import Cancelled, KeyringError
from secops_oncall.ports_setup import Keyring
from secops_oncall.workflows.init import cancelled

T = TypeVar("T")
Typed = Mapping[Service, tuple[str, str]]


@dataclass(frozen=True)
class Kept(Generic[T]):
    """What saving the file answered, the services whose token the keyring has, and why it hasn't those of others."""

    saved: T
    stored: tuple[Service, ...]
    refused: Mapping[Service, KeyringError]


def keep(
    keyring: Keyring, profile: str, typed: Typed, save: Callable[[], T], text: Callable[[], str | None]
) -> Kept[T]:
    """`save` the settings, then put the tokens that were typed (an address and a token by service) into the keyring.

    In this order nothing is ever in the keyring that the file doesn't name, whatever ends the process. A keyring that
    refuses is no reason to stop. `text` is the file's, by which Ctrl-C is told from one that came too late: raises
    Cancelled, saying what was kept.
    """
    before = text()
    begun: list[Service] = []
    stored: list[Service] = []
    refused: dict[Service, KeyringError] = {}
    try:
        saved = save()
        for service, (url, token) in typed.items():
            begun.append(service)
            try:
                keyring.put(service, profile, host_of(url), token)
                stored.append(service)
            except KeyringError as error:
                refused[service] = error
        return Kept(saved, tuple(stored), refused)
    except (KeyboardInterrupt, Cancelled):
        unknown = [service for service in begun if service not in (*stored, *refused)]
        raise _cut(typed, stored, unknown, is_written=text() != before) from None


def _cut(typed: Typed, stored: list[Service], unknown: list[Service], *, is_written: bool) -> Cancelled:
    """What is said of Ctrl-C between the last answer and the end."""
    if not (is_written or stored or unknown):
        return cancelled()
    left = [service for service in typed if service not in stored]
    told = ["the configuration was written" if is_written else "nothing of the configuration was written"]
    never = [service for service in left if service not in unknown]
    told += [f"the keyring has {_named(stored)}"] if stored else []
    told += [f"whether the keyring has {_named(unknown)} is not known"] if unknown else []
    told += [f"the keyring never got {_named(never)}"] if never else []
    again = "; ".join(f"oncall auth login {service}" for service in left)
    return Cancelled(f"cancelled, but {', '.join(told)}", again or "oncall doctor, to look at all of it")


def _named(services: Iterable[Service]) -> str:
    return " and ".join(f"the {NAMES[service]} token" for service in services)
