"""What chats may say to us, and what we answer; it knows no chat app.

A chat app's own part says who speaks, and brings the answer::

    message ─▶ Asker, text ─▶ answer ─▶ Reply ─▶ into the chat, or to the person privately
"""

from stargazer.commands.answering import answer
from stargazer.commands.parsing import needs_admin
from stargazer.commands.talk import Asker, Button, Reply

__all__ = ["Asker", "Button", "Reply", "answer", "needs_admin"]
