"""What the tests of translation share: settings that lead to the simulated providers."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from stargazer.settings import Settings
from stargazer.simulator.client import Simulator
from stargazer.simulator.linguist import DEFAULT_KEY
from stargazer.translation import Translator

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TABLE = """\
ja\ten\tzh-Hans
星街すいせい\tHoshimachi Suisei\t星街彗星
ときのそら\tTokino Sora
"""


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def settings(settings: Settings, simulator: Simulator) -> Settings:
    return settings.model_copy(
        update={
            "deepl_key": SecretStr(DEFAULT_KEY),
            "deepl_url": simulator.deepl_url,
            "baidu_appid": "simulated-app",
            "baidu_key": SecretStr("simulated-key"),
            "baidu_url": simulator.baidu_url,
        }
    )


@pytest.fixture
def glossary(tmp_path):
    """Give the path of a glossary."""
    path = tmp_path / "names.tsv"
    path.write_text(TABLE, encoding="utf-8")
    return str(path)


@pytest.fixture
def make(make_context):
    """Give a function that makes a Translator, some of whose settings are different."""
    return lambda **changes: Translator(make_context(**changes))


@pytest.fixture
def asked(simulator):
    """Give a function that tells what a provider was asked to translate, call by call."""

    def list_calls(target):
        field = "texts" if target == "deepl" else "lines"
        return [call[field] for call in simulator.journal(target=target) if field in call]

    return list_calls
