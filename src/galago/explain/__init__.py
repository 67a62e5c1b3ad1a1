"""What a trained network sees: every number of it explained down to its products."""

from galago.explain.attribution import Attribution as Attribution
from galago.explain.attribution import grad_cam as grad_cam
from galago.explain.attribution import integrated_gradients as integrated_gradients
from galago.explain.attribution import occlusion as occlusion
from galago.explain.attribution import saliency as saliency
from galago.explain.filters_report import FilterRow as FilterRow
from galago.explain.filters_report import FiltersReport as FiltersReport
from galago.explain.filters_report import filters_report as filters_report
from galago.explain.journey import Journey as Journey
from galago.explain.journey import journey as journey
from galago.explain.mistakes import Mistakes as Mistakes
from galago.explain.mistakes import mistakes as mistakes
from galago.explain.top import TopImage as TopImage
from galago.explain.top import TopImages as TopImages
from galago.explain.top import top_images as top_images
from galago.explain.unit import UnitExplanation as UnitExplanation
from galago.explain.unit import explain_unit as explain_unit
from galago.models.explained import LayerRow as LayerRow
from galago.models.explained import ModelExplanation as ModelExplanation
from galago.models.explained import explain_model as explain_model

__all__ = [
    "Attribution",
    "FilterRow",
    "FiltersReport",
    "Journey",
    "LayerRow",
    "Mistakes",
    "ModelExplanation",
    "TopImage",
    "TopImages",
    "UnitExplanation",
    "explain_model",
    "explain_unit",
    "filters_report",
    "grad_cam",
    "integrated_gradients",
    "journey",
    "mistakes",
    "occlusion",
    "saliency",
    "top_images",
]
