"""Equations as MathML, which all current browsers draw and screen readers speak, without a script or a font.

latex2mathml translates the TeX; this module corrects the details that look or sound wrong.
"""

import re
import xml.etree.ElementTree as ET

from latex2mathml.converter import convert

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
ET.register_namespace("", NAMESPACE)

APPLY = "\u2061"  # "of": invisible, but spoken
ACCENTS = {"~": "\u02dc", "^": "\u02c6", "\u00af": "\u00af"}
THIN = "0.167em"
CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "mroot": 2, "msubsup": 3, "munderover": 3}

_TEX = [
    (re.compile(r"\\(begin|end)\{aligned\}"), r"\\\1{align*}"),  # latex2mathml does not know aligned
    (re.compile(r"\\mathrm\{(\w{2,})\}"), r"\\operatorname{\1}"),  # one word instead of separate letters
]


def mathml(tex, display="inline"):
    """Translate a formula to a MathML element, with its TeX as an annotation.

    Args:
        tex: LaTeX mathematics, without the dollar signs.
        display: "inline" or "block".

    Raises:
        ValueError: latex2mathml cannot translate it.
    """
    source = tex.strip()
    supported = source
    for pattern, replacement in _TEX:
        supported = pattern.sub(replacement, supported)
    try:
        root = ET.fromstring(convert(supported, display=display))
    except Exception as error:
        raise ValueError(f"tex must be mathematics that latex2mathml reads, got {source}") from error
    for parent in list(root.iter()):
        _correct(parent)
    for element in root.iter():
        tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        if "\\" in (element.text or "") or element.text == "&" or len(element) != CHILDREN.get(tag, len(element)):
            raise ValueError(f"tex must be mathematics that latex2mathml reads, got {source}")
    (content,) = root
    root[:] = [ET.Element(_name("semantics"))]
    root[0].append(content)
    ET.SubElement(root[0], _name("annotation"), encoding="application/x-tex").text = source
    return ET.tostring(root, encoding="unicode")


def _name(tag):
    return f"{{{NAMESPACE}}}{tag}"


def _correct(parent):
    """Correct the children of an element."""
    children = []
    for k, child in enumerate(parent):
        if child.tag == _name("mi") and not child.text:
            continue  # an empty element before "=" in a table, which would take up space
        if child.tag == _name("mi") and child.text == ";":
            child.tag = _name("mo")
        if child.tag == _name("mo") and (child.text or "").isalpha() and child.text.isascii():
            child.tag = _name("mi")
        if child.tag == _name("mover") and child[-1].text in ACCENTS:
            child.set("accent", "true")
            child[-1].text = ACCENTS[child[-1].text]
        children.append(child)
        if parent.tag in (_name("mrow"), _name("mtd")) and k + 1 < len(parent) and _is_function(child):
            children.append(_operator(APPLY))
            if (parent[k + 1].text or "") not in ("(", "["):
                children.append(ET.Element(_name("mspace"), width=THIN))
    parent[:] = children


def _operator(text):
    element = ET.Element(_name("mo"))
    element.text = text
    return element


def _is_function(element):
    """Return true for a name of several letters, such as tanh, with or without an exponent or index."""
    while len(element) and element.tag in (_name("msup"), _name("msub")):
        element = element[0]
    return element.tag in (_name("mi"), _name("mo")) and len(element.text or "") > 1 and element.text.isalpha()
