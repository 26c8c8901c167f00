"""What every COM object of the stand-in shares: how it fails, how its calls are counted, what a collection can do."""

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from .pywin32 import CDispatch, OleObject, com_error

DISP_E_EXCEPTION = -2147352567
DISP_E_MEMBERNOTFOUND = -2147352573
DISP_E_BADINDEX = -2147352565
EXCEL_1004 = -2146827284  # 0x800A03EC, "application-defined or object-defined error"

AUTOMATIC, MANUAL, SEMIAUTOMATIC = -4105, -4135, 2
VISIBLE, HIDDEN, VERY_HIDDEN = -1, 0, 2
DOWN, UP, TO_LEFT, TO_RIGHT = -4121, -4162, -4159, -4161
NO_COLOUR, AUTOMATIC_COLOUR = -4142, -4105
YES, NO, GUESS = 1, 2, 0

PROTECTED = (
    "The cell or chart you're trying to change is on a protected sheet. To make a change, unprotect the sheet. "
    "You might be requested to enter a password."
)


def excel_error(message: str, scode: int = EXCEL_1004) -> com_error:
    """The exception with which Excel refuses: VBA's run-time error 1004 unless `scode` says otherwise."""
    source = (0, "Microsoft Excel", message, "xlmain11.chm", 0, scode)
    return com_error(DISP_E_EXCEPTION, "Exception occurred.", source, None)


def no_member(owner: Any, member: str) -> com_error:
    return com_error(DISP_E_MEMBERNOTFOUND, f"Member not found: {type(owner).__name__}.{member}")


class StandinFault(Exception):
    """A fault of the stand-in itself, not a refusal of Excel."""


class NotCalculated(Exception):
    """A formula was asked for its value and nobody has calculated it."""


class Meter:
    """Counts the calls that come from outside: a call made while another one is being answered is our own."""

    def __init__(self) -> None:
        self.called: Counter[str] = Counter()
        self.depth = 0

    def count(self, owner: Any, member: str) -> None:
        if self.depth == 0:
            self.called[f"{type(owner).__name__}.{member}"] += 1


class Com(CDispatch):
    """A COM object. Members with a capital letter are COM members, and each use of one from outside counts one call.

    A subclass writes members as properties and methods. Anything else raises: AttributeError when it is read, as
    pywin32 does, com_error when it is set (pywin32 raises AttributeError there too, at which xlwings tries for ever).
    """

    _iid = "{00020400-0000-0000-C000-000000000046}"
    _meter: Meter

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, member in list(vars(cls).items()):
            if name[0].isupper() or name == "__call__":
                setattr(cls, name, _counted(member))

    @property
    def _oleobj_(self) -> OleObject:
        return OleObject(self._iid)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__} has no member {name} in the stand-in for Excel")

    def __setattr__(self, name: str, value: Any) -> None:
        member = getattr(type(self), name, None)
        if not name.startswith("_") and not (isinstance(member, property) and member.fset):
            raise no_member(self, name)
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<COM object {type(self).__name__}>"


def _counted(member: Any) -> Any:
    if isinstance(member, property):
        return property(*(each and _counted_call(each) for each in (member.fget, member.fset)), doc=member.__doc__)
    return _counted_call(member) if callable(member) else member


def _counted_call(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(self: Com, *args: Any, **named: Any) -> Any:
        meter = self._meter
        meter.count(self, function.__name__)
        meter.depth += 1
        try:
            return function(self, *map(bare, args), **{name: bare(value) for name, value in named.items()})
        except AttributeError as fault:
            # xlwings takes an AttributeError for a busy Excel and would call again for ever
            raise StandinFault(f"{type(self).__name__}.{function.__name__}: {fault}") from fault
        except TypeError as fault:
            if f"{function.__name__}()" in str(fault):  # arguments that the member does not have
                raise com_error(DISP_E_EXCEPTION, str(fault)) from fault
            raise
        except Exception as fault:
            if hasattr(fault, "Message") and hasattr(fault, "Context"):  # of LibreOffice, and no true Python exception
                raise StandinFault(f"{type(self).__name__}.{function.__name__}: {fault.Message}") from None
            raise
        finally:
            meter.depth -= 1

    return call


def bare(value: Any) -> Any:
    """The COM object itself, without the wrapper that xlwings puts around it."""
    return value._inner if type(value).__name__ == "COMRetryObjectWrapper" else value


class Collection(Com):
    """What Excel's collections have in common: Count, Item, the call as a short form of Item, and iteration.

    Items are found by their number, from 1, or by name, in which capitals do not matter. To go through a collection
    costs one call, and one for each item, as the enumerator of COM does.
    """

    def _members(self) -> list[Any]:
        raise NotImplementedError

    def _name_of(self, member: Any) -> str:
        return member.Name

    def _find(self, index: Any) -> Any:
        members = self._members()
        if isinstance(index, str):
            for member in members:
                if self._name_of(member).casefold() == index.casefold():
                    return member
        elif isinstance(index, (int, float)) and 1 <= int(index) <= len(members):
            return members[int(index) - 1]
        raise excel_error(f"Subscript out of range: {type(self).__name__}({index!r})", DISP_E_BADINDEX)

    @property
    def Count(self) -> int:
        return len(self._members())

    def Item(self, Index: Any) -> Any:
        return self._find(Index)

    def __call__(self, Index: Any) -> Any:
        return self._find(Index)

    def __iter__(self) -> Iterator[Any]:
        self._meter.count(self, "_NewEnum")
        self._meter.depth += 1
        try:
            members = self._members()
        finally:
            self._meter.depth -= 1
        for member in members:
            self._meter.count(self, "Next")
            yield member
