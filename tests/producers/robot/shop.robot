*** Settings ***
Library           SeleniumLibrary    run_on_failure=NONE
Suite Setup       Open Shop
Suite Teardown    Close Browser
Test Tags         browser

*** Variables ***
${TRY}            ${0}

*** Test Cases ***
Käufer kauft 登录
    [Documentation]    Buys a shirt.
    [Tags]    REQ-7
    [Setup]    Log    before the test
    Fill Form    jürgen@example.com
    Capture Page Screenshot    kauf.png
    Click Button    id:buy
    Element Text Should Be    id:out    Grüß Gott
    Capture Page Screenshot    EMBED
    [Teardown]    Log    after the test

Control Structures
    FOR    ${size}    IN    M    L
        Select From List By Label    id:size    ${size}
        Capture Page Screenshot    size-${size}.png
    END
    IF    ${True}
        Log    taken
    ELSE
        Log    not taken
    END
    TRY
        Fail    on purpose
    EXCEPT    on *    type=GLOB
        Log    caught
    FINALLY
        VAR    ${done}    yes
    END
    ${i}=    Set Variable    ${0}
    WHILE    ${i} < 2
        ${i}=    Evaluate    ${i} + 1
    END

Button Is Missing
    [Timeout]    1 minute
    Wait Until Page Contains Element    id:email
    Click Button    id:missing
    Log    never reached
    [Teardown]    Capture Page Screenshot    error.png

Printer
    Skip    no printer here

Flaky
    [Tags]    retry
    ${TRY}=    Evaluate    ${TRY} + 1
    Set Suite Variable    ${TRY}
    Should Be Equal As Integers    ${TRY}    2

*** Keywords ***
Open Shop
    ${options}=    Evaluate    sys.modules['selenium.webdriver'].ChromeOptions()    sys, selenium.webdriver
    Call Method    ${options}    add_argument    --headless\=new
    Call Method    ${options}    add_argument    --no-sandbox
    Call Method    ${options}    add_argument    --disable-background-networking
    Call Method    ${options}    add_argument    --window-size\=320,240
    ${service}=    Evaluate    sys.modules['selenium.webdriver.chrome.service'].Service('/usr/bin/chromedriver')    sys, selenium.webdriver.chrome.service
    Create Webdriver    Chrome    options=${options}    service=${service}
    Go To    file://${CURDIR}/page.html

Fill Form
    [Arguments]    ${email}
    Input Text    id:email    ${email}
