"""Who may ask for what: roles and policy (pure), and the tokens that devices carry."""

from console.access.policy import Actor, Role, permit
from console.access.tokens import DeviceTokens

__all__ = ["Actor", "DeviceTokens", "Role", "permit"]
