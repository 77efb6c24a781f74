"""The small world that premises and hypotheses speak of: its words, and which of them exclude each other.

Leaves of a tree exclude each other and make up their parents; values of a dimension exclude each other and
are all that there are. Two statements bear on each other only if they are about the same things, people and
properties: no word of a table says anything about one of another table.
"""

Tree = dict[str, dict[str, tuple[str, ...]]]

KINDS: Tree = {
    "animal": {
        "dog": ("poodle", "beagle", "terrier"),
        "bird": ("sparrow", "parrot", "falcon"),
        "fish": ("salmon", "trout", "herring"),
    },
    "plant": {
        "tree": ("birch", "pine", "maple"),
        "flower": ("rose", "tulip", "daisy"),
        "herb": ("basil", "mint", "thyme"),
    },
    "vehicle": {
        "car": ("sedan", "taxi", "limousine"),
        "boat": ("canoe", "ferry", "yacht"),
        "bicycle": ("tandem", "tricycle", "rickshaw"),
    },
    "garment": {
        "shoe": ("sandal", "boot", "sneaker"),
        "hat": ("beret", "bonnet", "turban"),
        "coat": ("parka", "raincoat", "poncho"),
    },
}
PLACES: Tree = {
    "europe": {
        "france": ("paris", "lyon", "lille"),
        "italy": ("rome", "milan", "naples"),
        "spain": ("madrid", "seville", "bilbao"),
    },
    "asia": {
        "japan": ("tokyo", "osaka", "kyoto"),
        "india": ("delhi", "mumbai", "chennai"),
        "china": ("beijing", "shanghai", "wuhan"),
    },
    "africa": {
        "egypt": ("cairo", "luxor", "aswan"),
        "kenya": ("nairobi", "mombasa", "kisumu"),
        "ghana": ("accra", "kumasi", "tamale"),
    },
}
ACTIONS: Tree = {
    "moving": {"walking": ("strolling", "marching", "hiking"), "running": ("sprinting", "jogging", "racing")},
    "working": {
        "cooking": ("baking", "frying", "grilling"),
        "cleaning": ("sweeping", "mopping", "scrubbing"),
    },
    "talking": {"shouting": ("yelling", "bellowing", "howling"), "mumbling": ("muttering", "murmuring")},
}
"""What somebody does. Unlike kinds and places, two leaves may be done at once."""

DIMENSIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "colour": (
        ("table", "chair", "lamp", "plate", "vase", "fence", "bench", "sofa"),
        ("red", "blue", "green", "yellow", "white", "black"),
    ),
    "material": (
        ("table", "chair", "lamp", "plate", "vase", "fence", "bench", "spoon"),
        ("wooden", "steel", "plastic", "marble"),
    ),
    "shape": (
        ("mirror", "cushion", "tray", "window", "pond", "stamp"),
        ("round", "square", "oval", "triangular"),
    ),
    "opening": (("door", "gate", "window", "chest", "drawer", "cabinet"), ("open", "closed")),
    "lock": (("door", "gate", "chest", "drawer", "cabinet", "safe"), ("locked", "unlocked")),
    "filling": (("bottle", "bucket", "jar", "barrel", "basket", "tank"), ("full", "empty")),
    "moisture": (("towel", "carpet", "blanket", "jacket", "pillow", "curtain"), ("wet", "dry")),
    "wholeness": (("radio", "kettle", "camera", "clock", "engine", "printer"), ("broken", "intact")),
    "power": (("radio", "kettle", "camera", "heater", "engine", "printer"), ("on", "off")),
}
"""The things that have a property, and the values that it takes."""

COMPARISONS = (
    ("taller", "shorter", "tall"),
    ("older", "younger", "old"),
    ("richer", "poorer", "rich"),
    ("stronger", "weaker", "strong"),
    ("faster", "slower", "fast"),
    ("heavier", "lighter", "heavy"),
    ("louder", "quieter", "loud"),
    ("braver", "shyer", "brave"),
)
"""More, less, and the property that is equal otherwise."""

NAMES = (
    *(
        "adam",
        "alice",
        "anna",
        "boris",
        "clara",
        "david",
        "diana",
        "edgar",
        "emma",
        "felix",
        "fiona",
        "george",
    ),
    *(
        "helen",
        "hugo",
        "irene",
        "jacob",
        "julia",
        "kevin",
        "laura",
        "martin",
        "nina",
        "oscar",
        "paula",
        "robert",
    ),
)
MEN = (
    "adam",
    "boris",
    "david",
    "edgar",
    "felix",
    "george",
    "hugo",
    "jacob",
    "kevin",
    "martin",
    "oscar",
    "robert",
)
OCCUPATIONS = (
    *(
        "actor",
        "artist",
        "baker",
        "banker",
        "barber",
        "butcher",
        "carpenter",
        "chef",
        "clerk",
        "dentist",
        "doctor",
    ),
    *(
        "farmer",
        "guard",
        "judge",
        "lawyer",
        "librarian",
        "mayor",
        "nurse",
        "pilot",
        "plumber",
        "poet",
        "reporter",
    ),
    *("sculptor", "tailor"),
)
PEOPLE = (*NAMES, *(f"the {occupation}" for occupation in OCCUPATIONS))
MANNERS = (
    *("clever", "cheerful", "famous", "friendly", "gentle", "grumpy", "honest", "lazy", "lonely", "modest"),
    *("nervous", "patient", "polite", "proud", "serious", "stubborn", "tired", "wise"),
    *("charming", "diligent", "elegant", "humble", "loyal", "merry", "noble", "sincere", "talented", "witty"),
)
"""What may be said of somebody in passing; nothing follows from it."""

GETTING = ("bought", "found", "lost", "sold", "drew", "wants", "hid", "described")
"""What somebody did with one single thing, whose kind is told."""

TRANSITIVE = (
    *(("praise", "praised"), ("help", "helped"), ("follow", "followed"), ("call", "called")),
    *(("thank", "thanked"), ("blame", "blamed"), ("invite", "invited"), ("visit", "visited")),
    *(("greet", "greeted"), ("trust", "trusted"), ("mock", "mocked"), ("warn", "warned")),
)
COUNTED = ("apples", "candles", "coins", "envelopes", "lemons", "pencils", "stones", "tickets")
KEPT = ("books", "forks", "keys", "knives", "letters", "postcards", "ribbons", "umbrellas")
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
"""From 2."""
GROUPS = (
    *(("cyclist", "cyclists"), ("guest", "guests"), ("pupil", "pupils"), ("tourist", "tourists")),
    *(("soldier", "soldiers"), ("sailor", "sailors"), ("dancer", "dancers"), ("voter", "voters")),
    *(("villager", "villagers"), ("prisoner", "prisoners"), ("worker", "workers"), ("singer", "singers")),
    *(("player", "players"), ("hunter", "hunters"), ("pirate", "pirates"), ("miner", "miners")),
)
DEEDS = (
    *(("laugh", "laughed"), ("cheer", "cheered"), ("cry", "cried"), ("escape", "escaped")),
    *(("vote", "voted"), ("pray", "prayed"), ("protest", "protested"), ("applaud", "applauded")),
    *(("arrive", "arrived"), ("faint", "fainted"), ("complain", "complained"), ("wave", "waved")),
)
"""What a group did as a whole or in part, and what it did in some venue: two tables that do not bear on each
other."""
LOCAL_DEEDS = (
    *(("smile", "smiled"), ("sneeze", "sneezed"), ("stumble", "stumbled"), ("yawn", "yawned")),
    *(("cough", "coughed"), ("dance", "danced"), ("rest", "rested"), ("giggle", "giggled")),
    *(("whistle", "whistled"), ("stay", "stayed"), ("nod", "nodded"), ("clap", "clapped")),
)
ASIDES = (
    *(
        "it rained",
        "it snowed",
        "the sky was grey",
        "the wind was cold",
        "the bus was late",
        "the train stopped",
    ),
    *(
        "music played",
        "the bells rang",
        "the market was crowded",
        "the shops were shut",
        "the sun was shining",
    ),
    *(
        "traffic was slow",
        "the streets were quiet",
        "the phone rang",
        "the moon was bright",
        "lunch was served",
    ),
    *("the film had started", "the news was good", "the lights flickered", "the river was high"),
    *("thunder rolled", "the soup boiled", "birds sang", "a siren howled", "the garden bloomed", "fog fell"),
)
"""What else was the case; nothing follows from it."""
MOODS = (
    *("bored", "calm", "careful", "cold", "curious", "generous", "happy", "hungry", "jealous"),
    *("punctual", "quiet", "sad", "silent", "sleepy", "thirsty"),
)
VENUES = (
    *("ballroom", "bakery", "bus", "cafe", "cinema", "church", "classroom", "garage", "hospital", "library"),
    *("museum", "office", "palace", "stadium", "theatre", "train"),
)
QUALITIES = (
    *("big", "cheap", "clean", "dirty", "dusty", "expensive", "fragile", "new", "pretty", "rare", "shiny"),
    *("small", "ugly", "useful", "useless"),
)
