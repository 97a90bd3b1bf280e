"""The gate before training: which attributes a model may learn from, and the evidence for each decision.

A leak is an attribute that knows the outcome because it was written with or after it. Some betray themselves by
statistics alone (*certain*: out, whatever the administrator says), some by strong evidence (out, unless kept by name in
the score's YAML), some only arouse suspicion (used and reported). Bounds were chosen on real exports, where the
columns known as leaks rank records alone with an AUC of .64 to 1, and honest ones with at most .76.

Names, and values that change when a record is closed, count only where rows may hold values later than their day
(*hindsight*): where history knows the value of the day, it cannot have been written with the outcome.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import yaml

from config.schema.learning import Attributes
from models_ml.scoring.attributes import Attribute
from models_ml.scoring.dataset import Dataset
from models_ml.scoring.evidence import Evidence, gather
from models_ml.scoring.ground import Ground
from models_ml.scoring.hindsight import NOT_SEEN, Closings
from models_ml.scoring.split import Split
from models_ml.threads import side_by_side

USED: Final = "used"
BY_GATE: Final = "excluded by the gate"
BY_ADMINISTRATOR: Final = "excluded by the administrator"
KEPT: Final = "kept by the administrator"

_HINT: Final = re.compile(
    r"(?<![a-z])(modified|closed?|closing|stage|probability|duration|last|final|reason|convert(ed|sion)?|won|lost|outcome|"
    r"result|status|tags?|invoiced?|contract(ed)?|signed|forecast|age)(?![a-z])",
    re.IGNORECASE,
)
_ASSESSED: Final = re.compile(
    r"(?<![a-z])(quality|scor(e|ing)|index|rating|grade|rank(ing)?|priority|profile|temperature)(?![a-z])",
    re.IGNORECASE,
)
"""What people or other programs think of a record while they work on it."""
_SYSTEM_MADE: Final = re.compile(
    r"versionnumber|exchangerate|entityimage(_\w+|id)?|msdyn_(lead|opportunity)(score|grade|scoretrend)|"
    r"msdyn_(scorereasons|scorehistory|similaropportunities|predictivescoreid)",
    re.IGNORECASE,
)
"""Columns of Dataverse that the system itself writes: counters, pictures, and the scores that another model gave."""
_CERTAIN_AUC: Final = 0.98
_STRONG_AUC: Final = 0.90
_HINTED_AUC: Final = 0.65
_ASSESSED_AUC: Final = 0.75
_RESTATED: Final = 0.95
_SOME_HINDSIGHT: Final = 0.05
_STRONG_GAIN: Final = 0.15
_SUSPECT_GAIN: Final = 0.05
_STRONG_CHANGED: Final = 0.5
_SUSPECT_CHANGED: Final = 0.2
_CERTAIN_PURE: Final = 0.9
_STRONG_PURE: Final = 0.5
_STRONG_MISSING: Final = 0.85
_SUSPECT_MISSING: Final = 0.65
_FILLED_LATE: Final = 0.2
_NEVER: Final = 0.01
_STRONG_FILL: Final = 0.5
_SUSPECT_FILL: Final = 0.2
_STRONG_APART: Final = 0.3
_STRONG_SHIFT: Final = 0.5
_SUSPECT_SHIFT: Final = 0.25


@dataclass(frozen=True)
class Decision:
    """What becomes of one attribute, and why: a row of ``scores.attributes``.

    ``advice``: where it is suspected and a person may decide otherwise, the line for the score's YAML that does it.
    """

    attribute: str
    decision: str
    suspected: bool
    reason: str
    evidence: str
    auc_alone: float | None
    filled_open: float | None
    filled_closed: float | None
    advice: str = ""

    @property
    def is_used(self) -> bool:
        """Whether the model learns from it."""
        return self.decision in (USED, KEPT)


def judge(dataset: Dataset, parts: Split, settings: Attributes, closings: Closings = NOT_SEEN) -> list[Decision]:
    """Decide on every attribute, and on names in the YAML that no attribute bears.

    What looks at outcomes looks at the older part only, so the hold-out stays unseen; fill rates, distributions and
    what changes when a record is closed look at all records.

    Args:
        dataset: all rows of the day.
        parts: which of them are learnt from.
        settings: what the administrator decided by name.
        closings: which values changed when records were closed, from ``read_closings``.
    """
    excluded = {named.name: named.reason for named in settings.exclude} | _not_chosen(dataset, settings)
    kept = {named.name: named.reason for named in settings.keep}
    ground = Ground.of(dataset, parts)
    gathered = side_by_side(lambda attribute: gather(ground, attribute, closings), dataset.attributes)
    decisions = [_decide(evidence, excluded, kept) for evidence in gathered]
    known = {decision.attribute for decision in decisions}
    chosen = {} if settings.use == "auto" else dict.fromkeys(settings.use, "named in attributes.use")
    empty = dict.fromkeys(settings.ignore_empty, "named in attributes.ignore_empty")
    absent = "the data hold no attribute of this name; check its spelling in the score's YAML"
    for names, decision in ((excluded, BY_ADMINISTRATOR), (empty | chosen | kept, KEPT)):
        decisions += [
            Decision(
                name,
                BY_ADMINISTRATOR if decision == BY_ADMINISTRATOR else BY_GATE,
                False,
                reason,
                absent,
                None,
                None,
                None,
            )
            for name, reason in names.items()
            if name not in known
        ]
    return decisions


def used_attributes(dataset: Dataset, decisions: list[Decision], settings: Attributes) -> tuple[Attribute, ...]:
    """The attributes that passed the gate, in the dataset's order."""
    names = {decision.attribute for decision in decisions if decision.is_used}
    return tuple(
        replace(attribute, ignore_empty=attribute.name in settings.ignore_empty)
        for attribute in dataset.attributes
        if attribute.name in names
    )


def _not_chosen(dataset: Dataset, settings: Attributes) -> dict[str, str]:
    """Why attributes are out that the administrator has not chosen, where they have chosen some by name."""
    if settings.use == "auto":
        return {}
    names = [attribute.name for attribute in dataset.attributes if attribute.name not in settings.use]
    return dict.fromkeys(names, "not named in attributes.use")


def _decide(found: Evidence, excluded: dict[str, str], kept: dict[str, str]) -> Decision:
    name = found.attribute.name
    unusable, certain, strong, weak = _unusable(found), _certain(found), _strong(found), _weak(found)
    suspicion = certain or strong or weak
    if name in excluded:
        verdict = (BY_ADMINISTRATOR, excluded[name])
    elif unusable:
        verdict = (BY_GATE, unusable)
    elif certain:
        verdict = (BY_GATE, f"certain leak: {certain}")
    elif name in kept:
        verdict = (KEPT, kept[name])
    elif strong:
        verdict = (BY_GATE, f"likely leak: {strong}; keep it by name if it is known beforehand")
    else:
        verdict = (USED, f"suspected: {weak}; used, because this alone proves nothing" if weak else "passed the gate")
    return Decision(
        name,
        verdict[0],
        bool(suspicion),
        verdict[1],
        found.told(),
        found.auc_alone,
        found.filled_open,
        found.filled_closed,
        "" if certain or unusable or name in excluded else _advice(name, verdict[0], strong or weak),
    )


def _advice(name: str, decision: str, suspicion: str) -> str:
    """The line that turns a decision on a suspected attribute round; empty where there is nothing to suspect."""
    if not suspicion:
        return ""
    word, reason = (
        ("keep", "It is known before the outcome: say how.") if decision == BY_GATE else ("exclude", suspicion)
    )
    line = {"attributes": {word: [{"name": name, "reason": reason}]}}
    written = str(yaml.safe_dump(line, default_flow_style=True, width=float("inf"), allow_unicode=True))
    return written.strip()[1:-1]


def _unusable(found: Evidence) -> str:
    """Why a model could not learn from it even if it is no leak; empty where it could."""
    if found.attribute.kind == "date":
        return "a date of the organisation's own: dates are not learnt from"
    if _SYSTEM_MADE.fullmatch(found.attribute.key or ""):
        return "made by the system (a counter, a picture, another model's score): it says nothing of the record itself"
    if found.values == 0:
        return "empty on all closed records"
    if found.values == 1 and found.missing_share == 0:
        return "the same value on all closed records"
    if found.is_identifier:
        return "identifies records (a key, a name or free text): nearly every record has its own value"
    return ""


def _certain(found: Evidence) -> str:
    if found.restated >= _RESTATED:
        return "it is the outcome under another name"
    if found.auc_alone is not None and found.auc_alone >= _CERTAIN_AUC:
        return "it alone ranks the outcomes almost perfectly"
    if found.pure_share >= _CERTAIN_PURE:
        return "its values belong to one outcome each"
    if found.is_comparable and found.closed >= _FILLED_LATE and found.open <= _NEVER:
        return "filled on closed records, empty on open ones"
    return ""


def _strong(found: Evidence) -> str:
    hinted, assessed = _hint(found, _HINT), _hint(found, _ASSESSED)
    auc = found.auc_alone or 0.5
    reasons = {
        "it alone ranks the outcomes too well": auc >= _STRONG_AUC,
        "many of its values belong to one outcome each": found.pure_share >= _STRONG_PURE,
        "whether it is filled tells the outcome": found.missing_auc >= _STRONG_MISSING,
        "filled on closed and open records to very different degrees": found.fill_gap >= _STRONG_FILL,
        "whether it is filled goes with the outcome, and differs between closed records and open ones of their time": (
            found.missing_auc >= _SUSPECT_MISSING and found.fill_gap >= _SUSPECT_FILL
        ),
        "closed records have common values that open ones of their time never have, or the reverse": (
            found.apart >= _STRONG_APART
        ),
        "open records have very different values from closed ones of their time": found.shift >= _STRONG_SHIFT,
        f"its name ('{hinted}') and how well it ranks alone": bool(hinted) and auc >= _HINTED_AUC,
        f"its name ('{hinted}') and where it is filled": bool(hinted) and found.fill_gap >= _SUSPECT_FILL,
        f"its name ('{assessed}', what somebody thinks of the record) and how well it ranks alone": (
            bool(assessed) and auc >= _ASSESSED_AUC
        ),
        "its value changes when a record is closed, and rows to learn from hold the value of after": (
            _changed(found) >= _STRONG_CHANGED
        ),
        "it ranks far better where today's value stands in than where the value of the day is known": (
            found.hindsight_gain >= _STRONG_GAIN
        ),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _weak(found: Evidence) -> str:
    hinted = _hint(found, _HINT) or _hint(found, _ASSESSED)
    reasons = {
        f"its name says '{hinted}'": bool(hinted),
        "whether it is filled goes with the outcome": found.missing_auc >= _SUSPECT_MISSING,
        "filled on closed and open records to different degrees": found.fill_gap >= _SUSPECT_FILL,
        "open records have other values than closed ones of their time": found.shift >= _SUSPECT_SHIFT,
        "its value often changes when a record is closed": _changed(found) >= _SUSPECT_CHANGED,
        "it ranks better where today's value stands in for the value of the day": found.hindsight_gain >= _SUSPECT_GAIN,
    }
    return "; ".join(reason for reason, holds in reasons.items() if holds)


def _changed(found: Evidence) -> float:
    """The share of closings that change it, where rows to learn from may hold the value of after."""
    return (found.changed or 0.0) if found.hindsight_share >= _SOME_HINDSIGHT else 0.0


def _hint(found: Evidence, words: re.Pattern[str]) -> str:
    """The word in a custom column's name that leaks often bear; the product's own features are dated: none counts."""
    if found.attribute.key is None or found.hindsight_share < _SOME_HINDSIGHT:
        return ""
    match = words.search(re.sub(r"([a-z])([A-Z])", r"\1 \2", found.attribute.name))
    return match.group(0).lower() if match else ""
