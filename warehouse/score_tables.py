"""The tables of scores that are written by hand and not by dbt: models, predictions, reasons, grades, overrides."""

from __future__ import annotations

from typing import Final

SCORE_TABLES: Final[dict[str, dict[str, str]]] = {
    # One row per version of a model: each training of it.
    "scores.models": {
        "score_name": "varchar",
        "model_name": "varchar",  # as in config/scores; its versions differ in model_id
        "model_id": "varchar",
        "as_of_date": "date",
        "training_records": "bigint",
        "holdout_records": "bigint",
        "holdout_from": "date",
        "base_rate": "double",
        "auc": "double",
        "auc_low": "double",
        "auc_high": "double",
        "brier": "double",
        "calibration_error": "double",
        "verdict": "varchar",  # Ready to publish, OK to publish, Not ready to publish
        "status": "varchar",  # trained, validated, refused, too few records, rejected, champion, previous, reverted,
        # inactive, deleted
        "because": "varchar",
        "setup": "varchar",  # fingerprint of the score's settings and of the code that trains it
        "model_number": "bigint",  # order of training within the model, from 1
        "weaknesses": "varchar",  # what it will not be good at, in sentences; empty where nothing was found
        "trained_at": "timestamp",
    },
    # One row per attribute and model.
    "scores.attributes": {
        "score_name": "varchar",
        "model_id": "varchar",
        "attribute": "varchar",
        "decision": "varchar",  # used, excluded by the gate, excluded by the administrator, kept by the administrator
        "suspected": "boolean",
        "reason": "varchar",
        "evidence": "varchar",
        "auc_alone": "double",
        "filled_open": "double",
        "filled_closed": "double",
        "advice": "varchar",  # the line of YAML that would decide otherwise
    },
    # One row per score, open record and as-of day.
    "scores.predictions": {
        "score_name": "varchar",
        "record_id": "varchar",
        "as_of_date": "date",
        "model_name": "varchar",
        "model_id": "varchar",  # null where the method is 'base rate'
        "method": "varchar",  # model or base rate
        "probability": "double",
        "score": "integer",
        "grade": "varchar",
        "previous_score": "integer",  # of the last day before on which it was scored
        "trend": "varchar",  # Improving, Steady, Declining, Not enough info
        "percentile": "integer",  # it is more likely than so many % of the open records
        "horizon_days": "integer",
        "scored_at": "timestamp",
    },
    # One row per score, record and day on which it was explained: a day on which its probability or model was another
    # than at its last explanation.
    "scores.explained": {
        "score_name": "varchar",
        "record_id": "varchar",
        "as_of_date": "date",
        "model_id": "varchar",
        "probability": "double",
        "score": "integer",
        "moved": "varchar",  # why the score is another than at its last explanation; null where it is not
    },
    # One row per explanation and attribute that moves the score.
    "scores.reasons": {
        "score_name": "varchar",
        "record_id": "varchar",
        "as_of_date": "date",
        "model_id": "varchar",
        "attribute": "varchar",
        "value": "varchar",  # null: not filled
        "points": "decimal(6, 1)",  # of the score; with base_points they add up to it
        "direction": "varchar",  # positive or negative
        "rank": "integer",  # from 1, among the record's reasons of that direction
        "sentence": "varchar",
        "rate": "double",  # share 0-1 of the wanted outcome among records with such a value; null: too few
        "rate_overall": "double",
        "records": "bigint",  # records with such a value that the model learnt from
        "base_points": "decimal(6, 1)",  # where every record starts
    },
    # One row per model, attribute and stage (empty: all records).
    "scores.influence": {
        "score_name": "varchar",
        "model_id": "varchar",
        "attribute": "varchar",
        "stage": "varchar",
        "influence": "varchar",  # Very low to Very high; null: not used
        "share": "double",  # of the mean size of all contributions, 0-1
        "filled_open": "double",
        "filled_closed": "double",
        "reason_not_used": "varchar",
    },
    # One row per version of a model that is per stage, and stage of the sales process.
    "scores.stages": {
        "score_name": "varchar",
        "model_name": "varchar",
        "model_id": "varchar",
        "stage": "varchar",
        "position": "integer",  # in the process, from 1
        "positive": "bigint",  # closed records seen in it that are learnt from, by outcome
        "negative": "bigint",
        "scored_by": "varchar",  # what scores it: all stages, own, both
        "because": "varchar",
        "auc_all": "double",  # mean over windows of the past, in this stage: of the model of all stages
        "auc_chosen": "double",  # the same of what was chosen; null: not measured
    },
    # One row per model, attribute used and value that records had.
    "scores.value_rates": {
        "score_name": "varchar",
        "model_id": "varchar",
        "attribute": "varchar",
        "position": "integer",  # order of the values within their attribute
        "value": "varchar",
        "records": "bigint",
        "rate": "double",  # share 0-1 of the wanted outcome; null: too few records
        "rate_overall": "double",
        "difference_points": "double",  # percentage points above the overall rate
        "difference": "varchar",  # the same in words
    },
    # One row per model, as-of day and grade: the ranges that the day's grades were given by.
    "scores.grade_ranges": {
        "score_name": "varchar",
        "model_name": "varchar",
        "model_id": "varchar",  # null where the day's scores are base rates
        "as_of_date": "date",
        "grade": "varchar",
        "minimum": "integer",
        "maximum": "integer",
        "source": "varchar",  # configured, derived, or shipped (nothing could be derived)
        "because": "varchar",
        "held_out_records": "bigint",
        "overall_conversion": "double",  # 0-1, of the held-out records, as are those that follow
        "conversion": "double",
        "lift": "double",
        "share": "double",
    },
    # One row per act: a person set a score, or withdrew it. Rows are only ever added.
    "scores.overrides": {
        "score_name": "varchar",
        "record_id": "varchar",
        "as_of_date": "date",  # the day it was made for; it counts from then on
        "act": "varchar",  # set or withdrawn
        "act_number": "bigint",  # order of the acts, from 1
        "score": "integer",  # 0-100; null where a grade was given, or it was withdrawn
        "grade": "varchar",
        "who": "varchar",
        "why": "varchar",
        "until_date": "date",  # last day on which it counts; null: until it is withdrawn
        "made_at": "timestamp",  # wall clock, UTC
    },
    # One row per version of a model, part, group and measure: how good it is.
    "scores.accuracy": {
        "score_name": "varchar",
        "model_name": "varchar",
        "model_id": "varchar",
        "part": "varchar",  # holdout, window, segment, random split, member; on the hold-out's records: base rate,
        # logistic regression, active model
        "group_name": "varchar",  # number of the window, value of the segment, name of the member; else empty
        "measure": "varchar",  # auc, pr_auc, brier, log_loss, calibration_error, base_rate, threshold, ...
        "value": "double",
        "low": "double",  # bounds of the 95 % interval, where there is one
        "high": "double",
        "records": "bigint",
        "begins": "date",  # creation of a window's first record
    },
    # One row per version of a model, curve and position.
    "scores.curves": {
        "score_name": "varchar",
        "model_name": "varchar",
        "model_id": "varchar",
        "curve": "varchar",  # calibration (bins, the least promising first) or gains (tenths, the best first)
        "position": "integer",  # from 1
        "promised": "double",  # mean probability, 0-1
        "realised": "double",  # share 0-1 of the wanted outcome
        "records": "double",  # each record weighs 1, its snapshots share that
        "lift": "double",  # realised by that of all records; gains only
        "captured": "double",  # share 0-1 of all wanted outcomes, down to here; gains only
    },
    # One row per version of a model in use, as-of day, aspect and attribute: whether it drifts; aspect 'model' sums up.
    "scores.drift": {
        "score_name": "varchar",
        "model_name": "varchar",
        "model_id": "varchar",
        "as_of_date": "date",
        "aspect": "varchar",  # model, input, score, base rate or ranking
        "attribute": "varchar",  # of inputs; else empty
        "status": "varchar",  # steady, moderate, drifting, not enough records; of a model also not monitored
        "measure": "varchar",  # psi, odds ratio or AUC lost
        "effect": "double",  # in that measure
        "p_value": "double",
        "adjusted_p_value": "double",  # for all tests of the model on that day
        "expected": "double",  # 0-1: of the hold-out, or as promised
        "observed": "double",  # 0-1: share of the value that moved most, mean probability, rate or AUC
        "observed_low": "double",  # bounds of its 95 % interval, where there is one
        "observed_high": "double",
        "records": "bigint",  # that were compared
        "reference_records": "double",  # with so many
        "because": "varchar",
        "drifting_since": "date",  # of a model: since when its verdict is lowered; null: it is not
        "verdict": "varchar",  # of a model: when it was validated
        "standing_verdict": "varchar",  # of a model: what is left of it on the day
    },
    # One row per version of a model and score that its held-out records got: what grades are previewed on.
    "scores.held_out": {
        "score_name": "varchar",
        "model_name": "varchar",
        "model_id": "varchar",
        "score": "integer",
        "records": "double",  # each record weighs 1, its snapshots share that
        "positive_records": "double",  # of these, with the wanted outcome
    },
    # One row per model and as-of day: what was published, or why nothing was.
    "scores.runs": {
        "score_name": "varchar",
        "as_of_date": "date",
        "model_name": "varchar",
        "model_id": "varchar",
        "method": "varchar",  # model, base rate or none
        "open_records": "bigint",
        "records_scored": "bigint",
        "because": "varchar",
        "scored_at": "timestamp",
    },
}
