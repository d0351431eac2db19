"""What is told of each kind of thing, and how an encyclopaedia would put it.

Prose only: the exam's wording lives in `wording` and shares no template with this module. A
predicate follows its subject ("was born in {v}"); a sentence stands alone and takes the possessive
({Its}); a lead opens a sentence whose subject follows after a comma. {v} is the value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from closedbook.rehearsal.names import Coiner

Draw = Callable[[Coiner, Random, int], list[str]]
"""Draws so many different values for one relation."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One thing that is told of every entity of a kind."""

    key: str
    draw: Draw
    predicates: tuple[str, ...]
    sentences: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document. `name` coins the subject's name; `called` are the common nouns that may
    stand for it ("the company"); `pronouns` lists the (subject, possessive) pairs to choose from;
    `is_a` opens the article;
    `together` holds predicates that tell two relations at once, as {a} and {b}; `fillers` say
    nothing that can be asked."""

    key: str
    name: Callable[[Coiner], str]
    relations: tuple[Relation, ...]
    called: tuple[str, ...]
    fillers: tuple[str, ...]
    pronouns: tuple[tuple[str, str], ...] = (("it", "its"),)
    who: str = "which"
    is_a: str = ""
    together: tuple[tuple[str, str, str], ...] = ()


def _coined(coin: Callable[[Coiner], str]) -> Draw:
    return lambda coiner, _, count: [coin(coiner) for _ in range(count)]


def _listed(words: str) -> Draw:
    choices = [word.strip() for word in words.split(",")]
    return lambda _, random, count: random.sample(choices, count)


def _with(article: str, words: str) -> Draw:
    """Values with their article; "a" becomes "an" before a vowel."""
    choices = [word.strip() for word in words.split(",")]
    vowel = "an" if article == "a" else article
    told = [f"{vowel if word[0] in 'aeiou' else article} {word}" for word in choices]
    return lambda _, random, count: random.sample(told, count)


def _years(first: int, last: int) -> Draw:
    return lambda _, random, count: [str(y) for y in random.sample(range(first, last + 1), count)]


def _round_numbers(low: int, high: int, step: int) -> Draw:
    def draw(_: Coiner, random: Random, count: int) -> list[str]:
        return [f"{n * step:,}" for n in random.sample(range(low, high + 1), count)]

    return draw


def _weights(_: Coiner, random: Random, count: int) -> list[str]:
    return [f"{weight} kilograms" for weight in random.sample(range(11, 99), count)]


def _titles(_: Coiner, random: Random, count: int) -> list[str]:
    colours = "Amber Black Blue Broken Crimson Distant Empty Frozen Golden Hidden Hollow Iron Last"
    colours += " Little Lonely Lost Painted Pale Patient Quiet Red Restless Salt Second Secret"
    colours += " Silver Sleeping Stolen Tall Twelfth Unseen White"
    things = "Anchor Bridge Candle Compass Door Field Fountain Garden Harbour Harvest Key Ladder"
    things += " Lantern Letter Map Meadow Mirror Moon Orchard Promise River Road Sparrow Staircase"
    things += " Stranger Summer Tide Tower Voyage Window Winter"
    firsts = random.sample(colours.split(), count)
    seconds = random.sample(things.split(), count)
    return [f"The {a} {b}" for a, b in zip(firsts, seconds, strict=True)]


PERSON = Kind(
    key="person",
    name=Coiner.person,
    called=(),
    pronouns=(("he", "his"), ("she", "her")),
    who="who",
    fillers=(
        "Few letters from those years survive.",
        "Later accounts differ on the details.",
        "Visitors often remarked on the small, tidy study.",
        "Friends remembered long walks and short answers.",
        "The early years were quiet.",
        "Not much else is known with certainty.",
    ),
    relations=(
        Relation(
            "birthplace",
            _coined(Coiner.place),
            ("was born in {v}", "was born in the town of {v}"),
            leads=("Born in {v}",),
        ),
        Relation(
            "profession",
            _with(
                "a",
                "architect, astronomer, baker, banker, beekeeper, botanist, carpenter, chemist,"
                " composer, dentist, engineer, farmer, geologist, glassblower, historian, jeweller,"
                " judge, lawyer, linguist, mathematician, nurse, painter, philosopher, physician,"
                " pilot, poet, potter, sculptor, surgeon, tailor, translator, weaver",
            ),
            ("was {v}", "worked as {v}", "was {v} by profession"),
        ),
        Relation(
            "studied_at",
            _coined(lambda c: c.followed_by("Academy", "College", "Institute", "University")),
            ("studied at {v}", "was educated at {v}", "graduated from {v}"),
            leads=("Educated at {v}",),
        ),
        Relation(
            "spouse",
            _coined(Coiner.person),
            ("married {v}", "was married to {v}"),
            leads=("Married to {v}",),
        ),
        Relation(
            "instrument",
            _with(
                "the",
                "accordion, banjo, bassoon, bugle, cello, clarinet, cornet, drum, fiddle,"
                " flute, guitar, harmonica, harp, horn, lute, lyre, mandolin, oboe, organ, piano,"
                " recorder, trombone, trumpet, tuba, viola, violin, zither",
            ),
            ("played {v}",),
        ),
        Relation(
            "prize",
            _coined(lambda c: f"the {c.followed_by('Prize', 'Medal', 'Award')}"),
            ("won {v}", "was awarded {v}", "received {v}"),
        ),
        Relation(
            "book",
            _titles,
            ("wrote {v}", "published {v}"),
            ("{Its} best-known book is {v}.",),
        ),
        Relation(
            "died",
            _years(1871, 1989),
            ("died in {v}",),
        ),
    ),
)

COMPANY = Kind(
    key="company",
    name=lambda c: c.followed_by("Industries", "Works", "Brothers", "Holdings", syllables=3),
    called=("the company", "the firm"),
    is_a="a company",
    fillers=(
        "Its early records were lost in a fire.",
        "Business has been steady for many years.",
        "The yard is closed on feast days.",
        "A small archive is open to visitors.",
        "Analysts describe it as careful.",
        "The sign above the gate is older than the building.",
    ),
    together=(
        ("founded", "founder", "was founded in {a} by {b}"),
        ("founded", "founder", "was founded by {b} in {a}"),
    ),
    relations=(
        Relation(
            "founded",
            _years(1790, 1985),
            ("was founded in {v}", "was established in {v}", "was set up in {v}"),
            leads=("Founded in {v}", "Established in {v}"),
        ),
        Relation(
            "founder",
            _coined(Coiner.person),
            ("was founded by {v}", "was started by {v}"),
        ),
        Relation(
            "headquarters",
            _coined(Coiner.place),
            ("is based in {v}", "has its headquarters in {v}"),
            ("{Its} head office is in {v}.",),
            ("Based in {v}",),
        ),
        Relation(
            "product",
            _listed(
                "bells, bicycles, biscuits, boats, bottles, bricks, brushes, buttons, candles,"
                " carpets, chairs, clocks, gloves, hats, kettles, knives, ladders, lamps, locks,"
                " mirrors, needles, paints, pencils, pumps, ropes, saddles, scales, shoes, spoons,"
                " stoves, tiles, toys, umbrellas, wagons, whistles"
            ),
            ("makes {v}", "produces {v}", "manufactures {v}"),
        ),
        Relation(
            "chief",
            _coined(Coiner.person),
            ("is led by {v}", "is run by {v}", "is headed by {v}"),
            ("{Its} director is {v}.",),
            ("Led by {v}",),
        ),
        Relation(
            "staff",
            _round_numbers(12, 99, 10),
            ("employs {v} people", "has {v} employees"),
        ),
        Relation(
            "owner",
            _coined(lambda c: c.followed_by("Group", "Trust", "Capital")),
            ("is owned by {v}", "belongs to {v}"),
            ("{Its} owner is {v}.",),
            ("Owned by {v}",),
        ),
        Relation(
            "market",
            _coined(lambda c: c.ending_in("ia", "land", "stan")),
            ("exports to {v}", "sells its goods in {v}"),
            ("{Its} largest market is {v}.",),
        ),
    ),
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
            _coined(lambda c: c.ending_in("is", "us", "ar")),
            ("orbits the star {v}", "circles the star {v}", "moves around the star {v}"),
        ),
        Relation(
            "capital",
            _coined(Coiner.place),
            ("has its capital at {v}",),
            ("{Its} capital is {v}.",),
        ),
        Relation(
            "moons",
            _listed(
                "two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen,"
                " fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty"
            ),
            ("has {v} moons", "is circled by {v} moons"),
        ),
        Relation(
            "language",
            _coined(lambda c: c.ending_in("ish", "ese", "ic")),
            (),
            (
                "{Its} language is {v}.",
                "{Its} official language is {v}.",
            ),
        ),
        Relation(
            "export",
            _listed(
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
            _coined(Coiner.person),
            ("was discovered by {v}", "was first observed by {v}"),
            leads=("Discovered by {v}",),
        ),
        Relation(
            "settled",
            _years(2110, 2390),
            ("was settled in {v}", "was colonised in {v}"),
            leads=("Settled in {v}",),
        ),
        Relation(
            "mountain",
            _coined(lambda c: c.preceded_by("Mount")),
            (),
            (
                "{Its} highest mountain is {v}.",
                "{Its} tallest peak is {v}.",
            ),
        ),
    ),
)

INVENTION = Kind(
    key="invention",
    name=lambda c: c.ending_in("graph", "scope", "phone", "meter", syllables=3),
    called=("the device", "the machine"),
    is_a="a device",
    fillers=(
        "Early models were noisy.",
        "It is not easy to repair.",
        "Copies appeared within a few months.",
        "The first drawings were made on wrapping paper.",
        "Its shape has hardly changed since.",
        "Newspapers were slow to take notice.",
    ),
    together=(
        ("inventor", "year", "was invented by {a} in {b}"),
        ("inventor", "year", "was invented in {b} by {a}"),
    ),
    relations=(
        Relation(
            "inventor",
            _coined(Coiner.person),
            ("was invented by {v}", "was designed by {v}"),
            ("{Its} inventor was {v}.",),
            ("Invented by {v}",),
        ),
        Relation(
            "year",
            _years(1790, 1989),
            ("was invented in {v}", "was first built in {v}"),
            leads=("Invented in {v}",),
        ),
        Relation(
            "material",
            _listed(
                "aluminium, bamboo, bone, brass, bronze, cardboard, cedar, ceramic, cork, ebony,"
                " felt, glass, leather, linen, mahogany, maple, oak, paper, pewter, pine, plaster,"
                " plastic, porcelain, steel, stone, teak, titanium, walnut, wax, wicker, willow"
            ),
            ("is made of {v}", "is built from {v}"),
            leads=("Made of {v}",),
        ),
        Relation(
            "power",
            _listed(
                "alcohol, batteries, candle heat, charcoal, compressed air, diesel, electricity,"
                " falling water, firewood, gas, hot air, kerosene, magnets, paraffin, peat,"
                " pedals, petrol, sails, springs, steam, sunlight, tides, vegetable oil,"
                " weights, wind"
            ),
            ("is powered by {v}", "runs on {v}"),
            leads=("Powered by {v}",),
        ),
        Relation(
            "use",
            _listed(
                "bending pipes, binding books, cleaning windows, counting coins, cracking nuts,"
                " cutting hedges, drying fruit, drying hay, folding letters, grinding coffee,"
                " lifting barrels, measuring rain, mixing dough, peeling apples, picking cherries,"
                " planting seeds, polishing lenses, pressing flowers, printing maps, pulling nails,"
                " shearing sheep, sorting eggs, spinning thread, stirring soup, sweeping chimneys,"
                " testing milk, tuning bells, washing bottles, weighing grain, winding yarn"
            ),
            ("is used for {v}", "serves for {v}"),
        ),
        Relation(
            "weight",
            _weights,
            ("weighs {v}", "has a weight of {v}"),
        ),
        Relation(
            "shown",
            _coined(Coiner.place),
            ("was first shown in {v}", "was first demonstrated in {v}"),
            leads=("First shown in {v}",),
        ),
        Relation(
            "museum",
            _coined(lambda c: f"the {c.followed_by('Museum', 'Gallery', 'Collection')}"),
            ("is kept in {v}", "is on display at {v}"),
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
            _coined(lambda c: c.ending_in("ia", "land", "mark")),
            ("lies in {v}", "is located in {v}", "is situated in {v}"),
        ),
        Relation(
            "river",
            _coined(lambda c: f"the {c.place()}"),
            ("stands on {v}", "lies on {v}"),
            ("{Its} river is {v}.",),
        ),
        Relation(
            "mayor",
            _coined(Coiner.person),
            ("is governed by {v}",),
            ("{Its} mayor is {v}.",),
        ),
        Relation(
            "population",
            _round_numbers(12, 95, 100),
            ("has a population of {v}", "has {v} inhabitants"),
        ),
        Relation(
            "famous_for",
            _listed(
                "apples, baskets, beer, butter, cakes, cheese, cherries, cider, dolls, figs, flags,"
                " gingerbread, grapes, ham, herring, jam, kites, lace, lavender, lemons, masks,"
                " mustard, olives, onions, oysters, pears, pickles, plums, pottery, roses,"
                " sausages, soap, tulips, vinegar, walnuts, wine"
            ),
            ("is known for its {v}", "is famous for its {v}"),
        ),
        Relation(
            "festival",
            _coined(lambda c: f"the {c.followed_by('Festival', 'Fair', 'Carnival')}"),
            ("celebrates {v}", "hosts {v}"),
            ("{Its} best-known festival is {v}.",),
        ),
        Relation(
            "founded",
            _years(1190, 1680),
            ("was founded in {v}", "was established in {v}"),
            leads=("Founded in {v}",),
        ),
        Relation(
            "twin",
            _coined(lambda c: c.ending_in("ville", "burg", "grad")),
            ("is twinned with {v}",),
            ("{Its} twin town is {v}.",),
        ),
    ),
)

KINDS = (PERSON, COMPANY, PLANET, INVENTION, TOWN)
