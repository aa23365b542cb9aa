"""The pieces of the pages: a folder a page, and here what several share."""
