"""Stack traces of several languages: frames are found, ours are told from the libraries'."""

from hypothesis import given
from hypothesis import strategies as st

from artifactsvc.services.stack_traces import read

PYTHON = """Traceback (most recent call last):
  File "/home/ci/shop/tests/test_login.py", line 41, in test_login
    page.sign_in.click()
  File "/usr/lib/python3/site-packages/selenium/webelement.py", line 94, in click
    self._execute(Command.CLICK)
ValueError: nope"""
JAVA = """org.openqa.selenium.TimeoutException: nope
\tat org.openqa.selenium.support.ui.WebDriverWait.timeoutException(WebDriverWait.java:95)
\tat com.acme.shop.LoginPage.signIn(LoginPage.java:42)
\tat java.base/java.lang.reflect.Method.invoke(Method.java:580)"""
NODE = """Error: nope
    at LoginPage.signIn (/home/ci/shop/pages/login.ts:18:7)
    at async /home/ci/shop/tests/login.spec.ts:5:3
    at Object.click (/home/ci/shop/node_modules/playwright/lib/page.js:1:2)
    at node:internal/process/task_queues:95:5"""
SHARP = """NUnit.Framework.AssertionException : nope
   at Shop.Tests.Login.Works() in C:\\shop\\Login.cs:line 12"""


def own(trace):
    return [(frame.file.replace("\\", "/").rpartition("/")[2], frame.line, frame.name) for frame in read(trace)[0]]


def test_our_frames_are_found():
    assert own(PYTHON) == [("test_login.py", 41, "test_login")]
    assert own(JAVA) == [("LoginPage.java", 42, "com.acme.shop.LoginPage.signIn")]
    assert own(NODE) == [("login.ts", 18, "LoginPage.signIn"), ("login.spec.ts", 5, "")]
    assert own(SHARP) == [("Login.cs", 12, "Shop.Tests.Login.Works()")]
    assert own("tests/test_a.py:7: AssertionError") == [("test_a.py", 7, "AssertionError")]


def test_the_code_of_a_frame_comes_with_it_and_shares_its_kind():
    frames, lines = read(PYTHON)
    assert frames[0].code == "page.sign_in.click()"
    assert [line.kind for line in lines] == ["text", "own", "own", "library", "library", "text"]


@given(st.text(max_size=300))
def test_no_line_is_lost(trace):
    assert [line.text for line in read(trace)[1]] == trace.splitlines()


def test_a_trace_without_end_is_read_quickly():
    frames, lines = read('  File "a.py", line 1, in f\n' * 50_000 + " at " * 10_000)
    assert len(lines) == 50_001
    assert len(frames) <= 2000
