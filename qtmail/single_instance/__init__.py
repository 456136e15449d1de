"""One window for each profile: a later start hands over what it was asked to open, and ends.

```
start ──claims the profile──> first: shows its window, listens, opens what others hand over
            │ claimed by another
            └──hands over──answered──> ends with 0
                  │ nobody listens yet, or the line broke: claim again
                  └ no answer for 10 s: says so, ends with 1
```

A lock on a file of the profile decides who is first; the system gives it back however that process ends. The
first writes into the profile where it listens, a name that others cannot guess or take: whoever may read the
profile is the user.
"""

from qtmail.single_instance.claim import Claim, claim
from qtmail.single_instance.wanted import Wanted

__all__ = ["Claim", "Wanted", "claim"]
