"""References: bring pictures in, read what became of each, find, tag, delete and restore them."""

from pages.shared.frame import require_role
from pages.shared.reference_bin import draw_bin, draw_undo
from pages.shared.reference_filters import draw_filters
from pages.shared.reference_list import draw_kept
from pages.shared.reference_upload import draw_upload
from pages.shared.sidebar import current_account
from pages.shared.widgets import page_title
from services.statuses import Role

person = require_role(Role.VIEWER)
page_title("References")
account = current_account(person)
draw_upload(person, account.id)
draw_undo(person)
chosen = draw_filters(person, account.id)
(draw_bin if chosen.is_deleted else draw_kept)(person, account.id, chosen)
