"""The truth about the demo's leads and opportunities: the probability that a model could at best give on a day.

Let W and L be the distributions of the closing day of positive and negative records, n the replies, and t the age in
days at the end of a day. Of a record still open then,

    P(positive within H days | open at t, n) = wins / open
    wins = p_positive(n) (W(t+H) - W(t))
    open = p_positive(n) (1 - W(t)) + p_negative(n) (1 - L(t)) + p_stale(n)

While the first days are not over only k of the n replies have come. A reply falls on each of the days 1 to 4 alike, so
n given k follows by Bayes from P(n), and wins and open are averaged over it. Nothing can be closed in those days.
"""

from __future__ import annotations

from math import comb
from typing import Final

import numpy as np
import pandas as pd

from extract.demo.calendar import NEVER
from extract.demo.columns import LEAD, OPPORTUNITY, keys
from extract.demo.fate import NEGATIVE, POSITIVE, STALE
from extract.demo.mechanism import MECHANISMS, REPLY_DAYS, REPLY_SHARES, Array, EntityName
from extract.demo.story import SEED, tell

_OUTCOMES: Final = {POSITIVE: "positive", NEGATIVE: "negative", STALE: "stale"}


def truth(size: str = "small", seed: int = SEED, entity: EntityName = "lead") -> pd.DataFrame:
    """Every lead or opportunity of the story, also those created or decided after the default export.

    Returns:
        One row per record, in order of creation: ``entity``; ``record_id`` as exported; ``created_on`` (day);
        ``logit``, the log-odds of a positive outcome before any reply; ``reply_1`` to ``reply_3``, the days after
        creation on which replies come (0: none); ``probability`` of a positive outcome in the end, all replies known;
        ``outcome`` (positive, negative or stale); ``closed_at`` (empty for stale ones).

    Raises:
        ConfigError: where there is no such size.
    """
    story = tell(size, seed)
    rows = story.leads if entity == "lead" else story.opportunities
    fate = rows.fate
    prefix = LEAD if entity == "lead" else OPPORTUNITY
    return pd.DataFrame(
        {
            "entity": entity,
            "record_id": keys(prefix, np.arange(len(rows.created))).to_pandas(),
            "created_on": rows.created.astype("datetime64[D]").astype("datetime64[s]"),
            "logit": fate.logit,
            **{f"reply_{number + 1}": fate.reply_days[:, number] for number in range(fate.reply_days.shape[1])},
            "probability": MECHANISMS[entity].probability(fate.logit, fate.replies),
            "outcome": pd.Series(fate.outcome).map(_OUTCOMES),
            "closed_at": pd.Series(fate.closed).where(fate.closed < NEVER),
        }
    )


def true_probability(records: pd.DataFrame, record_ids: Array, days: Array, horizon_days: int | None = None) -> Array:
    """P(positive within the horizon after the end of a day | still open at its end, what can be observed by then).

    Args:
        records: what ``truth`` returned.
        record_ids: keys of records, one per row asked for; a key may occur several times.
        days: as-of days, one per row (or one for all).
        horizon_days: days to look ahead; None: those of the mechanism (leads 60, opportunities 120).

    Returns:
        Probabilities, one per row; NaN where the record did not exist yet at the end of the day.

    Raises:
        KeyError: where a record is unknown.
    """
    chosen = records.set_index("record_id").loc[list(record_ids)]
    mechanism = MECHANISMS[chosen["entity"].iloc[0]]
    created = chosen["created_on"].to_numpy().astype("datetime64[D]")
    age = (np.asarray(days).astype("datetime64[D]") - created).astype(int)
    horizon = mechanism.horizon_days if horizon_days is None else horizon_days
    replies = np.arange(len(REPLY_SHARES))
    positive = mechanism.probability(chosen["logit"].to_numpy()[:, None], replies)
    stale = (1 - positive) * mechanism.stale_share
    won_by, lost_by = mechanism.positive.closed_by(age)[:, None], mechanism.negative.closed_by(age)[:, None]
    wins = positive * (mechanism.positive.closed_by(age + horizon)[:, None] - won_by)
    open_ = positive * (1 - won_by) + (1 - positive - stale) * (1 - lost_by) + stale
    weight = _replies_given_seen(chosen[["reply_1", "reply_2", "reply_3"]].to_numpy(), age)
    probability: Array = (weight * wins).sum(axis=1) / (weight * open_).sum(axis=1)
    return np.where(age < 0, np.nan, probability)


def _replies_given_seen(reply_days: Array, age: Array) -> Array:
    """P(n replies in all | those seen by this age), one row per record, one column per n."""
    seen = ((reply_days > 0) & (reply_days <= age[:, None])).sum(axis=1)
    come = np.clip(age, 0, REPLY_DAYS) / REPLY_DAYS
    weight = np.zeros((len(age), len(REPLY_SHARES)))
    for total, share in enumerate(REPLY_SHARES):
        for already in range(total + 1):
            here = seen == already
            chance = comb(total, already) * come[here] ** already * (1 - come[here]) ** (total - already)
            weight[here, total] = share * chance
    posterior: Array = weight / weight.sum(axis=1, keepdims=True)
    return posterior
