"""Who is asking: the client's address behind trusted proxies, for budgets and for the access log."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pledgegraph.errors import RunError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# A chain of proxies is short; a longer list is an attempt to make work.
_MAX_HOPS = 32


class TrustedProxies:
    """Reads the client's address from `X-Forwarded-For` where, and only where, a proxy is trusted.

    The header is read from its end: each address that is itself a trusted proxy is passed over, and the first that is
    not is the client. What the client wrote into the header stands further left and is never looked at. `Forwarded`
    (RFC 7239) is not read: proxies set one of the two and pass the other on as the client sent it.
    """

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Trust the proxies in `networks` (addresses or CIDR ranges; none by default).

        Raises:
            RunError: for text that is neither.
        """
        self._networks: list[Network] = []
        for text in networks:
            try:
                self._networks.append(ipaddress.ip_network(text.strip(), strict=False))
            except ValueError:
                raise RunError(
                    f"{text!r} is not an address or a range of addresses",
                    hint="Write --trusted-proxy 127.0.0.1 or --trusted-proxy 10.0.0.0/8",
                ) from None

    def client(self, environ: Mapping[str, Any]) -> str:
        """The client's address as text; empty where the peer has none (a Unix socket that is not trusted)."""
        peer = str(environ.get("REMOTE_ADDR") or "")
        if not self._networks or not self._trusts(peer):
            return peer
        client = peer
        for hop in reversed(str(environ.get("HTTP_X_FORWARDED_FOR") or "").split(",")[-_MAX_HOPS:]):
            address = _parse(hop)
            if address is None:  # no proxy writes that: the hop before it is the last that is known
                break
            client = str(address)
            if not self._trusts(client):
                break
        return client

    def _trusts(self, text: str) -> bool:
        address = _parse(text)
        return address is not None and any(address in network for network in self._networks)


@lru_cache(maxsize=4096)
def budget_key(client: str) -> str:
    """Whose budget an address draws on: an IPv4 address itself, an IPv6 address its /64, which is one subscriber."""
    address = _parse(client)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return client


def anonymised(client: str) -> str:
    """An address with its host part zeroed: /24 of IPv4, /48 of IPv6."""
    address = _parse(client)
    if address is None:
        return "-"
    prefix = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False).network_address)


def _parse(text: str) -> Address | None:
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
