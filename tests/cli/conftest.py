import pytest
from click.testing import CliRunner

from stargazer.cli import main
from stargazer.settings import load_settings


@pytest.fixture
def use_settings(settings, store, monkeypatch):
    """Give a function that makes the test's settings, some of them changed, those of commands."""

    def use(**changes):
        for name, value in settings.model_copy(update=changes).environment().items():
            monkeypatch.setenv(name, value)
        load_settings.cache_clear()

    return use


@pytest.fixture
def run(use_settings):
    """Give a function that runs a command on the test's servers."""
    use_settings()

    def invoke(*arguments, **options):
        return CliRunner().invoke(main, arguments, **options)

    return invoke
