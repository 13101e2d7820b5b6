"""QQ by way of an adapter that speaks OneBot v11: a QQ client with an HTTP server beside it.

An adapter, such as NapCat or LuckyLilliaBot, is logged in to one QQ account. We call its actions::

    OneBot.call ─▶ POST /send_group_msg ─▶ adapter ─▶ QQ
                        │
                        └─ answers.read_answer: the data, or the error that says how to react

Source: https://github.com/botuniverse/onebot-11
"""

from stargazer.onebot.adapter import ALARM, KIND, LOOK_SPAN, OneBot

__all__ = ["ALARM", "KIND", "LOOK_SPAN", "OneBot"]
