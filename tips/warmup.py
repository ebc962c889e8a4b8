"""Load what the first tip would otherwise wait for: the town, the word lists, the models."""

from __future__ import annotations

import gc

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from core.clock import utcnow
from core.db import db
from tips.inbound import InboundTip
from tips.knowledge import current_town
from tips.matching.weights import default_weights
from tips.reading import language, lexicon
from tips.understanding import understand

log = structlog.get_logger(__name__)
SAMPLE = InboundTip("warm-up", "sms", "A truck, plate AB 1234, near the bridge at 16.71, 98.57")


def warm_up(app: Flask) -> None:
    """Read one made-up text and store nothing; without a database the first tip waits instead."""
    with app.app_context():
        try:
            town = current_town()
        except SQLAlchemyError as error:
            log.warning("the town could not be read ahead", error=type(error).__name__)
            return
        finally:
            db.session.remove()
        understand(SAMPLE, town=town, received_at=utcnow(), known_sender=False, previous=None)
        default_weights()
        language.warm_up()
        for tongue in sorted(lexicon.known_languages()):  # somebody may write in any of them
            lexicon.index((tongue,))
    # what is loaded now stays: a collection that walks through all of it takes a tenth of a second
    gc.collect()
    gc.freeze()
