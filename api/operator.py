"""The operator's page: the same for everybody, as what it shows comes from the API."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import flask

from api.files import send_file
from api.state import get_state
from stargazer.settings import Settings

PLACE = "operator"
STATIC = Path(__file__).parent / "static" / PLACE
#: Whatever else styles the page may change what this one says.
_FIRST_STYLE = "shell.css"

blueprint = flask.Blueprint("operator", __name__, url_prefix=f"/{PLACE}")


@blueprint.get("")
def lead_to_page() -> flask.Response:
    """Lead to where the files are beside the page; a browser takes along what is behind the #."""
    return flask.make_response(flask.redirect(f"{PLACE}/", 308))


@blueprint.get("/")
def show_page() -> flask.Response:
    """Show the page; who looks at it, and what that account may see, its modules find out."""
    settings = get_state().context.settings
    page = flask.render_template(
        "operator.html",
        styles=list_styles(),
        flower=find_flower(settings, flask.request.host_url),
    )
    return flask.make_response(page)


@blueprint.get("/<name>")
def get_file(name: str) -> flask.Response:
    """Give a file of the page; unchanged, it costs a 304."""
    return send_file(STATIC, name)


def list_styles() -> list[str]:
    """Name the style sheets of the page, in the order in which they count."""
    names = sorted(path.name for path in STATIC.glob("*.css"))
    return sorted(names, key=lambda name: name != _FIRST_STYLE)


def find_flower(settings: Settings, here: str) -> str:
    """Give the address of Flower as the reader's browser may reach it; empty: not that we know.

    :param here: the base URL under which the page was asked for.
    """
    if settings.flower_url:
        return settings.flower_url
    # Our own Flower listens on this machine only, so it is there for a browser on it.
    return f"http://127.0.0.1:{settings.flower_port}" if _is_this_machine(here) else ""


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
