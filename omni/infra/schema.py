"""What the configuration's keys are, what each expects, and how a value becomes what it expects."""

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from math import isfinite

from msgspec import NODEFAULT, Struct, ValidationError, convert, inspect
from msgspec.structs import fields

from omni.infra.amount import Amount
from omni.infra.secret import Secret
from omni.infra.section import Config, LimitOverrides, Strategy

#: What is written where there is no value; TOML has no word for it.
NONE = "none"


class Key(Struct, frozen=True):
    """One key of a section.

    Parameters
    ----------
    name
        As it is written: `section.key`.
    type
        What msgspec converts to.
    default
        Its value where nothing sets it.
    text
        What it means, with its unit.
    """

    name: str
    type: object
    default: object
    text: str

    @property
    def optional(self) -> bool:
        """Whether it may be none."""
        info = _bare(inspect.type_info(self.type))
        return isinstance(info, inspect.UnionType) and info.includes_none

    @property
    def expected(self) -> str:
        """Say what its values are."""
        said = _expected(inspect.type_info(self.type))
        return f'{said}, or "{NONE}"' if self.optional else said


@cache
def keys() -> Mapping[str, Key]:
    """Return every key of every section but the strategies', by name, in the order of the sections."""
    found: dict[str, Key] = {}
    for section in fields(Config):
        if section.name != "strategy":
            found |= section_keys(f"{section.name}.", type(section.default))
    return found


@cache
def strategy_keys() -> Mapping[str, Key]:
    """Return the keys of a strategy, those of its limits as `limits.key`; not its free parameters."""
    return section_keys("", Strategy) | section_keys("limits.", LimitOverrides)


def section_keys(prefix: str, section: type[Struct]) -> dict[str, Key]:
    """Return the keys of one section, by name."""
    found: dict[str, Key] = {}
    for field in fields(section):
        default = field.default_factory() if field.default_factory is not NODEFAULT else field.default
        found[prefix + field.name] = Key(prefix + field.name, field.type, default, _text(field.type))
    return found


def converted(key: Key, value: object, *, text: bool) -> object:
    """Return the value as the key's type.

    Parameters
    ----------
    key
        The key.
    value
        What was found.
    text
        Whether it came as text, which may then spell a number, a truth value or a list; "none" is text in a file too.

    Raises
    ------
    ValueError
        Where it isn't what the key expects; the message says both.
    """
    if key.optional and (value is None or value == NONE):
        return None
    if isinstance(value, float) and not isfinite(value):
        raise ValueError(f"expected {key.expected}, found {value}")
    if text and isinstance(value, str) and isinstance(_bare(inspect.type_info(key.type)), inspect.VarTupleType):
        value = _listed(key, value.strip())
    try:
        return convert(value, key.type, strict=not text, dec_hook=_hook)
    except ValidationError:
        raise ValueError(
            f"expected {key.expected}, found {_spelled(value) if text else found(value)}{_meant_value(key, value)}"
        ) from None


def found(value: object) -> str:  # noqa: PLR0911  # One line per kind of value.
    """Say what a value is, in TOML's words."""
    match value:
        case bool():
            return f"the truth value {str(value).lower()}"
        case str():
            return f'the text "{value}"'
        case int():
            return f"the whole number {value}"
        case float():
            return f"the decimal number {value}"
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
    return f"{value}"


def _spelled(value: object) -> str:
    """Say what a value is that came as text, which was perhaps meant as a number or a truth value."""
    text = str(value)
    plain = text in {"true", "false"} or (text.isascii() and text.replace(".", "", 1).lstrip("+-").isdecimal())
    return text if isinstance(value, str) and plain else found(value)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant: spelled alike in the same section, or elsewhere, or none."""
    section, _, last = name.rpartition(".")
    places: dict[tuple[bool, str], str] = {}
    for other in known:
        home, _, word = other.rpartition(".")
        places.setdefault((home == section, word), other)
    for same, cutoff in ((True, 0.6), (False, 0.8)):
        near = get_close_matches(last, [word for here, word in places if here is same], n=1, cutoff=cutoff)
        if near:
            return places[same, near[0]]
    return None


def _listed(key: Key, text: str) -> list[object]:
    """Read a list that came as text: `A,B`, or an array as the file and `omni config show` have it."""
    if not text.startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        match tomllib.loads(f"x = {text}"):
            case {"x": list(parts), **more} if not more:
                return parts
    except tomllib.TOMLDecodeError:
        pass
    raise ValueError(f'expected {key.expected}, written A,B or ["A", "B"], found {text}')


def _text(type_: object) -> str:
    info = inspect.type_info(type_)
    extra = info.extra_json_schema if isinstance(info, inspect.Metadata) else None
    return str((extra or {}).get("description", ""))


def _hook(type_: type, value: object) -> object:
    if type_ is Amount:
        return Amount.parse(value)
    if type_ is Secret and isinstance(value, str):
        return Secret(value)
    raise ValueError(f"{value!r} is not a {type_.__name__}")


def _bare(info: inspect.Type) -> inspect.Type:
    return info.type if isinstance(info, inspect.Metadata) else info


def _meant_value(key: Key, value: object) -> str:
    info = _bare(inspect.type_info(key.type))
    if not isinstance(info, inspect.LiteralType) or not isinstance(value, str):
        return ""
    near = nearest(value, [str(word) for word in info.values])
    return f"; did you mean {near}?" if near else ""


def _expected(info: inspect.Type) -> str:  # noqa: PLR0911  # One line per kind of type.
    match _bare(info):
        case inspect.LiteralType(values):
            return _either([f'"{value}"' for value in values])
        case inspect.UnionType(types):
            return _either([_expected(each) for each in types if not isinstance(each, inspect.NoneType)])
        case inspect.VarTupleType(item):
            return f"a list, each {_expected(item)}"
        case inspect.StrType() as text:
            return f"a text of the form {text.pattern}" if text.pattern else _text_of(text)
        case inspect.IntType() | inspect.FloatType() as number:
            return _number(number)
        case inspect.CustomType(cls) if cls is Amount:
            return 'an amount from 0 to below 10^16, whole or a decimal in quotes such as "0.01" (20 decimals at most)'
        case other:
            return _PLAIN.get(type(other), "a text")


_PLAIN: Mapping[type, str] = {
    inspect.BoolType: "true or false",
    inspect.DateTimeType: "a time with its offset from UTC such as 2024-01-02T14:30:00Z",
    inspect.DictType: "a table of numbers, texts and truth values",
    inspect.StructType: "a table",
}


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _text_of(info: inspect.StrType) -> str:
    if info.min_length:
        return "a text that isn't empty"
    return f"a text of at most {info.max_length} characters" if info.max_length else "a text"


def _number(info: inspect.IntType | inspect.FloatType) -> str:
    kind = "a whole number" if isinstance(info, inspect.IntType) else "a number"
    low = f"above {info.gt:g}" if info.gt is not None else f"of {info.ge} or more" if info.ge is not None else ""
    if info.le is None:
        return f"{kind} {low}".rstrip()
    if info.ge is not None:
        return f"{kind} from {info.ge} to {info.le}"
    return f"{kind} {low} and of {info.le} at most"
