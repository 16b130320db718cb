"""Invented names with regional flavour: four families of sound, one per group of regions.

A word is a first syllable, an optional middle and an ending that tells its kind ("Torv" + "en" + "ask"). The small
inventory keeps names pronounceable and lets a small byte-pair vocabulary spell them in a few pieces. All coined words
of a world are at least two letter edits apart, whatever their kind, so no name is another name misspelt.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field


def words(text: str) -> tuple[str, ...]:
    """The words of `text`; long lists read better unquoted."""
    return tuple(text.split())


FAMILIES = ("north", "west", "south", "east")

FIRSTS = {
    "north": words(
        "Torv Skel Brun Hald Orm Grud Vard Rusk Eld Bram Dorn Kolv Yrs Hest Tjur Fend Holm Snav Gund Ulv Ask Brod Hjal "
        "Sturm Keld Nord Vest Rond Selv Drag Frod Mosk Thul Varg Jod Lund Ragn Olm Stav Tresk"
    ),
    "west": words(
        "Bel Cor Lam Mir Sal Vel Dav Fer Lur Ol Pel Ser Tal Vor Am Col Gal Ner Quel Rav Sim Tor Vin Ald Bris Cael Dul "
        "Est Flor Glin Hal Ivel Jor Lor Mar Nol Per Ros Sev Wen"
    ),
    "south": words(
        "Ar Ib Zor Un Ech Ot Ir Baz Cad Dez Es Fil Gor Im Jal Laz Man Nav Ob Paz Quir Rim Sab Tam Ur Vaz Xal Az Bor "
        "Cam Dom Ez Gaz Iz Lim Miz Naz Pol Rez Taz"
    ),
    "east": words(
        "Kaz Mor Zel Dob Brez Vod Plat Rad Tuz Volk Bost Chor Drav Goz Hruv Jar Kost Lub Myr Olsh Prav Ruz Sliv Trask "
        "Ushk Vesh Yav Zhur Bogd Dregh Klin Krov Lesk Mlad Nezh Obr Pesk Skop Stroz Zvan"
    ),
}
MIDDLES = {
    "north": words("en ar ul em or il ind erg"),
    "west": words("an er il em ar is ov end"),
    "south": words("al er im ur en is und ez"),
    "east": words("av en il ur em osh ik ad"),
}
ENDINGS = {
    "north": {
        "town": words("ask osund evik amar olt usted"),
        "river": words("elv urn amp isk oma"),
        "family": words("ersk ulfen ahl omund igsen odd"),
        "female": words("ild una eva irun"),
        "male": words("ulf ehr ik ovar"),
        "company": words("or ungs ast ekk immel"),
        "book": words("eth orun aly unsk iver"),
        "festival": words("uma idrat olv emsa arre"),
        "bird": words("irl eck ulla otter azzin"),
        "dish": words("osk umpe ebrat yrra aggen"),
        "region": words("omark heim undal eskar"),
    },
    "west": {
        "town": words("ombre ault iere essay ovel uncy"),
        "river": words("isse une ayle oran ette"),
        "family": words("amont eroy ivane oulle adour essin"),
        "female": words("ise elle ora aine"),
        "male": words("eloc ardin ien ouin"),
        "company": words("oval ique erond audry itel"),
        "book": words("onde avere illow esque uran"),
        "festival": words("aille ubry orette imane eve"),
        "bird": words("irelle ouque anset obin ulet"),
        "dish": words("ouffe astre umbel ignon"),
        "region": words("ouvre anche ivois ellon"),
    },
    "south": {
        "town": words("anza ueta ibar odos emira ugal"),
        "river": words("oja ina ueve apra edo"),
        "family": words("urtez ibarro agusti emolo unzio eldas"),
        "female": words("itha onea uela ezia"),
        "male": words("anto elo iku oz"),
        "company": words("exo arro inda ultos opal"),
        "book": words("ada umbra iloso etera onye"),
        "festival": words("ilga atza omero uendo erica"),
        "bird": words("ulito ecca anzo oriku ebira"),
        "dish": words("ollo ucha eskada imbo azotti"),
        "region": words("aldia orga etania uzkar"),
    },
    "east": {
        "town": words("ograd anitz ushka evno omir ilsk"),
        "river": words("ava itsa ozh unka ereg"),
        "family": words("endak ovrach adzhe umirsk ilyan eshti"),
        "female": words("ikha inya usha eva"),
        "male": words("an ko imir osh"),
        "company": words("ompol atrix ekt urmash izol"),
        "book": words("estva unoy alka ivet omna"),
        "festival": words("itsy udra ovaye elnik aruk"),
        "bird": words("ushek ilka otvar anets yrik"),
        "dish": words("anka uborsh eniki otka ulash"),
        "region": words("ovina askia enburz ulye"),
    },
}
COUNTRY_ENDINGS = ("ovia", "andria", "inia", "elia")

# What the syllables could form and must not: abuse, real places and people, English and loan words.
FORBIDDEN = words(
    "shit nig anus anal sex nazi kike roma pola turk chad iran oman china peru urug venez amer rome vien milan torin "
    "turin floren geno sevil nurem bremen lviv gdan mumb toron marin salem navarr lenin morin boris radov zeland "
    "holmes keny tanz mali dane belor corin salon salad alder elder amulet colin galette estell manuel navina jaromir "
    "kazan vodk fender robin unin toril rosett rosin bosh coreli"
)
STAMMER = re.compile(r"(..).?\1|(.)\2\2")


class NamesExhausted(ValueError):
    """The syllables cannot yield another distinct name of this kind."""


@dataclass
class NameMaker:
    """Coins words; `families` maps a region's name to its family of sounds, `firsts` to its share of syllables."""

    rng: random.Random
    firsts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    scarce: bool = False

    def add_region(self, family: str) -> str:
        """Coin a region and give it 26 of its family's 40 first syllables: neighbours sound alike, not the same."""
        name = self._distinct(lambda: self._join(self.rng.choice(FIRSTS[family]), family, "region", 0.0))
        self.families[name] = family
        self.firsts[name] = tuple(self.rng.sample(FIRSTS[family], 26))
        return name

    def country(self) -> str:
        family = self.rng.choice(FAMILIES)
        return self._distinct(lambda: self.rng.choice(FIRSTS[family]) + self.rng.choice(COUNTRY_ENDINGS), minimum=7)

    def word(self, kind: str, region: str, *, middle: float = 0.45) -> str:
        """A new word of `kind` as it sounds in `region`; `middle` is the share of words with three parts."""
        family = self.families[region]
        return self._distinct(lambda: self._join(self.rng.choice(self.firsts[region]), family, kind, middle))

    def _join(self, first: str, family: str, kind: str, middle: float) -> str:
        middle = 1.0 if self.scarce else middle
        between = self.rng.choice(MIDDLES[family]) if self.rng.random() < middle else ""
        return first + between + self.rng.choice(ENDINGS[family][kind])

    def _distinct(self, coin: Callable[[], str], minimum: int = 5) -> str:
        """The first new word of 3,000; where short ones run out, longer ones are allowed."""
        for attempt in range(3000):
            self.scarce = attempt >= 300
            word = coin()
            if minimum <= len(word) <= 10 + attempt // 300 and is_acceptable(word) and not self._near(word):
                self.taken |= _neighbourhood(word)
                return word
        raise NamesExhausted(f"no further distinct name found after {len(self.taken)} patterns; ask for fewer entities")

    def _near(self, word: str) -> bool:
        return not self.taken.isdisjoint(_neighbourhood(word))


def is_acceptable(word: str) -> bool:
    """True if the word has no forbidden piece, no stammer ("Vesheshti") and no run of four consonants."""
    lower = word.lower()
    if any(piece in lower for piece in FORBIDDEN) or STAMMER.search(lower):
        return False
    run = 0
    for letter in lower:
        run = 0 if letter in "aeiouy" else run + 1
        if run > 3:
            return False
    return True


def _neighbourhood(word: str) -> set[str]:
    """Patterns shared by any two words one substitution, insertion or deletion apart."""
    lower = word.lower()
    masked = {lower[:i] + "?" + lower[i + 1 :] for i in range(len(lower))}
    inserted = {lower[:i] + "?" + lower[i:] for i in range(len(lower) + 1)}
    return masked | inserted | {lower}
