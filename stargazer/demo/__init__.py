"""The demonstration: a small cast, simulated platforms, and a story to watch."""

from pydantic import SecretStr

from stargazer.settings import Settings
from stargazer.simulator.onebot.world import SECRET, TOKEN


def demo_settings(settings: Settings) -> Settings:
    """Turn the settings to the simulated platforms and to data of the demonstration's own.

    Ports and the like stay as they are. Nothing of a real instance is read, written or told.
    """
    simulator = f"http://127.0.0.1:{settings.simulator_port}"
    return settings.model_copy(
        update={
            "var_dir": settings.var_dir / "demo",
            "redis_url": f"redis://127.0.0.1:{settings.redis_port}/0",
            "broker_url": f"redis://127.0.0.1:{settings.redis_port}/0",
            "mongo_url": f"mongodb://127.0.0.1:{settings.mongo_port}/stargazer",
            "proxy_url": "",
            "web_host": "127.0.0.1",
            "public_url": f"http://127.0.0.1:{settings.web_port}",
            "public_status": True,
            "youtube_api_key": SecretStr("simulated-key"),
            "youtube_hub_url": f"{simulator}/youtube",
            "youtube_feed_url": f"{simulator}/youtube",
            "youtube_api_url": f"{simulator}/youtube",
            "rabbitmq_key": SecretStr(""),
            "secret_key": SecretStr(""),
            "discord_url": f"{simulator}/discord",
            "telegram_token": SecretStr("1000:simulated"),
            "telegram_api_url": f"{simulator}/telegram",
            "qq_url": f"{simulator}/qq",
            "qq_token": SecretStr(TOKEN),
            "qq_secret": SecretStr(SECRET),
            "frontend_urls": {},
            "deepl_key": SecretStr("simulated-key:fx"),
            "deepl_url": f"{simulator}/deepl",
            "baidu_appid": "simulated-app",
            "baidu_key": SecretStr("simulated-key"),
            "baidu_url": f"{simulator}/baidu",
        }
    )
