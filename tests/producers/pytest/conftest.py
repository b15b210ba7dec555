"""An option for the folder in which a test of plain.py leaves its pictures."""


def pytest_addoption(parser):
    parser.addoption("--evidence")
