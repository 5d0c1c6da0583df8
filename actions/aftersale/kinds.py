"""All kinds of requests, by name and by the intent that opens them."""

from __future__ import annotations

from actions.account import ChangeProfile, MyAccount
from actions.aftersale.kind import Kind
from actions.orders.again import Reorder
from actions.orders.cancel import Cancel
from actions.orders.change import ChangeAddress, ChangeItems, ChangePayment
from actions.orders.track import Details, Invoice, Track
from actions.orders.undo import Undo
from actions.returns.back import Exchange, GiveBack
from actions.returns.problem import ReportProblem
from actions.returns.refund import RefundStatus

ALL: tuple[Kind, ...] = (
    Track(),
    Details(),
    Invoice(),
    Cancel(),
    ChangeItems(),
    ChangePayment(),
    ChangeAddress(),
    Reorder(),
    Undo(),
    GiveBack(),
    Exchange(),
    RefundStatus(),
    ReportProblem(),
    MyAccount(),
    ChangeProfile(),
)
KINDS = {kind.name: kind for kind in ALL}
BY_INTENT = {intent: kind for kind in ALL for intent in kind.intents}
