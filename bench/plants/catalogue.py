"""All plants by name."""

from bench.plants.file_plants import FILE_PLANTS
from bench.plants.house_plants import HOUSE_PLANTS
from bench.plants.money_plants import MONEY_PLANTS
from bench.plants.output_plants import OUTPUT_PLANTS
from bench.plants.plant import Plant
from bench.plants.provider_plants import PROVIDER_PLANTS
from bench.plants.queue_plants import QUEUE_PLANTS

PLANTS: dict[str, Plant] = {
    **QUEUE_PLANTS,
    **HOUSE_PLANTS,
    **PROVIDER_PLANTS,
    **OUTPUT_PLANTS,
    **FILE_PLANTS,
    **MONEY_PLANTS,
}
