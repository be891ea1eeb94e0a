"""The columns that the source guides name, and the checksum of the statements that they print."""

STATEMENTS_SHA256 = "bfd874799376a234862bf99fb81dc3c5bf99b0b32eab1a84689c41ed77c7a7af"
COLUMNS = {
    "mascots": [
        "id text",
        "name text",
        "status text",
        "fullBodyImageUrl text",
        "avatarImageUrl text",
        "squareIconUrl text",
        "batchId text",
        "createdAt timestamp with time zone",
    ],
    "pose_generations": [
        "id text",
        "status text",
        "creditcharged bigint",
        "creditrefunded bigint",
        "posescompleted bigint",
        "posesfailed bigint",
        "totalexpectedposes bigint",
    ],
    "credits": [
        "id text",
        "accountid text",
        "referenceid text",
        "type character varying(32)",
        "amount bigint",
        "createdat timestamp with time zone",
        "reason text",
    ],
    "user_models": [
        "replicate_model_id text",
        "replicate_version_id text",
        "lora_weights_url text",
        "trigger_word text",
        "training_status text",
        "training_progress integer",
    ],
    "training_runs": ["status text", "parameters jsonb", "error_message text"],
    "selfie_uploads": ["image_url text", "processing_status text", "validation_status text"],
    "lora_weights": ["trigger_word text", "storage_uri text", "byte_count bigint"],
    "api_job": [
        "id integer",
        "status text",
        "original_image text",
        "simulation1_url text",
        "simulation2_url text",
    ],
}
