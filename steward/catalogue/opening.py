"""When the shop is open, from the two tables that say so; and those hours inside other texts.

A text about the shop writes `{saturday}` for what `hours.csv` says of that day, so hours stand in one place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from steward.catalogue.model import WEEKDAYS, OpeningHours, Span
from steward.catalogue.table import Row
from steward.errors import Fault

HOURS, HOLIDAYS = "hours.csv", "holidays.csv"

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)(?![\d:])")


def opening_of(hours: Sequence[Row], holidays: Sequence[Row]) -> OpeningHours:
    """The opening hours that faultless rows say."""
    week = tuple(
        tuple(sorted((_span(row) for row in hours if day in row["days"]), key=lambda span: span.opens))
        for day in WEEKDAYS
    )
    days: Mapping[date, tuple[Span, ...]] = {
        row["day"]: (_span(row),) if row["opens"] is not None else () for row in holidays
    }
    return OpeningHours(hours[0]["time_zone"], week, days)


def filled(text: str, hours: Sequence[Row]) -> str:
    """The text with each `{day}` replaced by what the hours' own text says of it."""
    return _PLACEHOLDER.sub(lambda found: ", ".join(_said(found[1], hours)), text)


def opening_faults(
    hours: Sequence[Row], holidays: Sequence[Row], shop: Sequence[Row], shop_file: str, sound: Collection[str]
) -> list[Fault]:
    """Hours that cannot be, or that a text contradicts; files that are not among the `sound` are left out."""
    faults: list[Fault] = []
    if HOURS in sound:
        if not hours:
            faults.append(Fault(HOURS, 0, "days", "no row; expected the days on which the shop is open"))
        faults += [*_odd_weeks(hours), *_odd_texts(hours)]
    if HOLIDAYS in sound:
        faults += _odd_holidays(holidays)
    if HOURS in sound and HOLIDAYS in sound:
        faults += _contradictions(hours, holidays, shop, shop_file)
    return faults


def _odd_weeks(hours: Sequence[Row]) -> Iterator[Fault]:
    taken: dict[str, list[Row]] = {}
    zone = next((row["time_zone"] for row in hours if row["time_zone"]), None)
    for row in hours:
        if row["time_zone"] and row["time_zone"] != zone:
            message = f"{row['time_zone']}, but the first row has {zone}; expected one time zone"
            yield Fault(HOURS, row.line, "time_zone", message)
        for day in row["days"] or ():
            if day not in WEEKDAYS:
                expected = ", ".join(WEEKDAYS)
                yield Fault(HOURS, row.line, "days", f'unknown day "{day}"; expected some of {expected}')
        if row["opens"] is None or row["closes"] is None:
            continue
        if row["closes"] <= row["opens"]:
            yield Fault(
                HOURS, row.line, "closes", "not after it opens; expected a later time of the same day"
            )
        for day in row["days"] or ():
            for other in taken.setdefault(day, []):
                if row["opens"] < other["closes"] and other["opens"] < row["closes"]:
                    message = (
                        f"open on {day} already, by line {other.line}; expected hours that do not overlap"
                    )
                    yield Fault(HOURS, row.line, "days", message)
            taken[day].append(row)


def _odd_texts(hours: Sequence[Row]) -> Iterator[Fault]:
    for row in hours:
        if row["text"] is None or row["opens"] is None or row["closes"] is None:
            continue
        named = _clocks(row["text"])
        if named != [row["opens"], row["closes"]]:
            message = (
                f"says {_listed(named)}; expected {_listed([row['opens'], row['closes']])} as in its columns"
            )
            yield Fault(HOURS, row.line, "text", message)


def _odd_holidays(holidays: Sequence[Row]) -> Iterator[Fault]:
    for row in holidays:
        opens, closes = row["opens"], row["closes"]
        if (opens is None) != (closes is None):
            column = "opens" if opens is None else "closes"
            message = "empty; expected both times, or neither when the shop is closed"
            yield Fault(HOLIDAYS, row.line, column, message)
        elif opens is not None and closes <= opens:
            message = "not after it opens; expected a later time of the same day"
            yield Fault(HOLIDAYS, row.line, "closes", message)


def _contradictions(
    hours: Sequence[Row], holidays: Sequence[Row], shop: Sequence[Row], shop_file: str
) -> Iterator[Fault]:
    known = {row[column] for row in (*hours, *holidays) for column in ("opens", "closes")}
    for row in shop:
        text = row["text"] or ""
        for found in _PLACEHOLDER.finditer(text):
            if not _said(found[1], hours):
                message = f'nothing to put for {found[0]}; expected a day that {HOURS} has, like "{{monday}}"'
                yield Fault(shop_file, row.line, "text", message)
        odd = [time for time in _clocks(text) if time not in known]
        if row["topic"] == "hours" and odd:
            message = (
                f"says {_listed(odd)}, which neither {HOURS} nor {HOLIDAYS} does; expected the same hours"
            )
            yield Fault(shop_file, row.line, "text", message)


def _said(day: str, hours: Sequence[Row]) -> list[str]:
    return [row["text"] for row in hours if day in (row["days"] or ()) and row["text"]]


def _clocks(text: str) -> list[int]:
    return [int(hour) * 60 + int(minute) for hour, minute in _CLOCK.findall(text)]


def _listed(times: Sequence[int]) -> str:
    return " and ".join(f"{time // 60}:{time % 60:02}" for time in times) or "no times"


def _span(row: Row) -> Span:
    return Span(row["opens"], row["closes"])
