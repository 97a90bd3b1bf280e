"""The demo organisation as a service: the records of its export, value by value, and one story over the days."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from config.errors import ConfigError
from extract.demo import write_demo
from extract.sources.dataverse.emulator import Store, dataverse_app
from extract.sources.dataverse.emulator.demo import DemoOrganisation
from tests.extract.in_process import in_process
from tests.extract.sources.dataverse.emulator.conftest import HOST, Reader

FORMATTED = "@OData.Community.Display.V1.FormattedValue"
EVERYTHING = 'odata.include-annotations="*",odata.maxpagesize=2000'
UNKNOWN = {"Recycled": "3", "Reopened": "3"}
SETS = {
    "leads": ("leads", "leadid"),
    "opportunities": ("opportunities", "opportunityid"),
    "accounts": ("accounts", "accountid"),
    "contacts": ("contacts", "contactid"),
    "users": ("systemusers", "systemuserid"),
    "teams": ("teams", "teamid"),
    "products": ("products", "productid"),
    "notes": ("annotations", "annotationid"),
    "opportunity_closes": ("opportunitycloses", "activityid"),
    "opportunity_products": ("opportunityproducts", "opportunityproductid"),
    "positions": ("positions", "positionid"),
    "process_stages": ("processstages", "processstageid"),
    "posts": ("posts", "postid"),
    "connections": ("connections", "connectionid"),
}
NAMED = {
    "posts": ("regardingobjecttypecode",),
    "connections": ("record1objecttypecode", "record2objecttypecode", "record2roleid"),
}
KINDS = {
    "email": "emails",
    "phonecall": "phonecalls",
    "appointment": "appointments",
    "task": "tasks",
    "li_message": "li_messages",
    "li_inmail": "li_inmails",
    "li_pointdrivepresentationviewed": "li_pointdrivepresentationvieweds",
    "fax": "faxes",
}


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, "tiny")
    return folder


@pytest.fixture(scope="module")
def reader() -> Reader:
    return reader_of(DemoOrganisation("tiny").store)


def reader_of(store: Store) -> Reader:
    app = dataverse_app(store)
    return Reader(in_process(app, HOST), app)


def exported(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False).drop_duplicates()


def shown(item: dict[str, Any], column: str) -> str:
    """A value as the export would write it."""
    if f"_{column}_value" in item:
        return item[f"_{column}_value"] or ""
    value = item[column]
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("T", " ").removesuffix("Z") if value[:2] == "20" and len(value) == 20 else value
    return str(item.get(column + FORMATTED, value)) if isinstance(value, bool | int) else str(value)


def same(of_service: str, of_export: str) -> bool:
    if of_service == of_export or UNKNOWN.get(of_export) == of_service:
        return True
    try:
        return float(of_service.replace(",", "")) == float(of_export)
    except ValueError:
        return False


def compare(items: list[dict[str, Any]], rows: pd.DataFrame, key: str, *, without: tuple[str, ...] = ()) -> None:
    known = {item[key]: item for item in items}
    assert set(known) == set(rows[key])
    for row in rows.to_dict("records"):
        for column, value in row.items():
            if column not in without:
                assert same(shown(known[row[key]], str(column)), value), (row[key], column)


@pytest.mark.parametrize("name", SETS)
def test_the_service_has_the_export_s_records(name: str, reader: Reader, export: Path) -> None:
    set_name, key = SETS[name]
    compare(reader.items(set_name, EVERYTHING), exported(export, name), key, without=NAMED.get(name, ()))


@pytest.mark.parametrize("kind", KINDS)
def test_activities_stand_in_the_table_of_their_kind(kind: str, reader: Reader, export: Path) -> None:
    rows = exported(export, "activities")
    rows = rows[rows["activitytypecode"] == kind]
    items = reader.items(KINDS[kind], EVERYTHING)
    told = {
        item["activityid"]: item["_regardingobjectid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] for item in items
    }
    assert told == dict(zip(rows["activityid"], rows["regardingobjecttypecode"], strict=True))
    without = ("regardingobjecttypecode", *(() if kind in {"email", "phonecall"} else ("directioncode",)))
    compare(items, rows, "activityid", without=without)


def test_parties_and_quotas(reader: Reader, export: Path) -> None:
    lookup = "@Microsoft.Dynamics.CRM.lookuplogicalname"
    parties = {
        (
            item["_activityid_value"],
            item["_partyid_value"],
            item[f"_partyid_value{lookup}"],
            item[f"participationtypemask{FORMATTED}"],
            item["addressused"],
        )
        for item in reader.items("activityparties", EVERYTHING)
    }
    assert parties == set(exported(export, "activity_parties").itertuples(index=False, name=None))
    goals = {
        (item["_goalownerid_value"], item["goalstartdate"], item["goalenddate"], float(item["targetmoney"]))
        for item in reader.items("goals", EVERYTHING)
        if item[f"_metricid_value{FORMATTED}"] == "Revenue"
    }
    quotas = exported(export, "quotas").astype({"bw_quotaamount": float}).drop(columns="modifiedon")
    assert goals == set(quotas.itertuples(index=False, name=None))


def test_what_the_export_has_twice_comes_twice(reader: Reader, export: Path) -> None:
    rows = pd.read_csv(export / "leads.csv", dtype=str, keep_default_na=False)
    assert len(reader.items("leads?$select=subject")) == len(rows)


def test_the_organisation_and_the_linkedin_solution(reader: Reader) -> None:
    (organisation,) = reader.items(
        "organizations?$select=fiscalcalendarstart,fiscalperiodtype,expirechangetrackingindays"
    )
    assert (organisation["fiscalperiodtype"], organisation["expirechangetrackingindays"]) == (2002, 7)
    question = "solutions?$select=uniquename&$filter=uniquename eq 'LinkedInSalesNavigatorControlsForUnifiedClient'"
    assert len(reader.items(question)) == 1
    without = reader_of(DemoOrganisation("tiny", date(2023, 9, 1), linkedin=False).store)
    assert without.items(question) == []
    assert without.get("li_messages").status_code == 404


def content(store: Store) -> dict[str, pa.Table]:
    return {
        name: store.cursor()
        .sql(f"select columns(c -> c not like '@%') from {store.place(name)} order by \"{table.key}\"")
        .to_arrow_table()
        for name, table in store.tables.items()
        if table.name not in {"organization", "solution"}
    }


def changes_since(reader: Reader, links: list[str]) -> list[list[str]]:
    """What has changed since each link, in an order that two services share."""
    return [
        sorted(json.dumps(item, sort_keys=True) for item in map(without_version, reader.items(link))) for link in links
    ]


def without_version(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in {"@odata.etag", "versionnumber"}}


@pytest.fixture(scope="module")
def going_on() -> tuple[Store, list[str]]:
    """An audited organisation that went on for some days, and the delta links that it gave out before."""
    organisation = DemoOrganisation("tiny", date(2024, 9, 16), audited=True)
    store, reader = organisation.store, reader_of(organisation.store)
    tracked = [table for table in store.tables.values() if table.tracked]
    links = [reader.pages(table.set_name, "odata.track-changes")[-1]["@odata.deltaLink"] for table in tracked]
    audits = len(store.keys("audit"))
    for day in (date(2024, 9, 17), date(2024, 9, 20)):
        organisation.advance(day)
    with pytest.raises(ConfigError, match="choose a later day"):
        organisation.advance(date(2024, 9, 20))
    with pytest.raises(ConfigError, match="story runs from"):
        organisation.advance(date(2030, 1, 1))
    assert len(store.keys("audit")) > audits
    return store, links


def test_a_later_day_is_the_earlier_one_and_what_has_happened_since(going_on: tuple[Store, list[str]]) -> None:
    store, links = going_on
    started_later = DemoOrganisation("tiny", date(2024, 9, 20), audited=True).store
    assert content(store) == content(started_later)
    changes, told_anew = (changes_since(reader_of(one), links) for one in (store, started_later))
    assert changes == told_anew, "a link holds for the organisation as it was started anew, later"
    assert 0 < sum(map(len, changes)) < 600


def test_a_link_tells_nothing_anew_of_the_day_it_is_of_and_is_too_young_for_an_earlier_one(
    going_on: tuple[Store, list[str]],
) -> None:
    _, links = going_on
    started_again = reader_of(DemoOrganisation("tiny", date(2024, 9, 16)).store)
    assert not any(changes_since(started_again, links))
    assert "expired" in reader_of(DemoOrganisation("tiny", date(2024, 9, 13)).store).get(links[0]).text


def told(value: Any) -> str | None:
    if isinstance(value, datetime):
        return f"{value:%m/%d/%Y %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%m/%d/%Y}"
    return None if value is None else str(value)


def test_the_audit_log_leads_from_the_first_state_to_the_present_one(going_on: tuple[Store, list[str]]) -> None:
    store, _ = going_on
    changed: dict[tuple[str, str], list[tuple[str, str | None, str | None]]] = defaultdict(list)
    for item in reader_of(store).items("audits?$orderby=createdon"):
        for change in json.loads(item["changedata"])["changedAttributes"]:
            place = (item["objecttypecode"], item["_objectid_value"])
            changed[place].append((change["logicalName"], change["oldValue"], change["newValue"]))
    names = set()
    for (table, key), changes in changed.items():
        row, values = store.row(table, key), dict[str, str | None]()
        for name, old, new in changes:
            assert values.get(name, old) == old, (key, name)
            values[name] = new
        for name, value in values.items():
            now = f"systemuser,{row[name]}" if name == "ownerid" else told(row[name])
            names.add((table, name))
            assert value == now or float(value or "nan") == float(now or "nan"), (key, name)
    assert {name for table, name in names if table == "lead"} == {
        "statuscode", "statecode", "estimatedamount", "ownerid", "bw_decidedon", "bw_closing_remark_code",
    }  # fmt: skip
    assert len(names) == 6 + 9
