"""What the reader and the writer know of the format in common."""

from __future__ import annotations

SIGNATURE = b"\x89HDF\r\n\x1a\n"
#: An address that points nowhere.
NOWHERE = 0xFFFF_FFFF_FFFF_FFFF

#: signature, versions (superblock, free space, root group, reserved, shared headers), bytes of an
#: address, of a length, reserved, half of a leaf's and of a node's most entries, flags,
#: addresses (base, free space, end of file, driver)
SUPERBLOCK = "<8s8BHHI4Q"
#: name in the heap, address of the object header, kind of what is kept of it here, reserved, that
SYMBOL = "<QQII16s"
#: version, reserved, messages, references, bytes of the messages
OBJECT_HEADER = "<BBHII4x"
#: type, bytes, flags
MESSAGE = "<HHB3x"
#: signature, type, level, entries, left and right neighbour; keys and children in turn follow
TREE_NODE = "<4sBBHQQ"
#: signature, version, symbols
SYMBOL_NODE = "<4sBBH"
#: signature, version, bytes, first free byte, address of the data
HEAP = "<4sB3xQQQ"

#: Half of the most symbols in a symbol node, and of the most children of a tree's node.
LEAF, NODE = 4, 16


class Messages:
    """Types of messages in an object header."""

    NOTHING = 0x0000
    SPACE = 0x0001
    TYPE = 0x0003
    OLD_FILL = 0x0004
    FILL = 0x0005
    LAYOUT = 0x0008
    ATTRIBUTE = 0x000C
    CONTINUED = 0x0010
    SYMBOLS = 0x0011
    MODIFIED = 0x0012


#: Types that are refused, by name: parts of HDF5 that reach into other files, or that Keras does
#: not write.
REFUSED = {
    0x0002: "links of new-style groups",
    0x0006: "a link, which may lead into another file",
    0x0007: "arrays in external files",
    0x000A: "new-style groups",
    0x000B: "compression or other filters",
    0x000D: "comments",
    0x000E: "the old form of a modification time",
    0x000F: "shared messages",
    0x0013: "B-tree settings",
    0x0014: "driver settings",
    0x0015: "attributes outside of their object",
    0x0016: "reference counts",
}
