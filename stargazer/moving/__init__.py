"""Moving house: all that an instance knows written down, and read again by another one.

::

    a file ─▶ its format's reader ─▶ Contents, page by page ─┐
                                                             ├─▶ plan ─▶ changes ─▶ apply
    the database ─▶ what is there of the same ───────────────┘

There is one module for each format: our own, OPML, the predecessor's documents, and nonebot-bison's
NBESF. What is read, whatever it was, is the same model; what is to change is decided by one pure
function; what changes it is the code behind the RPC methods. An import removes nothing, may be
repeated, and begins only when all of the file has been read and is right.
"""

from stargazer.moving.contents import Contents, FileError, Remark
from stargazer.moving.importing import Import, Summary
from stargazer.moving.plans import Change, Outcome
from stargazer.moving.reading import FORMATS, open_file, open_text

__all__ = [
    "FORMATS",
    "Change",
    "Contents",
    "FileError",
    "Import",
    "Outcome",
    "Remark",
    "Summary",
    "open_file",
    "open_text",
]
