"""Assemble the services: the only place that chooses implementations.

Nothing here connects to anything; that happens when a service is first used.
"""

import importlib
from dataclasses import dataclass

from pydantic import SecretStr

from services.audit.trail import AuditTrail
from services.core.errors import SettingsError
from services.core.settings import Settings
from services.core.thresholds import Thresholds
from services.credits.accounts import Accounts
from services.credits.budget import BudgetService
from services.credits.ledger_reader import LedgerReader
from services.credits.prices import Prices
from services.credits.spending import Spending
from services.database.engine import Database
from services.database.read_only.reader import reader_address
from services.diagnosis.facts.gather import Sources
from services.diagnosis.missing import MissingPictures
from services.diagnosis.notes import Notes
from services.diagnosis.search.search import Locator
from services.diagnosis.service import Diagnoses
from services.fetch.output_fetcher import OutputFetcher
from services.gallery.gallery import Gallery
from services.gallery.overview import Overviews
from services.health.check import CheckUpTargets
from services.health.check_up import CheckUps
from services.health.report import Health
from services.health.simulator_controls import SimulatorControls
from services.health.test_picture import PictureTests
from services.jobs.jobs import Jobs
from services.monitoring.generations import GenerationReads
from services.monitoring.providers import ProviderReader
from services.people.visibility import People
from services.pipeline.cancel import Cancel
from services.pipeline.dispatcher import Dispatcher, DispatchRules
from services.pipeline.leases import LeaseRenewer
from services.pipeline.retry import Retry
from services.pipeline.start import Starter
from services.pipeline.step_context import Limits, StepContext
from services.pose_library.editing import PoseEditor
from services.pose_library.library import PoseLibrary
from services.providers.durations import (
    SLOW_HISTORY,
    SLOW_SHARE,
    Capacity,
    DurationEstimator,
)
from services.providers.registry import (
    LazyProviders,
    configured_models,
    output_hosts,
    output_places,
    provider_call_rates,
    provider_concurrency,
    provider_rates,
    simulated_providers,
    token_fingerprints,
    typical_seconds,
)
from services.queue.rq_queue import REST_SECONDS, RqQueue, connect
from services.recipes.prompt_texts import PromptTexts
from services.recipes.recipe import RecipeTools
from services.recipes.registry import PROMPT_TEXTS, Recipes, build_recipes, models_for_test_pictures
from services.recipes.simulations.consents import Consents
from services.recipes.simulations.scenarios import Scenarios
from services.recipes.training.trained_models import TrainedModels
from services.reconciliation.object_checks import SpotCheck
from services.reconciliation.reconciler import Reconciler
from services.reconciliation.storage_owner import StorageOwner
from services.references.erase import ReferenceEraser
from services.references.library import References
from services.references.upload import ReferenceUploads
from services.remedies.base import RemedyTools
from services.remedies.bulk import BulkRemedies
from services.remedies.registry import Remedies
from services.sql.sql_views import SqlViews
from services.storage.base import Storage
from services.storage.local_storage import LocalStorage
from services.storage.s3_place import S3Place
from services.web.pictures import PictureSigner
from services.web.pose_pictures import PoseSigner

STEP_LIMIT_SECONDS = 240.0
TRUSTED_SECONDS = 5.0
"""Workers and dispatcher use a connection so long untested: a test before every transaction costs the
dispatcher a seventh of its time, and what fails on a stale connection is done again by itself."""
SETTLING_SHARE = 0.4
"""Of REQUEUE_AFTER_SECONDS: a job that is in no queue for so long is lost."""


@dataclass(frozen=True)
class Services(Recipes):
    """Everything that pages and routes may call."""

    settings: Settings
    database: Database
    storage: Storage
    signer: PictureSigner
    accounts: Accounts
    ledger: LedgerReader
    prices: Prices
    budget: BudgetService
    spending: Spending
    people: People
    references: References
    reference_uploads: ReferenceUploads
    reference_eraser: ReferenceEraser
    trained_models: TrainedModels
    pose_library: PoseLibrary
    pose_editor: PoseEditor
    pose_signer: PoseSigner
    scenarios: Scenarios
    prompt_texts: PromptTexts
    consents: Consents
    generations: GenerationReads
    cancel: Cancel
    retry: Retry
    gallery: Gallery
    overview: Overviews
    jobs: Jobs
    health: Health
    audit_trail: AuditTrail
    check_ups: CheckUps
    diagnoses: Diagnoses
    missing: MissingPictures
    spot_check: SpotCheck
    sql_views: SqlViews
    locator: Locator
    notes: Notes
    remedies: Remedies
    bulk: BulkRemedies
    picture_tests: PictureTests
    simulator_controls: SimulatorControls


def build_services(settings: Settings) -> Services:
    """The services of a web process; raises SettingsError when one has no address."""
    database = build_database(settings, pool_size=8)
    redis = connect(_needed(settings.redis_url, "REDIS_URL"))
    queue, provider_states = RqQueue(redis, REST_SECONDS), _provider_reader(settings)
    storage, providers = build_storage(settings, database), LazyProviders(settings)
    spot_check = SpotCheck(database, storage)
    durations, capacity = DurationEstimator(typical_seconds), _capacity(settings)
    starter = Starter(database, queue)
    tools = RecipeTools(database, starter, DurationEstimator(), capacity, providers)
    retry = Retry(database, durations)
    # For manual remedies; no lease is taken in this process.
    context = _step_context(settings, database, providers, storage)
    remedies = Remedies(RemedyTools(context, queue, retry))
    notes, missing = Notes(database), MissingPictures(database)
    sources = _sources(settings, database, storage, providers, durations, queue)
    return Services(
        **vars(build_recipes(tools, settings)),
        settings=settings,
        database=database,
        storage=storage,
        signer=PictureSigner(_needed(settings.secret_key, "SECRET_KEY")),
        accounts=Accounts(database),
        ledger=LedgerReader(database),
        prices=Prices(database, durations),
        budget=BudgetService(database),
        spending=Spending(database),
        people=People(database),
        references=References(database),
        reference_uploads=ReferenceUploads(database, storage),
        reference_eraser=ReferenceEraser(database, storage),
        trained_models=TrainedModels(database, durations),
        pose_library=PoseLibrary(database),
        pose_editor=PoseEditor(database),
        pose_signer=PoseSigner(_needed(settings.secret_key, "SECRET_KEY")),
        scenarios=Scenarios(database),
        prompt_texts=PromptTexts(database, PROMPT_TEXTS),
        consents=Consents(database, storage),
        generations=GenerationReads(database, durations, capacity),
        cancel=Cancel(database),
        retry=retry,
        gallery=Gallery(database),
        overview=Overviews(database, queue, durations, provider_states),
        jobs=Jobs(database, queue, durations, provider_states),
        health=Health(database, queue, storage),
        audit_trail=AuditTrail(database),
        check_ups=CheckUps(build_check_up_targets(settings, providers)),
        diagnoses=Diagnoses(sources, _thresholds(settings), notes, missing, spot_check),
        missing=missing,
        spot_check=spot_check,
        sql_views=SqlViews(database, reader_address(settings)),
        locator=Locator(database, settings.home / "logs"),
        notes=notes,
        remedies=remedies,
        bulk=BulkRemedies(database, remedies),
        picture_tests=_picture_tests(settings, database, storage, providers),
        simulator_controls=SimulatorControls(database, settings.simulator_url),
    )


def _capacity(settings: Settings) -> Capacity:
    threads = settings.worker_concurrency * settings.worker_processes
    return Capacity(threads, provider_rates(settings), provider_concurrency(settings))


def _sources(
    settings: Settings,
    database: Database,
    storage: Storage,
    providers: LazyProviders,
    durations: DurationEstimator,
    queue: RqQueue,
) -> Sources:
    """Return what a diagnosis reads from."""
    return Sources(
        database=database,
        queue=queue,
        storage=lambda: storage,
        providers=providers,
        durations=durations,
        slow=DurationEstimator(share=SLOW_SHARE, history=SLOW_HISTORY),
        provider_states=_provider_reader(settings),
        logs=settings.home / "logs",
    )


def _provider_reader(settings: Settings) -> ProviderReader:
    """Reads whether providers may be called, at the rates and with the tokens of the settings."""
    return ProviderReader(
        provider_rates(settings),
        token_fingerprints(settings),
        simulated_providers(settings),
        configured_models(settings),
        frozenset(provider_concurrency(settings)),
    )


def _picture_tests(
    settings: Settings, database: Database, storage: Storage, providers: LazyProviders
) -> PictureTests:
    """Return the test pictures, which bypass the pipeline."""
    fetch, models = _fetcher(settings).fetch, models_for_test_pictures(settings)
    return PictureTests(database, storage, providers, fetch, models, simulated_providers(settings))


def _thresholds(settings: Settings) -> Thresholds:
    """When a step is late depends on how long the pipeline waits."""
    return Thresholds(
        settling=SETTLING_SHARE * settings.requeue_after_seconds,
        output_window=Limits().output_window_seconds,
        max_wait=settings.max_wait_hours * 3600.0,
    )


def build_check_up_targets(settings: Settings, providers: LazyProviders) -> CheckUpTargets:
    """Return what the check-up checks, with connections of its own; some may have no address."""
    database = build_database(settings, pool_size=4) if settings.database_url else None
    redis_url = settings.redis_url
    return CheckUpTargets(
        settings=settings,
        database=database,
        queue=RqQueue(connect(redis_url.get_secret_value())) if redis_url else None,
        storage=lambda: build_storage(settings, database),
        providers=providers,
        simulated=simulated_providers(settings),
        fingerprints=token_fingerprints(settings),
    )


def build_step_context(settings: Settings) -> StepContext:
    """Return what the steps of a worker process share; loads the providers' libraries."""
    database = build_database(settings, settings.worker_concurrency + 2, TRUSTED_SECONDS)
    providers = LazyProviders(settings)
    providers.load()
    return _step_context(settings, database, providers, build_storage(settings, database))


def _step_context(
    settings: Settings, database: Database, providers: LazyProviders, storage: Storage
) -> StepContext:
    fetcher = _fetcher(settings)
    limits = Limits(
        lease_seconds=settings.lease_seconds,
        max_attempts=settings.queue_max_retries,
        lookup_seconds=settings.lookup_seconds,
        keeps_blank=settings.keep_blank_pictures,
        refunds_refusals=settings.refund_refusals,
    )
    return StepContext(
        database=database,
        providers=providers,
        storage=storage,
        fetch=fetcher.fetch,
        fetch_to=fetcher.fetch_to,
        scratch=settings.home / "scratch",
        leases=LeaseRenewer(database, settings.lease_seconds, STEP_LIMIT_SECONDS),
        durations=DurationEstimator(),
        limits=limits,
    )


def build_dispatcher(settings: Settings) -> tuple[Dispatcher, Database]:
    """The dispatcher and its database, its providers registered by the caller."""
    database = build_database(settings, 2, TRUSTED_SECONDS)
    queue = RqQueue(connect(_needed(settings.redis_url, "REDIS_URL")))
    rules = DispatchRules(
        rates=provider_rates(settings),
        read_rates=provider_call_rates(settings),
        concurrency=provider_concurrency(settings),
        requeue_after_seconds=settings.requeue_after_seconds,
        max_wait_seconds=settings.max_wait_hours * 3600.0,
    )
    return Dispatcher(database, queue, rules), database


def build_reconciler(settings: Settings) -> tuple[Reconciler, Database]:
    """Return the reconciler with a database of its own: a slow storage delays no tick of the dispatcher."""
    database = build_database(settings, pool_size=2)
    return Reconciler(database, lambda: build_storage(settings, database)), database


def build_database(settings: Settings, pool_size: int, trusted_seconds: float = 0.0) -> Database:
    """Return the pool of one process."""
    url = _needed(settings.database_url, "DATABASE_URL")
    return Database(url, pool_size, trusted_seconds)


def build_storage(settings: Settings, database: Database | None = None) -> Storage:
    """Return the configured storage, which must be that of the database; S3 alone imports boto3."""
    owner = StorageOwner(database)
    if not settings.stores_in_s3:
        return LocalStorage(settings.home / "storage", owner)
    module = importlib.import_module("services.storage.s3_storage")
    storage: Storage = module.S3Storage(
        S3Place(
            bucket=settings.s3_bucket or "",
            endpoint_url=settings.s3_endpoint_url,
            region=settings.aws_region,
            access_key_id=_plain(settings.aws_access_key_id),
            secret_access_key=_plain(settings.aws_secret_access_key),
            session_token=_plain(settings.aws_session_token),
            addressing=settings.s3_addressing_style,
            public_url=settings.s3_public_url,
            is_linked=settings.s3_redirects,
        ),
        owner=owner,
    )
    return storage


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _fetcher(settings: Settings) -> OutputFetcher:
    """Downloads from the providers' output hosts, and from places that settings name."""
    return OutputFetcher(output_hosts(settings), output_places(settings))


def _needed(secret: SecretStr | None, name: str) -> str:
    if secret is None:
        raise SettingsError(problem=f"{name} is not set. ./run sets it by itself; alone, set it.")
    return secret.get_secret_value()
