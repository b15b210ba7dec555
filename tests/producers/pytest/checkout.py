"""Tests for allure-pytest: nested steps, fixtures, attachments, parameters, retries, every outcome, names in many scripts."""

import itertools

import allure
import pytest
from picture import png

attempts = itertools.count(1)


@pytest.fixture(scope="module")
def shop():
    with allure.step("Open browser"):
        allure.attach("started on port 4444", "driver.log", allure.attachment_type.TEXT)
    yield "https://shop.example"
    with allure.step("Close browser"):
        pass


@pytest.fixture
def account(shop):
    yield "Jürgen"
    allure.attach(png(0, 0, 99), "after the test", allure.attachment_type.PNG)


@allure.step("Type {value} into {field}")
def type_into(field, value):
    allure.attach(png(10, 200, 10), f"before {field}", allure.attachment_type.PNG)


@allure.epic("Geschäft")
@allure.feature("Anmeldung")
@allure.severity(allure.severity_level.CRITICAL)
@allure.link("https://tracker.example/7", name="Requirement 7")
@allure.issue("https://tracker.example/9", name="BUG-9")
@allure.title("Anmelden mit gültigem Passwort ✓ 登录")
@allure.description("Signs in with a password that is right.")
def test_login(account):
    with allure.step("Navigate to login page"):
        pass
    with allure.step("Fill form"):
        type_into("#email", "jürgen@example.com")
        with allure.step("Click 'Anmelden'"):
            allure.attach(png(200, 10, 10), "form", allure.attachment_type.PNG)
    with allure.step("Greeting should be visible"):
        allure.attach('{"greeting": "Grüß Gott"}', "response", allure.attachment_type.JSON)


def test_payment_is_refused(shop):
    with allure.step("Pay by card"), allure.step("Click pay"):
        allure.attach(png(255, 0, 0), "overlay in the way", allure.attachment_type.PNG)
        assert "paid" == "refused", "the card was refused"


def test_no_total():
    with allure.step("Wait for total"):
        raise ConnectionError("server went away")


@pytest.mark.skip(reason="no printer here")
def test_print():
    pass


@pytest.mark.xfail(reason="known: BUG-12")
def test_known_fault():
    assert 1 == 2


@pytest.mark.flaky(reruns=2)
def test_search_is_flaky():
    number = next(attempts)
    with allure.step(f"Search, attempt {number}"):
        assert number == 3


@pytest.mark.parametrize("currency", ["EUR", "Kč"])
def test_currency(currency):
    with allure.step("Select currency"):
        assert currency


@pytest.fixture
def broken():
    raise RuntimeError("no database")


def test_set_up_breaks(broken):
    pass
