"""What a convolution does to a picture, and what a pool keeps of it, on the engine.

Pictures are arrays (height, width) or (height, width, channels) of numbers, as Pillow, matplotlib
and OpenCV give them.
"""

from galago import filters as filters
from galago.image.convolution import convolve as convolve
from galago.image.pixel import PixelExplanation as PixelExplanation
from galago.image.pixel import explain_pixel as explain_pixel
from galago.image.pooling import pool as pool
from galago.image.sample import sample as sample

__all__ = ["PixelExplanation", "convolve", "explain_pixel", "filters", "pool", "sample"]
