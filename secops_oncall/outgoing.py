"""The network of a run: its limits from the settings, and the engineer told of its waits and requests."""

from typing import TYPE_CHECKING

from secops_oncall import __version__
from secops_oncall.errors import ConfigError
from secops_oncall.world import World

if TYPE_CHECKING:
    from secops_oncall.clients.network import Network
    from secops_oncall.config import NetworkConfig


def network(world: World) -> "Network":
    """What every client of a run shares."""
    from secops_oncall.clients.network import Network, Patience

    settings, streams, patience = limits(world), world.streams, Patience()
    answered = streams.watch(patience.asking)

    def on_request(method: str, url: str, status: int | str, milliseconds: float) -> None:
        answered()
        if world.options.verbose:
            streams.say(f"{method} {url} {status} {milliseconds:.0f} ms")

    return Network(
        timeout=settings.timeout,
        attempts=settings.attempts,
        ca_bundle=settings.ca_bundle,
        environ=world.environ,
        patience=patience,
        on_wait=lambda service, seconds: streams.warn(f"{service} asks us to wait {seconds:.0f} s"),
        on_request=on_request,
        clock=world.now,
        user_agent=f"secops-oncall/{__version__}",
    )


def limits(world: World) -> "NetworkConfig":
    """The settings of the network; from the environment alone where the configuration can't be read."""
    from secops_oncall import config_file
    from secops_oncall.config import NetworkConfig

    try:
        return world.config_as_it_is.network
    except ConfigError:
        pass
    try:
        return config_file.from_environment(world.environ).network
    except ConfigError:
        return NetworkConfig()
