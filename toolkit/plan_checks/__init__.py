"""The linter: what in a plan cannot be right, could be misread, or pays something other than it seems to.

Pure functions over a plan's model, or over its document where the wording matters. Each rule says what was seen
and what to do; the sentences are in texts/en/plans.toml. `mistakes` holds the document against the model,
`wording` looks at percent signs, `ends` at bands with two ends, and `plan`, `components`, `bands`, `parts` and
`versions` at what the plan says.
"""

from toolkit.plan_checks.plan import check_plan, lint
from toolkit.plan_checks.versions import check_versions
from toolkit.plan_checks.wording import check_document

__all__ = ["check_document", "check_plan", "check_versions", "lint"]
