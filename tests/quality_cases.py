"""A call desk in a folder of CSV files, for the tests of drawing calls and coaching."""

from pathlib import Path

PROFILE = """
name = "desk"
country = "KE"
currency = "KES"
timezone = "Africa/Nairobi"
"""
AGENTS = """agent_id,name,role,team,branch,team_leader_id,started_on
T1,Tumaini,team_leader,North,Nakuru,,2024-01-01
T2,Umi,team_leader,South,Kisumu,,2024-01-01
A1,Asha,call_agent,North,Nakuru,T1,2024-01-01
A2,Baraka,call_agent,North,Nakuru,T1,2024-01-01
A3,Chep,call_agent,South,Kisumu,T2,2024-01-01
"""
ACCOUNTS = "account_id,customer_id,product,activated_on,currency\n" + "".join(
    f"L{number},C{number},lamp,2026-01-01,KES\n" for number in range(1, 10)
)
CALL_HEAD = "call_id,agent_id,account_id,started_at,talk_seconds,direction,connected,disposition,purpose,recording\n"
EVALUATION_HEAD = (
    "evaluation_id,call_id,agent_id,evaluator,evaluated_on,called_on,form,form_version,question,answer,state,comment\n"
)
SOUND = {
    "greeting": "yes", "identity": "yes", "purpose_disclosed": "yes", "no_threats": "yes", "no_third_party": "yes",
    "permitted_call": "yes", "true_claims": "yes", "payment_channel": "yes", "reason": "yes", "solution": "4",
    "commitment": "all three", "listening": "4", "respect": "4", "summary": "yes", "disposition": "yes",
    "record": "yes",
}  # fmt: skip
"""Every answer of a perfect call by the form collections, version 1."""


def call(
    number: int,
    agent: str = "A1",
    *,
    day: int = 5,
    seconds: int | str = 120,
    account: str = "L1",
    connected: str = "yes",
    disposition: str = "no_commitment",
    recording: str | None = None,
    hour: int = 9,
    prefix: str = "K",
) -> str:
    place = f"rec/{prefix}{number}.wav" if recording is None else recording
    return (
        f"{prefix}{number},{agent},{account},2026-10-{day:02d} {hour:02d}:00:00,{seconds},out,{connected},"
        f"{disposition},overdue,{place}\n"
    )


def evaluation(
    number: int,
    agent: str = "A1",
    *,
    day: int = 5,
    month: int = 10,
    by: str = "Quinn",
    comment: str = "",
    **answers: str,
) -> str:
    """A whole evaluation: perfect but for these answers, which carry the comment."""
    rows = []
    for question, answer in (SOUND | answers).items():
        told = comment if question in answers else ""
        quoted = '"' + told.replace('"', '""') + '"' if told else ""
        rows.append(
            f"E{number},K{number},{agent},{by},2026-{month:02d}-{min(day + 1, 28):02d},2026-{month:02d}-{day:02d},"
            f"collections,1,{question},{answer},submitted,{quoted}\n"
        )
    return "".join(rows)


def folder_of(place: Path, profile: str = "", **tables: str) -> Path:
    """Writes the tables, and a profile beside them; gives the folder that has both."""
    data = place / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, text in {"agents": AGENTS, "accounts": ACCOUNTS, **tables}.items():
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    (place / "profile.toml").write_text(PROFILE + profile, encoding="utf-8")
    return place
