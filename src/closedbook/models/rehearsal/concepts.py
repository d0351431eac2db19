"""Other ways to say the same: a small thesaurus of phrases.

Each line of `_TABLE` is one meaning: the phrases by which a text may say it, then the verb
phrases and nouns with which it can be asked or told. A phrase without an entry is worded with
its own verb or noun alone. Written as `kinds | verb phrases | nouns`; a verb phrase is a bare
verb with what follows it up to the value, `~` marks the value as the doer ("~ invent"), and `_`
stands for the value where more follows it; an indented line goes on with the one before. Only
equivalents that hold for any subject belong here.
"""

from __future__ import annotations

from dataclasses import dataclass

_TABLE = """
place | be born in; come into the world in; start life in | birthplace; place of birth
place | be born at; come into the world at | birthplace; place of birth
place | be born near; come into the world near | -
year time | be born in; come into the world in; see the light of day for the first time in |
  year of birth; birth year
date | be born on; come into the world on | date of birth; birthday
place | die in; pass away in | place of death
place | die at; pass away at | place of death
year time | die in; pass away in | year of death
date | die on; pass away on | date of death
count | die at the age of; live to the age of; pass away at the age of | age at death
person name | ~ found; ~ establish; ~ set up; ~ start; ~ create; ~ launch; ~ form | founder;
  creator
year time | be founded in; be established in; be set up in; be formed in; be started in; be
  created in | founding year; year of foundation
date | be founded on; be established on | date of foundation
place | be founded in; be established in; be set up in; be started in | place of foundation
person name | ~ invent; ~ devise; ~ think up; ~ come up with | inventor
person name | ~ develop; ~ create | creator; developer
year time | be invented in; be devised in; be thought up in | year of invention
place | be invented in; be devised in | place of invention
person name | ~ discover | discoverer
year time | be discovered in | year of discovery
date | be discovered on | date of discovery
person name | ~ design; ~ draw the plans for | designer
person name | ~ build; ~ construct; ~ erect | builder
year time | be built in; be constructed in; be erected in; be put up in | year of construction
person name | ~ write | author; writer
year time | be written in | year of writing
person name | ~ compose | composer
person name | ~ paint | painter
person name | ~ own; ~ possess | owner; proprietor
person name | ~ lead; ~ head; ~ run; ~ direct | head; leader
year time | be opened in; open in | opening year; year of opening
year time | be published in; come out in; appear in | year of publication
year time | be patented in | year of the patent
place | be based in; be headquartered in; have _PRO head office in; have _PRO headquarters in;
  have _PRO main office in; be run from | head office; headquarters; main office; seat
place | lie in; be located in; be situated in; be in; stand in; be found in | location
place | lie on; be located on; be situated on; be on; stand on | location
place | lie near; be located near; be situated near; be near; stand near; lie close to | -
place | live in; reside in; have _PRO home in | home; place of residence
place | grow up in; be raised in; be brought up in; spend _PRO childhood in | -
place | study at; be a student at; be educated at; attend classes at; take classes at | place of
  study
place | study in; be educated in; be a student in | place of study
thing | study; learn about; take courses in | field of study; subject of study
person | study under; be taught by; be a pupil of; learn from | teacher; tutor
thing person | work as; be employed as; earn a living as; make a living as | profession;
  occupation; job; trade
place name | work for; be employed by; be employed at; have a job at | employer; place of work
place | work in; be employed in; have a job in | place of work
person | marry; wed; become the spouse of | spouse
person | be married to; be the spouse of | spouse
thing | make; produce; manufacture; turn out | product
thing | sell; trade in; deal in; offer for sale | -
thing | specialise in; specialize in; be a specialist in; focus on | speciality; special field
count | employ; have _ on _PRO payroll; have _ on _PRO staff; provide work for | -
count | have; possess | -
thing name | orbit; circle; go around; revolve around; travel around | -
thing | be made of; be made from; consist of; be built of; be built from; be constructed from |
  material
purpose | be used; serve; be meant; be employed | purpose; use; function
thing | be used for; serve for; be employed for | use; purpose; function
thing name | be powered by; be driven by; run on | source of power
measure | cost; sell for; be sold for; be sold at | price; cost
measure | weigh | weight
name person | be named after; take _PRO name from; owe _PRO name to | namesake
thing | collect; be a collector of; gather | -
thing | play | -
thing name | speak; be able to speak | -
measure | be _ long; measure _ in length | length
measure | be _ wide; measure _ in width | width
measure | be _ high; be _ tall; measure _ in height | height
measure | be _ tall; be _ high; measure _ in height | height
measure | be _ deep; measure _ in depth | depth
measure | be _ across; measure _ across; be _ wide | diameter
measure | measure _ across; be _ across | diameter
colour | be | colour
thing name | be known for; be famous for; be best known for; be noted for; be renowned for | -
name thing | be known as; be called; go by the name of | -
name thing | be called; be named; go by the name of; have the name | name
thing name | win; receive; be awarded; be given | -
noun | - | capital; capital city; seat of government
noun | - | head office; headquarters; main office
noun | - | headquarters; head office; main office
noun | - | population; number of inhabitants
noun | - | wife; spouse
noun | - | husband; spouse
noun | - | spouse; partner in marriage
noun | - | founder; creator
noun | - | inventor; deviser
noun | - | profession; occupation; job
noun | - | occupation; profession; job
noun | - | job; occupation; profession
noun | - | birthplace; place of birth
noun | - | place of birth; birthplace
noun | - | year of birth; birth year
noun | - | main product; chief product; principal product
noun | - | chief product; main product; principal product
noun | - | principal product; main product; chief product
noun | - | price; cost
noun | - | purpose; function; use
noun | - | main purpose; chief purpose; principal use
noun | - | colour; hue
noun | - | color; hue
noun | - | chief engineer; head engineer; leading engineer
noun | - | director; head
noun | - | teacher; tutor; instructor
noun | - | main export; chief export; principal export
noun | - | chief export; main export; principal export
noun | - | largest city; biggest city
noun | - | biggest city; largest city
noun | - | largest moon; biggest moon
noun | - | home town; native town
noun | - | hometown; native town; home town
noun | - | hobby; pastime
noun | - | favourite pastime; hobby; favourite hobby
noun | - | favourite food; favourite dish; best-liked food
noun | - | motto; slogan
noun | - | slogan; motto
noun | - | owner; proprietor
noun | - | author; writer
noun | - | language; tongue
noun | - | employer; place of work
noun | - | best-known invention; most famous invention
noun | - | most famous invention; best-known invention
"""


@dataclass(frozen=True, slots=True)
class Concept:
    """`verbs` and `nouns` that can replace each other, the first of each being the plainest."""

    verbs: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()


def _concepts() -> dict[tuple[str, str], Concept]:
    table: dict[tuple[str, str], Concept] = {}
    for line in _TABLE.replace("\n  ", " ").strip().splitlines():
        kinds, verbs, nouns = (cell.strip() for cell in line.split("|"))
        concept = Concept(
            *(
                tuple(p.strip() for p in cell.split(";") if p.strip() != "-")
                for cell in (verbs, nouns)
            )
        )
        if kinds == "noun":
            table.setdefault(("noun", concept.nouns[0]), concept)
        for kind in kinds.split():
            for phrase in concept.verbs:
                table.setdefault((kind, phrase), concept)
    return table


_CONCEPTS = _concepts()
_NONE = Concept()


def concept(kind: str, phrase: str) -> Concept:
    """The equivalents of `phrase` with a value of `kind` ("noun" for a relation noun)."""
    return _CONCEPTS.get((kind, phrase), _NONE)
