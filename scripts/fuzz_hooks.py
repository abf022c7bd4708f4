"""What schemathesis does not know by itself: how a carnival file is written, and sent."""

import pathlib

import schemathesis
from hypothesis import strategies

HOUSE = pathlib.Path(__file__).resolve().parent.parent
SAMPLE = (HOUSE / "config" / "carnival-2023.toml").read_text()
# A photo with codes, and one without.
PHOTOS = {"image/png": HOUSE / "docs" / "volunteer-card.png", "image/jpeg": HOUSE / "docs" / "postcard-half.jpg"}


@schemathesis.serializer("application/toml", "text/xml", "image/png", "image/jpeg")
def as_it_is(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


# The sample, pieces of it, and whatever else.
schemathesis.openapi.media_type(
    "application/toml",
    strategies.one_of(
        strategies.just(SAMPLE.encode()),
        strategies.integers(0, len(SAMPLE)).map(lambda end: SAMPLE[:end].encode()),
        strategies.text(max_size=2000).map(lambda text: text.encode(errors="replace")),
    ),
)
schemathesis.openapi.media_type(
    "text/xml",
    strategies.one_of(strategies.just(b"<xml><Event><![CDATA[e]]></Event></xml>"), strategies.binary(max_size=2000)),
)


def pieces(photo):
    """The photo, as much of it as arrived, and whatever else."""
    return strategies.one_of(
        strategies.just(photo),
        strategies.integers(0, len(photo)).map(lambda end: photo[:end]),
        strategies.binary(max_size=2000),
    )


for media_type, file in PHOTOS.items():
    schemathesis.openapi.media_type(media_type, pieces(file.read_bytes()))
