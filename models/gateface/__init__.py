"""Kaimen's face engine: detect, align, embed and compare on the door itself (numpy, LiteRT, Pillow)."""

from .engine import Engine, open_engine
from .errors import FaceError, ModelRefused, PictureRefused, TemplateRefused
from .face import Defect, Face, Found, Quality
from .gallery import Gallery, Match, Person, packed, unpacked
from .picture import read_picture
from .rule import Closed, Rule, rule_for
from .verdict import AskHome, Hint, Opened, Refusal, Refused, Verdict, Waiting, Way
from .visit import Attempts, Visit

__all__ = [
    "AskHome",
    "Attempts",
    "Closed",
    "Defect",
    "Engine",
    "Face",
    "FaceError",
    "Found",
    "Gallery",
    "Hint",
    "Match",
    "ModelRefused",
    "Opened",
    "Person",
    "PictureRefused",
    "Quality",
    "Refusal",
    "Refused",
    "Rule",
    "TemplateRefused",
    "Verdict",
    "Visit",
    "Waiting",
    "Way",
    "open_engine",
    "packed",
    "read_picture",
    "rule_for",
    "unpacked",
]
