"""What the source guides print: their four statements to the letter, and the columns they name."""

RECENT_MASCOTS = """
SELECT id, name, status, "fullBodyImageUrl", "avatarImageUrl", "batchId", "createdAt"
FROM mascots
ORDER BY "createdAt" DESC
LIMIT 10;
"""
MASCOTS_WITHOUT_PICTURES = """
SELECT id, name, status, "batchId"
FROM mascots
WHERE "fullBodyImageUrl" IS NULL 
  AND "avatarImageUrl" IS NULL
  AND status != 'FAILED'
ORDER BY "createdAt" DESC;
"""
GENERATION_STATUS = """
   SELECT id, status, creditCharged, creditRefunded, posesFailed
   FROM pose_generations
   WHERE id = 'gen_xyz';
"""
REFUND_RECORDS = """
   SELECT *
   FROM credits
   WHERE referenceId = 'gen_xyz' AND type = 'refund';
"""

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
