"""The words of the demo: names, companies, places, products, subjects and notes. All invented."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES: Final = _words(
    "Ada Alan Amara Anton Aylin Bela Bruno Carla Chiara Daniel Daria Elif Emil Emma Erik Eva Farid Fiona Greta "
    "Hanna Hugo Ines Ivan Jan Jana Jonas Julia Karim Katja Lars Lea Leo Lina Luis Maja Marc Maria Mateo Mira "
    "Nadia Nils Nora Olga Omar Oskar Paul Petra Rafael Rosa Sami Sara Simon Sofia Stefan Tara Theo Tomas Vera "
    "Yara Zoe"
)
LAST_NAMES: Final = _words(
    "Abel Adler Almeida Andersen Bauer Becker Berg Bianchi Blanc Brandt Castro Conti Costa Dahl Diaz Dubois "
    "Eriksen Falk Ferrari Fischer Fontaine Garcia Graf Haas Hansen Hoffmann Horvat Ivanova Jansen Jensen Kaya "
    "Keller Klein Kowalski Krause Lang Larsen Lehmann Lopez Lorenz Marino Martin Meyer Moreau Nagy Neumann Novak "
    "Olsen Petit Peters Popov Ricci Richter Romano Roth Russo Sato Schmid Silva Simon Sorensen Stein Suarez Toth "
    "Vogel Wagner Weber Winter Wolf Yilmaz Zimmer"
)
COMPANY_FIRST: Final = _words(
    "Alder Amber Argent Birch Blue Cedar Clear Copper Crest Delta Dune East Elm Ember Fern Fjord Flint Golden "
    "Granite Green Harbour Hazel Iron Ivory Juniper Lake Linden Maple Mill Moor North Oak Old Pine Red River "
    "Silver South Stone West"
)
COMPANY_SECOND: Final = _words(
    "bridge brook castle cliff dale field ford forge gate grove haven hill holm land lock mark mead mont point "
    "port ridge rock shore side spring stead vale view ward wood"
)
COMPANY_LAST: Final = (
    "Labs",
    "Foods",
    "Energy",
    "Motors",
    "Works",
    "Institute",
    "Systems",
    "Logistics",
    "Pharma",
    "Group",
)
PLACES: Final = (
    ("Germany", "Hamburg"),
    ("Germany", "Stuttgart"),
    ("Germany", "Leipzig"),
    ("France", "Lyon"),
    ("France", "Lille"),
    ("Italy", "Bologna"),
    ("Italy", "Turin"),
    ("Spain", "Bilbao"),
    ("Netherlands", "Utrecht"),
    ("Denmark", "Aarhus"),
    ("Sweden", "Lund"),
    ("Poland", "Wroclaw"),
    ("Austria", "Linz"),
    ("Switzerland", "Basel"),
)
REGIONS: Final = ("North", "South", "West", "Nordics", "East", "Iberia", "Alps", "Benelux", "Central", "Overseas")
LANGUAGES: Final = ("English", "German", "French", "Italian", "Spanish")
SEGMENTS: Final = ("Key account", "Mid-market", "Small business")

PRODUCTS: Final = (
    # name, position of its family in the mechanism, list price in EUR
    ("FlowSense 100", 0, 4200.0),
    ("FlowSense 300", 0, 8900.0),
    ("FlowSense Pro", 0, 17500.0),
    ("SpectraOne", 1, 46000.0),
    ("SpectraOne Duo", 1, 78000.0),
    ("SpectraLab", 1, 125000.0),
    ("Pressure sensor kit", 2, 2100.0),
    ("Turbidity sensor kit", 2, 3600.0),
    ("Gas sensor array", 2, 9800.0),
    ("Calibration service", 3, 5400.0),
    ("Full service contract", 3, 14500.0),
    ("Remote monitoring", 3, 7900.0),
)
PRODUCTS_PER_FAMILY: Final = 3

TOPICS: Final = (
    "Flow measurement for a new line",
    "Replacement of old spectrometers",
    "Sensors for waste water",
    "Calibration of existing instruments",
    "Remote monitoring of a plant",
    "Request for a quotation",
    "Question about delivery times",
    "Trial of FlowSense",
    "Laboratory extension",
    "Framework agreement",
)
SUBJECTS: Final = (
    "Your enquiry",
    "Quotation",
    "Follow-up",
    "Technical questions",
    "Delivery date",
    "Next steps",
    "Trial instrument",
    "Data sheets",
    "Price list",
    "On-site visit",
    "Contract draft",
    "Reference customers",
)
NOTES: Final = (
    "Spoke briefly. Will send the data sheets on Friday.",
    "Wants to compare two models. Can we offer a trial instrument?",
    "Budget round is next month. I will call back on Monday.",
    "Asked for three reference customers in the region.",
    "Their laboratory moves in autumn; timing is open.",
    "Purchasing asks whether service is included.",
    "Met at their site, 4 people. Please prepare a quotation by next Wednesday.",
    "Voice mail left.",
    "Technical department is in favour; management has to decide.",
    "Who signs for amounts above 50,000?",
    "Sent the price list. They promised an answer by the end of the week.",
    "Certificate of calibration needed before delivery.",
)
