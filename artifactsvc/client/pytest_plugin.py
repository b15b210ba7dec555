"""The pytest plugin: `pytest --artifactsvc URL` sends each test, right after it ended, to an artifactsvc server.

It never changes an exit code and never stops a test: what goes wrong in here is said once, at the end. With pytest-xdist the
workers send, all into one run; the controller closes it. Without a URL only the `report` fixture is left, which keeps nothing.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from artifactsvc.client.recorder import Recorder

if TYPE_CHECKING:
    from artifactsvc.client.pytest_session import Session

SESSION: "pytest.StashKey[Session]" = pytest.StashKey()
RECORDER: "pytest.StashKey[Recorder]" = pytest.StashKey()

# option, ini setting, help
OPTIONS = (
    ("--artifactsvc", "artifactsvc", "URL", "Send every test to this artifactsvc server (token: ARTIFACTSVC_TOKEN)."),
    ("--artifactsvc-run", "artifactsvc_run", "WORDS", "Words that name the run: sessions with the same words meet in one."),
    ("--artifactsvc-name", "artifactsvc_name", "TEXT", "The run's name; by default what the CI service calls it."),
    ("--artifactsvc-environment", "artifactsvc_environment", "TEXT", "Where the tests run: staging, Chrome 141, …"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("artifactsvc", "artifactsvc: keep the evidence of every test")
    for option, ini, metavar, text in OPTIONS:
        group.addoption(option, dest=ini, metavar=metavar, default=None, help=text)
        parser.addini(ini, text, default="")
    parser.addini("artifactsvc_wait", "Seconds to wait at the end for what is not sent yet; the rest stays in the spool.", default="60")


def setting(config: pytest.Config, name: str) -> str | None:
    """The option, else the ini setting."""
    return config.getoption(name, None) or config.getini(name) or None


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    url = setting(config, "artifactsvc")
    if (worker is not None and "artifactsvc" not in worker) or not url:
        return
    from artifactsvc.client.pytest_session import Session

    if not url.startswith(("http://", "https://")):
        raise pytest.UsageError(f"--artifactsvc must begin with http:// or https:// (it is {url!r})")
    facts = {"name": setting(config, "artifactsvc_name"), "environment": setting(config, "artifactsvc_environment")}
    session = Session(url, setting(config, "artifactsvc_run"), facts, config.rootpath.name, worker and worker["artifactsvc"])
    if session.is_usable:
        config.stash[SESSION] = session
        config.pluginmanager.register(Hooks(session, config), "artifactsvc-session")
        if config.pluginmanager.hasplugin("xdist"):
            config.pluginmanager.register(XdistHooks(session), "artifactsvc-xdist")


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Recorder:
    """Steps, screenshots and files for the report of this test; see docs/pytest.md of artifactsvc."""
    return request.node.stash.get(RECORDER, None) or Recorder()


class Hooks:
    """Registered only where there is a server to send to."""

    def __init__(self, session: "Session", config: pytest.Config) -> None:
        self._session = session
        self._config = config
        self._running: pytest.Item | None = None  # the test whose call goes on
        self._is_controller = not hasattr(config, "workerinput") and bool(getattr(config.option, "tx", None))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        with self._session.guarded():
            item.stash[RECORDER] = self._session.begin(item)
            self._session.begin_phase(item, item.stash[RECORDER], "setup")
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        with self._session.guarded():
            self._session.begin_phase(item, item.stash[RECORDER], "call")
        self._running = item
        try:
            return (yield)
        finally:
            self._running = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        with self._session.guarded():
            self._session.begin_phase(item, item.stash[RECORDER], "teardown")
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        result = yield
        with self._session.guarded():
            end = self._session.end_subtest if item is self._running else self._session.end_phase
            end(item, item.stash[RECORDER], call, result)
        return result

    def pytest_runtest_logreport(self, report: Any) -> None:
        if self._is_controller and report.when == "???":  # xdist's word for a test that took its worker with it
            with self._session.guarded():
                self._session.crashed(report)
        elif self._running is not None and hasattr(report, "context"):  # of a subtest, by pytest or pytest-subtests
            with self._session.guarded():
                self._session.describe_subtest(self._running.stash[RECORDER], report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self._is_controller:
            return
        with self._session.guarded():
            interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
            output = getattr(self._config, "workeroutput", None)
            told = self._session.finish(2.0 if interrupted else self._wait, close_run=output is None)
            if output is not None:
                output["artifactsvc"] = told

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        with self._session.guarded():
            if self._is_controller:
                self._session.finish(self._wait, close_run=True)
        for line in self._session.account():
            terminalreporter.write_line(f"artifactsvc: {line}")

    def pytest_unconfigure(self) -> None:
        self._session.close()

    @property
    def _wait(self) -> float:
        return float(self._config.getini("artifactsvc_wait"))


class XdistHooks:
    """One run for all workers: the controller tells them its folder, and hears at the end what they could not keep."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["artifactsvc"] = str(self._session.run.folder)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:
        told = getattr(node, "workeroutput", {}).get("artifactsvc")
        if told:
            self._session.told.append(told)
