"""The inputs of the models that cut out, relight and take apart, and of the trainers."""

from simulator.replicate.models.input_schemas import (
    URI,
    ModelInput,
    OutputShape,
    choice,
    flag,
    integer,
    number,
    text,
)

BACKGROUND_REMOVER = ModelInput(
    {
        "image": URI,
        "format": choice(["png", "jpg"], "png"),
        "background_type": text("rgba"),
        "threshold": number(0, 0, 1),
        "reverse": flag(False),
    },
    required=("image",),
    shape=OutputShape.ONE,
)

PICTURE_ALONE = ModelInput({"image": URI}, required=("image",), shape=OutputShape.ONE)

RELIGHT = ModelInput(
    {
        "subject_image": URI,
        "background_image": URI,
        "prompt": text(),
        "cfg": number(2, 1, 32),
        "steps": integer(25, 1, 100),
        "width": integer(512, 256, 1024),
        "height": integer(640, 256, 1024),
        "seed": integer(),
        "output_format": choice(["webp", "jpg", "png"], "webp"),
        "output_quality": integer(80, 0, 100),
    },
    required=("subject_image", "prompt"),
)

SAM = ModelInput(
    {
        "image": URI,
        "use_m2m": flag(True),
        "points_per_side": integer(64),
        "pred_iou_thresh": number(0.88),
        "stability_score_thresh": number(0.95),
    },
    required=("image",),
    shape=OutputShape.MASKS,
)

FLUX_TRAINER = ModelInput(
    {
        "input_images": URI,
        "trigger_word": text("TOK"),
        "autocaption": flag(True),
        "autocaption_prefix": text(),
        "autocaption_suffix": text(),
        "steps": integer(1000, 3, 6000),
        "learning_rate": number(4e-4),
        "batch_size": integer(1),
        "resolution": text("512,768,1024"),
        "lora_rank": integer(16, 1, 128),
        "caption_dropout_rate": number(0.05, 0, 1),
        "optimizer": text("adamw8bit"),
        "cache_latents_to_disk": flag(False),
        "layers_to_optimize_regex": text(),
        "gradient_checkpointing": flag(False),
        "hf_repo_id": text(),
        "hf_token": text(),
        "wandb_api_key": text(),
        "wandb_project": text("flux_train_replicate"),
        "wandb_run": text(),
        "wandb_entity": text(),
        "wandb_sample_interval": integer(100, 1),
        "wandb_sample_prompts": text(),
        "wandb_save_interval": integer(100, 1),
        "skip_training_and_use_pretrained_hf_lora_url": text(),
    }
)

FAST_FLUX_TRAINER = ModelInput(
    {
        "input_images": URI,
        "trigger_word": text("TOK"),
        "lora_type": choice(["subject", "style"], "subject"),
        "training_steps": integer(1000, 500, 4000),
    }
)
