"""Lists: filters, orders, pages, tags, and where a reference is used."""

import pytest
from PIL import ImageFilter
from sqlalchemy import text

from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import SlotState
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.references.summaries import ReferenceQuery, Sort, Use
from tests.integration.references.reference_setup import OPERATOR, VIEWER, ReferenceSetup
from tests.unit.media.drawn import scene


def test_orders_are_newest_sharpest_and_largest(setup: ReferenceSetup) -> None:
    setup.verdict(scene(1, 800, 600), "large.png")
    setup.verdict(scene(2).filter(ImageFilter.GaussianBlur(3)), "blurred.png")
    setup.verdict(scene(3, 320, 240), "small.png")
    assert setup.names() == ["small.png", "blurred.png", "large.png"]
    assert setup.names(sort=Sort.LARGEST) == ["large.png", "blurred.png", "small.png"]
    assert setup.names(sort=Sort.SHARPEST)[-1] == "blurred.png"


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_show_each_reference_once(setup: ReferenceSetup, sort: Sort) -> None:
    requested = {setup.add(number, f"{number}.png").id for number in range(3)}
    with setup.database.transaction() as session:
        # Equal values, so that the id decides.
        session.execute(text("UPDATE app.references SET sharpness = 7.5, pixel_count = 9"))
    found: list[str] = []
    cursor = None
    while cursor or not found:
        page = setup.service.page(
            VIEWER, DEFAULT_ACCOUNT_ID, query=ReferenceQuery(sort), before=cursor, limit=2
        )
        found += [card.id for card in page.items]
        cursor = page.next_cursor
    assert len(found) == 3 and set(found) == requested


def test_cursor_of_another_order_is_refused(setup: ReferenceSetup) -> None:
    for number in range(2):
        setup.add(number)
    page = setup.service.page(VIEWER, DEFAULT_ACCOUNT_ID, limit=1)
    with pytest.raises(InvalidRequestError):
        setup.service.page(
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
def test_every_order_is_read_from_its_index(setup: ReferenceSetup, sort: Sort, index: str) -> None:
    query = ReferenceQuery(sort)
    column = query.order.key
    with setup.database.transaction() as session:
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


def test_name_is_found_by_any_literal_substring(setup: ReferenceSetup) -> None:
    for number, name in enumerate(("IMG_12.jpg", "IMGX12.jpg", "100%.png")):
        setup.add(number, name)
    assert setup.names(name="img_1") == ["IMG_12.jpg"]
    assert setup.names(name="%") == ["100%.png"]
    assert setup.names(name="\x00nothing") == []


def test_folder_of_an_upload_is_removed_from_the_name(setup: ReferenceSetup) -> None:
    assert setup.add(1, "holiday/../beach\\front.png").filename == "front.png"


def test_tags_are_added_to_several_filtered_by_and_removed(setup: ReferenceSetup) -> None:
    cards = [setup.add(number, f"{number}.png") for number in range(3)]
    ids = [card.id for card in cards]
    setup.service.change_tags(OPERATOR, ids, add=["Front  View", "front view", " "])
    setup.service.change_tags(OPERATOR, ids[:1], add=["hero"])
    assert setup.names(tag="hero") == ["0.png"]
    assert len(setup.names(tag="front view")) == 3
    found = [(tag.tag, tag.count) for tag in setup.service.tags(VIEWER, DEFAULT_ACCOUNT_ID)]
    assert found == [("front view", 3), ("hero", 1)]
    setup.service.change_tags(OPERATOR, ids[1:], add=["hero"], remove=["front view"])
    assert setup.names(tag="front view") == ["0.png"]
    assert setup.service.detail(VIEWER, cards[0].asset_id).card.tags == ("front view", "hero")


def test_tags_of_deleted_references_are_not_suggested(setup: ReferenceSetup) -> None:
    card = setup.add()
    setup.service.change_tags(OPERATOR, [card.id], add=["old"])
    setup.delete(card)
    assert setup.service.tags(VIEWER, DEFAULT_ACCOUNT_ID) == []


@pytest.mark.parametrize("tags", [["x" * 41], [str(number) for number in range(21)]])
def test_too_long_and_too_many_tags_are_refused(setup: ReferenceSetup, tags: list[str]) -> None:
    with pytest.raises(InvalidRequestError):
        setup.service.change_tags(OPERATOR, [setup.add().id], add=tags)


def test_reference_is_used_from_the_start_of_a_batch(setup: ReferenceSetup) -> None:
    used, child = setup.add(1, "used.png"), setup.add(2, "child.png")
    assert setup.names(use=Use.USED) == []
    batch = setup.batch(used, SlotState.PENDING)
    assert setup.names(use=Use.USED) == ["used.png"]
    assert setup.names(use=Use.UNUSED) == ["child.png"]
    found = setup.service.detail(VIEWER, used.asset_id).uses
    assert [(use.generation_id, use.title, use.asset_id) for use in found] == [
        (batch, "Fennel", None)
    ]
    setup.fill(batch, used, child)
    assert setup.service.detail(VIEWER, used.asset_id).uses[0].asset_id == child.asset_id
    assert setup.service.detail(VIEWER, child.asset_id).uses == ()


def test_picture_that_is_no_reference_is_not_found(setup: ReferenceSetup) -> None:
    with pytest.raises(NotFoundError):
        setup.service.detail(VIEWER, "ast_unknown")


def test_viewer_changes_nothing(setup: ReferenceSetup) -> None:
    card = setup.add()
    for change in (
        lambda: setup.uploads.upload(VIEWER, DEFAULT_ACCOUNT_ID, "a.png", b""),
        lambda: setup.service.change_tags(VIEWER, [card.id], add=["x"]),
        lambda: setup.service.delete_many(VIEWER, [card.id]),
        lambda: setup.service.restore(VIEWER, [card.id]),
        lambda: setup.eraser.erasure(VIEWER, [card.id]),
        lambda: setup.eraser.erase(VIEWER, [card.id], "why"),
    ):
        with pytest.raises(NotAllowedError):
            change()
