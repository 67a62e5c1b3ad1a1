"""CRC-32C, the checksum of TFRecord files: polynomial 0x1EDC6F41, bits from the low end.

Source: Castagnoli et al., IEEE Transactions on Communications 41 (1993); RFC 3720, appendix B.4.
"""

from __future__ import annotations

_REVERSED = 0x82F63B78
_ALL = 0xFFFF_FFFF


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_REVERSED if byte & 1 else 0)
    return byte


#: What each value of the low byte does to the rest.
_TABLE = tuple(_entry(byte) for byte in range(256))


def crc32c(content: bytes) -> int:
    """Return the checksum.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    rest = _ALL
    for byte in content:
        rest = rest >> 8 ^ _TABLE[(rest ^ byte) & 0xFF]
    return rest ^ _ALL


def masked_crc32c(content: bytes) -> int:
    """Return the checksum as TFRecord stores it, so that it may stand in checked content itself."""
    crc = crc32c(content)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & _ALL
