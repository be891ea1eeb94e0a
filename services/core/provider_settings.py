"""The settings of providers: access, models, limits, hosts of outputs, and the way through a proxy."""

from pydantic_settings import BaseSettings, SettingsConfigDict

from services.core.settings_fields import (
    Folder,
    Hosts,
    HttpUrl,
    Model,
    Proxy,
    Token,
    integer,
    model,
    setting,
    token,
    web_address,
)


class ProviderSettings(BaseSettings):
    """What is needed to reach providers."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, str_strip_whitespace=True
    )

    replicate_api_token: Token | None = token(
        "REPLICATE_API_TOKEN", meaning="Replicate's token; without it, the simulator answers"
    )
    replicate_base_url: HttpUrl = web_address(
        "REPLICATE_BASE_URL",
        default="https://api.replicate.com",
        meaning="A server with Replicate's API, for instance one's own",
    )
    replicate_pose_model: Model = model(
        "fofr/consistent-character", "REPLICATE_POSE_MODEL", meaning="The model that draws poses"
    )
    replicate_simulation_model: Model = model(
        "stability-ai/sdxl",
        "REPLICATE_SIMULATION_MODEL",
        meaning="The model that draws simulations from a photograph",
    )
    replicate_trainer_model: Model = model(
        "ostris/flux-dev-lora-trainer",
        "REPLICATE_TRAINER_MODEL",
        meaning="The trainer of likenesses",
    )
    replicate_cutout_model: Model = model(
        "851-labs/background-remover",
        "REPLICATE_CUTOUT_MODEL",
        meaning="The model that removes backgrounds",
    )
    replicate_background_model: Model = model(
        "black-forest-labs/flux-kontext-pro",
        "REPLICATE_BACKGROUND_MODEL",
        meaning="The model that replaces backgrounds",
    )
    replicate_creates_per_minute: int = integer(
        600,
        "REPLICATE_CREATES_PER_MINUTE",
        meaning="Predictions created in a minute at most",
        minimum=1,
        maximum=100_000,
    )
    replicate_calls_per_minute: int = integer(
        3000,
        "REPLICATE_CALLS_PER_MINUTE",
        meaning="Other calls to Replicate in a minute at most",
        minimum=1,
        maximum=100_000,
    )
    gemini_api_key: Token | None = token(
        "GEMINI_API_KEY",
        "GOOGLE_API_KEY",
        meaning="Gemini's key; without it and without a project, the simulator answers",
    )
    gemini_base_url: HttpUrl = web_address(
        "GEMINI_BASE_URL",
        default="https://generativelanguage.googleapis.com",
        meaning="A server with Gemini's API, or with Vertex AI's",
    )
    gemini_image_model: str = setting(
        "gemini-nano-banana-2.1",
        "GEMINI_IMAGE_MODEL",
        meaning="The model that draws mascots",
        fix="Use the model's name as Google lists it.",
        pattern=r"^[\w.-]+$",
    )
    google_cloud_project_id: str | None = setting(
        None,
        "GOOGLE_CLOUD_PROJECT_ID",
        meaning="The Google Cloud project for Gemini on Vertex AI; GEMINI_API_KEY wins over it",
        fix="Use the project's id, not its title.",
        pattern=r"^[a-z0-9.:-]+$",
    )
    google_cloud_location: str = setting(
        "global",
        "GOOGLE_CLOUD_LOCATION",
        meaning="The location of that project's models",
        fix="Use a location's name, for instance global or europe-west4.",
        pattern=r"^[a-z0-9-]+$",
    )
    google_application_credentials: Folder | None = setting(
        None,
        "GOOGLE_APPLICATION_CREDENTIALS",
        meaning="The JSON key file of that project's service account",
        default_text="the machine's own credentials",
        fix="Use the path of a file.",
    )
    huggingface_api_key: Token | None = token(
        "HUGGINGFACE_API_KEY", meaning="Hugging Face's token; without it, the simulator answers"
    )
    huggingface_base_url: HttpUrl = web_address(
        "HUGGINGFACE_BASE_URL",
        default="https://router.huggingface.co",
        meaning="A server with Hugging Face's inference API",
    )
    huggingface_pose_model: Model = setting(
        "black-forest-labs/FLUX.1-dev",
        "HUGGINGFACE_POSE_MODEL",
        meaning="The model that draws poses where Hugging Face is chosen",
        fix="Use owner/name.",
    )

    cog_base_url: HttpUrl | None = web_address(
        "COG_BASE_URL", meaning="A GPU server of one's own that runs a Cog container"
    )
    cog_api_token: Token | None = token(
        "COG_API_TOKEN", meaning="The bearer token of the reverse proxy before COG_BASE_URL"
    )
    cog_pose_model: Model = model(
        "own/poses",
        "COG_POSE_MODEL",
        meaning="What the container's model is called here, in prices, captions and durations",
        fix="Use owner/name.",
    )
    cog_concurrency: int = integer(
        1,
        "COG_CONCURRENCY",
        meaning="Predictions that the container makes at once: concurrency.max in its cog.yaml",
        minimum=1,
        maximum=64,
    )
    cog_simulated: bool = setting(
        False,
        "COG_SIMULATED",
        meaning="Let ./run simulate that server, while COG_BASE_URL is not set",
        fix="Use true or false.",
    )

    output_hosts: Hosts | None = setting(
        None,
        "OUTPUT_HOSTS",
        meaning="Hosts of outputs beside the providers' own, such as minio.internal:9000 or"
        " *.example.com, separated by commas; one named without * may be private",
        fix="Use host names, host:port or *.domain, without a path.",
    )
    https_proxy: Proxy | None = setting(
        None,
        "HTTPS_PROXY",
        meaning="The proxy for https addresses; every client uses it",
        fix="Use http://host:port; socks proxies are not supported.",
    )
    http_proxy: Proxy | None = setting(
        None,
        "HTTP_PROXY",
        meaning="The proxy for plain http addresses",
        fix="Use http://host:port; socks proxies are not supported.",
    )
    no_proxy: str | None = setting(
        None,
        "NO_PROXY",
        meaning="Hosts that are reached without a proxy, separated by commas",
        fix="Use host names, domains or networks such as 10.0.0.0/8.",
    )
    keep_blank_pictures: bool = setting(
        False,
        "KEEP_BLANK_PICTURES",
        meaning="Whether a picture that shows nothing is kept and charged; else it fails and is refunded",
        fix="Use true or false.",
    )
    refund_refusals: bool = setting(
        True,
        "REFUND_REFUSALS",
        meaning="Whether what a content filter refused is refunded; else its charge is kept, and a retry"
        " costs nothing",
        fix="Use true or false.",
    )
    max_wait_hours: int = integer(
        24,
        "MAX_WAIT_HOURS",
        meaning="How long a picture may wait to be sent, or to be decided, before it is refunded",
        minimum=1,
        maximum=720,
    )
