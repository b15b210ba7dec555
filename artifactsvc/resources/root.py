"""The trunk of the tree: the root, the health checks, and the mount point of the API with its limits."""

from artifactsvc.resources.base import Node


class Root(Node): ...


class Live(Node): ...


class Ready(Node): ...


class Reports(Node): ...


class Limits(Node): ...
