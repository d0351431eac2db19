"""English verbs: the forms of a few hundred common ones, by rule and by a table of exceptions.

Knows spelling, not meaning. `FINITE` and `PARTICIPLES` map a form met in a text to its bare verb.
"""

from __future__ import annotations

from typing import Literal

from closedbook.models.rehearsal.words import word_set

Shape = Literal["bare", "third", "past", "participle"]

_IRREGULAR = """
be was been|become became become|begin began begun|bear bore born|bind bound bound|break broke broken
bring brought brought|build built built|buy bought bought|catch caught caught|choose chose chosen
come came come|cost cost cost|cut cut cut|deal dealt dealt|do did done|draw drew drawn
drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feed fed fed|fight fought fought
find found found|fly flew flown|forget forgot forgotten|freeze froze frozen|get got got
give gave given|go went gone|grow grew grown|hang hung hung|have had had|hear heard heard
hide hid hidden|hold held held|keep kept kept|know knew known|lay laid laid|lead led led
leave left left|lend lent lent|let let let|lie lay lain|light lit lit|lose lost lost
make made made|mean meant meant|meet met met|pay paid paid|put put put|read read read
ride rode ridden|ring rang rung|rise rose risen|run ran run|say said said|see saw seen
seek sought sought|sell sold sold|send sent sent|set set set|shine shone shone|shoot shot shot
show showed shown|shut shut shut|sing sang sung|sit sat sat|sleep slept slept|speak spoke spoken
spend spent spent|spin spun spun|split split split|spread spread spread|stand stood stood
steal stole stolen|strike struck struck|swim swam swum|take took taken|teach taught taught
sink sank sunk|shrink shrank shrunk|swear swore sworn|sweep swept swept|swell swelled swollen
slide slid slid|tear tore torn|beat beat beaten|bend bent bent|breed bred bred|bid bid bid|bite bit bitten
blow blew blown|dig dug dug|flee fled fled|forbid forbade forbidden|grind ground ground|hurt hurt hurt
kneel knelt knelt|leap leapt leapt|overcome overcame overcome|overthrow overthrew overthrown
shake shook shaken|shed shed shed|spring sprang sprung|stick stuck stuck|undertake undertook undertaken
withstand withstood withstood|wind wound wound|burst burst burst|feel felt felt|quit quit quit
think thought thought|wake woke woken|weep wept wept
tell told told|throw threw thrown|wear wore worn|weave wove woven|wed wed wed|win won won
write wrote written|overlook overlooked overlooked|oversee oversaw overseen
undergo underwent undergone|understand understood understood|withdraw withdrew withdrawn
"""

_REGULAR = """
accept accompany achieve acquire act adapt add administer admire adopt advise aid aim allow analyse
announce answer apply appoint argue arrange arrive ask assemble assist attach attack attend attract
award bake ban base bear belong blend boast border borrow bottle breed broadcast burn call campaign
capture care carry carve cast cause celebrate chair challenge change charge circle claim clean climb
close collaborate collect combine command commission compete compile complete compose comprise
conceive concern conduct confirm connect conquer consist construct consult contain continue contribute
control convert cook cool cooperate copy count cover crack craft create cross cultivate cure cycle
damage dance decide declare decorate dedicate defeat defend define deliver demolish depend
depict deposit derive describe design destroy detect determine develop devise devote die dig direct
discover discuss display distil distribute divide document donate double dream dress dye earn edit
educate elect employ enable end enjoy enlarge enter entertain equip erect escape establish examine
exchange excavate execute exhibit expand explain explode explore export express extend extract
face fail farm fascinate favour feature fetch fill film filter finance fish fit flood flow focus
follow forge form formulate fortify found fund furnish gain gather generate govern graduate graze
guard guide handle harvest head heat help hire honour host house hunt identify illustrate import
improve include increase influence inhabit inherit initiate inspire install instruct interpret
introduce invade invent invest investigate invite isolate issue join journey judge kill label land
last launch learn lecture license like limit link list live load locate love lower maintain manage
manufacture map mark market marry master match measure melt mention mentor merge migrate mine mint
mix model modify mount move murder name negotiate nickname note number nurse obtain occupy occur offer
open operate orbit order organise organize originate own pack paint pass patent perform photograph
pioneer place plan plant play polish popularise populate possess power practise practice prefer prepare
present preserve preside press prevent print process produce promote propose protect prove provide
publish pull pump purchase pursue push qualify race raise rank reach rebuild receive recognise record
recover reduce refine regard register regulate reign reject release relocate remain remember remove
rename renovate repair replace represent require rescue research reside resign restore retire return
reveal revise revolve roast roll rotate rule sail sample scatter score sculpt secure separate serve
settle shape share shelter ship sign situate sketch smell smelt solve sort span specialise
specialize sponsor start station stay stop store stretch study style succeed suffer suit supervise
supply support surround survey survive taste test tie tint tour trace track trade train transform
translate transport trap travel treat tunnel turn type uncover unite unveil use value vary view visit
volunteer vote wait walk want warm warn wash watch water weigh welcome widow wonder work worship wrap
yield headquarter repel melt roam dissolve encircle circulate enclose knit sew stitch juggle whistle
compete row restore lecture bottle brew ferment charter subsidise nominate honor color colour coin
dub deem consume produce attain bequeath champion coach counsel curate diagnose draft drill engrave
forecast found fuse grind harness imprison inaugurate incorporate lobby memorise narrate patrol
perfect pilot plough program quarry rear recruit rehearse resemble satisfy spark spell staff tend
tutor unearth vaccinate
abolish abandon absorb access address adjust advertise advocate affect afford alter amend amuse anchor
apprentice approach approve assess assign assume attempt auction avoid back balance banish battle bless
blind block bloom boil bomb book boost bore bother bow bridge brush bury calculate calm capsize cater
cease certify chase chat cheer chop cite clear clothe coat collapse colonise comfort comment communicate
compare complain concentrate conclude condemn confuse conserve consecrate consider contact convince
correct correspond court cram criticise crown crush curve dam debate decline decrease delay delight demand
demonstrate deny deploy deport descend deserve detain devour diminish dip disappear discard dismantle
dismiss dissect dive dominate donate drag drain drop dry dump echo elevate eliminate embroider emerge
emigrate emit encourage endow endure enlist enrich enrol ensure evacuate evolve exceed exclude exile
expect expire exploit extinguish fasten fear file finish fire float fold force foster frame frequent
garden glaze glow grant grasp greet grill hammer happen harm hate haul heal hinder hope hover hug ignore
impress imitate immigrate impose incline indicate inform insist inspect insulate insure integrate intend
interest interview involve irrigate jail jump justify kick kiss knock lack lease level liberate lift
listen lodge look loot lure monitor motivate mourn multiply need nest notice notify object observe offend
oppose oust outlaw overhaul park participate permit persuade pick pickle pierce pile pitch pledge plunge
pollute pose pour praise pray predict privatise proclaim prohibit project prosper provoke punish puzzle
question rain react reappear rebel recall recite reclaim recommend reconstruct recycle reflect reform
refuse reinforce relate relax rely remark remarry remind remodel render rent reopen reply report
reproduce request reserve resist respect respond rest restrict retain reunite revere reverse revive
reward ruin rush sack sacrifice salute save scare scold screen scrub seal search season seat select
sense sentence service shift shock signal slope smash smile smoke soak soar spoil spray sprout squeeze
stain stamp starve stir strengthen stress strip submit substitute summarise surprise surrender suspend
sustain swap switch symbolise tackle tame target telephone tempt terminate thank threaten thrive tilt
touch trail trick triumph trouble trust twist unify upgrade urge vanish vanquish visualise wander
weaken whip widen wipe witness wreck yell zigzag cross recruit flank drain border feature tower
"""

_DOUBLING = word_set(
    "stop ship plan map tour trap wrap fit knit step drop plot pin scan travel cancel label fuel model"
    " tunnel refer occur prefer transfer equip control repel distil program ban run sit get dig swim win"
    " cut put set shut hit spin begin compel drum patrol knot chop stir dam drag hum nod rob scrub skip"
    " slip snap strip submit swap tip trim whip zigzag enrol clap grip hop hug jog permit rub slam stem"
    " tan tug zip top"
)

INTRANSITIVE = word_set(
    "arrive belong come compete cooperate collaborate die end fall flow focus go graduate"
    " journey lecture lie live last migrate originate preside reign relocate remain reside"
    " resign retire return revolve rise sit specialise specialize stand stay swim travel"
    " volunteer work occur sleep serve study train settle move grow walk campaign trade roam"
)
"""Verbs commonly without an object: "and studied at X" after a passive is active."""


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return f"{verb}{verb[-1] if verb in _DOUBLING else ''}ed"


def _third(verb: str) -> str:
    if verb in {"be", "have", "do", "go"}:
        return {"be": "is", "have": "has", "do": "does", "go": "goes"}[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def gerund(verb: str) -> str:
    """The form in -ing."""
    if verb in {"lie", "die", "tie"}:
        return verb[:-2] + "ying"
    if verb.endswith("e") and verb not in {"be", "see", "dye"}:
        return verb[:-1] + "ing"
    return f"{verb}{verb[-1] if verb in _DOUBLING else ''}ing"


def _table() -> dict[str, dict[Shape, str]]:
    table: dict[str, dict[Shape, str]] = {}
    for verb in _REGULAR.split():
        past = _past(verb)
        table[verb] = {"bare": verb, "third": _third(verb), "past": past, "participle": past}
    for entry in _IRREGULAR.replace("\n", "|").split("|"):
        if entry.strip():
            verb, past, participle = entry.split()
            shapes: dict[Shape, str] = {"bare": verb, "third": _third(verb)}
            table[verb] = shapes | {"past": past, "participle": participle}
    table["broadcast"] |= {"past": "broadcast", "participle": "broadcast"}
    table["rebuild"] |= {"past": "rebuilt", "participle": "rebuilt"}
    return table


_FORMS = _table()

PAST = {shapes["past"]: verb for verb, shapes in _FORMS.items() if verb != "bear"}
THIRD = {shapes["third"]: verb for verb, shapes in _FORMS.items()}
FINITE = PAST | THIRD | {"were": "be", "are": "be", "founded": "found", "found": "find"}
PARTICIPLES = {shapes["participle"]: verb for verb, shapes in _FORMS.items()} | {
    "founded": "found",
    "found": "find",
    "situated": "situate",
}
GERUNDS = {gerund(verb): verb for verb in _FORMS}
BARE = frozenset(_FORMS)


def shape(verb: str, wanted: Shape) -> str:
    """`verb` (bare) in the shape wanted; an unknown verb follows the rules."""
    if verb in _FORMS:
        return _FORMS[verb][wanted]
    return {"bare": verb, "third": _third(verb)}.get(wanted) or _past(verb)


def finite(verb: str, *, past: bool, plural: bool) -> str:
    """`verb` as it follows a third-person subject."""
    if verb == "be":
        return ("were" if plural else "was") if past else ("are" if plural else "is")
    if past:
        return shape(verb, "past")
    return shape(verb, "bare" if plural else "third")


def auxiliary(verb: str, *, past: bool, plural: bool) -> str:
    """The word that stands before the subject in a question with `verb`."""
    return finite("be" if verb == "be" else "do", past=past, plural=plural)
