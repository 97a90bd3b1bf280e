"""Metadata: tables, attributes, option sets."""

from __future__ import annotations

from extract.sources.dataverse.emulator import Store
from tests.extract.sources.dataverse.emulator.conftest import Reader

CAST = "EntityDefinitions(LogicalName='lead')/Attributes/Microsoft.Dynamics.CRM"


def test_tables_that_track_changes(reader: Reader, store: Store) -> None:
    store.track("task", on=False)
    answer = reader.get("EntityDefinitions?$select=LogicalName,EntitySetName&$filter=ChangeTrackingEnabled eq true")
    found = {item["LogicalName"]: item["EntitySetName"] for item in answer.json()["value"]}
    assert found == {"systemuser": "systemusers", "lead": "leads"}
    assert set(answer.json()["value"][0]) == {"LogicalName", "EntitySetName", "MetadataId"}
    one = reader.get("EntityDefinitions(LogicalName='task')?$select=ChangeTrackingEnabled,PrimaryIdAttribute").json()
    assert (one["ChangeTrackingEnabled"], one["PrimaryIdAttribute"]) == (False, "activityid")


def test_attributes_that_can_be_selected_and_those_that_cannot(reader: Reader) -> None:
    chosen = "$select=LogicalName,AttributeType,IsCustomAttribute,AttributeOf"
    items = reader.get(f"EntityDefinitions(LogicalName='lead')/Attributes?{chosen}").json()["value"]
    kinds = {item["LogicalName"]: item["AttributeType"] for item in items}
    assert kinds["leadid"] == "Uniqueidentifier"
    assert kinds["ownerid"] == "Owner"
    assert kinds["bw_day"] == "DateTime"
    assert kinds["statecodename"] == "Virtual"
    custom = [item["LogicalName"] for item in items if item["IsCustomAttribute"] and item["AttributeOf"] is None]
    assert custom == ["bw_size", "bw_day"]
    for item in items:
        lookup = item["AttributeType"] in {"Lookup", "Owner"}
        name = f"_{item['LogicalName']}_value" if lookup else item["LogicalName"]
        status = reader.get(f"leads?$select={name}").status_code
        assert status == (200 if item["AttributeOf"] is None else 400), name
    filtered = reader.get(f"EntityDefinitions(LogicalName='lead')/Attributes?{chosen}&$filter=AttributeOf eq null")
    assert len(filtered.json()["value"]) == sum(item["AttributeOf"] is None for item in items)


def test_option_sets_with_their_labels(reader: Reader) -> None:
    state = reader.get(f"{CAST}.StateAttributeMetadata?$select=LogicalName&$expand=OptionSet").json()["value"]
    assert [item["LogicalName"] for item in state] == ["statecode"]
    labels = {
        option["Value"]: option["Label"]["UserLocalizedLabel"]["Label"] for option in state[0]["OptionSet"]["Options"]
    }
    assert labels == {0: "Open", 1: "Qualified"}
    status = reader.get(f"{CAST}.StatusAttributeMetadata?$select=LogicalName&$expand=OptionSet").json()["value"]
    assert [option["State"] for option in status[0]["OptionSet"]["Options"]] == [0, 1]
    boolean = reader.get(f"{CAST}.BooleanAttributeMetadata?$select=LogicalName&$expand=OptionSet").json()["value"]
    assert boolean[0]["OptionSet"]["TrueOption"]["Value"] == 1
    plain = reader.get(f"{CAST}.PicklistAttributeMetadata?$select=LogicalName").json()["value"]
    assert "OptionSet" not in plain[0]
    lookups = reader.get(f"{CAST}.LookupAttributeMetadata?$select=LogicalName,Targets").json()["value"]
    assert {item["LogicalName"]: item["Targets"] for item in lookups}["ownerid"] == ["systemuser"]
