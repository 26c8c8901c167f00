"""Workbooks with one part's XML changed, or with the zip around the parts changed."""

import io
import random
import re
import struct
import warnings
import zipfile
from collections.abc import Callable

from damaged_workbooks import WHEN

Chance = random.Random
Members = list[tuple[str, bytes]]

VALUES = (
    b"", b"0", b"1", b"2", b"3", b"4", b"9", b"14", b"-1", b"99", b"A1", b"E2", b"E3", b"B2", b"A5", b"ZZZZ0", b"XFD1048576",
    b"e5", b"5E", b"$E$2", b"true", b"false", b"s", b"str", b"e", b"b", b"n", b"d", b"inlineStr", b"hidden", b"veryHidden",
    b"visible", b"rId1", b"rId2", b"worksheets/sheet1.xml", b"/xl/worksheets/sheet1.xml", b"styles.xml", b"../x.xml",
    b"&amp;", b"&#65;1", b"4294967296", b"1e3", b"UTF-16", b"x" * 300,
)  # fmt: skip
TAG = re.compile(rb"<[^>]+>")
ATTRIBUTE = re.compile(rb"""\s([\w:.]+)\s*=\s*("[^"]*"|'[^']*')""")
VALUE = re.compile(rb"(<v>|<t[^>]*>|<f>)([^<]*)(?=</)")


def members_of(content: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def packed(members: Members, way: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", way) as archive:
        warnings.simplefilter("ignore")  # two members of one name are meant
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, WHEN), content, way)
    return stream.getvalue()


# XML


def damaged_part(content: bytes, chance: Chance) -> tuple[bytes, str]:
    """The workbook with the XML of one part changed in one to three places."""
    members = members_of(content)
    weights = [8 if "sheet" in name else 3 if "shared" in name else 1 for name, _ in members]
    number = chance.choices(range(len(members)), weights)[0]
    name, xml = members[number]
    done = []
    for _ in range(chance.choices([1, 2, 3], [7, 2, 1])[0]):
        way = chance.choice(OF_XML)
        done.append(way.__name__.strip("_"))
        xml = way(xml, chance)
    members[number] = (name, xml)
    return packed(members), f"{name} {', '.join(done)}"


def _with_tag(xml: bytes, chance: Chance, change: Callable[[bytes], bytes], wanted: bytes = b"<") -> bytes:
    """The XML with one tag that begins so changed."""
    tags = [found for found in TAG.finditer(xml) if found[0].startswith(wanted)]
    if not tags:
        return xml
    found = chance.choice(tags)
    return xml[: found.start()] + change(found[0]) + xml[found.end() :]


def _with_attribute(xml: bytes, chance: Chance, change: Callable[[re.Match[bytes]], bytes]) -> bytes:
    found = list(ATTRIBUTE.finditer(xml))
    if not found:
        return xml
    one = chance.choice(found)
    return xml[: one.start()] + change(one) + xml[one.end() :]


def _another_attribute_value(xml: bytes, chance: Chance) -> bytes:
    others = [one[2][1:-1] for one in ATTRIBUTE.finditer(xml)]
    value = chance.choice([*VALUES, *chance.sample(others, min(20, len(others)))])
    return _with_attribute(xml, chance, lambda one: b" " + one[1] + b'="' + value + b'"')


def _drop_an_attribute(xml: bytes, chance: Chance) -> bytes:
    return _with_attribute(xml, chance, lambda _: b"")


def _rename_an_attribute(xml: bytes, chance: Chance) -> bytes:
    name = chance.choice([b"r", b"s", b"t", b"hidden", b"R", b"x:r", b"state", b"Id", b"Target", b"spans"])
    return _with_attribute(xml, chance, lambda one: b" " + name + b"=" + one[2])


def _other_quotes(xml: bytes, chance: Chance) -> bytes:
    return _with_attribute(xml, chance, lambda one: b" " + one[1] + b"='" + one[2][1:-1] + b"'")


def _all_other_quotes(xml: bytes, _: Chance) -> bytes:
    return xml.replace(b'"', b"'")


def _blanks_in_a_tag(xml: bytes, chance: Chance) -> bytes:
    blank = chance.choice([b"  ", b"\n", b"\t", b"\r\n "])
    if chance.random() < 0.5:
        return _with_attribute(xml, chance, lambda one: b" " + one[1] + b" = " + one[2])
    return _with_tag(xml, chance, lambda tag: tag.replace(b" ", blank))


def _blanks_in_every_tag(xml: bytes, chance: Chance) -> bytes:
    change = chance.choice([(b" r=", b"\nr="), (b" r=", b"  r="), (b'="', b'= "'), (b'="', b' ="'), (b">", b" >")])
    return TAG.sub(lambda tag: tag[0].replace(*change), xml)


def _turn_attributes(xml: bytes, chance: Chance) -> bytes:
    def turned(tag: bytes) -> bytes:
        found = list(ATTRIBUTE.finditer(tag))
        if len(found) < 2:
            return tag
        return tag[: found[0].start()] + b"".join(one[0] for one in reversed(found)) + tag[found[-1].end() :]

    if chance.random() < 0.5:
        return TAG.sub(lambda tag: turned(tag[0]), xml)
    return _with_tag(xml, chance, turned)


def _drop_a_tag(xml: bytes, chance: Chance) -> bytes:
    return _with_tag(xml, chance, lambda _: b"")


def _double_a_tag(xml: bytes, chance: Chance) -> bytes:
    return _with_tag(xml, chance, lambda tag: tag * 2)


def _element(xml: bytes, chance: Chance, change: Callable[[bytes], bytes]) -> bytes:
    kind = chance.choice(
        [b"c", b"c", b"row", b"v", b"t", b"si", b"is", b"xf", b"sheet", b"Relationship", b"sheetData", b"f"]
    )
    found = list(re.finditer(rb"<%b\b(?:[^>]*/>|.*?</%b>)" % (kind, kind), xml, re.DOTALL))
    if not found:
        return xml
    one = chance.choice(found)
    return xml[: one.start()] + change(one[0]) + xml[one.end() :]


def _drop_an_element(xml: bytes, chance: Chance) -> bytes:
    return _element(xml, chance, lambda _: b"")


def _double_an_element(xml: bytes, chance: Chance) -> bytes:
    return _element(xml, chance, lambda element: element * 2)


def _hide_an_element(xml: bytes, chance: Chance) -> bytes:
    return _element(xml, chance, lambda element: b"<!--" + element + b"-->")


def _wrap_an_element(xml: bytes, chance: Chance) -> bytes:
    name = chance.choice([b"x", b"row", b"c", b"v", b"mc:AlternateContent", b"rPh", b"r"])
    return _element(xml, chance, lambda element: b"<" + name + b">" + element + b"</" + name + b">")


def _swap_elements(xml: bytes, chance: Chance) -> bytes:
    kind = chance.choice([b"row", b"c", b"si", b"v"])
    found = list(re.finditer(rb"<%b\b.*?</%b>" % (kind, kind), xml, re.DOTALL))
    if len(found) < 2:
        return xml
    one, other = sorted(chance.sample(found, 2), key=lambda match: match.start())
    between = xml[one.end() : other.start()]
    return xml[: one.start()] + other[0] + between + one[0] + xml[other.end() :]


def _another_value(xml: bytes, chance: Chance) -> bytes:
    found = list(VALUE.finditer(xml))
    if not found:
        return xml
    one = chance.choice(found)
    inside = one[2]
    half = len(inside) // 2
    other = chance.choice([
        b"", b"0", b"9", b"1200", b"1e3", b"NaN", b"inf", b"-5", b" 800 ", b"8 00", b"99", b"&#49;&#50;", b"&lt;",
        b"<![CDATA[" + inside + b"]]>", inside[:half] + b"<!-- x -->" + inside[half:], inside + b"\n", b"_x0041_", b"_x0000_",
        b"<?x y?>" + inside, inside[:half] + b"<![CDATA[" + inside[half:] + b"]]>", b"0" + inside, inside + b"0",
        inside[:half] + b"</v><v>" + inside[half:], inside[:half] + b"</t><t>" + inside[half:], inside + b"</v><v>7", b"\xff",
        inside[:half] + b"&#%d;" % (inside[half] if inside else 48) + inside[half + 1 :], inside[:half] + b"<x>" + inside[half:] + b"</x>",
        inside[:half] + b"<x/>" + inside[half:], inside[:half] + b"<t>" + inside[half:] + b"</t>", b"</t><r><t>" + inside + b"</t></r><t>",
    ])  # fmt: skip
    return xml[: one.start(2)] + other + xml[one.end(2) :]


def _more_in_a_tag(xml: bytes, chance: Chance) -> bytes:
    kind, more = chance.choice([
        (b"<row", b' hidden="1"'), (b"<row", b" hidden='1'"), (b"<row", b' hidden = "true"'), (b"<sheet ", b' state="hidden"'),
        (b"<sheet ", b" state='veryHidden'"), (b"<c", b' t="e"'), (b"<c", b' s="3"'), (b"<c", b" s='4'"), (b"<c", b' t="b"'),
        (b"<c", b' t="str"'), (b"<c", b' s="1"'), (b"<row", b' r="3"'), (b"<workbookPr", b' date1904="1"'),
        (b"<workbookPr", b" date1904='1'"), (b"<c", b' t="s"'), (b"<row", b' ht="0" customHeight="1"'), (b"<c", b' hidden="1"'),
    ])  # fmt: skip
    return _with_tag(xml, chance, lambda tag: tag[: len(kind.strip())] + more + tag[len(kind.strip()) :], kind)


def _more_elements(xml: bytes, chance: Chance) -> bytes:
    before, more = chance.choice([
        (b"<v>", b"<f>1000+200</f>"), (b"<v>", b"<f>SUM(E2:E3)</f>"), (b"<v>", b"<f t='shared' si='0'/>"), (b"<v>", b"<v>7</v>"),
        (b"</v>", b"</v><v>7"), (b"</row>", b'<c r="E2"><v>7</v></c>'), (b"</row>", b"<c><v>7</v></c>"), (b"</row>", b'<c r="Z9"><v>7</v></c>'),
        (b"</sheetData>", b'<row r="7"><c r="A7"><v>7</v></c></row>'), (b"</sheetData>", b"<row><c><v>7</v></c></row>"),
        (b"</sheetData>", b"</sheetData><sheetData>"), (b"<row", b"</sheetData><sheetData><row"), (b"<row", b"</row><row"),
        (b"<c", b'<c xmlns="urn:x"'), (b"<row", b'<row xmlns="urn:x"'), (b"<si>", b"<si><t>x</t></si><si>"), (b"<si>", b"<si/><si>"),
        (b"<sheetData>", b'<cols><col min="5" max="5" hidden="1"/></cols>'),
        (b"<sheetData>", b"<cols><col min='5' max='5' hidden='1'/></cols>"), (b"<sheetData>", b"<sheetData/>"),
        (b"</c>", b"</c><c/>"), (b"<row", b"<row/><row"), (b"</is>", b"</is><v>7</v>"), (b"<is>", b"<v>7</v><is>"),
        (b"<t", b"<t>x</t><t"), (b"</worksheet>", b"<x/></worksheet>"), (b"<sheets>", b"<sheets><sheet/>"),
    ])  # fmt: skip
    places = [found.start() for found in re.finditer(re.escape(before), xml)]
    if not places:
        return xml
    place = chance.choice(places)
    if before in (b"</v>", b"</is>", b"</c>"):  # what is written begins with the tag itself
        return xml[:place] + more + (xml[place:] if before == b"</v>" else xml[place + len(before) :])
    if before in (b"<t", b"<c", b"<row", b"<si>", b"<sheets>") or more.startswith(before):
        return xml[:place] + more + xml[place + len(before) :]
    return xml[:place] + more + xml[place:]


def _a_byte(xml: bytes, chance: Chance) -> bytes:
    place = chance.randrange(max(1, len(xml)))
    return xml[:place] + bytes([chance.randrange(256)]) + xml[place + chance.choice([0, 1]) :]


def _cut_the_xml(xml: bytes, chance: Chance) -> bytes:
    return xml[: chance.randrange(max(1, len(xml)))]


def _prefixed(xml: bytes, _: Chance) -> bytes:
    """Every element with a prefix, as some programs write them."""
    renamed = re.sub(rb"<(/?)(?=[A-Za-z])(?![\w]+:)", rb"<\1x:", xml)
    return renamed.replace(b" xmlns=", b" xmlns:x=", 1)


def _another_encoding(xml: bytes, chance: Chance) -> bytes:
    encoding = chance.choice(["utf-16", "utf-8-sig", "utf-16-le", "utf-7"])
    return xml.decode("utf-8", "replace").encode(encoding, "replace")


OF_XML = (
    _another_attribute_value, _another_attribute_value, _another_attribute_value, _drop_an_attribute, _rename_an_attribute,
    _other_quotes, _all_other_quotes, _blanks_in_a_tag, _blanks_in_every_tag, _turn_attributes, _drop_a_tag, _double_a_tag,
    _drop_an_element, _double_an_element, _hide_an_element, _wrap_an_element, _swap_elements, _another_value, _another_value,
    _more_in_a_tag, _more_in_a_tag, _more_elements, _more_elements, _a_byte, _cut_the_xml, _prefixed, _another_encoding,
)  # fmt: skip


# The zip


def damaged_archive(content: bytes, chance: Chance) -> tuple[bytes, str]:
    """The workbook with its members in another order, fewer or more of them, or with another number in the zip."""
    way = chance.choice(OF_ZIP)
    return way(content, chance), way.__name__.strip("_")


def _another_order(content: bytes, chance: Chance) -> bytes:
    members = members_of(content)
    chance.shuffle(members)
    return packed(members)


def _drop_a_member(content: bytes, chance: Chance) -> bytes:
    members = members_of(content)
    del members[chance.randrange(len(members))]
    return packed(members)


def _double_a_member(content: bytes, chance: Chance) -> bytes:
    members = members_of(content)
    name, xml = chance.choice(members)
    other = xml.replace(b"15000", b"25000") if chance.random() < 0.5 else xml
    name = chance.choice([name, name.upper(), name.replace("/", "\\"), f"./{name}", name.replace("1", "2")])
    members.insert(chance.randrange(len(members) + 1), (name, other))
    return packed(members)


def _rename_a_member(content: bytes, chance: Chance) -> bytes:
    members = members_of(content)
    number = chance.randrange(len(members))
    name, xml = members[number]
    members[number] = (chance.choice([name.upper(), name.replace("/", "\\"), f"/{name}", name[:-1], f"{name}x"]), xml)
    return packed(members)


def _stored(content: bytes, _: Chance) -> bytes:
    return packed(members_of(content), zipfile.ZIP_STORED)


def _packed_otherwise(content: bytes, chance: Chance) -> bytes:
    return packed(members_of(content), chance.choice([zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))


def _a_stored_byte(content: bytes, chance: Chance) -> bytes:
    """A byte of a part that is not packed: only its checksum tells."""
    stored = packed(members_of(content), zipfile.ZIP_STORED)
    place = chance.randrange(len(stored))
    return stored[:place] + bytes([stored[place] ^ (1 << chance.randrange(8))]) + stored[place + 1 :]


SIZES = {b"PK\x03\x04": 30, b"PK\x01\x02": 46, b"PK\x05\x06": 22}


def _a_number(content: bytes, chance: Chance) -> bytes:
    """A field of a header or of the directory: sizes, checksums, places, flags, the way of packing."""
    signature, length = chance.choice(list(SIZES.items()))
    places = [found.start() for found in re.finditer(re.escape(signature), content)]
    start = chance.choice(places) + chance.randrange(4, length - 1)
    width = min(chance.choice([1, 2, 4]), len(content) - start)
    value = chance.choice([0, 1, 2, 8, 255, 65_535, 2**31, 2**32 - 1, chance.randrange(2**32)])
    return content[:start] + struct.pack("<Q", value)[:width] + content[start + width :]


def _a_local_name(content: bytes, chance: Chance) -> bytes:
    """A member called otherwise in front of itself than in the directory."""
    places = [found.start() for found in re.finditer(re.escape(b"PK\x03\x04"), content)]
    place = chance.choice(places) + 30
    return content[:place] + b"Y" + content[place + 1 :]


def _a_comment(content: bytes, chance: Chance) -> bytes:
    more = chance.choice([b"a remark", b"PK\x05\x06" + bytes(18), content[content.rindex(b"PK\x05\x06") :]])
    return content[:-2] + struct.pack("<H", len(more)) + more


def _another_zip_around(content: bytes, chance: Chance) -> bytes:
    other = content[: chance.randrange(len(content))]
    return chance.choice([other + content, content + other, content + content])


OF_ZIP = (
    _another_order, _drop_a_member, _double_a_member, _rename_a_member, _stored, _packed_otherwise, _a_stored_byte,
    _a_stored_byte, _a_number, _a_number, _a_number, _a_number, _a_local_name, _a_comment, _another_zip_around,
)  # fmt: skip
