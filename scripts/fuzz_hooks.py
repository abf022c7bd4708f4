"""Hooks for schemathesis: generators and serializers for carnival files, WeChat pushes and photos."""

import pathlib

import schemathesis
from hypothesis import strategies

TOP = pathlib.Path(__file__).resolve().parent.parent
SAMPLE = (TOP / "config" / "carnival-2023.toml").read_text()
# A photo with codes, and one without.
PHOTOS = {"image/png": TOP / "docs" / "volunteer-card.png", "image/jpeg": TOP / "docs" / "postcard-half.jpg"}


@schemathesis.serializer("application/toml", "text/xml", "image/png", "image/jpeg")
def unchanged(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


# The sample, truncated samples, and random text.
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


def variants(photo):
    """The photo, truncated photos, and random bytes."""
    return strategies.one_of(
        strategies.just(photo),
        strategies.integers(0, len(photo)).map(lambda end: photo[:end]),
        strategies.binary(max_size=2000),
    )


for media_type, file in PHOTOS.items():
    schemathesis.openapi.media_type(media_type, variants(file.read_bytes()))
