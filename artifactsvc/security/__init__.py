"""Who may do what. Views name a permission; nothing is open that does not say so."""

from artifactsvc.security.permissions import Permission, Role

__all__ = ["Permission", "Role"]
