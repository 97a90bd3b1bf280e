"""The canonical entities: what every source is mapped to, whatever it calls its columns."""

from __future__ import annotations

from config.schema.entity import SQL_TYPES, Column, ColumnType, Entity

__all__ = ["ENTITIES", "SQL_TYPES", "Column", "ColumnType", "Entity"]


def _text(name: str, meaning: str, *values: str) -> Column:
    return Column(name, "text", meaning, values)


_CREATED = Column("created_at", "timestamp", "when the record was created in the source (UTC)")
_MODIFIED = Column("modified_at", "timestamp", "when the record was last modified in the source (UTC)")
_CLOSED = Column("closed_at", "timestamp", "when the record was decided (UTC); empty while open")
_OWNER = _text("owner_id", "the user who owns the record")
_ORDER = Column("record_order", "integer", "place of the record in time where no date is known")
_PLACE = (_text("country", "country"), _text("city", "city"))
_PERSON = (
    _text("first_name", "first name"),
    _text("last_name", "last name"),
    _text("email", "e-mail address"),
    _text("phone", "telephone number"),
    _text("job_title", "job title"),
)
_REGARDING = (
    _text("regarding_entity", "what it is about", "lead", "opportunity", "account", "contact"),
    _text("regarding_id", "key of the record it is about"),
)

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        Entity(
            "leads",
            ("lead_id",),
            (
                _text("lead_id", "key of the lead"),
                _text("topic", "what the lead is about"),
                *_PERSON,
                _text("company_name", "company as written on the lead"),
                _text("account_id", "the account it belongs to, where known"),
                _text("contact_id", "the contact it belongs to, where known"),
                _OWNER,
                _text("status", "where it stands", "open", "qualified", "disqualified"),
                _text("status_reason", "why it stands there"),
                _text("source", "where the lead came from"),
                _text("industry", "industry of the company"),
                *_PLACE,
                Column("estimated_amount", "number", "estimated value in the organisation's currency"),
                Column("employee_count", "number", "employees of the company"),
                _CREATED,
                _MODIFIED,
                _CLOSED,
                _ORDER,
            ),
        ),
        Entity(
            "opportunities",
            ("opportunity_id",),
            (
                _text("opportunity_id", "key of the opportunity"),
                _text("name", "name of the deal"),
                _text("lead_id", "the lead it came from, where known"),
                _text("account_id", "the account it is with"),
                _text("contact_id", "the contact it is with"),
                _text("product_id", "the main product"),
                _OWNER,
                _text("status", "where it stands", "open", "won", "lost"),
                _text("status_reason", "why it stands there"),
                _text("stage", "stage of the sales process"),
                _text("source", "where the opportunity came from"),
                Column("estimated_amount", "number", "estimated value in the organisation's currency"),
                Column("actual_amount", "number", "value won, in the organisation's currency; known once closed"),
                Column("estimated_close_on", "date", "day on which the seller expects to close"),
                _CREATED,
                _MODIFIED,
                _CLOSED,
                _ORDER,
            ),
        ),
        Entity(
            "accounts",
            ("account_id",),
            (
                _text("account_id", "key of the account"),
                _text("name", "name of the company"),
                _text("industry", "industry"),
                *_PLACE,
                _text("parent_account_id", "the account it is a subsidiary of"),
                _OWNER,
                Column("annual_revenue", "number", "annual revenue, in the unit of the source"),
                Column("employee_count", "number", "number of employees"),
                _CREATED,
                _MODIFIED,
            ),
        ),
        Entity(
            "contacts",
            ("contact_id",),
            (
                _text("contact_id", "key of the contact"),
                _text("account_id", "the account the contact works for"),
                *_PERSON,
                _OWNER,
                *_PLACE,
                _text("source", "where the contact came from"),
                _CREATED,
                _MODIFIED,
            ),
        ),
        Entity(
            "users",
            ("user_id",),
            (
                _text("user_id", "key of the user: seller, manager, director"),
                _text("name", "full name"),
                _text("email", "e-mail address"),
                _text("title", "job title"),
                _text("manager_id", "the user's manager, by user key"),
                _text("team_id", "the team the user belongs to"),
                _text("position_id", "the user's place in the hierarchy of positions"),
                Column("joined_on", "date", "first day"),
                Column("left_on", "date", "last day; empty while employed"),
                _MODIFIED,
            ),
        ),
        Entity(
            "teams",
            ("team_id",),
            (
                _text("team_id", "key of the team"),
                _text("name", "name of the team"),
                _text("manager_id", "the user who leads the team"),
                _text("region", "region the team sells in"),
                _MODIFIED,
            ),
        ),
        Entity(
            "activities",
            ("activity_id",),
            (
                _text("activity_id", "key of the activity"),
                _text("type", "kind of activity", "email", "phonecall", "appointment", "task", "linkedin", "other"),
                _text("direction", "who wrote or called", "outgoing", "incoming", "internal"),
                _text("status", "where it stands", "open", "completed", "cancelled"),
                _text("subject", "subject line"),
                _OWNER,
                *_REGARDING,
                Column("occurred_at", "timestamp", "when it took place (UTC)"),
                Column("duration_minutes", "number", "length in minutes"),
                _CREATED,
                _MODIFIED,
            ),
        ),
        Entity(
            "activity_parties",
            ("activity_id", "party_id", "role"),
            (
                _text("activity_id", "the activity"),
                _text("party_id", "key of the person who took part"),
                _text("party_entity", "what that person is", "user", "contact", "lead", "account", "unknown"),
                _text("role", "part taken", "sender", "to", "cc", "bcc", "organizer", "required", "optional", "other"),
                _text("email", "address used"),
            ),
        ),
        Entity(
            "notes",
            ("note_id",),
            (
                _text("note_id", "key of the note"),
                *_REGARDING,
                _OWNER,
                _text("body", "text of the note"),
                _CREATED,
                _MODIFIED,
            ),
        ),
        Entity(
            "products",
            ("product_id",),
            (
                _text("product_id", "key of the product"),
                _text("name", "name"),
                _text("family", "product family"),
                Column("list_price", "number", "list price in the organisation's currency"),
                _MODIFIED,
            ),
        ),
        Entity(
            "quotas",
            ("user_id", "period_start"),
            (
                _text("user_id", "the user the quota is for"),
                Column("period_start", "date", "first day of the period"),
                Column("period_end", "date", "last day of the period"),
                Column("amount", "number", "quota in the organisation's currency"),
                _text("metric", "what is counted; a target of anything else is no quota", "revenue"),
                _MODIFIED,
            ),
        ),
        Entity(
            "opportunity_closes",
            ("close_id",),
            (
                _text("close_id", "key of the close"),
                _text("opportunity_id", "the opportunity that was closed; one that was reopened has several"),
                _text("outcome", "how it was closed", "won", "lost"),
                _text("status_reason", "why it was closed like that"),
                _text("subject", "subject line"),
                _OWNER,
                Column("actual_amount", "number", "value won, in the organisation's currency"),
                Column("closed_at", "timestamp", "when the opportunity was closed (UTC)"),
                _CREATED,
                _MODIFIED,
            ),
        ),
        Entity(
            "opportunity_products",
            ("line_id",),
            (
                _text("line_id", "key of the line"),
                _text("opportunity_id", "the opportunity it is a line of"),
                _text("product_id", "the product; empty for one that is written in"),
                Column("quantity", "number", "how many, in the product's unit"),
                Column("unit_price", "number", "price of one, in the organisation's currency"),
                Column("discount_amount", "number", "taken off the line, in the organisation's currency"),
                Column("amount", "number", "what the line comes to, in the organisation's currency"),
                _CREATED,
                _MODIFIED,
            ),
        ),
        Entity(
            "positions",
            ("position_id",),
            (
                _text("position_id", "key of the position"),
                _text("name", "name of the position"),
                _text("parent_position_id", "the position above it"),
                _MODIFIED,
            ),
        ),
        Entity(
            "process_stages",
            ("stage_id",),
            (
                _text("stage_id", "key of the stage"),
                _text("name", "name of the stage"),
                _text("category", "what is done in it, in words of the source"),
                _text("entity", "the table whose process it belongs to, in words of the source"),
            ),
        ),
        Entity(
            "posts",
            ("post_id",),
            (
                _text("post_id", "key of the post"),
                _text("about_entity", "table of the record it is about, in words of the source"),
                _text("about_id", "key of the record it is about"),
                _text("author_id", "the user who wrote it"),
                _text("origin", "written by a person or by a rule, in words of the source"),
                _text("body", "text of the post"),
                _CREATED,
                _MODIFIED,
            ),
        ),
        Entity(
            "connections",
            ("connection_id",),
            (
                _text("connection_id", "key of the connection"),
                _text("from_entity", "table of the record that is connected, in words of the source"),
                _text("from_id", "key of the record that is connected"),
                _text("from_role", "its role"),
                _text("to_entity", "table of the record it is connected to, in words of the source"),
                _text("to_id", "key of the record it is connected to"),
                _text("to_role", "the other's role"),
                _CREATED,
                _MODIFIED,
            ),
        ),
    )
}
