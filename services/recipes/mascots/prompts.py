"""What a model is told of a mascot's pictures: styles, one prompt a picture, and their shapes."""

from services.core.states import SlotRole

STYLES = (
    "Flat vector",
    "Soft 3D",
    "Storybook watercolour",
    "Bold cartoon",
    "Anime",
    "Line drawing",
    "Pixel art",
    "Paper cut-out",
    "Clay figure",
    "Plush toy",
)
CUSTOM_STYLE = "Custom…"
"""The style is what the person writes."""
BOOSTERS = "consistent character design, clean edges, balanced light, high detail"
ROLE_PROMPTS = {
    SlotRole.FULL_BODY: "Full body mascot of {subject}, standing, facing the viewer, centered on"
    " a plain light background, {boosters}",
    SlotRole.AVATAR: "Avatar of the same character as in the picture: head and shoulders portrait"
    " of {subject}, plain light background, {boosters}",
    SlotRole.SQUARE_ICON: "Square icon of the same character as in the picture: the face of"
    " {subject}, simple and bold, readable at 32 pixels, {boosters}",
}
ASPECT_RATIOS = {SlotRole.FULL_BODY: "3:4", SlotRole.AVATAR: "1:1", SlotRole.SQUARE_ICON: "1:1"}


def mascot_prompt(role: SlotRole, name: str, description: str, style: str, extra: str = "") -> str:
    """The prompt of one picture of a mascot; `extra` are words for this picture alone."""
    subject = f"{name.strip()}, {description.strip()}, {style} style"
    told = ROLE_PROMPTS[role].replace("{boosters}", BOOSTERS).replace("{subject}", subject)
    return f"{told}, {extra.strip()}" if extra.strip() else told
