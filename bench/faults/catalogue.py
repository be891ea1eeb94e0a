"""Every fault by name: its cause's id with dashes, or a variant of that cause."""

from bench.faults.credit_faults import CREDIT_FAULTS
from bench.faults.fault import Fault
from bench.faults.file_faults import FILE_FAULTS
from bench.faults.output_faults import OUTPUT_FAULTS
from bench.faults.process_faults import PROCESS_FAULTS
from bench.faults.provider_faults import PROVIDER_FAULTS
from bench.faults.queue_faults import QUEUE_FAULTS
from bench.faults.server_faults import SERVER_FAULTS

FAULTS: dict[str, Fault] = {
    **QUEUE_FAULTS,
    **SERVER_FAULTS,
    **PROCESS_FAULTS,
    **PROVIDER_FAULTS,
    **OUTPUT_FAULTS,
    **FILE_FAULTS,
    **CREDIT_FAULTS,
}
