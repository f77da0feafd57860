"""What can go wrong with pictures, models and templates.

    FaceError                every error of this package
    ├── ModelRefused         weights or manifest are missing, altered or not understood: nothing starts
    ├── PictureRefused       these bytes or this array are no picture we work with
    └── TemplateRefused      a template or gallery cannot be used with this model

Each carries a `code` for translation; messages name no person and show no picture.
"""


class FaceError(Exception):
    """Base of all errors here. `code` is a short English word with underscores, stable between releases."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ModelRefused(FaceError):
    """Codes: manifest_missing, manifest_invalid, weights_missing, weights_unknown, runtime_missing, model_mismatch;
    when a model is measured or adopted also folder_unclear, too_few_people, no_floors, no_licence, other_model,
    floors_too_low."""


class PictureRefused(FaceError):
    """Codes: empty, not_a_picture, truncated, too_large, too_small, animated, wrong_array."""


class TemplateRefused(FaceError):
    """Codes: wrong_size, not_finite, not_unit, empty, other_model, wrong_person, twice."""
