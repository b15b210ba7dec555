"""The tree that is declared: a wrong table stops the start, a loader's bug is no 404."""

from types import SimpleNamespace

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationConflictError, ConfigurationError

from artifactsvc.resources.base import ItemNode, Node, missing_text


class Top(Node): ...


class Things(Node): ...


class Thing(ItemNode):
    missing = "Thing not found"

    @staticmethod
    def load(parent, name):
        return {"1": "row", "bug": None}[name] if name in ("1", "bug", "KeyError") else None


class Parts(Node): ...


@pytest.fixture
def config():
    config = Configurator(autocommit=False)
    config.include("artifactsvc.resources.base")
    return config


def tree(config, *table):
    for path, node in table or (("/", Top), ("/things", Things), ("/things/{id}", Thing), ("/things/{id}/parts", Parts)):
        config.add_resource(path, node)
    config.commit()
    return Top(SimpleNamespace(registry=config.registry, view_name="x"), None, "")


def test_nodes_are_found_when_the_tree_is_walked(config):
    thing = tree(config)["things"]["1"]
    assert (type(thing), thing.row, thing.__name__, type(thing.__parent__)) == (Thing, "row", "1", Things)
    assert type(thing["parts"]) is Parts


@pytest.mark.parametrize("path", [["nothing"], ["things", "2"], ["things", "1", "nothing"], ["things", "1", "parts", "x"]])
def test_key_error_is_raised_when_nothing_is_there(config, path):
    node = tree(config)
    with pytest.raises(KeyError):  # noqa: PT012 - any step may be the one
        for name in path:
            node = node[name]


def test_bug_is_no_404_when_a_loader_raises_key_error(config):
    with pytest.raises(RuntimeError, match=r"a KeyError in Thing\.load is a bug"):
        tree(config)["things"]["KeyError"]


def test_order_of_the_table_is_free_when_parents_come_later(config):
    assert type(tree(config, ("/things/{id}", Thing), ("/things", Things), ("/", Top))["things"]["1"]) is Thing


def test_start_is_refused_when_a_parent_is_missing(config):
    with pytest.raises(ConfigurationError, match=r"/things/\{id\} has no parent: /things is not a resource"):
        tree(config, ("/", Top), ("/things/{id}", Thing))


def test_start_is_refused_when_one_class_stands_at_two_places(config):
    with pytest.raises(ConfigurationError, match="Things stands at two places"):
        tree(config, ("/", Top), ("/a", Things), ("/b", Things))


def test_start_is_refused_when_one_path_has_two_classes(config):
    def one(inner):
        inner.add_resource("/a", Things)

    def other(inner):
        inner.add_resource("/a", Parts)

    config.add_resource("/", Top)
    config.include(one)
    config.include(other)
    with pytest.raises(ConfigurationConflictError):
        config.commit()


def test_text_of_the_404_is_the_items_when_an_item_is_missing(config):
    top = tree(config)
    assert missing_text(top["things"], top.request) == "Thing not found"
    assert missing_text(top, top.request) == "Not found"
    assert missing_text(top["things"], SimpleNamespace(registry=config.registry, view_name="")) == "Not found"
