"""Who watches what, and when: the coordinator's state, all of it in Redis.

MongoDB has the truth, which Tasks there are; Redis has when each is due (:mod:`schedule`), which
workers there are (:mod:`members`), what they have in hand (:mod:`batches`), and who decides
(:mod:`leader`). Who gets a Task follows from its id and the workers alone (:mod:`placement`). A
wiped Redis is filled again, and all that is lost is the time until then. Every time is Redis's
own, for the clocks of two hosts may differ by seconds.
"""

from datetime import timedelta

#: How often the schedule is compared with the database, for what was changed there by hand.
RECONCILE_SPAN = timedelta(minutes=1)
