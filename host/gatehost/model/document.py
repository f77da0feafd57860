"""Documents of the archive: four classes, and what each of them should hold (rows G2 to G6)."""

from dataclasses import dataclass

from gatehost.model.party import OWNER, TENANT

OWNERS, TENANTS, DECORATION, DAILY = "owner", "tenant", "decoration", "daily"
CLASSES = (OWNERS, TENANTS, DECORATION, DAILY)
# class -> (kind, whether a file of the class lacks something without it)
KINDS: dict[str, dict[str, bool]] = {
    OWNERS: {
        "index": False, "id_copy": True, "sale_contract": True, "deed": False, "handover_notice": True,
        "repair_fund": True, "handbook": True, "inspection": True, "info_form": True, "card_form": False,
        "key_receipt": True, "handover_confirmation": True, "meter_readings": True, "specimen": True, "id_photo": False,
    },
    TENANTS: {
        "info_form": True, "id_copy": True, "lease": True, "authorisation": False, "licence": False, "specimen": False,
        "card_form": False, "id_photo": False,
    },
    DECORATION: {
        "application": True, "agreement": True, "undertaking": True, "services_check": True, "licence": True,
        "drawings": True, "permit": True, "permit_register": False, "pass_register": False, "acceptance": False,
        "violation": False,
    },
    DAILY: dict.fromkeys(
        (
            "repair", "photo", "letter", "proof", "paper", "id_copy", "deed", "sale_contract", "lease", "household",
            "guardian_id", "vehicle_licence", "id_photo", "card_form", "authorisation", "signature",
        ),
        False,
    ),
}  # fmt: skip
SPECIMEN, SIGNATURE = "specimen", "signature"  # who may sign for a company, and what a slip of its carries
OF_ROLE = {OWNER: OWNERS, TENANT: TENANTS}


@dataclass(frozen=True, slots=True)
class Document:
    """A document as listed; its bytes lie sealed in a file named by their SHA-256. Times in ms UTC."""

    id: int
    kind: str
    class_: str
    case: int | None
    party: str | None
    place: str | None
    sha256: str
    size: int
    type: str
    made_at: int
    made_by: str
    keep_until: int | None
    erased_at: int | None


@dataclass(frozen=True, slots=True)
class Missing:
    """What a home's file lacks: (class, kind)."""

    home: str
    name: str
    kinds: tuple[tuple[str, str], ...]
