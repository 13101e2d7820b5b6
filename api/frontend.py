"""The subscriber's page, for those who host it nowhere else."""

import flask

from api.files import send_file
from api.state import get_state
from stargazer.frontend import PLACE, STATIC, render_page
from stargazer.settings import Settings

blueprint = flask.Blueprint("frontend", __name__, url_prefix=f"/{PLACE}")


@blueprint.get("")
def lead_to_page() -> flask.Response:
    """Lead to where the files are beside the page; a browser takes along what is behind the #."""
    return flask.make_response(flask.redirect(f"{PLACE}/", 308))


@blueprint.get("/")
def show_page() -> flask.Response:
    """Show the page, the same for everybody: whose it is, its modules find out."""
    settings = get_state().context.settings
    page = render_page(elsewhere=find_elsewhere(settings, flask.request.host_url))
    return flask.make_response(page)


@blueprint.get("/<name>")
def get_file(name: str) -> flask.Response:
    """Give a file of the page; unchanged, it costs a 304."""
    return send_file(STATIC, name)


def find_elsewhere(settings: Settings, here: str) -> str:
    """Give the address of the page in another region; empty when there is none.

    :param here: the base URL under which it was asked for.
    """
    own = {here.rstrip("/"), settings.public_url}
    others = sorted(url for url in set(settings.frontend_urls.values()) if url not in own)
    return f"{others[0]}/{PLACE}/" if others else ""
