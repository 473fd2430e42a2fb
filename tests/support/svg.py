"""What an SVG defines, what it refers to, and what it draws whatever its ids are."""

import re


def ids(svg):
    return set(re.findall(r'\bid="([^"]+)"', svg))


def references(svg):
    return set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))


def unsalted(svg):
    """An SVG whose ids have lost what tells those of one figure from those of another."""
    return re.sub(r'(?<=["#])(\w*?)[0-9a-f]{10}(?=["\)])', r"\1", svg)
