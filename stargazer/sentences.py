"""Explanations in words: a sentence for each code, in each language."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stargazer.explanations import Explanation, Value

FALLBACK = "en"

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "no_event": "There is no such event.",
        "no_user": "There is no such user.",
        "sent": "Sent at {at}, as message {messages}.",
        "sent_after": "Sent at {at}, {age} after it happened and {took} after it became known, "
        "as message {messages}.",
        "unknown": "{im} did not answer at {at} ({error}): it may have arrived, and is not sent "
        "again by itself.",
        "failed_attempts": "Given up at {at} after {attempts} attempts; the last error was: "
        "{error}.",
        "failed_stale": "Given up at {at} after {attempts} attempts, for it would have been no "
        "news any more; the last error was: {error}.",
        "failed_refused": "{im} refused it at {at}: {error}.",
        "failed_gone": "The chat could not be reached at {at}, and is paused since: {error}.",
        "failed_other": "It failed at {at}: {error}.",
        "dropped_stale": "Not sent, for at {at} it was no news any more.",
        "dropped_paused": "Not sent at {at}: {error}.",
        "dropped_user_removed": "Not sent, for the user was removed at {at}.",
        "dropped_event_removed": "Not sent, for the event was removed before its turn at {at}.",
        "dropped_filter": "Not sent, for a filter of this chat held it back: {error}.",
        "dropped_quiet_hours": "Not sent by itself, for it came in the quiet hours of this chat: "
        "{error}.",
        "in_digest": "Told in one message with others at {at}, after the quiet hours of this "
        "chat, as message {messages}.",
        "in_digest_pending": "It came in the quiet hours of this chat; the one message that tells "
        "of all of it is on its way.",
        "in_digest_failed": "It came in the quiet hours of this chat; the one message that was to "
        "tell of all of it failed at {at}: {error}.",
        "in_digest_dropped": "It came in the quiet hours of this chat; the one message that was "
        "to tell of all of it was not sent at {at}: {error}.",
        "in_digest_unknown": "It came in the quiet hours of this chat; {im} did not answer at "
        "{at} to the one message that tells of all of it ({error}): it may have arrived.",
        "dropped_other": "Not sent at {at}: {error}.",
        "waits": "On its way; it should arrive within seconds.",
        "waits_in_hand": "It is being sent right now.",
        "waits_paused": "Not sent yet, and it will not be while the chat is paused: {error}.",
        "waits_for_pace": "It waits for its turn at the pace of {im}, at {at}.",
        "waits_throttled": "{im} asked for a pause ({error}); it is tried again at {at}.",
        "waits_for_retry": "Attempt {attempts} failed ({error}); it is tried again at {at}.",
        "waits_for_quiet_hours": "It waits for the end of the quiet hours of this chat, at {at}.",
        "waits_behind": "It waits for an earlier message to the same chat, event {event}.",
        "waits_behind_until": "It waits for an earlier message to the same chat, event {event}, "
        "which is tried again at {at}.",
        "waits_resent": "{by} asked for it to be sent again; it should arrive within seconds.",
        "event_held": "The middleware {by} holds the event since {since}: {detail}.",
        "event_away": "The event is with somebody else's middleware, {by}, since {since}.",
        "event_queued": "The event waits for the middleware {by} since {since}.",
        "event_ready": "The event is about to be given to all who want it.",
        "event_swallowed": "The middleware {by} ended the event at {since} ({detail}): nobody "
        "hears of it.",
        "event_dead": "The event could not go on at {since}, because of {by}: {detail}.",
        "event_stale": "The event was no news any more when it was ready, so that nobody heard "
        "of it.",
        "entity_not_wanted": "This chat is not subscribed to whom the event is about.",
        "kind_not_wanted": "This chat does not want events of the kind {kind}.",
        "not_wanted_then": "This chat did not want such events at the time, {at}.",
    },
    "ja": {
        "no_event": "そのイベントはありません。",
        "no_user": "そのユーザーはありません。",
        "sent": "{at} に送信しました(メッセージ {messages})。",
        "sent_after": "{at} に送信しました。発生から {age} 後、検知から {took} 後です"
        "(メッセージ {messages})。",
        "unknown": "{at} に {im} の応答がありませんでした({error})。届いた可能性があるため、"
        "自動では再送しません。",
        "failed_attempts": "{attempts} 回試して {at} に断念しました。最後のエラー:{error}",
        "failed_stale": "{attempts} 回試しましたが、古い情報になるため {at} に断念しました。"
        "最後のエラー:{error}",
        "failed_refused": "{at} に {im} が拒否しました:{error}",
        "failed_gone": "{at} にチャットへ届かず、以後停止しています:{error}",
        "failed_other": "{at} に失敗しました:{error}",
        "dropped_stale": "{at} の時点で古い情報だったため、送信していません。",
        "dropped_paused": "{at} に送信しませんでした:{error}",
        "dropped_user_removed": "{at} にユーザーが削除されたため、送信していません。",
        "dropped_event_removed": "順番が来る前にイベントが削除されたため、{at} に取りやめました。",
        "dropped_filter": "このチャットのフィルターにより送信していません:{error}",
        "dropped_quiet_hours": "おやすみ時間中だったため、単独では送信していません:{error}",
        "in_digest": "おやすみ時間の後、{at} に他のものとまとめて送信しました"
        "(メッセージ {messages})。",
        "in_digest_pending": "おやすみ時間中の出来事でした。まとめたメッセージを送信中です。",
        "in_digest_failed": "おやすみ時間中の出来事でした。"
        "まとめたメッセージの送信は {at} に失敗しました:{error}",
        "in_digest_dropped": "おやすみ時間中の出来事でした。"
        "まとめたメッセージは {at} に取りやめました:{error}",
        "in_digest_unknown": "おやすみ時間中の出来事でした。まとめたメッセージに {im} が {at} "
        "に応答しませんでした({error})。届いた可能性があります。",
        "dropped_other": "{at} に送信しませんでした:{error}",
        "waits": "送信中です。数秒以内に届く見込みです。",
        "waits_in_hand": "今まさに送信しています。",
        "waits_paused": "まだ送信していません。チャットが停止している間は送信しません:{error}",
        "waits_for_pace": "{im} の送信ペースに合わせて {at} まで待っています。",
        "waits_throttled": "{im} が待つよう求めました({error})。{at} に再試行します。",
        "waits_for_retry": "{attempts} 回目が失敗しました({error})。{at} に再試行します。",
        "waits_for_quiet_hours": "おやすみ時間が終わる {at} まで待っています。",
        "waits_behind": "同じチャットへの先のメッセージ(イベント {event})を待っています。",
        "waits_behind_until": "同じチャットへの先のメッセージ(イベント {event})を待っています。"
        "それは {at} に再試行します。",
        "waits_resent": "{by} が再送を求めました。数秒以内に届く見込みです。",
        "event_held": "ミドルウェア {by} が {since} からイベントを保持しています:{detail}",
        "event_away": "イベントは {since} から外部のミドルウェア {by} にあります。",
        "event_queued": "イベントは {since} からミドルウェア {by} を待っています。",
        "event_ready": "イベントはまもなく配信されます。",
        "event_swallowed": "ミドルウェア {by} が {since} にイベントを終えたため({detail})、"
        "誰にも送信されません。",
        "event_dead": "イベントは {since} に {by} で進めなくなりました:{detail}",
        "event_stale": "準備ができた時には古い情報だったため、誰にも送信されていません。",
        "entity_not_wanted": "このチャットは対象を購読していません。",
        "kind_not_wanted": "このチャットは種類 {kind} の通知を希望していません。",
        "not_wanted_then": "当時({at})、このチャットはこの通知を希望していませんでした。",
    },
    "zh": {
        "no_event": "没有这个事件。",
        "no_user": "没有这个用户。",
        "sent": "已于 {at} 发送(消息 {messages})。",
        "sent_after": "已于 {at} 发送,距发生 {age},距获知 {took}(消息 {messages})。",
        "unknown": "{im} 在 {at} 没有应答({error}):可能已送达,不会自动重发。",
        "failed_attempts": "尝试 {attempts} 次后于 {at} 放弃,最后的错误:{error}",
        "failed_stale": "尝试 {attempts} 次后于 {at} 放弃,因为再发已过时,最后的错误:{error}",
        "failed_refused": "{im} 于 {at} 拒绝:{error}",
        "failed_gone": "{at} 无法送达此聊天,此后已暂停:{error}",
        "failed_other": "{at} 失败:{error}",
        "dropped_stale": "未发送:{at} 时已不是新消息。",
        "dropped_paused": "{at} 未发送:{error}",
        "dropped_user_removed": "未发送:用户已于 {at} 删除。",
        "dropped_event_removed": "未发送:轮到它之前({at})事件已删除。",
        "dropped_filter": "未发送:被此聊天的过滤器拦下:{error}",
        "dropped_quiet_hours": "未单独发送:正值此聊天的免打扰时间:{error}",
        "in_digest": "免打扰时间结束后,已于 {at} 与其他内容合为一条发送(消息 {messages})。",
        "in_digest_pending": "正值此聊天的免打扰时间;汇总消息正在发送。",
        "in_digest_failed": "正值此聊天的免打扰时间;汇总消息于 {at} 发送失败:{error}",
        "in_digest_dropped": "正值此聊天的免打扰时间;汇总消息于 {at} 未发送:{error}",
        "in_digest_unknown": "正值此聊天的免打扰时间;{im} 在 {at} 对汇总消息没有应答({error}):"
        "可能已送达。",
        "dropped_other": "{at} 未发送:{error}",
        "waits": "正在路上,几秒内应会送达。",
        "waits_in_hand": "正在发送。",
        "waits_paused": "尚未发送,聊天暂停期间不会发送:{error}",
        "waits_for_pace": "按 {im} 的速率排队,{at} 轮到它。",
        "waits_throttled": "{im} 要求暂缓({error}),{at} 再试。",
        "waits_for_retry": "第 {attempts} 次尝试失败({error}),{at} 再试。",
        "waits_for_quiet_hours": "等待免打扰时间结束({at})。",
        "waits_behind": "正在等待发往同一聊天的前一条消息(事件 {event})。",
        "waits_behind_until": "正在等待发往同一聊天的前一条消息(事件 {event}),它将于 {at} 再试。",
        "waits_resent": "{by} 要求重发,几秒内应会送达。",
        "event_held": "中间件 {by} 自 {since} 起保留此事件:{detail}",
        "event_away": "事件自 {since} 起在外部中间件 {by} 处。",
        "event_queued": "事件自 {since} 起等待中间件 {by}。",
        "event_ready": "事件即将发给所有想要的人。",
        "event_swallowed": "中间件 {by} 于 {since} 终止了此事件({detail}),不会通知任何人。",
        "event_dead": "事件于 {since} 在 {by} 处无法继续:{detail}",
        "event_stale": "事件就绪时已不是新消息,因此没有通知任何人。",
        "entity_not_wanted": "此聊天没有订阅该对象。",
        "kind_not_wanted": "此聊天不想接收 {kind} 类事件。",
        "not_wanted_then": "当时({at})此聊天不想接收此类事件。",
    },
}
_UNITS: Mapping[str, tuple[str, str, str, str, str]] = {
    "en": (" ms", " s", " min", " h", " d"),
    "ja": (" ミリ秒", " 秒", " 分", " 時間", " 日"),
    "zh": (" 毫秒", " 秒", " 分钟", " 小时", " 天"),
}
_SECOND = timedelta(seconds=1)


def say(explanation: Explanation, language: str, timezone: str) -> str:
    """Say an explanation in one sentence.

    :param language: such as ``en`` or ``zh-Hans``; one that we do not speak becomes English.
    :param timezone: of the times in it; an unknown one becomes UTC.
    """
    base = language.partition("-")[0]
    if base not in SENTENCES:
        base = FALLBACK
    zone = _get_zone(timezone)
    values = {name: _write(value, base, zone) for name, value in explanation.values.items()}
    return SENTENCES[base][explanation.code].format(**values)


def _write(value: Value, language: str, zone: ZoneInfo) -> str:
    match value:
        case datetime():
            return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")
        case timedelta():
            return _write_span(value, _UNITS[language])
        case str():
            # Some say it with a full stop, and the sentence has one.
            return value.rstrip(".。 ") or "-"
    return str(value)


def _write_span(span: timedelta, units: tuple[str, str, str, str, str]) -> str:
    milliseconds, seconds, minutes, hours, days = units
    if span < _SECOND:
        return f"{span // timedelta(milliseconds=1)}{milliseconds}"
    for most, length, unit in ((120, 1, seconds), (7200, 60, minutes), (172_800, 3600, hours)):
        if span < most * _SECOND:
            return f"{span.total_seconds() / length:.0f}{unit}"
    return f"{span.total_seconds() / 86_400:.0f}{days}"


def _get_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
