"""What differs from one set-up's workbook to another's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toolkit.excel.definition import Definition
from toolkit.forms import Form
from toolkit.profiles import Profile, shipped_profiles


@dataclass(frozen=True)
class Words:
    """What differs from one set-up's workbook to another's."""

    profile: Profile
    profile_name: str
    definition: Definition
    plans: Sequence[str]
    form: Form
    first: Mapping[str, str]
    """What settings hold at first, where it is not what the layout says."""

    def filled(self, text: str) -> str:
        """The text of the layout with the set-up's own words in it."""
        plan = self.definition.plan or next(iter(self.plans), "")
        places = {
            "{currency}": self.profile.currency,
            "{profile}": self.profile_name,
            "{plan}": plan,
            "{title}": self.definition.title,
            "{person}": self.definition.person,
            "{exports}": self.definition.exports,
        }
        for place, word in places.items():
            text = text.replace(place, word)
        return text

    def lists(self) -> dict[str, Sequence[str]]:
        """The entries of the drop-downs that the layout names."""
        periods = [label for run in self.definition.periods for label in run.labels()]
        return {"profiles": shipped_profiles(), "plans": self.plans, "periods": periods}
