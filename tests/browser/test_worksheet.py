"""The worksheet, the final test and their keys fit on one printed page each."""

import pytest

from tools.worksheet import FOLDER, SHEETS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", [name + key for name in SHEETS for key in ("", "_key")])
def test_prints_on_one_page(name, browser):
    page = browser.new_page()
    page.goto((FOLDER / f"{name}.html").as_uri())
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    page.close()
