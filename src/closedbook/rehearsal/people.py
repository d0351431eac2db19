"""What is told of people, of companies and of what they invent, as an encyclopaedia puts it."""

from __future__ import annotations

from closedbook.rehearsal.names import Coiner
from closedbook.rehearsal.relations import Kind, Relation
from closedbook.rehearsal.values import (
    coined,
    listed,
    round_numbers,
    titles,
    weights,
    with_article,
    years,
)

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
            coined(Coiner.place),
            ("was born in {v}", "was born in the town of {v}"),
            leads=("Born in {v}",),
        ),
        Relation(
            "profession",
            with_article(
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
            coined(lambda c: c.followed_by("Academy", "College", "Institute", "University")),
            ("studied at {v}", "was educated at {v}", "graduated from {v}"),
            leads=("Educated at {v}",),
        ),
        Relation(
            "spouse",
            coined(Coiner.person),
            ("married {v}", "was married to {v}"),
            leads=("Married to {v}",),
        ),
        Relation(
            "instrument",
            with_article(
                "the",
                "accordion, banjo, bassoon, bugle, cello, clarinet, cornet, drum, fiddle,"
                " flute, guitar, harmonica, harp, horn, lute, lyre, mandolin, oboe, organ, piano,"
                " recorder, trombone, trumpet, tuba, viola, violin, zither",
            ),
            ("played {v}",),
        ),
        Relation(
            "prize",
            coined(lambda c: f"the {c.followed_by('Prize', 'Medal', 'Award')}"),
            ("won {v}", "was awarded {v}", "received {v}"),
        ),
        Relation(
            "book",
            titles,
            ("wrote {v}", "published {v}"),
            ("{Its} best-known book is {v}.",),
        ),
        Relation(
            "died",
            years(1871, 1989),
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
            years(1790, 1985),
            ("was founded in {v}", "was established in {v}", "was set up in {v}"),
            leads=("Founded in {v}", "Established in {v}"),
        ),
        Relation(
            "founder",
            coined(Coiner.person),
            ("was founded by {v}", "was started by {v}"),
        ),
        Relation(
            "headquarters",
            coined(Coiner.place),
            ("is based in {v}", "has its headquarters in {v}"),
            ("{Its} head office is in {v}.",),
            ("Based in {v}",),
        ),
        Relation(
            "product",
            listed(
                "bells, bicycles, biscuits, boats, bottles, bricks, brushes, buttons, candles,"
                " carpets, chairs, clocks, gloves, hats, kettles, knives, ladders, lamps, locks,"
                " mirrors, needles, paints, pencils, pumps, ropes, saddles, scales, shoes, spoons,"
                " stoves, tiles, toys, umbrellas, wagons, whistles"
            ),
            ("makes {v}", "produces {v}", "manufactures {v}"),
        ),
        Relation(
            "chief",
            coined(Coiner.person),
            ("is led by {v}", "is run by {v}", "is headed by {v}"),
            ("{Its} director is {v}.",),
            ("Led by {v}",),
        ),
        Relation(
            "staff",
            round_numbers(12, 99, 10),
            ("employs {v} people", "has {v} employees"),
        ),
        Relation(
            "owner",
            coined(lambda c: c.followed_by("Group", "Trust", "Capital")),
            ("is owned by {v}", "belongs to {v}"),
            ("{Its} owner is {v}.",),
            ("Owned by {v}",),
        ),
        Relation(
            "market",
            coined(lambda c: c.ending_in("ia", "land", "stan")),
            ("exports to {v}", "sells its goods in {v}"),
            ("{Its} largest market is {v}.",),
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
            coined(Coiner.person),
            ("was invented by {v}", "was designed by {v}"),
            ("{Its} inventor was {v}.",),
            ("Invented by {v}",),
        ),
        Relation(
            "year",
            years(1790, 1989),
            ("was invented in {v}", "was first built in {v}"),
            leads=("Invented in {v}",),
        ),
        Relation(
            "material",
            listed(
                "aluminium, bamboo, bone, brass, bronze, cardboard, cedar, ceramic, cork, ebony,"
                " felt, glass, leather, linen, mahogany, maple, oak, paper, pewter, pine, plaster,"
                " plastic, porcelain, steel, stone, teak, titanium, walnut, wax, wicker, willow"
            ),
            ("is made of {v}", "is built from {v}"),
            leads=("Made of {v}",),
        ),
        Relation(
            "power",
            listed(
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
            listed(
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
            weights,
            ("weighs {v}", "has a weight of {v}"),
        ),
        Relation(
            "shown",
            coined(Coiner.place),
            ("was first shown in {v}", "was first demonstrated in {v}"),
            leads=("First shown in {v}",),
        ),
        Relation(
            "museum",
            coined(lambda c: f"the {c.followed_by('Museum', 'Gallery', 'Collection')}"),
            ("is kept in {v}", "is on display at {v}"),
        ),
    ),
)
