"""The small words of English, and short lists of common nouns that tell what a phrase is about.

Plain data; knows no rules.
"""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


PREPOSITIONS = word_set(
    "about above across after against along alongside amid among around as at before behind"
    " below beneath beside besides between beyond by despite down during for from in inside into"
    " like near off on onto opposite outside over past per round since through throughout to"
    " toward towards under underneath until up upon via with within without"
) | {
    "next to",
    "close to",
    "because of",
    "instead of",
    "such as",
    "together with",
    "along with",
    "due to",
}
AWAY = frozenset({"from", "off", "above", "below"}) | {
    f"{point} of"
    for point in word_set("north south east west north-west north-east south-west south-east")
}
"""Prepositions that a distance goes with."""
PREPOSITIONS |= AWAY
PLACE_PREPOSITIONS = word_set(
    "in at on near beside under above behind opposite along across inside outside within over"
    " beneath by"
)
ARTICLES = word_set("a an the")
DETERMINERS = ARTICLES | word_set(
    "this that these those each every some any all both another several many its his her their"
)
POSSESSIVES = word_set("its his her their")
PRONOUNS = {"it": "thing", "he": "person", "she": "person", "they": "any"}
OBJECT_PRONOUNS = word_set(
    "it him her them this that these those himself herself itself themselves one ones"
)
RELATIVES = word_set("which who whom whose that where when")
SUBORDINATORS = word_set(
    "when while because since although though until before after whereas as if unless so once"
    " where than whether"
)
ADVERBS = word_set(
    "also later still then now originally mainly today eventually soon finally once first"
    " already always often usually mostly largely chiefly primarily officially formally newly"
    " currently initially subsequently previously formerly recently nowadays widely best well"
    " both thus therefore however just there even ever since again together twice entirely"
    " completely partly fully generally commonly simply actually really indeed long further"
    " furthermore moreover additionally meanwhile traditionally locally famously jointly"
    " successfully permanently regularly afterwards thereafter"
)
TRAILING = word_set(
    "away back forward forwards home skyward upward upwards downward downwards ahead aside"
    " apart along everywhere somewhere nearby outside inside upstairs downstairs here good tight"
    " twice today now there too together alone abroad instead again later afterwards once well"
    " also still ever since"
)
SENTENCE_ADVERBS = ADVERBS | word_set(
    "nevertheless nonetheless besides similarly likewise interestingly notably"
)

NEGATIONS = word_set(
    "not never no none nobody nothing nowhere neither nor hardly scarcely barely rarely seldom"
    " cannot without few little fails failed refused declined denied"
)
HEDGES = word_set(
    "might may could would should must can ought if unless whether perhaps possibly probably"
    " maybe allegedly reportedly supposedly presumably apparently likely unlikely rumoured"
    " rumored rumour rumours legend legends myth believed believe believes thought assumed claim"
    " claims claimed alleged seems seem seemed appears appeared according suppose supposed"
    " expected planned plans hopes hoped wanted wants intended will shall disputed uncertain"
    " unclear unknown doubtful doubted wrongly mistakenly falsely imagine suggests suggested"
    " suspected arguably contrary i we you my our your me us i'm i've let's"
)

MONTHS = word_set(
    "january february march april may june july august september october november december"
)
TIME_NOUNS = (
    word_set(
        "spring summer autumn winter morning evening afternoon night noon midnight century decade"
        " year years month week weekend day days dawn dusk sunrise sunset monday tuesday wednesday"
        " thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays"
        " sundays christmas easter childhood youth 1800s"
    )
    | MONTHS
)
NUMBER_WORDS = word_set(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
    " hundred thousand million billion dozen"
)
APPROXIMATE = word_set("about around roughly nearly almost over approximately exactly some just")
BOUNDS = {
    ("more", "than"),
    ("less", "than"),
    ("fewer", "than"),
    ("at", "least"),
    ("at", "most"),
    ("up", "to"),
}
"""What may stand before an amount, one word or two."""
UNITS = word_set(
    "metre metres meter meters kilometre kilometres kilometer kilometers mile miles foot feet"
    " inch inches yard yards centimetre centimetres centimeter centimeters millimetre"
    " millimetres km cm mm m kg g kilogram kilograms gram grams tonne tonnes ton tons pound"
    " pounds ounce ounces litre litres liter liters gallon gallons hectare hectares acre acres"
    " second seconds minute minutes hour hours day days week weeks month months year years"
    " decade decades century centuries degree degrees celsius fahrenheit percent % watt watts"
    " volt volts kilowatts megawatts horsepower knots knot dollar dollars euro euros pence penny"
    " cent cents crown crowns coin coins shilling shillings franc francs mark marks florin"
    " florins guilder guilders ducat ducats credit credits light-year light-years lightyears"
    " parsecs parsec fathoms leagues league"
)
MONEY = word_set(
    "dollar dollars euro euros pound pounds pence penny cent cents crown crowns coin coins"
    " shilling shillings franc francs mark marks florin florins guilder guilders ducat ducats"
    " credit credits"
)
DIMENSIONS = word_set(
    "long wide high tall deep old thick heavy broad across away apart square large"
)
COLOURS = word_set(
    "red blue green yellow orange purple violet brown black white grey gray pink crimson"
    " scarlet turquoise teal indigo amber golden gold silver bronze copper beige maroon ochre"
    " cream lilac magenta olive ivory azure cyan emerald ruby rust tan lavender mauve khaki"
    " vermilion cobalt"
)

PERSON_NOUNS = word_set(
    "founder cofounder co-founder inventor director manager head chief president chairman"
    " chairwoman chair owner wife husband spouse mother father son daughter brother sister"
    " teacher tutor mentor pupil student author writer composer painter architect engineer"
    " designer builder discoverer mayor king queen ruler leader prince princess governor"
    " minister captain editor publisher partner colleague friend rival successor predecessor"
    " uncle aunt cousin grandfather grandmother creator chancellor principal dean curator"
    " conductor coach secretary treasurer boss emperor commander explorer poet sculptor maker"
    " namesake patron hero heroine narrator protagonist champion goalkeeper guardian heir"
    " heiress nephew niece assistant"
)
PROFESSIONS = word_set(
    "actor architect artist astronomer athlete author baker banker biologist blacksmith"
    " botanist brewer builder butcher captain carpenter chemist clerk clockmaker composer cook"
    " dancer dentist designer diplomat doctor economist editor engineer entrepreneur explorer"
    " farmer fisherman gardener geologist glassblower goldsmith historian inventor jeweller"
    " journalist judge lawyer librarian linguist locksmith mathematician mechanic merchant"
    " meteorologist midwife miller miner musician navigator novelist nurse officer painter"
    " pharmacist philosopher photographer physician physicist pianist pilot playwright poet"
    " politician potter printer professor programmer psychologist sailor scholar scientist"
    " sculptor seamstress singer soldier statistician surgeon surveyor tailor teacher translator"
    " violinist watchmaker weaver writer zoologist cartographer optician cobbler shoemaker"
    " beekeeper archivist shipbuilder veterinarian apothecary archaeologist conductor critic"
    " cellist flautist organist"
)
PERSON_CLASSES = PROFESSIONS | word_set("man woman person boy girl king queen saint monk nun")
ORGANISATION_CLASSES = word_set(
    "company firm business corporation enterprise manufacturer maker producer brewery bakery"
    " bank publisher retailer startup start-up supplier organisation organization cooperative"
    " agency workshop factory mill shipyard foundry group brand concern house works association"
    " society club charity foundation institute institution school university college academy"
    " hospital museum"
)
PLACE_CLASSES = word_set(
    "place town city village hamlet settlement country state kingdom republic nation province"
    " region district island planet moon world star river lake mountain hill valley bay sea"
    " ocean port harbour harbor suburb forest desert peninsula canton county colony capital area"
    " territory oasis cave waterfall volcano glacier street square park garden castle church"
    " tower bridge lighthouse palace cathedral temple station"
)
NAMED_PLACES = word_set(
    "town city village hamlet island planet county province state kingdom republic port parish"
    " district region borough canton settlement"
)
"""Nouns that stand before a name with "of": "the town of Orr"."""
ALIKE = (
    word_set("town city village hamlet settlement place suburb port community"),
    word_set("country state kingdom republic nation land"),
    word_set("planet world"),
    word_set("moon satellite world"),
    word_set("mountain peak hill"),
    word_set("island isle"),
    word_set("river stream"),
    word_set("lake reservoir"),
    word_set(
        "company firm business corporation enterprise manufacturer maker producer concern brewery"
        " bakery publisher retailer startup supplier workshop factory foundry shipyard bank brand"
    ),
    word_set("organisation organization association society club union group charity foundation"),
    word_set("school university college academy institute institution"),
    word_set(
        "device machine invention instrument tool apparatus gadget appliance contraption mechanism"
    ),
    word_set("book novel work story volume"),
    word_set("poem work"),
    word_set("play work opera"),
    word_set("ship vessel boat"),
    word_set("animal creature beast"),
    word_set("law act rule"),
    word_set("road street"),
    word_set("railway line railroad"),
)
"""Nouns by which a text may call the same thing."""
THING_CLASSES = word_set(
    "device machine invention instrument tool apparatus engine vehicle gadget lamp clock"
    " telescope book novel poem song painting film play opera game sport language dish drink"
    " material substance metal chemical disease animal bird fish plant tree flower festival"
    " award prize ship boat train aircraft method technique process system product appliance"
    " contraption"
)
PLACE_NOUNS = (
    PLACE_CLASSES
    | ORGANISATION_CLASSES
    | word_set(
        "north south east west centre center middle edge coast shore bank banks foot top slope"
        " slopes outskirts north-east north-west south-east south-west northeast northwest"
        " southeast southwest countryside hemisphere house home hut barn workshop"
        " laboratory attic cellar"
        " basement garage kitchen room hall office building floor shop store theatre library farm"
        " field meadow orchard vineyard mine quarry dock quay wharf market plain plateau highlands"
        " lowlands mountains hills woods jungle crossroads junction road highway railway mouth"
        " confluence quarter orbit system constellation galaxy belt cluster interior crater gorge"
        " canyon ravine estuary delta"
    )
)
ORGANISATION_WORDS = word_set(
    "company co corp corporation inc ltd limited works university college academy institute"
    " school society museum bank group union association foundation press hospital observatory"
    " library theatre council ministry club brothers sons mills industries laboratories guild"
    " workshop polytechnic conservatory systems motors foundry bakery brewery brewers partners"
)
PLACE_WORDS = word_set(
    "river lake mount mountain island sea ocean bay street avenue square road hill valley"
    " bridge tower castle harbour harbor port city town county republic kingdom desert forest"
    " peninsula cape park station north south east west"
)
