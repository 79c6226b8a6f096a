"""How many words a text has: the one rule behind every word limit.

The rule, short enough to be said again in JavaScript:

1. white space and the long dash (—) separate;
2. a Chinese character or a kana stands alone;
3. a piece counts as one word if it holds a letter or a digit.

Hence "l'après-midi", "Saint-Jean-de-Luz", "1,234.5" and "2013–2015" are one word each, "东京" is two, and the
spaced colon of French is none. Korean, Arabic and Cyrillic are counted by their spaces like Latin, and so is Thai, whose
words only a dictionary could tell apart. Marks of direction, joiners, soft hyphens, accents and other control characters
neither make a word nor end one; an emoji is none.
"""

import re
import unicodedata

# Written out, since the \s of Python and the \s of JavaScript do not agree.
_SEPARATOR = re.compile("[\t-\r \u0085\u00a0\u1680\u2000-\u200b\u2014\u2028\u2029\u202f\u205f\u3000\ufeff]+")
_IDEOGRAPH = re.compile("([\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")


def count_words(text: str) -> int:
    """Number of words in `text` by the rule above; 0 for a text without letters or digits."""
    return sum(1 for piece in _SEPARATOR.split(_IDEOGRAPH.sub(r" \1 ", text)) if _speaks(piece))


def _speaks(piece: str) -> bool:
    return any(unicodedata.category(character)[0] in "LN" for character in piece)
