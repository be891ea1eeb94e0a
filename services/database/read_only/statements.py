"""Where the one statement of a text ends, so that it can stand inside another one.

Nothing depends on this for safety: whatever it answers is sent as one DECLARE CURSOR.
"""

import re

_TOKEN = re.compile(
    r"""
      [eE]'(?:[^'\\]|\\.|'')*'                  # a string with backslash escapes
    | '[^']*'                                   # a string; a doubled quote starts the next one
    | "[^"]*"                                   # a quoted name, likewise
    | (\$(?:[^\W\d]\w*)?\$).*?\1                # a string between dollar signs
    | --[^\r\n]*
    | [\w$]+                                    # a word, whole: its letters begin no string
    | ;
    | [^\w'"$;/-]+
    | .
    """,
    re.DOTALL | re.VERBOSE,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


def statement_body(text: str) -> str:
    """The text before its first semicolon that stands in no string, name or comment."""
    position = 0
    while position < len(text):
        if text.startswith("/*", position):
            position = _comment_end(text, position)
            continue
        match = _TOKEN.match(text, position)
        if match is None or match.group() == ";":
            break
        position = match.end()
    return text[:position]


def _comment_end(text: str, start: int) -> int:
    """Where the comment that starts here ends; in SQL comments hold comments."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(text)
