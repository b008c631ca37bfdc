"""CSV that spreadsheets open as it is meant: no formulas, and letters of any language.

Excel reads a file as UTF-8 only with a byte order mark, so files that hold other letters than ASCII
begin with one; Python's encoding for either is "utf-8-sig".
"""

from __future__ import annotations

import re

BYTE_ORDER_MARK = "\ufeff"
FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""First letters by which a spreadsheet takes text for a formula; the last four are the full-width
forms, which Excel reads so in Japanese."""
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


def no_formula(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula.

    Text that is a number, such as the class "-1", is left as it is.
    """
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def marked(text: str) -> str:
    """The text of a CSV file, with a byte order mark where it needs one."""
    return text if text.isascii() else BYTE_ORDER_MARK + text
