"""Ids and references of an SVG, and the SVG without the salt of its ids."""

import re


def ids(svg):
    return set(re.findall(r'\bid="([^"]+)"', svg))


def references(svg):
    return set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))


def unsalted(svg):
    """Remove from the ids the part that distinguishes figures."""
    return re.sub(r'(?<=["#])(\w*?)[0-9a-f]{10}(?=["\)])', r"\1", svg)
