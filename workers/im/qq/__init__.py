"""The chat app ``qq``: a QQ account writes to people and groups, by a OneBot v11 adapter.

``im_payload`` is ``private:NUMBER`` or ``group:NUMBER``; see :mod:`stargazer.addresses.qq`.
"""

from workers.im.qq.sending import QQ, deliver_to_qq
from workers.im.qq.watching import look

__all__ = ["QQ", "deliver_to_qq", "look"]
