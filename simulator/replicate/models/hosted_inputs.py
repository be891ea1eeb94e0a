"""The inputs of the models that draw, as their `predict` functions declare them."""

from simulator.replicate.models.input_schemas import (
    URI,
    WEBP_FIRST,
    ModelInput,
    OutputShape,
    choice,
    flag,
    integer,
    number,
    text,
)

ASPECT_RATIOS = ["1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21"]

MATCH_INPUT = "match_input_image"
CUSTOM_ASPECT = "custom"

CONSISTENT_CHARACTER = ModelInput(
    {
        "prompt": text("A headshot photo"),
        "negative_prompt": text(""),
        "subject": URI,
        "number_of_outputs": integer(3, 1, 20),
        "number_of_images_per_pose": integer(1, 1, 4),
        "randomise_poses": flag(True),
        "output_format": choice(WEBP_FIRST, "webp"),
        "output_quality": integer(80, 0, 100),
        "seed": integer(),
        "disable_safety_checker": flag(False),
    }
)

SDXL = ModelInput(
    {
        "prompt": text("An astronaut riding a rainbow unicorn"),
        "negative_prompt": text(""),
        "image": URI,
        "mask": URI,
        "width": integer(1024),
        "height": integer(1024),
        "num_outputs": integer(1, 1, 4),
        "scheduler": choice(
            [
                "DDIM",
                "DPMSolverMultistep",
                "HeunDiscrete",
                "KarrasDPM",
                "K_EULER_ANCESTRAL",
                "K_EULER",
                "PNDM",
            ],
            "K_EULER",
        ),
        "num_inference_steps": integer(50, 1, 500),
        "guidance_scale": number(7.5, 1, 50),
        "prompt_strength": number(0.8, 0, 1),
        "seed": integer(),
        "refine": choice(
            ["no_refiner", "expert_ensemble_refiner", "base_image_refiner"], "no_refiner"
        ),
        "high_noise_frac": number(0.8, 0, 1),
        "refine_steps": integer(),
        "apply_watermark": flag(True),
        "lora_scale": number(0.6, 0, 1),
        "replicate_weights": text(),
        "disable_safety_checker": flag(False),
    }
)

FLUX_DEV = ModelInput(
    {
        "prompt": text(),
        "image": URI,
        "go_fast": flag(True),
        "guidance": number(3, 0, 10),
        "megapixels": choice(["1", "0.25"], "1"),
        "num_outputs": integer(1, 1, 4),
        "aspect_ratio": choice(ASPECT_RATIOS, "1:1"),
        "output_format": choice(WEBP_FIRST, "webp"),
        "output_quality": integer(80, 0, 100),
        "prompt_strength": number(0.8, 0, 1),
        "num_inference_steps": integer(28, 1, 50),
        "seed": integer(),
        "disable_safety_checker": flag(False),
    },
    required=("prompt",),
)

FLUX_DEV_LORA = ModelInput(
    {
        **FLUX_DEV.properties,
        "lora_weights": text(),
        "lora_scale": number(1, -1, 3),
        "extra_lora": text(),
        "extra_lora_scale": number(1, -1, 3),
        "hf_api_token": text(),
        "civitai_api_token": text(),
    },
    required=("prompt",),
)

FLUX_KONTEXT_PRO = ModelInput(
    {
        "prompt": text(),
        "input_image": URI,
        "aspect_ratio": choice([MATCH_INPUT, *ASPECT_RATIOS], MATCH_INPUT),
        "output_format": choice(["jpg", "png"], "png"),
        "safety_tolerance": integer(2, 0, 6),
        "seed": integer(),
        "prompt_upsampling": flag(False),
    },
    required=("prompt",),
    shape=OutputShape.ONE,
)

FLUX_DEPTH_DEV = ModelInput(
    {
        "control_image": URI,
        "prompt": text(),
        "guidance": number(10, 0, 100),
        "num_outputs": integer(1, 1, 4),
        "num_inference_steps": integer(28, 1, 50),
        "output_format": choice(WEBP_FIRST, "webp"),
        "output_quality": integer(80, 0, 100),
        "seed": integer(),
        "disable_safety_checker": flag(False),
    },
    required=("control_image", "prompt"),
)

FLUX_TRAINED = ModelInput(
    {
        "prompt": text(),
        "image": URI,
        "mask": URI,
        "aspect_ratio": choice([*ASPECT_RATIOS, CUSTOM_ASPECT], "1:1"),
        "width": integer(None, 256, 1440),
        "height": integer(None, 256, 1440),
        "num_outputs": integer(1, 1, 4),
        "lora_scale": number(1, -1, 2),
        "num_inference_steps": integer(28, 1, 50),
        "model": choice(["dev", "schnell"], "dev"),
        "guidance_scale": number(3.5, 0, 10),
        "prompt_strength": number(0.8, 0, 1),
        "seed": integer(),
        "extra_lora": text(),
        "extra_lora_scale": number(1, -1, 2),
        "output_format": choice(WEBP_FIRST, "webp"),
        "output_quality": integer(90, 0, 100),
        "replicate_weights": text(),
        "disable_safety_checker": flag(False),
        "go_fast": flag(False),
        "megapixels": choice(["1", "0.25"], "1"),
    },
    required=("prompt",),
)

CONTROLNET_POSE = ModelInput(
    {
        "image": URI,
        "prompt": text(),
        "num_samples": choice(["1", "4"], "1"),
        "image_resolution": choice(["256", "512", "768"], "512"),
        "ddim_steps": integer(20),
        "scale": number(9, 0.1, 30),
        "seed": integer(),
        "eta": number(0),
        "a_prompt": text("best quality, extremely detailed"),
        "n_prompt": text("lowres, bad anatomy, bad hands, cropped, worst quality"),
        "detect_resolution": integer(512, 128, 1024),
    },
    required=("image", "prompt"),
)
