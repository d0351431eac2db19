"""How the exam asks: an inventory of its own, which occurs in no document and no training text.

One thing is new in each: a third of the questions use a new clause (another verb), a third a new
frame (a form to fill in, with a plain word for the relation), a third a new noun for the relation.
{n} is the document's name.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """The exam's ways to ask one relation; `entry` is the plain word that the frames use."""

    clauses: tuple[str, ...]
    nouns: tuple[str, ...]
    entry: str


FRAMES = (
    "Complete the index card. {n}, {entry}:",
    "An almanac has a line on {n} under {entry}. Choose what it says.",
    "Pick the right entry for {n} in the column {entry}.",
    "Fill in the missing cell: {n} / {entry} / ...?",
    "In a quiz on {n} the category is {entry}. Select the correct reply.",
)

WORDINGS = {
    ("person", "birthplace"): Wording(
        ("Where did {n} first see the light of day?", "In what spot did {n} draw a first breath?"),
        ("Name the native soil of {n}.", "Which was the cradle town of {n}?"),
        "birthplace",
    ),
    ("person", "profession"): Wording(
        ("How did {n} put bread on the table?", "What did {n} do for money?"),
        ("Name the line of business of {n}.", "Which calling did {n} follow?"),
        "profession",
    ),
    ("person", "studied_at"): Wording(
        ("Where did {n} sit through lectures?", "Who gave {n} a degree?"),
        ("Name the alma mater of {n}.", "Which seat of learning formed {n}?"),
        "studied at",
    ),
    ("person", "spouse"): Wording(
        ("With whom did {n} exchange vows?", "Who walked down the aisle with {n}?"),
        ("Name the better half of {n}.", "Which life companion had {n}?"),
        "spouse",
    ),
    ("person", "instrument"): Wording(
        ("What would {n} strum, bow or blow?", "What would {n} practise for hours?"),
        ("Name the musical pastime of {n}.", "Which sound-maker was dear to {n}?"),
        "instrument played",
    ),
    ("person", "prize"): Wording(
        ("With what was {n} honoured?", "What did {n} carry home from a ceremony?"),
        ("Name the decoration bestowed on {n}.", "Which accolade went to {n}?"),
        "awarded",
    ),
    ("person", "book"): Wording(
        ("What did {n} pen?", "What appeared in shops under the name of {n}?"),
        ("Name the literary output of {n}.", "Which volume flowed from the quill of {n}?"),
        "book",
    ),
    ("person", "died"): Wording(
        ("When did {n} breathe a last breath?", "When did {n} go to the grave?"),
        ("Name the final calendar of {n}.", "Which twelvemonth saw the end of {n}?"),
        "year of death",
    ),
    ("company", "founded"): Wording(
        ("When did {n} first open its doors?", "How far back does {n} go?"),
        ("Name the inaugural season of {n}.", "Which vintage is {n}?"),
        "year founded",
    ),
    ("company", "founder"): Wording(
        ("Who called {n} into being?", "Who got {n} off the ground?"),
        ("Name the originator of {n}.", "Which pioneer stands behind {n}?"),
        "founder",
    ),
    ("company", "headquarters"): Wording(
        ("From where are the affairs of {n} steered?", "Where would a letter reach {n}?"),
        ("Name the mailing town of {n}.", "Which home base does {n} keep?"),
        "headquarters",
    ),
    ("company", "product"): Wording(
        ("What leaves the factory of {n}?", "What is stacked in the warehouse of {n}?"),
        ("Name the wares of {n}.", "Which merchandise comes from {n}?"),
        "product",
    ),
    ("company", "chief"): Wording(
        ("Who calls the shots at {n}?", "Who is at the helm of {n}?"),
        ("Name the top boss of {n}.", "Which executive steers {n}?"),
        "leader",
    ),
    ("company", "staff"): Wording(
        ("How many draw wages from {n}?", "How many clock in at {n}?"),
        ("Name the headcount of {n}.", "Which crew size fits {n}?"),
        "number of employees",
    ),
    ("company", "owner"): Wording(
        ("Who holds the shares of {n}?", "In whose hands is {n}?"),
        ("Name the parent concern of {n}.", "Which master controls {n}?"),
        "owner",
    ),
    ("company", "market"): Wording(
        ("Where do most buyers of {n} live?", "Where does {n} ship its crates?"),
        ("Name the overseas outlet of {n}.", "Which foreign customer matters to {n}?"),
        "sells to",
    ),
    ("planet", "star"): Wording(
        ("What does {n} swing about?", "Round which light does {n} travel?"),
        ("Name the sun of {n}.", "Which stellar host warms {n}?"),
        "star",
    ),
    ("planet", "capital"): Wording(
        ("From where is {n} governed?", "Where does the parliament of {n} sit?"),
        ("Name the administrative hub of {n}.", "Which metropolis rules {n}?"),
        "capital",
    ),
    ("planet", "moons"): Wording(
        ("How many lesser bodies attend {n}?", "How many follow {n} across its sky?"),
        ("Name the tally of satellites of {n}.", "Which satellite count fits {n}?"),
        "number of moons",
    ),
    ("planet", "language"): Wording(
        ("What do folk on {n} talk?", "In what do schools on {n} teach?"),
        ("Name the speech heard on {n}.", "Which idiom prevails on {n}?"),
        "language",
    ),
    ("planet", "export"): Wording(
        ("What do freighters carry away from {n}?", "What does {n} sell abroad?"),
        ("Name the principal commodity of {n}.", "Which cargo leaves {n}?"),
        "main export",
    ),
    ("planet", "discoverer"): Wording(
        ("Who spotted {n} before anyone else?", "Whose telescope first caught {n}?"),
        ("Name the original sighter of {n}.", "Which stargazer is credited with {n}?"),
        "discovered by",
    ),
    ("planet", "settled"): Wording(
        ("When did people begin to dwell on {n}?", "When did the pioneers land on {n}?"),
        ("Name the landing date of {n}.", "Which date marks human arrival on {n}?"),
        "settled in",
    ),
    ("planet", "mountain"): Wording(
        ("What rises above all else on {n}?", "What would a climber on {n} dream of?"),
        ("Name the loftiest summit of {n}.", "Which crest towers over {n}?"),
        "highest mountain",
    ),
    ("invention", "inventor"): Wording(
        ("Whose idea was the {n}?", "Who dreamed up the {n}?"),
        ("Name the brain behind the {n}.", "Which tinkerer gave us the {n}?"),
        "inventor",
    ),
    ("invention", "year"): Wording(
        ("When did the {n} see its debut?", "When was the {n} dreamed up?"),
        ("Name the patent date of the {n}.", "Which moment in time brought the {n}?"),
        "year of invention",
    ),
    ("invention", "material"): Wording(
        ("From what stock is the {n} cut?", "What would a workshop buy to copy the {n}?"),
        ("Name the stuff of the {n}.", "Which substance forms the {n}?"),
        "made of",
    ),
    ("invention", "power"): Wording(
        ("What keeps the {n} going?", "What sets the {n} in motion?"),
        ("Name the energy behind the {n}.", "Which driving force moves the {n}?"),
        "powered by",
    ),
    ("invention", "use"): Wording(
        ("What is the {n} good at?", "What does the {n} help people with?"),
        ("Name the task of the {n}.", "Which chore does the {n} take over?"),
        "use",
    ),
    ("invention", "weight"): Wording(
        ("How heavy is the {n} on a scale?", "What do scales show under the {n}?"),
        ("Name the mass of the {n}.", "Which heft has the {n}?"),
        "weight",
    ),
    ("invention", "shown"): Wording(
        ("Where did a crowd first marvel at the {n}?", "Where did the {n} have its premiere?"),
        ("Name the premiere venue of the {n}.", "Which locality hosted the debut of the {n}?"),
        "first shown in",
    ),
    ("invention", "museum"): Wording(
        ("Where can people go and look at the {n}?", "Who looks after the {n} today?"),
        ("Name the present custodian of the {n}.", "Which exhibition house guards the {n}?"),
        "kept at",
    ),
    ("town", "country"): Wording(
        ("On whose soil is {n}?", "Within which borders will you find {n}?"),
        ("Name the nation around {n}.", "Which realm includes {n}?"),
        "country",
    ),
    ("town", "river"): Wording(
        ("What flows past {n}?", "What do the bridges of {n} cross?"),
        ("Name the waters of {n}.", "Which stream runs through {n}?"),
        "river",
    ),
    ("town", "mayor"): Wording(
        ("Who chairs the council of {n}?", "Who wears the chain of office in {n}?"),
        ("Name the civic leader of {n}.", "Which politician presides over {n}?"),
        "mayor",
    ),
    ("town", "population"): Wording(
        ("How many souls dwell in {n}?", "How many call {n} home?"),
        ("Name the census total of {n}.", "Which number of residents fits {n}?"),
        "inhabitants",
    ),
    ("town", "famous_for"): Wording(
        ("What do tourists bring back from {n}?", "What made the name of {n} travel?"),
        ("Name the speciality of {n}.", "Which delight is {n} proud of?"),
        "famous for",
    ),
    ("town", "festival"): Wording(
        ("What brings crowds to {n}?", "What do the people of {n} look forward to?"),
        ("Name the yearly merriment of {n}.", "Which revelry fills {n}?"),
        "festival",
    ),
    ("town", "founded"): Wording(
        ("When did {n} spring up?", "When were the first stones of {n} laid?"),
        ("Name the birth date of {n}.", "Which date does the charter of {n} bear?"),
        "year of foundation",
    ),
    ("town", "twin"): Wording(
        ("With whom is {n} partnered?", "Who sends delegations to {n} as a sister?"),
        ("Name the sister city of {n}.", "Which partner municipality has {n}?"),
        "twin town",
    ),
}
