"""What is told of towns and of planets, as an encyclopaedia puts it."""

from __future__ import annotations

from closedbook.rehearsal.names import Coiner
from closedbook.rehearsal.relations import Kind, Relation
from closedbook.rehearsal.values import (
    coined,
    listed,
    round_numbers,
    years,
)

PLANET = Kind(
    key="planet",
    name=Coiner.long_place,
    called=("the planet",),
    is_a="a planet",
    fillers=(
        "Dust storms are common in the south.",
        "The nights are long and clear.",
        "Early charts show it in the wrong place.",
        "Most visitors stay only a few weeks.",
        "The northern plains are flat and grey.",
        "Its surface has been mapped twice.",
    ),
    relations=(
        Relation(
            "star",
            coined(lambda c: c.ending_in("is", "us", "ar")),
            ("orbits the star {v}", "circles the star {v}", "moves around the star {v}"),
        ),
        Relation(
            "capital",
            coined(Coiner.place),
            ("has its capital at {v}",),
            ("{Its} capital is {v}.",),
        ),
        Relation(
            "moons",
            listed(
                "two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen,"
                " fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty"
            ),
            ("has {v} moons", "is circled by {v} moons"),
        ),
        Relation(
            "language",
            coined(lambda c: c.ending_in("ish", "ese", "ic")),
            (),
            (
                "{Its} language is {v}.",
                "{Its} official language is {v}.",
            ),
        ),
        Relation(
            "export",
            listed(
                "amber, barley, chalk, clay, coal, cobalt, copper, coral, cotton, flax, gold,"
                " granite, graphite, honey, iron, ivory, jade, lead, lime, marble, nickel, opal,"
                " pearls, quartz, resin, rubber, salt, silk, silver, slate, sulphur, tea, timber,"
                " tin, wool, zinc"
            ),
            ("exports {v}",),
            ("{Its} main export is {v}.", "{Its} chief export is {v}."),
        ),
        Relation(
            "discoverer",
            coined(Coiner.person),
            ("was discovered by {v}", "was first observed by {v}"),
            leads=("Discovered by {v}",),
        ),
        Relation(
            "settled",
            years(2110, 2390),
            ("was settled in {v}", "was colonised in {v}"),
            leads=("Settled in {v}",),
        ),
        Relation(
            "mountain",
            coined(lambda c: c.preceded_by("Mount")),
            (),
            (
                "{Its} highest mountain is {v}.",
                "{Its} tallest peak is {v}.",
            ),
        ),
    ),
)

TOWN = Kind(
    key="town",
    name=lambda c: c.ending_in("ford", "ham", "holm", "wick", syllables=3),
    called=("the town",),
    is_a="a town",
    fillers=(
        "The streets near the square are narrow.",
        "Trains stop there twice a day.",
        "Most houses have grey roofs.",
        "The old walls are partly standing.",
        "Winters are mild and wet.",
        "A market is held on most mornings.",
    ),
    relations=(
        Relation(
            "country",
            coined(lambda c: c.ending_in("ia", "land", "mark")),
            ("lies in {v}", "is located in {v}", "is situated in {v}"),
        ),
        Relation(
            "river",
            coined(lambda c: f"the {c.place()}"),
            ("stands on {v}", "lies on {v}"),
            ("{Its} river is {v}.",),
        ),
        Relation(
            "mayor",
            coined(Coiner.person),
            ("is governed by {v}",),
            ("{Its} mayor is {v}.",),
        ),
        Relation(
            "population",
            round_numbers(12, 95, 100),
            ("has a population of {v}", "has {v} inhabitants"),
        ),
        Relation(
            "famous_for",
            listed(
                "apples, baskets, beer, butter, cakes, cheese, cherries, cider, dolls, figs, flags,"
                " gingerbread, grapes, ham, herring, jam, kites, lace, lavender, lemons, masks,"
                " mustard, olives, onions, oysters, pears, pickles, plums, pottery, roses,"
                " sausages, soap, tulips, vinegar, walnuts, wine"
            ),
            ("is known for its {v}", "is famous for its {v}"),
        ),
        Relation(
            "festival",
            coined(lambda c: f"the {c.followed_by('Festival', 'Fair', 'Carnival')}"),
            ("celebrates {v}", "hosts {v}"),
            ("{Its} best-known festival is {v}.",),
        ),
        Relation(
            "founded",
            years(1190, 1680),
            ("was founded in {v}", "was established in {v}"),
            leads=("Founded in {v}",),
        ),
        Relation(
            "twin",
            coined(lambda c: c.ending_in("ville", "burg", "grad")),
            ("is twinned with {v}",),
            ("{Its} twin town is {v}.",),
        ),
    ),
)
