"""The subscriber's page on a host of its own, which has files only."""

import pytest
from click.testing import CliRunner
from flask import Flask, send_from_directory

from api import create_app
from stargazer.cli import main


@pytest.fixture
def host(serve, tmp_path):
    """Give the address of a host that serves a folder, and that folder."""
    app = Flask(__name__, static_folder=None)

    @app.get("/<path:name>")
    def send(name):
        response = send_from_directory(tmp_path, name + "index.html" * name.endswith("/"))
        response.direct_passthrough = False
        return response

    return serve(app), tmp_path


@pytest.fixture
def api(settings, store, serve, host):
    """Give the address of an API that lets that host's page call it."""
    app = create_app(settings.model_copy(update={"frontend_origins": (host[0],)}))
    yield serve(app)
    app.extensions["stargazer.state"].close()
    app.extensions["stargazer"].close()


def test_it_calls_the_api_of_another_host(host, api, cast, open_page):
    url, folder = host
    result = CliRunner().invoke(main, ["frontend", "export", str(folder), "--api", api])
    assert result.exit_code == 0, result.output
    page = open_page(f"{url}/settings/#{cast.give_token()}", hosts=(api,))
    page.get_by_role("switch", name="青空アオイ").click()
    page.locator("#word[data-how=saved]").wait_for()
    assert cast.wish.entities == {cast.aoi.id}


def test_it_leads_to_the_other_region_with_the_same_link(host, api, cast, open_page):
    url, folder = host
    command = ["frontend", "export", str(folder), "--api", api, "--elsewhere", api]
    assert CliRunner().invoke(main, command).exit_code == 0
    page = open_page(f"{url}/settings/#{cast.give_token()}", hosts=(api,))
    page.locator(".card").first.wait_for()
    page.locator("footer a").click()
    page.wait_for_url(f"{api}/settings/")
    page.locator(".card").first.wait_for()
