"""Money of the made-up studio: two accounts, a ledger of three movements, a month of spending."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.core.actors import Actor, require
from services.core.errors import CorrectionTooLargeError
from services.core.states import EntryKind, PriceUnit, Role
from services.credits.accounts import AccountTerms, AccountView
from services.credits.budget import BudgetLimits, BudgetStatus
from services.credits.ledger_reader import AccountTotals, EntryView, LedgerPage
from services.credits.prices import PriceView, ProviderPriceView, WhatIf
from services.credits.spending import DaySpend, Forecast, SpendReport, SpendRow
from services.providers.registry import provider_prices
from services.recipes.registry import item_prices

NOW = datetime.now(UTC)
ACCOUNT = "acc_01jd0000000000000000000000"
GENERATION = "gen_00000000000000000000000001"
WORDS = "<b>Invoice</b> *4711* [x](javascript:y)"


def entry(number: int, kind: EntryKind, amount: int, reason: str) -> EntryView:
    """One movement; grants are for no batch."""
    is_grant = kind is EntryKind.GRANT
    return EntryView(
        id=f"led_{number:026d}",
        kind=kind,
        amount=amount,
        quota_slots=0,
        generation_id=None if is_grant else GENERATION,
        title=None if is_grant else "Pip the fox",
        by="You" if is_grant else "system",
        reason=reason,
        created_at=NOW - timedelta(hours=number),
    )


@dataclass
class FakeCredits:
    """`changes` holds what was asked for, in the order of asking."""

    balance: int = 12_480
    has_other: bool = True
    entries: list[EntryView] = field(
        default_factory=lambda: [
            entry(1, EntryKind.REFUND, 30, "content_refused"),
            entry(2, EntryKind.CHARGE, -360, "Started"),
            entry(3, EntryKind.GRANT, 12_810, WORDS),
        ]
    )
    adds_up: bool = True
    is_unspent: bool = False
    changes: list[tuple[Any, ...]] = field(default_factory=list)

    def all(self, actor: Actor) -> list[AccountView]:
        other = AccountView("acc_2", "Riverside Kids", "unlimited", 90, "Asia/Tokyo", 200, 20)
        first = AccountView(ACCOUNT, "North Studio", "pro", self.balance)
        return [first, other] if self.has_other else [first]

    def totals(self, actor: Actor) -> dict[str, AccountTotals]:
        held = 0 if self.adds_up else 7
        sums = (self.balance, self.balance, 12_810, 360, 30, 330, held, 0)
        return {ACCOUNT: AccountTotals(ACCOUNT, *sums)}

    def page(
        self,
        actor: Actor,
        account_id: str,
        *,
        kind: EntryKind | None = None,
        before: str | None = None,
        limit: int = 30,
    ) -> LedgerPage:
        found = [e for e in self.entries if kind in (None, e.kind) and account_id == ACCOUNT]
        first = int(before or 0)
        more = str(first + limit) if len(found) > first + limit else None
        return LedgerPage(tuple(found[first : first + limit]), more)

    def csv(self, actor: Actor, account_id: str, kind: EntryKind | None = None) -> str:
        return "id,amount\r\n"

    def time_zones(self, actor: Actor) -> list[str]:
        return ["Asia/Tokyo", "Europe/Lisbon", "UTC"]

    def grant(
        self, actor: Actor, account_id: str, amount: int, reason: str, idempotency_key: str
    ) -> EntryView:
        require(actor, Role.ADMIN)
        if self.balance + amount < 0:
            raise CorrectionTooLargeError(balance=self.balance, amount=-amount)
        self.changes.append(("grant", account_id, amount, reason, bool(idempotency_key)))
        return entry(0, EntryKind.GRANT, amount, reason)

    def create(self, actor: Actor, name: str, terms: AccountTerms, reason: str) -> str:
        require(actor, Role.ADMIN)
        self.changes.append(("create", name, terms, reason))
        return "acc_3"

    def change(self, actor: Actor, account_id: str, terms: AccountTerms, reason: str) -> None:
        require(actor, Role.ADMIN)
        self.changes.append(("change", account_id, terms, reason))

    def item_prices(self, actor: Actor) -> tuple[PriceView, ...]:
        return tuple(
            PriceView(item, credits, NOW) for item, credits in sorted(item_prices().items())
        )

    def set_item_price(self, actor: Actor, item: str, credits: int, reason: str) -> None:
        require(actor, Role.ADMIN)
        self.changes.append(("price", item, credits, reason))

    def provider_prices(self, actor: Actor) -> tuple[ProviderPriceView, ...]:
        return tuple(ProviderPriceView(**row, updated_at=NOW) for row in provider_prices())

    def set_provider_price(
        self, actor: Actor, provider: str, model: str, unit: PriceUnit, usd: float, reason: str
    ) -> None:
        require(actor, Role.ADMIN)
        self.changes.append(("provider_price", provider, model, unit, usd, reason))

    def forecast(self, actor: Actor) -> Forecast:
        return Forecast(17.5, 96.0, 180.0, 340.0)

    def report(self, actor: Actor, days: int = 30) -> SpendReport:
        usd = 0.0 if self.is_unspent else 3.2
        each = tuple(
            DaySpend(date.today() - timedelta(days=ago), usd, round(usd * 10))
            for ago in reversed(range(days))
        )
        rows = () if self.is_unspent else (SpendRow("poses", "Poses", usd * days, 1.0, 10),)
        people = tuple(replace(row, key="per_1", label=WORDS) for row in rows)
        models = tuple(replace(row, key="replicate/owner/model") for row in rows)
        return SpendReport(each, rows, people, models)

    def models(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        return (("replicate", "fofr/consistent-character"), ("replicate", "stability-ai/sdxl"))

    def what_if(
        self,
        actor: Actor,
        item: str,
        jobs: int,
        provider: str,
        model: str,
        seconds: float | None = None,
    ) -> WhatIf:
        each = seconds or 24.0
        usd = each * 0.000975
        is_measured = seconds is None
        return WhatIf(30, 30 * jobs, usd, usd * jobs, PriceUnit.SECOND, each, is_measured)


@dataclass
class FakeBudget:
    """The budget; `changes` is that of the credits."""

    changes: list[tuple[Any, ...]]
    now: BudgetLimits = field(default_factory=lambda: BudgetLimits(20.0, 300.0))

    def limits(self, actor: Actor) -> BudgetLimits:
        return self.now

    def status(self, actor: Actor) -> tuple[BudgetStatus, BudgetStatus]:
        share, is_stop = self.now.warn_share, self.now.is_stop
        return (
            BudgetStatus("day", 17.5, self.now.daily_usd, share, is_stop),
            BudgetStatus("month", 96.0, self.now.monthly_usd, share, is_stop),
        )

    def change(self, actor: Actor, limits: BudgetLimits, reason: str) -> None:
        require(actor, Role.ADMIN)
        self.changes.append(("budget", limits, reason))
