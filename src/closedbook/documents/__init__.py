"""Reading a folder of documents: clean text with a title, or a reason why not.

The readers of the formats, and the libraries behind them, are imported when the first file of
their format turns up.
"""

from closedbook.documents.reading import Limit, look_through, read_documents

__all__ = ["Limit", "look_through", "read_documents"]
