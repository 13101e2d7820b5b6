"""Celery's settings: named durable queues, late acknowledgement, bounded waits.

The numbers have reasons: a message is acknowledged when its work is done, so a dead worker loses
none; a publisher gives up within seconds when the broker is away, and what it could not publish
is swept from the database later.
"""

from kombu import Queue
from kombu.transport import TRANSPORT_ALIASES

from stargazer.bus import KEY_PREFIX, QUEUES
from stargazer.coordinator import RECONCILE_SPAN
from stargazer.middlewares import SCAN_SPANS, TAGS
from stargazer.onebot import LOOK_SPAN
from stargazer.platforms.registry import PLATFORMS
from stargazer.settings import load_settings
from stargazer.telegram.listening import list_ticks
from stargazer.twitch import SUBSCRIBE_SPAN
from stargazer.websub import RENEW_SPAN

_settings = load_settings()

broker_url = _settings.broker_url
_on_redis = broker_url.startswith(("redis://", "rediss://"))
TRANSPORT_ALIASES |= {
    "redis": "stargazer.broker:Transport",
    "rediss": "stargazer.broker:Transport",
    "amqp": "stargazer.rabbitmq:Transport",
    "amqps": "stargazer.rabbitmq:TlsTransport",
}

imports = [
    "workers.membership",
    "workers.coordinator",
    "workers.fanout",
    "workers.outbox",
    "workers.ledger",
    "workers.websub",
    *(f"workers.sources.{kind}" for kind in PLATFORMS),
    "workers.middlewares.delay",
    "workers.middlewares.youtube_live_check",
    "workers.middlewares.translate",
    "workers.intake",
    "workers.im.telegram",
    "workers.im.discord",
    "workers.im.webhook",
    "workers.im.apprise",
    "workers.im.qq",
    "workers.im.web",
    "workers.commands.receiving",
    "workers.commands.listening",
]

task_serializer = "json"
accept_content = ["json"]
result_backend = None
task_ignore_result = True

# On RabbitMQ these are classic queues. A worker keeps a task that has to wait, and takes one more
# instead; with quorum queues it cannot, as they know no prefetch of a whole channel, and a few such
# tasks would block it. Celery has a way around it, but only for topic exchanges, where a retry does
# not come back to its own queue.
task_queues = [Queue(name, routing_key=name, durable=True) for name in QUEUES]
task_create_missing_queues = False
task_default_queue = "coordinator"
task_routes = {
    **{f"{kind}.*": {"queue": kind} for kind in PLATFORMS},
    "websub.*": {"queue": "websub"},
    "fanout.*": {"queue": "ready"},
    "telegram.*": {"queue": "telegram"},
    "discord.*": {"queue": "discord"},
    "webhook.*": {"queue": "webhook"},
    "apprise.*": {"queue": "apprise"},
    "qq.*": {"queue": "qq"},
    "web.*": {"queue": "web"},
    "commands.*": {"queue": "commands"},
    "coordinator.*": {"queue": "coordinator"},
    "outbox.*": {"queue": "coordinator"},
    "ledger.*": {"queue": "coordinator"},
    **{f"{tag}.*": {"queue": tag} for tag in TAGS},
}
worker_direct = True

task_acks_late = True
task_reject_on_worker_lost = True
task_retry_on_worker_lost = True
task_soft_time_limit = 90
task_time_limit = 120
worker_prefetch_multiplier = 1
worker_soft_shutdown_timeout = 5
worker_cancel_long_running_tasks_on_connection_loss = False
worker_hijack_root_logger = False
worker_send_task_events = True

broker_connection_retry_on_startup = True
broker_connection_max_retries = None
broker_pool_acquire_timeout = 5
broker_heartbeat = 10
task_publish_retry_policy = {
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.5,
}
broker_transport_options = (
    {
        "global_keyprefix": KEY_PREFIX,
        "visibility_timeout": _settings.visibility_timeout.total_seconds(),
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "priority_steps": [0],
    }
    if _on_redis
    else {"confirm_publish": True}
)

beat_schedule_filename = str(_settings.var_dir / "beat")
# A tick that nobody took before the next one came is of no use any more.
beat_schedule = {
    name: {"task": name, "schedule": span, "options": {"expires": span.total_seconds()}}
    for name, span in (
        ("coordinator.tick", _settings.tick_interval),
        ("coordinator.reconcile", RECONCILE_SPAN),
        ("outbox.sweep", _settings.sweep_interval),
        ("ledger.sweep", _settings.sweep_interval),
        ("websub.renew", RENEW_SPAN),
        ("youtube.follow", _settings.youtube_follow_interval),
        ("twitch.subscribe", SUBSCRIBE_SPAN),
        ("qq.look", LOOK_SPAN),
        *list_ticks(_settings).items(),
        *((f"{tag}.scan", span) for tag, span in SCAN_SPANS.items()),
    )
}
