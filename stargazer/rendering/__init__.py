"""An Event becomes a message in its reader's language and time zone, and that a chat app's form.

::

    Event ──template──▶ Message ──┬── forms.telegram ──▶ HTML
            (language)            ├── forms.onebot ────▶ segments
                                  ├── forms.discord ───▶ embeds
                                  ├── forms.markdown ──▶ Markdown
                                  └── forms.plain ─────▶ text

What the fields of an Event are called, whatever its kind; each may be absent:

``title``, ``text``
    What its author wrote, plain text; ``title`` is one line.
``url``
    Where the thing itself is.
``pictures``, ``picture``
    URLs, the most telling first; the one picture of who has but one.
``video_previews``
    URLs of pictures of the videos in it.
``author``
    What its author is called on the platform.
``scheduled_at``, ``scheduled_before``, ``started_at``, ``ended_at``, ``published_at``
    RFC 3339; ``scheduled_before`` is the time before it was moved.
``category``, ``category_before``, ``title_before``
    How the platform sorts a stream, and what was there before the change.
``quoted``, ``original``
    What somebody else wrote: ``{"author", "text", "url", "pictures"}``, and ``"deleted": true``
    when it is gone. ``quoted`` is commented on; ``original`` is passed on.
``premiere``, ``short``, ``members_only``, ``sensitive``
    ``true`` when it is so.
``translations``
    By language and JSON pointer (``/title``, ``/quoted/text``), what was made of the texts.

Nothing here needs the network.
"""

from stargazer.rendering.composing import render
from stargazer.rendering.message import Message, Moment, Part, Quote, Times, Translation

__all__ = ["Message", "Moment", "Part", "Quote", "Times", "Translation", "render"]
