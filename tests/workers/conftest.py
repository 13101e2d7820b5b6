"""What the tests of workers share: settings that lead to the simulated platforms."""

import pytest
from pydantic import SecretStr

from stargazer.settings import Settings
from stargazer.simulator.bots import DEFAULT_TOKEN
from stargazer.simulator.client import Simulator
from stargazer.simulator.quota import DEFAULT_KEY


@pytest.fixture
def settings(settings: Settings, simulator: Simulator) -> Settings:
    return settings.model_copy(
        update={
            "youtube_hub_url": simulator.youtube_url,
            "youtube_feed_url": simulator.youtube_url,
            "youtube_api_url": simulator.youtube_url,
            "youtube_api_key": SecretStr(DEFAULT_KEY),
            "telegram_api_url": simulator.telegram_url,
            "telegram_token": SecretStr(DEFAULT_TOKEN),
        }
    )
