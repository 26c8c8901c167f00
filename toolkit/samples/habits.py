"""How a team behaves beyond calls and money: who comes to work, what is checked, what goes wrong. Read from data."""

from pydantic import BaseModel, ConfigDict


class Habits(BaseModel):
    """Settings of sample data; a key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SkillHabits(Habits):
    """How far apart the agents are: `spread` of most of them; the best and the weakest stand at 1 and -1."""

    spread: float


class RosterHabits(Habits):
    """Shifts from `begins` to `ends` (hours), and shares of the working days on which something else happens."""

    begins: float
    ends: float
    weekend: float
    leave: float
    leave_days: int
    entitled: int
    sick: float
    training: float
    unplanned: float
    late: float
    early: float
    off_phone: float
    unclocked: float


class ListHabits(Habits):
    """Daily work: `attempts` are calls without an answer to an account and month; of leads, which share is listed,
    left unworked and withdrawn."""

    attempts: float
    wrong_party: float
    listed: float
    unpaid_days: int
    unworked: float
    withdrawn: float
    reasons: tuple[str, ...]


class ScheduleHabits(Habits):
    """`every`: days from one due to the next; accounts whose days of credit are written, up to which age, and how late
    an account may be to be surely among them; `borrowed` days that a customer may have before paying for them."""

    every: int
    credit_accounts: int
    credit_age: int
    credit_late: int
    borrowed: int


class Asked(Habits):
    """A question of the form: the answers from best to worst, whether it may not apply, whether a no fails the call."""

    code: str
    answers: tuple[str, ...] = ("yes", "no")
    may_not_apply: float = 0.0
    fails: bool = False


class QualityHabits(Habits):
    """Evaluated calls of an agent and month, from the least to the most; `mean` share of best answers. `disputed`: the
    share of evaluations that are open, and as many decided. `calibrated`: a month's calls that every evaluator hears.
    """

    form: str
    version: str
    evaluators: tuple[str, ...]
    calls: tuple[int, int]
    mean: float
    spread: float
    not_applicable: str
    disputed: float
    overturned: float
    disputed_because: tuple[str, ...]
    decided_because: tuple[str, ...]
    void: float
    calibrated: int
    remarks: tuple[str, ...]
    question: tuple[Asked, ...]


class ServiceHabits(Habits):
    """Complaints of an agent and month by category, feedback per conversation, incidents and special cases a month."""

    complaints: float
    categories: dict[str, float]
    upheld: float
    feedback: float
    mean_score: float
    incidents: float
    kinds: dict[str, float]
    tools: tuple[str, ...]
    cases: float
    case_kinds: dict[str, float]
    stages: tuple[str, ...]


class OfficeHabits(Habits):
    """Duties of an agent and month by kind of action. `on_time` of an agent in the middle; `hourly` updates or none;
    reports each working day, else each week. `coached_about`: questions with what is agreed to be done otherwise."""

    on_time: float
    hourly: bool
    daily_reports: bool
    accepted: float
    monthly: dict[str, float]
    days_given: dict[str, int]
    notes: dict[str, str]
    coached_about: dict[str, str]
    recheck_days: int
    recheck_calls: int


class BooksHabits(Habits):
    """Postings checked and wrong, proofs of payment; messages to an account and month; costs of a unit, the advocate's
    retainer and overhead, as a share of a usual payment; commission, of base pay."""

    checked: float
    wrong: float
    proofs: float
    messages: float
    message_channels: dict[str, float]
    delivered: float
    unit_costs: dict[str, float]
    retainer: float
    commission: float
    overhead: float
