"""All plants by name."""

from bench.faults.credit_faults import MONEY_PLANTS
from bench.faults.fault import Plant
from bench.faults.file_faults import FILE_PLANTS
from bench.faults.output_faults import OUTPUT_PLANTS
from bench.faults.process_faults import HOUSE_PLANTS
from bench.faults.provider_faults import PROVIDER_PLANTS
from bench.faults.queue_faults import QUEUE_PLANTS

PLANTS: dict[str, Plant] = {
    **QUEUE_PLANTS,
    **HOUSE_PLANTS,
    **PROVIDER_PLANTS,
    **OUTPUT_PLANTS,
    **FILE_PLANTS,
    **MONEY_PLANTS,
}
