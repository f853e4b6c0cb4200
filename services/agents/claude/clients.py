"""The SDK's client for each kind of provider. Everything that could let a stray environment decide is said explicitly."""

from typing import Any

import anthropic
import httpx2

from services.settings import ANTHROPIC_URL, Provider, ProviderKind

CONNECT_SECONDS = 5.0
# The SDK wants a key; servers of one's own often have none.
NO_KEY = "none"


def make_client(provider: Provider, *, idle_seconds: float) -> Any:
    """`idle_seconds`: how long nothing at all may arrive. Retries are ours: they must see money, cancel and broken streams.

    Raises: AnthropicError or ImportError where the provider's package or credentials are missing.
    """
    timeout = httpx2.Timeout(idle_seconds, connect=CONNECT_SECONDS)
    common: dict[str, Any] = {"max_retries": 0, "timeout": timeout}
    if provider.kind is ProviderKind.BEDROCK:
        return anthropic.AnthropicBedrock(
            **common, aws_region=provider.region or None, base_url=provider.base_url or None
        )
    if provider.kind is ProviderKind.VERTEX:
        return anthropic.AnthropicVertex(
            **common,
            region=provider.region,
            project_id=provider.project,
            base_url=provider.base_url or None,
        )
    if provider.kind is ProviderKind.FOUNDRY:
        if provider.base_url:
            return anthropic.AnthropicFoundry(**common, api_key=provider.key or None, base_url=provider.base_url)
        return anthropic.AnthropicFoundry(**common, api_key=provider.key or None, resource=provider.project)
    # Many servers of one's own read the older header.
    headers = {"X-Api-Key": provider.key} if provider.base_url and provider.key else {}
    return anthropic.Anthropic(
        **common,
        api_key=provider.key or NO_KEY,
        base_url=provider.base_url or ANTHROPIC_URL,
        default_headers=headers,
    )
