*** Settings ***
Documentation     The shop, seen by a browser.
Metadata          Version    1.2 ß
Library           SeleniumLibrary    run_on_failure=NONE
Suite Setup       Log    the shop opens
Suite Teardown    Log    the shop closes
