"""Feeds for the tests."""

from __future__ import annotations

from pathlib import Path

HEADER = (
    "id\ttitle\tdescription\tlink\timage link\tavailability\tprice\tsale_price\tbrand\t"
    "product_type\tcolor\tsize\tmaterial\tgender\tage_group\titem_group_id"
)
ROW = (
    "{id}\tKurtka przeciwdeszczowa Burza\tLekka kurtka na <b>deszcz</b> &amp; wiatr.\t"
    "https://shop.example/{id}\thttps://shop.example/{id}.jpg\tin_stock\t399,90 PLN\t\tBurza\t"
    "Odzież > Kurtki > Kurtki przeciwdeszczowe\t{colour}\t{size}\tPoliamid\tfemale\tadult\tburza"
)


def feed(folder: Path, *rows: str, name: str = "feed.tsv") -> Path:
    path = folder / name
    path.write_text("\n".join((HEADER, *rows)), encoding="utf-8")
    return path


def row(id_: str, colour: str = "czarny", size: str = "M", **changed: str) -> str:
    values = dict(zip(HEADER.split("\t"), ROW.split("\t"), strict=True))
    values |= {name.replace("image_link", "image link"): v for name, v in changed.items()}
    return "\t".join(values.values()).format(id=id_, colour=colour, size=size)
