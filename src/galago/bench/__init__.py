"""`galago bench`: this machine's speed, next to other frameworks in their fastest settings.

The parent (run.py) knows no framework. Each contestant is a process of its own (worker.py), perhaps
of another Python, that loads one file of peers/ and answers a line of JSON with a line of JSON.
"""
