"""Lists: filters, orders, pages, tags, and where a reference is used."""

import pytest
from PIL import ImageFilter
from sqlalchemy import text

from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import SlotState
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.references.query import ReferenceQuery, Sort, Use
from tests.integration.references.shelf import OPERATOR, VIEWER, Shelf
from tests.unit.media.drawn import scene


def test_orders_are_newest_sharpest_and_largest(shelf: Shelf) -> None:
    shelf.verdict(scene(1, 800, 600), "large.png")
    shelf.verdict(scene(2).filter(ImageFilter.GaussianBlur(3)), "blurred.png")
    shelf.verdict(scene(3, 320, 240), "small.png")
    assert shelf.names() == ["small.png", "blurred.png", "large.png"]
    assert shelf.names(sort=Sort.LARGEST) == ["large.png", "blurred.png", "small.png"]
    assert shelf.names(sort=Sort.SHARPEST)[-1] == "blurred.png"


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_show_each_reference_once(shelf: Shelf, sort: Sort) -> None:
    wanted = {shelf.add(number, f"{number}.png").id for number in range(3)}
    with shelf.database.transaction() as session:
        # Equal values, so that the id decides.
        session.execute(text("UPDATE app.references SET sharpness = 7.5, pixel_count = 9"))
    found: list[str] = []
    cursor = None
    while cursor or not found:
        page = shelf.service.page(
            VIEWER, DEFAULT_ACCOUNT_ID, query=ReferenceQuery(sort), before=cursor, limit=2
        )
        found += [card.id for card in page.items]
        cursor = page.next_cursor
    assert len(found) == 3 and set(found) == wanted


def test_cursor_of_another_order_is_refused(shelf: Shelf) -> None:
    for number in range(2):
        shelf.add(number)
    page = shelf.service.page(VIEWER, DEFAULT_ACCOUNT_ID, limit=1)
    with pytest.raises(InvalidRequestError):
        shelf.service.page(
            VIEWER,
            DEFAULT_ACCOUNT_ID,
            query=ReferenceQuery(Sort.LARGEST),
            before=page.next_cursor,
        )


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        (Sort.NEWEST, "ix_references_account_id_created_at_id"),
        (Sort.SHARPEST, "ix_references_account_id_sharpness_id"),
        (Sort.LARGEST, "ix_references_account_id_pixel_count_id"),
    ],
)
def test_every_order_is_read_from_its_index(shelf: Shelf, sort: Sort, index: str) -> None:
    query = ReferenceQuery(sort)
    column = query.order.key
    with shelf.database.transaction() as session:
        # A table of this size would be sorted; what counts is that the index can serve it.
        session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"))
        plan = session.scalars(
            text(
                "EXPLAIN SELECT * FROM app.references WHERE account_id = 'a' AND deleted_at IS NULL"
                f" AND ({column}, id) < (now(), 'x') ORDER BY {column} DESC, id DESC LIMIT 60"
                if sort is Sort.NEWEST
                else "EXPLAIN SELECT * FROM app.references WHERE account_id = 'a'"
                f" AND deleted_at IS NULL AND ({column}, id) < (5, 'x')"
                f" ORDER BY {column} DESC, id DESC LIMIT 60"
            )
        ).all()
    assert any(index in line for line in plan)


def test_name_is_found_in_any_part_and_as_it_is_written(shelf: Shelf) -> None:
    for number, name in enumerate(("IMG_12.jpg", "IMGX12.jpg", "100%.png")):
        shelf.add(number, name)
    assert shelf.names(name="img_1") == ["IMG_12.jpg"]
    assert shelf.names(name="%") == ["100%.png"]
    assert shelf.names(name="\x00nothing") == []


def test_folder_of_an_upload_is_no_part_of_the_name(shelf: Shelf) -> None:
    assert shelf.add(1, "holiday/../beach\\front.png").filename == "front.png"


def test_tags_are_added_to_several_filtered_by_and_removed(shelf: Shelf) -> None:
    cards = [shelf.add(number, f"{number}.png") for number in range(3)]
    ids = [card.id for card in cards]
    shelf.service.change_tags(OPERATOR, ids, add=["Front  View", "front view", " "])
    shelf.service.change_tags(OPERATOR, ids[:1], add=["hero"])
    assert shelf.names(tag="hero") == ["0.png"]
    assert len(shelf.names(tag="front view")) == 3
    found = [(tag.tag, tag.count) for tag in shelf.service.tags(VIEWER, DEFAULT_ACCOUNT_ID)]
    assert found == [("front view", 3), ("hero", 1)]
    shelf.service.change_tags(OPERATOR, ids[1:], add=["hero"], remove=["front view"])
    assert shelf.names(tag="front view") == ["0.png"]
    assert shelf.service.detail(VIEWER, cards[0].asset_id).card.tags == ("front view", "hero")


def test_tags_of_deleted_references_are_not_suggested(shelf: Shelf) -> None:
    card = shelf.add()
    shelf.service.change_tags(OPERATOR, [card.id], add=["old"])
    shelf.delete(card)
    assert shelf.service.tags(VIEWER, DEFAULT_ACCOUNT_ID) == []


@pytest.mark.parametrize("tags", [["x" * 41], [str(number) for number in range(21)]])
def test_too_long_and_too_many_tags_are_refused(shelf: Shelf, tags: list[str]) -> None:
    with pytest.raises(InvalidRequestError):
        shelf.service.change_tags(OPERATOR, [shelf.add().id], add=tags)


def test_use_is_told_from_the_start_of_a_batch_on(shelf: Shelf) -> None:
    used, child = shelf.add(1, "used.png"), shelf.add(2, "child.png")
    assert shelf.names(use=Use.USED) == []
    batch = shelf.batch(used, SlotState.PENDING)
    assert shelf.names(use=Use.USED) == ["used.png"]
    assert shelf.names(use=Use.UNUSED) == ["child.png"]
    found = shelf.service.detail(VIEWER, used.asset_id).uses
    assert [(use.generation_id, use.title, use.asset_id) for use in found] == [
        (batch, "Fennel", None)
    ]
    shelf.fill(batch, used, child)
    assert shelf.service.detail(VIEWER, used.asset_id).uses[0].asset_id == child.asset_id
    assert shelf.service.detail(VIEWER, child.asset_id).uses == ()


def test_picture_that_is_no_reference_is_not_found(shelf: Shelf) -> None:
    with pytest.raises(NotFoundError):
        shelf.service.detail(VIEWER, "ast_unknown")


def test_viewer_changes_nothing(shelf: Shelf) -> None:
    card = shelf.add()
    for change in (
        lambda: shelf.service.upload(VIEWER, DEFAULT_ACCOUNT_ID, "a.png", b""),
        lambda: shelf.service.change_tags(VIEWER, [card.id], add=["x"]),
        lambda: shelf.service.delete(VIEWER, card.id),
        lambda: shelf.service.restore(VIEWER, [card.id]),
        lambda: shelf.service.erasure(VIEWER, [card.id]),
        lambda: shelf.service.erase(VIEWER, [card.id], "why"),
    ):
        with pytest.raises(NotAllowedError):
            change()
