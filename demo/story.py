"""What the demo tells: the tests of a shop, their steps, and how they fail. Data only; `fill.py` sends it."""

MAIL = "anna@example.com"
SHOTS: dict[str, dict[str, str]] = {
    "login": {"view": "login"},
    "login_email": {"view": "login", "email": MAIL, "focus": "email"},
    "login_password": {"view": "login", "email": MAIL, "password": "secret-word", "focus": "password"},
    "login_submit": {"view": "login", "email": MAIL, "password": "secret-word", "focus": "submit"},
    "login_banner": {"view": "login", "email": MAIL, "password": "secret-word", "focus": "submit", "banner": "1"},
    "home": {"view": "home", "user": "Anna"},
    "home_guest": {"view": "home"},
    "search_lamp": {"view": "search", "q": "lamp", "user": "Anna"},
    "search_chair": {"view": "search", "q": "chair", "user": "Anna"},
    "search_none": {"view": "search", "q": "sofa", "user": "Anna"},
    "cart_one": {"view": "cart", "n": "1", "user": "Anna"},
    "cart_two": {"view": "cart", "n": "2", "user": "Anna"},
    "cart_wrong": {"view": "cart", "n": "2", "total": "43.90", "user": "Anna"},
    "cart_pay": {"view": "cart", "n": "2", "focus": "pay", "user": "Anna"},
    "done": {"view": "done", "user": "Anna"},
    "profile": {"view": "profile", "user": "Anna", "name": "Anna"},
    "profile_name": {"view": "profile", "user": "Anna", "name": "Anna Berg", "focus": "name"},
    "profile_saved": {"view": "profile", "user": "Anna", "name": "Anna Berg", "saved": "1"},
    "broken": {"view": "broken", "user": "Anna"},
}

Step = tuple[str, str, str, str | None, str | None, str | None]  # type, action, screenshot, selector, input, expected
OPEN: Step = ("navigate", "Open the login page", "login", None, "https://shop.example/login", None)
LOGIN: tuple[Step, ...] = (
    OPEN,
    ("type", "Enter email", "login_email", "#email", MAIL, None),
    ("type", "Enter password", "login_password", "#password", "secret-word", None),
    ("click", "Click Sign in", "login_submit", "button[type='submit']", None, None),
    ("assert", "The start page is shown", "home", "h2", None, "Welcome back, Anna"),
)
SEARCH: Step = ("type", "Search for “lamp”", "search_lamp", "input[name=q]", "lamp", None)
CART: Step = ("click", "Add a desk lamp to the cart", "cart_one", ".item:first-child button", None, None)

TESTS: dict[str, tuple[str, tuple[Step, ...]]] = {
    "test_login": ("tests/test_login.py", LOGIN),
    "test_login_with_wrong_password": ("tests/test_login.py", (*LOGIN[:4], ("assert", "An error is shown", "login_submit", ".error", None, "Wrong password"))),
    "test_logout": ("tests/test_login.py", (*LOGIN, ("click", "Log out", "home_guest", "#logout", None, None))),
    "test_remember_me": ("tests/test_login.py", (*LOGIN, ("navigate", "Open the shop again", "home", None, "https://shop.example/", None))),
    "test_search_finds_lamps": ("tests/test_search.py", (*LOGIN, SEARCH, ("assert", "Three lamps are listed", "search_lamp", ".grid", None, "3"))),
    "test_search_finds_chairs": ("tests/test_search.py", (*LOGIN, ("type", "Search for “chair”", "search_chair", "input[name=q]", "chair", None))),
    "test_search_without_result": ("tests/test_search.py", (*LOGIN, ("type", "Search for “sofa”", "search_none", "input[name=q]", "sofa", None))),
    "test_search_suggestions": ("tests/test_search.py", (*LOGIN, SEARCH, ("hover", "Hover the first suggestion", "search_lamp", ".suggest li", None, None))),
    "test_add_to_cart": ("tests/test_cart.py", (*LOGIN, SEARCH, CART)),
    "test_cart_total": (
        "tests/test_cart.py",
        (
            *LOGIN,
            CART,
            ("type", "Set the quantity to 2", "cart_two", "input.quantity", "2", None),
            ("assert", "The total is right", "cart_two", ".total", None, "€ 82.90"),
        ),
    ),
    "test_remove_from_cart": ("tests/test_cart.py", (*LOGIN, CART, ("click", "Remove the lamp", "home", ".remove", None, None))),
    "test_checkout": (
        "tests/test_checkout.py",
        (*LOGIN, CART, ("scroll", "Scroll to the button", "cart_pay", ".primary", None, None), ("click", "Check out", "done", ".primary", None, None)),
    ),
    "test_order_confirmation": ("tests/test_checkout.py", (*LOGIN, ("navigate", "Open the order", "done", None, "https://shop.example/orders/1042", None))),
    "test_change_name": (
        "tests/test_profile.py",
        (
            *LOGIN,
            ("navigate", "Open the profile", "profile", None, "https://shop.example/profile", None),
            ("type", "Enter a new name", "profile_name", "#name", "Anna Berg", None),
            ("click", "Save", "profile_saved", "button.save", None, None),
        ),
    ),
    "test_profile_picture": ("tests/test_profile.py", (*LOGIN, ("upload_file", "Choose a picture", "profile", "input[type=file]", "anna.png", None))),
}
SKIPPED = "test_profile_picture"
IN_TWO_BROWSERS = ("test_login", "test_add_to_cart", "test_cart_total", "test_checkout", "test_search_finds_lamps")
FLAKY = "test_search_suggestions"

RUNS = (  # days ago, name, branch, commit, environment, and the failures: test -> how
    (13, "Nightly web #1839", "main", "1c0ffee42ab01d77", "staging", {}),
    (11, "Nightly web #1840", "main", "77ab01d9f31c2e55", "staging", {FLAKY: "slow"}),
    (8, "PR 512: new cart", "feat/new-cart", "5be1a90c44d2f001", "preview", {"test_cart_total": "total"}),
    (5, "Nightly web #1841", "main", "c44d2f0015be1a90", "staging", {}),
    (2, "PR 518: cookie banner", "feat/cookie-banner", "e90b7721aa34cd10", "preview", dict.fromkeys(("test_login", "test_logout", "test_checkout", "test_add_to_cart"), "banner")),
    (0, "Nightly web #1842", "main", "9f31c2e77ab01d00", "staging", {"test_login": "banner", "test_remember_me": "banner", "test_cart_total": "total", FLAKY: "slow"}),
)  # fmt: skip

# how a test fails: at which step (the first with this screenshot), type, message, actual value, picture, frame of ours
FAILURES = {
    "banner": (
        "login_submit", "ElementClickInterceptedException", 'Element <button type="submit"> is not clickable at point ({x}, 588): <div class="cookie-banner"> obscures it',
        None, "login_banner", 'pages/login.py", line 18, in sign_in\n    self.driver.find_element(By.CSS_SELECTOR, "button[type=\'submit\']").click()',
    ),
    "total": (
        "cart_two", "AssertionError", "The total is € 43.90, not € 82.90", "€ 43.90", "cart_wrong",
        'pages/cart.py", line 40, in check_total\n    assert shown == wanted, f"The total is {shown}, not {wanted}"',
    ),
    "slow": (
        "search_lamp", "TimeoutException", "No suggestion after {x} ms", None, "broken",
        'pages/search.py", line 27, in suggestions\n    WebDriverWait(self.driver, 5).until(visible(".suggest li"))',
    ),
}  # fmt: skip
