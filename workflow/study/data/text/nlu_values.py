"""What voice-assistant utterances are about: the values of slots, and word lists that phrases share.

A list is written in the notation of `nlu_phrases`, the commonest value first. `{name}` in a phrase is a slot
with one of these values, `<name>` puts one in without a slot. Values of different slots may be equal (a song
is called like a town) where the phrase around them tells which is meant.
"""

LISTS: dict[str, str] = {
    "polite": "(|please|can you|could you|hey)",
    "wish": "i want to, i would like to, let me, we want to, i feel like i could",
    "again": "(|now|again|please)",
    "when": "(|{date}|at {time})",
    "hour": "seven, eight, six, nine, ten, five, four, eleven, three, two, twelve, one",
    "minutes": "fifteen, twenty, forty five, ten, fifty, five past",
    "count": "ten, five, twenty, thirty, fifteen, two, three, forty, six, twelve, eight, ninety, fifty",
    "weekday": "monday, friday, saturday, wednesday, sunday, tuesday, thursday",
    "month": "may, june, april, october, march, july, december, august, january, november",
    "ordinal": "first, third, second, tenth, fifth, seventh, twelfth, twentieth, ninth",
    "time": """
        <hour> (am|pm), half past <hour>, <hour> thirty, noon, <hour> oclock, quarter (to|past) <hour>,
        <hour> in the (morning|evening|afternoon), midnight, <hour> <minutes>
    """,
    "date": """
        tomorrow, today, tonight, <weekday>, this (weekend|evening|afternoon|week), next <weekday>, tomorrow
        (morning|night|evening), the <ordinal> of <month>, <weekday> (morning|night)
    """,
    "duration": "<count> minutes, an hour, half an hour, <count> hours, <count> seconds, a quarter hour",
    "place": """
        london, paris, new york, berlin, lisbon, the airport, boston, oslo, the city centre, madrid, vienna,
        rome, chicago, the old town, dublin, prague, the harbour, athens, denver, tokyo, cape town, the
        stadium, geneva, salt lake city, the museum, naples, seattle, helsinki, the university, bergen,
        santa fe, the north station, cairo, warsaw, the castle, toronto, the river park, bristol, porto,
        glasgow, the hospital, nairobi, sydney, the botanical garden, kyoto, long beach, the town hall,
        lima, quebec
    """,
    "person": """
        mum, anna, dad, tom, my sister, julia, ben, my boss, maria, david, grandma, clara, uncle leo, sam,
        my brother, nora, peter, lucy, the neighbours, emma, doctor lane, felix, aunt rose, jonas, ivy,
        oscar, my landlord, greta, hugo, the babysitter, ruby, miss parker, victor, amber, old mister hill,
        violet
    """,
    "song": """
        blue river, midnight rain, paris at night, dancing alone, golden hour, call me later, summer snow,
        seven in the morning, the last train, broken mirror, bread and honey, kitchen light, all my
        tomorrows, london fog, wake up slowly, silver moon, cold coffee, no more mondays, run to the
        harbour, wildfire, letters from anna, under the old bridge, thunder road, my paper heart, one more
        hour, green eyes, chicago blues, a taxi to heaven, stay with me, sugar and salt, ten thousand miles,
        tell me nothing, the weather in june, little bird, empty house, turn the lights down, ocean of
        stars, saturday girl, crooked smile, apple tree, when the sun sets, velvet morning, no signal, a
        song for clara, slow thunder, lemon sky, read my mind, stranger in town, alarm bells, sweet
        november, garden party, fever dream
    """,
    "artist": """
        the lanterns, nina stone, leo hart, paper tigers, ella winter, the midnight club, johnny rivers,
        sister moon, marcus bell, the velvet cats, rosa lopez, black harbour, anna frost, the early birds,
        otis green, electric garden, tommy lane, the glass parade, ruby fields, northern line, emil stern,
        the wooden ships, clara wolf, broken radio, king oliver, the seven sisters, maya cross, dusty roads
    """,
    "genre": """
        jazz, rock, pop, classical music, hip hop, country, blues, dance music, soul, piano music, metal,
        folk, reggae, opera, techno, christmas songs, dinner music, film music, punk, rain sounds, salsa,
        lullabies
    """,
    "weather": """
        rain, snow, wind, fog, sunshine, heavy rain, lightning, thunder, frost, hail, ice, freezing rain,
        drizzle, light snow, black ice, hot wind, pollen, strong wind, clouds, mist, smog, sleet
    """,
    "condition": """
        sunny, cold, warm, rainy, windy, hot, cloudy, foggy, freezing, dry, wet, stormy, humid, mild, icy,
        clear, chilly, below zero, above twenty degrees
    """,
    "alarm_name": """
        wake up call, morning alarm, school alarm, gym alarm, egg timer, early alarm, nap
        alarm, medicine alarm, pasta timer, weekend alarm, second alarm, laundry timer, snooze, work alarm,
        tea timer, pizza timer, backup alarm, parking timer
    """,
    "device": """
        lights, lamp, heating, television, fan, coffee machine, air conditioner, oven, floor lamp, speaker,
        washing machine, blinds, radio, dishwasher, ceiling light, vacuum, heater, night light, humidifier,
        kettle, camera, dryer, sprinkler, doorbell, reading lamp, fish tank light, thermostat, garage door,
        air purifier, projector, electric blanket, towel rail, fountain
    """,
    "room": """
        kitchen, living room, bedroom, bathroom, hall, garage, office, nursery, garden, basement, guest
        room, dining room, attic, upstairs bathroom, cellar, porch, study, greenhouse, laundry room
    """,
    "level": """
        <count> percent, maximum, low, <count> degrees, high, medium, minimum, half, level <count>, quiet
        mode, eco mode, full power
    """,
    "colour": "blue, red, warm white, green, purple, orange, yellow, pink, cool white, turquoise, soft amber",
    "event": """
        meeting, dentist appointment, lunch, dinner, team meeting, doctors appointment, piano lesson,
        haircut, yoga class, birthday party, job interview, lunch with <person>, football practice, parents
        evening, dinner with <person>, tennis match, book club, wedding, meeting with <person>, concert, eye
        test, exam, swimming lesson, budget review, barbecue, choir practice, vet appointment, graduation,
        train driver course, cooking class, school play, game night, movie night, driving lesson, house
        viewing, funeral, conference call, poker round, blood test, music lesson, car inspection, alumni
        reunion
    """,
    "chore": """
        water the plants, feed the cat, pay the rent, walk the dog, clean the kitchen, take my medicine, do
        the laundry, pay the electricity bill, take out the trash, renew my passport, charge the car, iron
        the shirts, return the library books, back up the laptop, wash the curtains, mow the lawn, sign the
        contract, empty the dishwasher, clean the oven, turn off the heating, check the weather, set the
        alarm, lock the back door, practise the piano, cook dinner, change the bed sheets, vote
    """,
    "task": """
        <chore>, call <person>, buy <item>, text <person>, pick up <person>, <chore>, order <item>, book a
        <vehicle>, bake <dish>, read <book>, send <person> a card, get <item> for <person>, visit <person>
    """,
    "item": """
        milk, bread, eggs, coffee, toilet paper, apples, butter, bananas, batteries, cheese, shampoo, rice,
        cat food, toothpaste, water, orange juice, light bulbs, yoghurt, soap, dog biscuits, potatoes,
        nappies, printer paper, running shoes, sugar, dish soap, umbrellas, headphones, tomatoes, olive oil,
        candles, phone chargers, wrapping paper, tissues, socks, frozen peas, flour, alarm clocks, salt,
        raincoats, washing powder, cereal, sun cream, razor blades, desk lamps, tea bags, birthday cards,
        honey, train sets, garlic, vitamins, paper towels, coffee tables, plant pots, sparkling wine, pillow
        cases
    """,
    "quantity": """
        some, more, two packs of, a bag of, a few, three boxes of, plenty of, extra, a box of, half a kilo
        of, two crates of, a bit of, enough, ten bags of, a whole lot of, twice as many
    """,
    "store": """
        the supermarket, amazing foods, the corner shop, green market, the bakery, hobbs and sons, the
        pharmacy, price world, the hardware store, city organic, the department store, home depot lane, the
        garden centre
    """,
    "vehicle": """
        taxi, train, bus, cab, flight, rental car, tram, ferry, car, night train, subway, airport shuttle,
        shared ride, bike, coach, express train, minivan, water taxi, scooter, helicopter, morning flight,
        sleeper car, limousine, school bus, cable car
    """,
    "dish": """
        pancakes, lasagne, chicken soup, apple pie, pizza, tomato soup, banana bread, chocolate cake, curry,
        fried rice, mushroom risotto, beef stew, potato salad, cheesecake, tacos, omelette, spring rolls,
        lemon tart, pumpkin soup, meatballs, garlic bread, fish pie, carrot cake, noodle soup, waffles, rice
        pudding, stuffed peppers, onion rings, shepherds pie, bean burritos, cinnamon buns, roast duck,
        goulash, egg salad, dumplings, plum crumble
    """,
    "book": """
        the long winter, the baker of lisbon, vienna by train, the silent garden, the clockmakers
        daughter, nine summers, the cook and the king, murder on the ferry, the snow child, a house by the
        sea, the weather makers, the lighthouse keeper, dragons of the north, letters to a stranger, the
        night circus, the orchard wife, an hour before midnight, the glass detective, the island of bread, a
        short history of rain, the prisoner of oslo, the blue notebook, the fisherman and the moon, a year
        in naples, the wolf at the door, the salt merchant, the music teacher, an alarm in the night, the
        piano tuners secret, ghosts of the harbour, the last messenger, the girl with the red kettle, the
        secret recipe, a kingdom of ash, the inventors apprentice, the road to santa fe
    """,
    "author": """
        henry moss, agnes wilder, thomas reed, eva lindgren, george hawthorn, ruth bell, samuel frost, ines
        castillo, walter stone, margaret hill, hugo lindqvist, oliver winter, edith crane, paul marlowe,
        irene fields, august keller, leonora finch, simon ashby
    """,
}
