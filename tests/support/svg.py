"""What an SVG defines and what it refers to."""

import re


def ids(svg):
    return set(re.findall(r'\bid="([^"]+)"', svg))


def references(svg):
    return set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
