"""QR codes as pages show them."""

from markupsafe import Markup


def qr(what: str | bytes) -> Markup:
    """A text, or bytes for a device's camera, as a QR code in SVG, without addresses of others and without styles."""
    import segno  # few pages show one, and a start shows none

    if isinstance(what, bytes):
        code = segno.make(what, mode="byte", micro=False, error="l")
    else:
        code = segno.make(what, micro=False, error="m")
    return Markup(code.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None, dark="#000"))
