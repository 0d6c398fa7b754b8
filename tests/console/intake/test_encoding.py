from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.intake.encoding import decode
from console.intake.errors import IntakeError

SAMPLE = "编号,名称,经度,纬度\n1,新街口东口,118.78,32.05\n2,鼓楼广场,118.77,32.06\n"

hanzi = (
    st.integers(0xB0, 0xF7)
    .flatmap(lambda lead: st.integers(0xA1, 0xFE).map(lambda trail: bytes((lead, trail))))
    .filter(lambda b: b[0] != 0xD7 or b[1] <= 0xF9)
    .map(lambda b: b.decode("gb2312"))
)
cell = st.one_of(
    st.text(hanzi, min_size=2, max_size=6), st.from_regex(r"[0-9a-z ]{0,6}", fullmatch=True)
)
sheet = st.lists(st.lists(cell, min_size=2, max_size=4).map(",".join), min_size=2, max_size=8).map(
    "\r\n".join
)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_the_encoding_is_found_and_named(written: str, found: str) -> None:
    decoded = decode(SAMPLE.encode(written))
    assert decoded.text == SAMPLE
    assert decoded.encoding == found


@given(sheet, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_never_mojibake(text: str, written: str) -> None:
    try:
        assert decode(text.encode(written)).text == text
    except IntakeError:
        assert written == "gb18030", "only a text that is too short to tell may be refused"


@given(sheet, st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_unmarked_utf16_is_told_by_its_ascii(text: str, written: str) -> None:
    assume("," in text)
    assert decode(text.encode(written)).text == text


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    try:
        decode(data)
    except IntakeError as error:
        assert error.message.zh
        assert error.message.en


def test_latin_1_is_refused_not_read_as_chinese() -> None:
    with pytest.raises(IntakeError, match="garble"):
        decode("id,name\n1,Zürich Höngg\n2,Münsterhof\n".encode("latin-1"))


def test_big5_is_refused_not_read_as_gbk() -> None:
    with pytest.raises(IntakeError):
        decode("編號,名稱\n1,臺北車站東側出口\n2,龍山寺廣場攝影機\n".encode("big5"))


def test_accented_utf8_stays_utf8() -> None:
    assert decode("id,name\n1,Zürich\n2,café\n".encode()).encoding == "utf-8"


def test_cyrillic_utf8_stays_utf8() -> None:
    assert decode("id,name\n1,Проспект Мира\n".encode()).text.endswith("Мира\n")


def test_a_chinese_text_that_is_valid_utf8_is_not_guessed() -> None:
    data = b"id,name\n1,\xc4\xb3\xc4\xb3\n"  # 某某 in GBK, ĳĳ in UTF-8
    with pytest.raises(IntakeError, match="too short to tell"):
        decode(data)
    assert decode(data, "gb18030").text.endswith("某某\n")


def test_damaged_utf8_is_called_damaged_with_its_place() -> None:
    data = SAMPLE.encode()
    with pytest.raises(IntakeError, match=r"damaged.*line 2"):
        decode(data[:45] + b"\xff" + data[45:])


def test_utf8_cut_in_a_character_is_called_damaged() -> None:
    data = SAMPLE.encode()
    cut = data[: data.rindex("场".encode()) + 1]
    with pytest.raises(IntakeError, match="damaged"):
        decode(cut)


def test_a_workbook_is_recognised() -> None:
    with pytest.raises(IntakeError, match="Excel"):
        decode(b"PK\x03\x04 and so on")


def test_an_unknown_encoding_name_is_refused() -> None:
    with pytest.raises(IntakeError, match="not the name"):
        decode(b"a,b", "klingon")
