"""Training: the form with its checks and price, and the models with their progress."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.forms import start_row
from pages.kit.frame import action, require_role
from pages.kit.sidebar import current_account
from pages.kit.widgets import empty_state, page_title
from pages.training.cards import trainings
from pages.training.form import (
    choose_pictures,
    clear_form,
    draw_captions,
    draw_checks,
    draw_parameters,
    draw_words,
    forget_form,
    training_request,
)
from services.core.actors import Actor
from services.core.states import Role
from services.recipes.base import Started
from services.recipes.training.request import ModelTrainingRequest


def draw_form(actor: Actor, account_id: str) -> None:
    """Draw the form with its checks and price, or a link to the references without any."""
    with action("read_references", is_page=True):
        has_any = services().references.page(actor, account_id, limit=1).total > 0
    if not has_any:
        empty_state(
            "No pictures for a training yet",
            "A training learns one person or thing from 5 to 20 sharp, different pictures of it.",
            icon="imagesmode",
            page="references/page.py",
            label="Add references",
        )
        return
    with st.container(border=True, key="training_form"):
        words, checks = st.columns([3, 2], gap="medium")
        with words:
            draw_words()
            picked = choose_pictures(actor, account_id)
            parameters = draw_parameters()
        request = training_request(account_id, picked, parameters)
        _start(actor, request, checks)


def _start(
    actor: Actor,
    request: ModelTrainingRequest,
    beside: st.delta_generator.DeltaGenerator,
) -> None:
    with action("quote_training", is_page=True):
        found = services().training.quote(actor, request)
    with beside:
        draw_checks(found.checks, is_blank=not (request.name or request.reference_ids))
        draw_captions(found.pictures)
    start_row(
        "training",
        "Start the training",
        found.quote,
        request,
        lambda key: _started(actor, request, key),
        is_blank=not (request.name.strip() and request.reference_ids),
        what="1 model",
    )


def _started(actor: Actor, request: ModelTrainingRequest, key: str) -> Started:
    started = services().training.start(actor, request, key)
    forget_form()
    return started


person = require_role(Role.VIEWER)
page_title("Training")
account = current_account(person)
clear_form(account.id)
draw_form(person, account.id)
trainings(account.id)
