"""What the command and its own workers import first: they start in half the time."""

import sys

# jsonschema imports this grammar, for a second, to be able to check IRIs. No notebook has any, and
# where it is not installed jsonschema does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
