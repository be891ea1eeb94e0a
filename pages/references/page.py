"""References: bring pictures in, read what became of each, find, tag, delete and restore them."""

from pages.kit.frame import require_role
from pages.kit.sidebar import current_account
from pages.kit.widgets import page_title
from pages.references.deleted import draw_bin, draw_undo
from pages.references.filters import draw_filters
from pages.references.kept import draw_kept
from pages.references.upload import draw_upload
from services.core.states import Role

person = require_role(Role.VIEWER)
page_title("References")
account = current_account(person)
draw_upload(person, account.id)
draw_undo(person)
chosen = draw_filters(person, account.id)
(draw_bin if chosen.is_deleted else draw_kept)(person, account.id, chosen)
