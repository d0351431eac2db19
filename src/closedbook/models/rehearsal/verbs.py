"""English verbs: the forms of a few hundred common ones, by rule and by a table of exceptions.

Knows spelling, not meaning. `FINITE` and `PARTICIPLES` map a form met in a text to its bare verb.
"""

from __future__ import annotations

from typing import Literal

from closedbook.models.rehearsal.words import word_set

Shape = Literal["bare", "third", "past", "participle"]

_IRREGULAR = """
be was been|bear bore born|beat beat beaten|become became become|begin began begun|bend bent bent
bid bid bid|bind bound bound|bite bit bitten|blow blew blown|break broke broken|breed bred bred
bring brought brought|build built built|burst burst burst|buy bought bought|catch caught caught
choose chose chosen|come came come|cost cost cost|cut cut cut|deal dealt dealt|dig dug dug
do did done|draw drew drawn|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen
feed fed fed|feel felt felt|fight fought fought|find found found|flee fled fled|fly flew flown
forbid forbade forbidden|forget forgot forgotten|freeze froze frozen|get got got|give gave given
go went gone|grind ground ground|grow grew grown|hang hung hung|have had had|hear heard heard
hide hid hidden|hold held held|hurt hurt hurt|keep kept kept|kneel knelt knelt|know knew known
lay laid laid|lead led led|leap leapt leapt|leave left left|lend lent lent|let let let
lie lay lain|light lit lit|lose lost lost|make made made|mean meant meant|meet met met
overcome overcame overcome|overlook overlooked overlooked|oversee oversaw overseen
overthrow overthrew overthrown|pay paid paid|put put put|quit quit quit|read read read
ride rode ridden|ring rang rung|rise rose risen|run ran run|say said said|see saw seen
seek sought sought|sell sold sold|send sent sent|set set set|shake shook shaken|shed shed shed
shine shone shone|shoot shot shot|show showed shown|shrink shrank shrunk|shut shut shut
sing sang sung|sink sank sunk|sit sat sat|sleep slept slept|slide slid slid|speak spoke spoken
spend spent spent|spin spun spun|split split split|spread spread spread|spring sprang sprung
stand stood stood|steal stole stolen|stick stuck stuck|strike struck struck|swear swore sworn
sweep swept swept|swell swelled swollen|swim swam swum|take took taken|teach taught taught
tear tore torn|tell told told|think thought thought|throw threw thrown|undergo underwent undergone
understand understood understood|undertake undertook undertaken|wake woke woken|wear wore worn
weave wove woven|wed wed wed|weep wept wept|win won won|wind wound wound
withdraw withdrew withdrawn|withstand withstood withstood|write wrote written
"""

_REGULAR = """
abandon abolish absorb accept access accompany achieve acquire act adapt add address adjust
administer admire adopt advertise advise advocate affect afford aid aim allow alter amend amuse
analyse anchor announce answer apply appoint apprentice approach approve argue arrange arrive ask
assemble assess assign assist assume attach attack attain attempt attend attract auction avoid
award back bake balance ban banish base battle bear belong bequeath blend bless blind block bloom
boast boil bomb book boost border bore borrow bother bottle bow breed brew bridge broadcast brush
burn bury calculate call calm campaign capsize capture care carry carve cast cater cause cease
celebrate certify chair challenge champion change charge charter chase chat cheer chop circle
circulate cite claim clean clear climb close clothe coach coat coin collaborate collapse collect
colonise color colour combine comfort command comment commission communicate compare compete
compile complain complete compose comprise conceive concentrate concern conclude condemn conduct
confirm confuse connect conquer consecrate conserve consider consist construct consult consume
contact contain continue contribute control convert convince cook cool cooperate copy correct
correspond counsel count court cover crack craft cram create criticise cross crown crush cultivate
curate cure curve cycle dam damage dance debate decide declare decline decorate decrease dedicate
deem defeat defend define delay delight deliver demand demolish demonstrate deny depend depict
deploy deport deposit derive descend describe deserve design destroy detain detect determine
develop devise devote devour diagnose die dig diminish dip direct disappear discard discover
discuss dismantle dismiss display dissect dissolve distil distribute dive divide document dominate
donate double draft drag drain dream dress drill drop dry dub dump dye earn echo edit educate
elect elevate eliminate embroider emerge emigrate emit employ enable encircle enclose encourage
end endow endure engrave enjoy enlarge enlist enrich enrol ensure enter entertain equip erect
escape establish evacuate evolve examine excavate exceed exchange exclude execute exhibit exile
expand expect expire explain explode exploit explore export express extend extinguish extract face
fail farm fascinate fasten favour fear feature ferment fetch file fill film filter finance finish
fire fish fit flank float flood flow focus fold follow force forecast forge form formulate fortify
foster found frame frequent fund furnish fuse gain garden gather generate glaze glow govern
graduate grant grasp graze greet grill grind guard guide hammer handle happen harm harness harvest
hate haul head headquarter heal heat help hinder hire honor honour hope host house hover hug hunt
identify ignore illustrate imitate immigrate import impose impress imprison improve inaugurate
incline include incorporate increase indicate influence inform inhabit inherit initiate insist
inspect inspire install instruct insulate insure integrate intend interest interpret interview
introduce invade invent invest investigate invite involve irrigate isolate issue jail join journey
judge juggle jump justify kick kill kiss knit knock label lack land last launch learn lease
lecture level liberate license lift like limit link list listen live load lobby locate lodge look
loot love lower lure maintain manage manufacture map mark market marry master match measure melt
memorise mention mentor merge migrate mine mint mix model modify monitor motivate mount mourn move
multiply murder name narrate need negotiate nest nickname nominate note notice notify number nurse
object observe obtain occupy occur offend offer open operate oppose orbit order organise organize
originate oust outlaw overhaul own pack paint park participate pass patent patrol perfect perform
permit persuade photograph pick pickle pierce pile pilot pioneer pitch place plan plant play
pledge plough plunge polish pollute popularise populate pose possess pour power practice practise
praise pray predict prefer prepare present preserve preside press prevent print privatise process
proclaim produce program prohibit project promote propose prosper protect prove provide provoke
publish pull pump punish purchase pursue push puzzle qualify quarry question race rain raise rank
reach react reappear rear rebel rebuild recall receive recite reclaim recognise recommend
reconstruct record recover recruit recycle reduce refine reflect reform refuse regard register
regulate rehearse reign reinforce reject relate relax release relocate rely remain remark remarry
remember remind remodel remove rename render renovate rent reopen repair repel replace reply
report represent reproduce request require rescue research resemble reserve reside resign resist
respect respond rest restore restrict retain retire return reunite reveal revere reverse revise
revive revolve reward roam roast roll rotate row ruin rule rush sack sacrifice sail salute sample
satisfy save scare scatter scold score screen scrub sculpt seal search season seat secure select
sense sentence separate serve service settle sew shape share shelter shift ship shock sign signal
situate sketch slope smash smell smelt smile smoke soak soar solve sort span spark specialise
specialize spell spoil sponsor spray sprout squeeze staff stain stamp start starve station stay
stir stitch stop store strengthen stress stretch strip study style submit subsidise substitute
succeed suffer suit summarise supervise supply support surprise surrender surround survey survive
suspend sustain swap switch symbolise tackle tame target taste telephone tempt tend terminate test
thank threaten thrive tie tilt tint touch tour tower trace track trade trail train transform
translate transport trap travel treat trick triumph trouble trust tunnel turn tutor twist type
uncover unearth unify unite unveil upgrade urge use vaccinate value vanish vanquish vary view
visit visualise volunteer vote wait walk wander want warm warn wash watch water weaken weigh
welcome whip whistle widen widow wipe witness wonder work worship wrap wreck yell yield zigzag
"""

_DOUBLING = word_set(
    "stop ship plan map tour trap wrap fit knit step drop plot pin scan travel cancel label fuel"
    " model tunnel refer occur prefer transfer equip control repel distil program ban run sit get"
    " dig swim win cut put set shut hit spin begin compel drum patrol knot chop stir dam drag hum"
    " nod rob scrub skip slip snap strip submit swap tip trim whip zigzag enrol clap grip hop hug"
    " jog permit rub slam stem tan tug zip top"
)

INTRANSITIVE = word_set(
    "arrive belong come compete cooperate collaborate die end fall flow focus go graduate journey"
    " lecture lie live last migrate originate preside reign relocate remain reside resign retire"
    " return revolve rise sit specialise specialize stand stay swim travel volunteer work occur"
    " sleep serve study train settle move grow walk campaign trade roam"
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
