"""The page on which a subscriber chooses: files for a browser, served by the API or by anybody.

It is one page and some modules, with no build step. It calls the API with the token of a session,
which comes behind the ``#`` of its address, so it may live on another host, in another region.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment

_FOLDER = Path(__file__).parent
STATIC = _FOLDER / "static"
#: Where it is below its base URL; the files beside it are named relative to it.
PLACE = "settings"
_PAGE = Environment(autoescape=True).from_string((_FOLDER / "page.html").read_text("utf-8"))
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {};"
    " base-uri 'none'; form-action 'none'"
)


def render_page(api: str = "", elsewhere: str = "", *, with_policy: bool = False) -> str:
    """Write the page.

    :param api: the API's base URL; empty: it is where the page is.
    :param elsewhere: the same page in another region; empty: there is none.
    :param with_policy: whether the page says itself what it may load, for who sends no headers.
    """
    policy = _POLICY.format(_get_origin(api) if api else "'self'") if with_policy else ""
    return _PAGE.render(api=api, elsewhere=elsewhere, policy=policy)


def list_files() -> Iterator[Path]:
    """Give the files that the page loads, which belong beside it."""
    return (path for path in sorted(STATIC.iterdir()) if path.is_file())


def export(directory: Path, api: str, elsewhere: str = "") -> list[Path]:
    """Write the page and its files for a host that serves files.

    :param api: the API's base URL, as a browser reaches it.
    :returns: what was written; what was there under these names is replaced.
    :raises OSError: when that cannot be done.
    """
    folder = directory / PLACE
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "index.html"
    page.write_text(render_page(api, elsewhere, with_policy=True), "utf-8")
    written = [page]
    for path in list_files():
        written.append(folder / path.name)
        written[-1].write_bytes(path.read_bytes())
    return written


def _get_origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
