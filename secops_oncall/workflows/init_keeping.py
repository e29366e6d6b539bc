"""Keeping what `oncall init` was told: the tokens in the keyring, all the rest in the file, or nothing at all."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from secops_oncall.domain.setup import Service
from secops_oncall.domain.tokens import host_of
from secops_oncall.errors import KeyringError
from secops_oncall.ports_setup import Keyring

T = TypeVar("T")


@dataclass(frozen=True)
class Kept(Generic[T]):
    """What saving the file answered, the services whose token the keyring has, and why it hasn't those of others."""

    saved: T
    stored: tuple[Service, ...]
    refused: Mapping[Service, KeyringError]


def keep(keyring: Keyring, profile: str, typed: Mapping[Service, tuple[str, str]], save: Callable[[], T]) -> Kept[T]:
    """Put the tokens that were typed (an address and a token by service) into the keyring, then `save` the rest.

    Whatever goes wrong meanwhile, Ctrl-C too, leaves the keyring as it was. One that refuses is no reason to stop.
    """
    stored: list[Service] = []
    refused: dict[Service, KeyringError] = {}
    before: dict[Service, str | None] = {}
    try:
        for service, (url, token) in typed.items():
            try:
                before[service] = keyring.get(service, profile, host_of(url))
                keyring.put(service, profile, host_of(url), token)
                stored.append(service)
            except KeyringError as error:
                refused[service] = error
        return Kept(save(), tuple(stored), refused)
    except BaseException:
        for service, old in before.items():
            with suppress(KeyringError):
                _restore(keyring, service, profile, host_of(typed[service][0]), old)
        raise


def _restore(keyring: Keyring, service: Service, profile: str, host: str, old: str | None) -> None:
    if old is None:
        keyring.remove(service, profile, host)
    else:
        keyring.put(service, profile, host, old)
