"""What the list of runs can be narrowed to: the models, accounts and failures that occurred."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.states import Role, RunState
from services.database.clock import ago
from services.database.models import Account, Run
from services.jobs.part import Part
from services.providers.registry import provider_label
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE

DAYS = 30
"""Models and failures of so many days; older ones are found by the search."""
MOST_ACCOUNTS = 500


@dataclass(frozen=True)
class RunChoices:
    """Id or value → what people call it."""

    providers: dict[str, str]
    models: tuple[str, ...]
    accounts: dict[str, str]
    failures: dict[str, str]


class Choices(Part):
    """Three statements that read the ended runs of a month: ask now and then."""

    def choices(self, actor: Actor) -> RunChoices:
        """What occurred within a month."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            providers, models = _models(session)
            return RunChoices(
                providers={name: provider_label(name) for name in providers},
                models=models,
                accounts={
                    account_id: name
                    for account_id, name in session.execute(
                        select(Account.id, Account.name).order_by(Account.name).limit(MOST_ACCOUNTS)
                    )
                },
                failures=_failures(session),
            )


def _models(session: Session) -> tuple[list[str], tuple[str, ...]]:
    since = ago(timedelta(days=DAYS))
    rows = session.execute(
        select(Run.provider, Run.model).where(Run.created_at > since).distinct()
    ).all()
    return sorted({provider for provider, _ in rows}), tuple(sorted({model for _, model in rows}))


def _failures(session: Session) -> dict[str, str]:
    since = ago(timedelta(days=DAYS))
    rows = session.scalars(
        select(Run.failure)
        .where(Run.state == RunState.FAILED, Run.finished_at > since, Run.failure.is_not(None))
        .distinct()
    )
    found = [failure for failure in rows if failure]
    return {failure: FAILURE_SENTENCES.get(failure, UNKNOWN_FAILURE) for failure in sorted(found)}
